"""Live counts agree with the customers themselves, and follow newer profiles."""

from __future__ import annotations

import pyarrow.compute as pc

from domain.criteria import AllOf, AnyOf, Condition, Op
from workflows.counting import AudienceCounter
from workflows.workspace import PROFILES, Workspace

SMALL = Condition(field="basket", op=Op.LT, value=40)
READER = Condition(field="newsletter", op=Op.EQ, value=True)


def test_counts_are_those_of_the_profiles(trained: Workspace) -> None:
    counter = AudienceCounter(trained)
    table = trained.current(PROFILES).table(["basket", "newsletter"])
    small = pc.fill_null(pc.less(table.column("basket"), 40), False)
    reader = pc.fill_null(table.column("newsletter"), False)
    found = counter.count([SMALL, READER])
    assert found.everyone == table.num_rows
    assert found.by_member == (pc.sum(small).as_py(), pc.sum(reader).as_py())
    assert found.total == pc.sum(pc.and_(small, reader)).as_py()
    assert counter.count([]).total == table.num_rows
    assert counter.count([SMALL]).total == found.by_member[0]
    counter.close()


def test_groups_and_percentages_are_members_too(trained: Workspace) -> None:
    counter = AudienceCounter(trained)
    either = AnyOf(any=(SMALL, READER))
    top = Condition(field="past_orders", op=Op.TOP_PERCENT, value=20)
    found = counter.count([either, top])
    assert found.total <= min(part for part in found.by_member if part is not None)
    assert counter.count([AllOf(all=(either,))]).total == found.by_member[0]
    counter.close()


def test_a_field_without_data_is_named_and_the_others_are_counted(trained: Workspace) -> None:
    counter = AudienceCounter(trained)
    assert "basket" in counter.fields()
    alone = counter.count([SMALL])
    found = counter.count([Condition(field="lifetime_value", op=Op.GT, value=1), SMALL])
    assert found.by_member == (None, *alone.by_member)
    assert (found.total, found.missing) == (alone.total, ("lifetime_value",))
    counter.close()
