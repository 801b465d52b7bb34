import numpy as np
import pandas as pd
import pytest

from domain.criteria import EVERYONE, NOBODY, AllOf, AnyOf, Condition, Op, conditions
from tests.uplift.trials import profiles, trial
from uplift.evaluation import mean_estimate
from uplift.rules import grow_policy_tree, share_kept


def grown(X, net, seed=0, **limits):
    return grow_policy_tree(X, np.asarray(net), np.random.default_rng(seed), **limits)


def holds(rule, row):
    """Whether a rule holds for one customer, straight from its words."""
    match rule:
        case AllOf(all=members):
            return all(holds(member, row) for member in members)
        case AnyOf(any=members):
            return any(holds(member, row) for member in members)
        case Condition(field=field, op=op, value=value):
            own = row[field]
            if op is Op.IS_NULL or pd.isna(own):
                return op is Op.IS_NULL and pd.isna(own)
            return {
                Op.GTE: lambda: own >= value,
                Op.LT: lambda: own < value,
                Op.EQ: lambda: own == value,
                Op.NE: lambda: own != value,
            }[op]()
    raise AssertionError(rule)


def slow_best_split(X, rewards, splits):
    """The value of the best single split, by trying each threshold on each row."""
    best = max(sum(row[a] for row in rewards) for a in range(rewards.shape[1]))
    for name, edge in splits:
        sides = [[], []]
        for value, row in zip(X[name], rewards, strict=True):
            sides[int(value >= edge)].append(row)
        best = max(best, sum(np.sum(side, axis=0).max() for side in sides if side))
    return best


@pytest.mark.parametrize("seed", range(3))
def test_rules_part_all_customers_and_agree_with_choose(seed):
    rng = np.random.default_rng(seed)
    X = profiles(rng, 1500)
    net = np.column_stack([X["x0"], np.where(X["gappy"] > 0, 0.8, -0.2), X["city"] == "Rome"])
    tree = grown(X, net + rng.normal(size=(1500, 3)) / 10, least_gain=0.0, most_conditions=9)
    choice = tree.choose(X)
    assert set(choice.tolist()) == set(tree.arms)
    assert len(tree.arms) > 2
    rules = {arm: tree.rule(arm) for arm in range(4)}
    for (_, row), arm in zip(X.iloc[:400].iterrows(), choice, strict=False):
        assert [a for a, rule in rules.items() if holds(rule, row)] == [arm]


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_no_rule_has_more_conditions_than_allowed(limit):
    rng = np.random.default_rng(limit)
    X = profiles(rng, 2000)
    net = np.column_stack([X["x0"] * X["x1"], X["x2"], X["gappy"].fillna(1.0) * X["x3"]])
    tree = grown(X, net, most_conditions=limit, least_gain=0.0)
    assert len(tree.arms) > 1
    assert max(len(list(conditions(tree.rule(arm)))) for arm in range(4)) <= limit


def test_more_conditions_keep_no_less():
    rng = np.random.default_rng(5)
    X = profiles(rng, 4000)
    net = np.column_stack([X["x0"] + X["x1"], X["x2"], -X["x0"]])
    rewards = np.column_stack([np.zeros(4000), net])
    kept = []
    for limit in (1, 3, 5, 12):
        choice = grown(X, net, most_conditions=limit).choose(X)
        kept.append(rewards[np.arange(4000), choice].sum())
    assert kept == sorted(kept)
    assert kept[-1] > 1.2 * kept[0]


def test_a_policy_of_two_conditions_is_found():
    X = profiles(np.random.default_rng(0), 4000)
    first = np.where((X["x1"] >= 0.5) & (X["city"] == "Rome"), 1.0, -1.0)
    tree = grown(X, first[:, None], depth=2)
    assert tree.arms == (0, 1)
    found = {(item.field, item.op) for item in conditions(tree.rule(1))}
    assert found == {("x1", Op.GTE), ("city", Op.EQ)}
    assert np.mean((tree.choose(X) == 1) == (first > 0)) > 0.98


def test_one_split_is_worth_what_a_search_of_all_splits_finds():
    rng = np.random.default_rng(1)
    X = pd.DataFrame({"a": rng.integers(0, 5, size=80), "b": rng.integers(0, 5, size=80)})
    net = rng.normal(size=(80, 2))
    tree = grown(X, net, depth=1, least_share=0.0, least_gain=0.0)
    rewards = np.column_stack([np.zeros(80), net])
    value = rewards[np.arange(80), tree.choose(X)].sum()
    splits = [(name, edge) for name in "ab" for edge in range(1, 5)]
    assert value == pytest.approx(slow_best_split(X, rewards, splits))


