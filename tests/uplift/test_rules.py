import numpy as np
import pandas as pd
import pytest

from tests.uplift.trials import profiles, trial
from uplift.rules import RuleOp, grow_policy_tree, meets, share_kept


def slow_best_split(X, rewards, splits):
    """The value of the best single split, by trying each threshold on each row."""
    best = max(sum(row[a] for row in rewards) for a in range(rewards.shape[1]))
    for name, edge in splits:
        sides = [[], []]
        for value, row in zip(X[name], rewards, strict=True):
            sides[int(value >= edge)].append(row)
        best = max(best, sum(np.sum(side, axis=0).max() for side in sides if side))
    return best


def test_leaves_part_all_customers_and_agree_with_choose():
    made = trial(0, 3000)
    tree = grow_policy_tree(made.data.X, made.effects, depth=3)
    inside = np.array([meets(leaf.conditions, made.data.X) for leaf in tree.leaves])
    assert (inside.sum(axis=0) == 1).all()
    choice = tree.choose(made.data.X)
    for leaf, rows in zip(tree.leaves, inside, strict=True):
        assert set(choice[rows].tolist()) == {leaf.arm}
        assert leaf.share == pytest.approx(rows.mean())


def test_a_policy_of_two_conditions_is_found():
    X = profiles(np.random.default_rng(0), 4000)
    first = np.where((X["x1"] >= 0.5) & (X["city"] == "Rome"), 1.0, -1.0)
    tree = grow_policy_tree(X, first[:, None], depth=2)
    treated = [leaf for leaf in tree.leaves if leaf.arm == 1]
    assert len(treated) == 1
    found = {(item.field, item.op) for item in treated[0].conditions}
    assert found == {("x1", RuleOp.AT_LEAST), ("city", RuleOp.IS)}
    np.testing.assert_array_equal(tree.choose(X) == 1, meets(treated[0].conditions, X))
    assert np.mean((tree.choose(X) == 1) == (first > 0)) > 0.98


def test_one_split_is_worth_what_a_search_of_all_splits_finds():
    rng = np.random.default_rng(1)
    X = pd.DataFrame({"a": rng.integers(0, 5, size=80), "b": rng.integers(0, 5, size=80)})
    net = rng.normal(size=(80, 2))
    tree = grow_policy_tree(X, net, depth=1, least_share=0.0)
    rewards = np.column_stack([np.zeros(80), net])
    value = rewards[np.arange(80), tree.choose(X)].sum()
    splits = [(name, edge) for name in "ab" for edge in range(1, 5)]
    assert value == pytest.approx(slow_best_split(X, rewards, splits))


def test_fields_that_only_matter_together_are_found():
    rng = np.random.default_rng(2)
    X = pd.DataFrame(rng.normal(size=(4000, 3)), columns=list("abc"))
    net = np.sign(X["a"] - 0.1) * np.sign(X["b"])
    tree = grow_policy_tree(X, net.to_numpy()[:, None], depth=3)
    assert np.mean((tree.choose(X) == 1) == (net > 0)) > 0.9


def test_where_all_want_one_arm_there_is_one_leaf_without_conditions():
    X = profiles(np.random.default_rng(0), 500)
    tree = grow_policy_tree(X, np.tile([0.1, 0.2], (500, 1)))
    assert len(tree.leaves) == 1
    assert tree.leaves[0].conditions == ()
    assert tree.leaves[0].arm == 2


def test_an_arm_that_was_not_judged_is_never_given():
    X = profiles(np.random.default_rng(0), 500)
    net = np.column_stack([np.full(500, np.nan), X["x0"]])
    assert 1 not in set(grow_policy_tree(X, net).choose(X).tolist())


def test_missing_values_fall_to_one_side_as_the_conditions_say():
    X = profiles(np.random.default_rng(0), 2000)
    net = np.where(X["gappy"] >= 0, 1.0, -1.0)
    tree = grow_policy_tree(X, net[:, None], depth=1)
    gaps = X["gappy"].isna().to_numpy()
    assert set(tree.choose(X)[gaps].tolist()) == {0}
    below = next(leaf for leaf in tree.leaves if leaf.arm == 0)
    assert below.conditions[0].or_missing


def test_share_kept_is_the_ratio_of_values():
    scores = np.array([[0.0, 2.0], [0.0, 1.0], [0.0, -1.0]])
    share, difference = share_kept(scores, np.array([1, 0, 0]), np.array([1, 1, 0]))
    assert share == pytest.approx(2 / 3)
    assert difference.value == pytest.approx(-1 / 3)
    assert share_kept(scores, np.array([0, 0, 0]), np.array([0, 0, 1]))[0] is None
