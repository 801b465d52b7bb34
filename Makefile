# A bare machine needs Python 3.11+, pip, make and git; everything else comes from the lock files.
PYTHON ?= python3
PORT ?= 8000
DATA ?=
MAP ?= examples/hillstrom.toml
WORKSPACE ?= workspace
BIN := .venv/bin

.PHONY: interpreter-model demo test slow lint lock wheel clean

demo: .venv/runtime
	$(BIN)/aether demo --workspace $(WORKSPACE) --port $(PORT) $(if $(DATA),--data $(DATA) --mapping $(MAP))

test: .venv/test
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow" tests

slow: .venv/test .venv/llm
	$(BIN)/python -m pytest -n 2 --dist worksteal -m slow --durations=25 tests

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

wheel: .venv/test
	rm -rf dist && $(BIN)/python -m build --wheel --no-isolation

# Train the interpreter's linear model from its labelled phrases; the result is committed.
interpreter-model: .venv/runtime
	$(BIN)/python -m interpreter.offline.model.training

# Re-resolve the two lock files (needs `uv`); they carry no index address.
lock:
	uv pip compile -q --universal --python-version 3.11 --no-annotate --no-header --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --no-annotate --no-header --no-emit-index-url --no-emit-find-links --extra test -c requirements.lock pyproject.toml -o requirements-test.lock

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/runtime: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install -q --no-compile --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install -q --no-compile --disable-pip-version-check --no-deps -e .
	touch $@

.venv/test: requirements-test.lock .venv/runtime
	$(BIN)/python -m pip install -q --no-compile --disable-pip-version-check -r requirements-test.lock
	touch $@

.venv/llm: requirements-llm.lock .venv/test
	$(BIN)/python -m pip install -q --no-compile --disable-pip-version-check --no-deps -r requirements-llm.lock
	touch $@

clean:
	rm -rf .venv dist build workspace
