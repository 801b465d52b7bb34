"""A drafted mapping is a mapping for that file, whatever its columns are called."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import AetherError, BadData
from tests.workflows.company import experiment
from workflows.drafting import draft_mapping
from workflows.importing import import_file
from workflows.mapping import ExperimentMapping, read_mapping

ODD = ["offer", "Segment", "visit", "spend", "id", "customer_id", "first_name", "é", "\x7f"]
ODD += ['a "b"', "c\\d", "x.y", "[z]", "#", "a\nb", "0", "none", "None", "No E-Mail", "😀"]
ODD += ["treatment arm"]
odd_texts = st.sampled_from(ODD) | st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8
)


def drafted(path: Path) -> ExperimentMapping:
    draft = path.with_suffix(".toml")
    draft.write_text(draft_mapping(path), encoding="utf-8")
    return read_mapping(draft)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(odd_texts, min_size=2, max_size=4, unique=True),
    st.lists(odd_texts, min_size=2, max_size=4, unique=True),
    st.lists(odd_texts | st.sampled_from(["0", "1", "2.5", ""]), min_size=2, max_size=4),
)
def test_a_draft_is_a_valid_mapping_of_its_file(
    tmp_path_factory: pytest.TempPathFactory,
    names: list[str],
    levels: list[str],
    cells: list[str],
) -> None:
    path = tmp_path_factory.getbasetemp() / "odd file.parquet"
    rows = 12
    columns = {name: (cells[i:] + cells[:i]) * rows for i, name in enumerate(names)}
    table = pa.table({n: c[:rows] for n, c in columns.items()})
    table = table.append_column("the arm", pa.array((levels * rows)[:rows]))
    table = table.append_column("converted", pa.array([0, 1] * (rows // 2)))
    if len(set(table.column_names)) < table.num_columns:
        return
    pq.write_table(table, path)
    try:
        mapping = drafted(path)
    except BadData as error:
        assert "looks like the arm" in error.message
        return
    named = {mapping.arm.column, *(o.column for o in mapping.outcomes.values()), *mapping.fields}
    assert named <= set(table.column_names)
    assert "converted" in mapping.outcomes


def test_a_draft_imports_as_it_is(tmp_path: Path) -> None:
    """A file like Hillstrom's: no id, flags of 0/1, three arms, three outcomes."""
    table = experiment(300)
    arms = {"holdout": "No E-Mail", "ship": "Mens E-Mail", "guide": "Womens E-Mail"}
    path = tmp_path / "mail test.csv"
    pacsv.write_csv(
        pa.table(
            {
                "recency": table.column("past_orders"),
                "history": table.column("basket"),
                "mens": [0, 1, 1] * 100,
                "zip_code": table.column("region"),
                "segment": [arms[value] for value in table.column("offer").to_pylist()],
                "visit": table.column("bought"),
                "conversion": table.column("bought"),
                "spend": table.column("spent"),
            }
        ),
        path,
    )
    mapping = drafted(path)
    assert mapping.customer.each_row
    assert (mapping.arm.column, mapping.arm.control) == ("segment", "No E-Mail")
    assert set(mapping.arm.triggers.values()) == {"mens_e_mail", "womens_e_mail"}
    assert {name: outcome.column for name, outcome in mapping.outcomes.items()} == {
        "visit": "visit",
        "converted": "conversion",
        "revenue": "spend",
    }
    typed = {name: part.type for name, part in mapping.fields.items() if part.type}
    assert typed == {"mens": "bool"}
    _, done = import_file(tmp_path / "shop", path, mapping)
    assert done.rows == 300


@pytest.mark.parametrize("values", [[False, True], [0, 1], [0.0, 1.0], ["control", "social proof"]])
def test_arms_of_any_type_are_drafted_as_they_import(tmp_path: Path, values: list[object]) -> None:
    path = tmp_path / "file.parquet"
    table = {"user_id": range(40), "treatment": values * 20, "purchase": [0, 1, 1, 0] * 10}
    pq.write_table(pa.table({**table, "age": range(40)}), path)
    mapping = drafted(path)
    assert mapping.customer.column == "user_id"
    _, done = import_file(tmp_path / "shop", path, mapping)
    assert sorted(done.arms.values()) == [20, 20]


def test_personal_columns_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("Email_Address,arm,visit,age\nx@y.z,control,1,30\nq@y.z,offer,0,40\n")
    assert drafted(path).ignore.columns == ("Email_Address",)


def test_no_arm_is_said(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("age,visit\n1,0\n2,1\n")
    with pytest.raises(AetherError, match="looks like the arm"):
        draft_mapping(path)


def test_a_draft_shows_where_a_person_must_decide(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("age,arm\n1,control\ntwo,offer\n3,offer\n4,offer\n")
    text = draft_mapping(path)
    assert "No outcome was recognised" in text
    assert "row 2 holds 'two'" in text
    assert tomllib.loads(text)["kind"] == "experiment"
