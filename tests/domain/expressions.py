"""Random criteria expressions, for property tests."""

from hypothesis import strategies as st

from domain.criteria import AllOf, AnyOf, Condition, Expression, Not, Op

CITIES = ["London", "Paris", "Zürich", "O'Fallon"]
WORDS = ["shoe", "Shoes", "jewelry", "jewelries", "crème", "running shoes", "box", "boxes"]


def leaves() -> st.SearchStrategy[Condition]:
    number = st.integers(0, 6)
    order = st.sampled_from([Op.GT, Op.GTE, Op.LT, Op.LTE, Op.EQ, Op.NE])
    return st.one_of(
        st.builds(Condition, field=st.just("lifetime_orders"), op=order, value=number),
        st.builds(
            Condition, field=st.just("lifetime_value"), op=order, value=st.sampled_from([1.5, 3, 4])
        ),
        st.builds(
            Condition,
            field=st.just("lifetime_orders"),
            op=st.sampled_from([Op.IN, Op.NOT_IN]),
            value=st.lists(number, min_size=1, max_size=3).map(tuple),
        ),
        st.builds(
            Condition,
            field=st.just("location_city"),
            op=st.sampled_from([Op.EQ, Op.NE, Op.CONTAINS, Op.NOT_CONTAINS]),
            value=st.sampled_from(CITIES),
        ),
        st.builds(
            Condition,
            field=st.just("product_categories_purchased"),
            op=st.sampled_from([Op.CONTAINS, Op.NOT_CONTAINS]),
            value=st.sampled_from(WORDS),
        ),
        st.builds(
            Condition,
            field=st.just("has_ever_returned_item"),
            op=st.sampled_from([Op.EQ, Op.NE]),
            value=st.booleans(),
        ),
        st.builds(
            Condition,
            field=st.sampled_from(["last_purchase_date"]),
            op=st.sampled_from([Op.GT, Op.GTE, Op.LT, Op.LTE, Op.EQ, Op.NE]),
            value=st.sampled_from(["2026-01-02", "2026-01-03T12:00:00+02:00"]),
        ),
        st.builds(
            Condition,
            field=st.sampled_from(["lifetime_value", "location_city", "last_purchase_date"]),
            op=st.sampled_from([Op.IS_NULL, Op.NOT_NULL]),
        ),
        st.builds(
            Condition,
            field=st.just("lifetime_value"),
            op=st.sampled_from([Op.TOP_PERCENT, Op.BOTTOM_PERCENT]),
            value=st.sampled_from([10, 25, 50, 90]),
        ),
    )


def expressions() -> st.SearchStrategy[Expression]:
    return st.recursive(
        leaves(),
        lambda inner: st.one_of(
            st.builds(AllOf, all=st.lists(inner, max_size=3).map(tuple)),
            st.builds(AnyOf, any=st.lists(inner, max_size=3).map(tuple)),
            inner.map(lambda member: Not(not_=member)),
        ),
        max_leaves=8,
    )