def test_fields_that_only_matter_together_are_found():
    rng = np.random.default_rng(2)
    X = pd.DataFrame(rng.normal(size=(4000, 3)), columns=list("abc"))
    net = np.sign(X["a"] - 0.1) * np.sign(X["b"])
    tree = grown(X, net.to_numpy()[:, None], depth=3)
    assert np.mean((tree.choose(X) == 1) == (net > 0)) > 0.9


def test_a_poor_first_question_is_not_kept():
    """Alone, x0 gains most; a tree that begins with the flag needs fewer conditions."""
    rng = np.random.default_rng(3)
    X = profiles(rng, 4000)
    flag, split = X["flag"].to_numpy(), (X["x0"] > 0).to_numpy()
    net = np.column_stack([np.where(flag, 1.0, -1.0), np.where(~flag & split, 1.0, -1.0)])
    tree = grown(X, net, most_conditions=2)
    assert len(list(conditions(tree.rule(1)))) == 1
    wanted = np.where(flag, 1, np.where(split, 2, 0))
    assert np.mean(tree.choose(X) == wanted) > 0.97


def test_where_all_want_one_arm_the_rule_is_everyone():
    X = profiles(np.random.default_rng(0), 500)
    tree = grown(X, np.tile([0.1, 0.2], (500, 1)))
    assert tree.arms == (2,)
    assert (tree.rule(2), tree.rule(1)) == (EVERYONE, NOBODY)
    assert set(tree.choose(X).tolist()) == {2}


def test_an_arm_that_was_not_judged_is_never_given():
    X = profiles(np.random.default_rng(0), 500)
    net = np.column_stack([np.full(500, np.nan), X["x0"]])
    assert 1 not in set(grown(X, net).choose(X).tolist())


def test_missing_values_fall_to_one_side_as_the_rule_says():
    X = profiles(np.random.default_rng(0), 2000)
    net = np.where(X["gappy"] >= 0, 1.0, -1.0)
    tree = grown(X, net[:, None], depth=1)
    gaps = X["gappy"].isna().to_numpy()
    assert set(tree.choose(X)[gaps].tolist()) == {0}
    below, unknown = tree.rule(0).any
    assert (below.op, unknown.op) == (Op.LT, Op.IS_NULL)


def test_a_tree_is_grown_on_a_sample_and_fits_the_rest():
    made = trial(0, 6000)
    tree = grown(made.data.X, made.effects, sample=1500)
    net = np.column_stack([np.zeros(6000), made.effects])
    value = net[np.arange(6000), tree.choose(made.data.X)].mean()
    assert value > 0.9 * net.max(axis=1).mean()


def test_share_kept_is_the_ratio_of_values_with_its_error():
    rng = np.random.default_rng(0)
    scores = np.column_stack([np.zeros(400), rng.normal(1.0, 0.5, size=(400, 2))])
    full, tree = rng.integers(1, 3, size=400), rng.integers(0, 3, size=400)
    kept, whole = scores[np.arange(400), tree], scores[np.arange(400), full]
    found = share_kept(scores, tree, full)
    assert found.share.value == pytest.approx(kept.mean() / whole.mean())
    assert found.whole == mean_estimate(whole)
    assert found.difference == mean_estimate(kept - whole)
    drawn = [rng.integers(0, 400, size=400) for _ in range(2000)]
    ratios = [kept[rows].mean() / whole[rows].mean() for rows in drawn]
    assert found.share.se == pytest.approx(np.std(ratios), rel=0.1)
    pairs = np.repeat(np.arange(200), 2)
    assert share_kept(scores, tree, full, pairs).share.n == 200


def test_there_is_no_share_of_nothing_sure():
    scores = np.array([[0.0, 2.0], [0.0, 1.0], [0.0, -3.0]])
    assert share_kept(scores, np.array([1, 0, 0]), np.array([1, 1, 1])).share is None


def test_rows_without_a_score_of_an_arm_bear_no_witness():
    scores = np.column_stack([np.zeros(40), np.full(40, 1.0), np.full(40, 2.0)])
    scores[:10, 2] = np.nan
    tree, full = np.ones(40, dtype=int), np.where(np.arange(40) < 20, 1, 2)
    found = share_kept(scores, tree, full)
    assert found.share.n == 30
    assert found.share.value == pytest.approx(30 / 50)
    only_first = share_kept(scores, tree, np.ones(40, dtype=int))
    assert only_first.share.n == 40, "an arm that nobody is given is not asked for"
