"""A synthetic customer base whose true effects are known.

Read `generate.py` first: it makes one bucket from a recipe, step by step. `population.py` draws
hidden traits; `browsing.py` and `campaigns.py` let customers act on them; `effects.py` says what
each trigger would do; `tables.py` writes down what a company would have seen, `truth.py` what it
would not.
"""
