"""Deliveries and outcomes, on each database: a message counts once, whoever sends it again."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from storage import deliveries, outcomes
from storage.control import Control
from storage.deliveries import Delivery
from storage.outcomes import OutcomeMessage

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def bought(number: int, customer: str, value: float = 1.0, at: datetime = NOW) -> OutcomeMessage:
    return OutcomeMessage(f"m{number}", customer, {"converted": 1.0, "revenue": value}, at)


def test_the_first_word_of_a_message_stands(control: Control) -> None:
    with control.write() as session:
        first = [bought(1, "a", 10), bought(1, "a", 99), bought(2, "b", 5)]
        assert outcomes.add(session, first, NOW) == 2
    with control.write() as session:
        assert outcomes.add(session, [bought(1, "c", 7), bought(3, "a", 2)], NOW) == 1
    with control.read() as session:
        found = outcomes.totals(session, "revenue", NOW, NOW + HOUR).sort_by("customer_id")
        assert found.to_pydict() == {
            "customer_id": ["a", "b"],
            "total": [12.0, 5.0],
            "largest": [10.0, 5.0],
        }
        assert outcomes.names(session, NOW, NOW + HOUR) == {"converted", "revenue"}
        assert outcomes.names(session, NOW + HOUR, NOW + 2 * HOUR) == set()


def test_totals_are_of_a_time_that_ends_before_its_end(control: Control) -> None:
    with control.write() as session:
        times = [NOW - timedelta(microseconds=1), NOW, NOW + HOUR - timedelta(microseconds=1)]
        messages = [bought(n, f"c{n}", at=at) for n, at in enumerate([*times, NOW + HOUR])]
        outcomes.add(session, messages, NOW)
    with control.read() as session:
        found = outcomes.totals(session, "converted", NOW, NOW + HOUR)
        assert sorted(found.column("customer_id").to_pylist()) == ["c1", "c2"]


def test_a_large_batch_and_many_known_ids(control: Control) -> None:
    batch = [bought(n, f"c{n % 50}") for n in range(2_500)]
    with control.write() as session:
        assert outcomes.add(session, batch, NOW) == 2_500
    with control.write() as session:
        assert outcomes.add(session, batch, NOW) == 0
    with control.read() as session:
        found = outcomes.totals(session, "converted", NOW, NOW + HOUR)
        assert sum(found.column("total").to_pylist()) == 2_500


def test_two_servers_that_get_the_same_batch_keep_it_once(control: Control) -> None:
    batch = [bought(n, f"c{n}") for n in range(300)]
    accepted = []

    def send() -> None:
        with control.write() as session:
            accepted.append(outcomes.add(session, batch, NOW))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(accepted) == [0, 0, 0, 300]


def test_the_first_send_of_each_customer_is_known(control: Control) -> None:
    def sent(number: int, customer: str, hours: int, status: str = "sent") -> Delivery:
        return Delivery(f"d{number}", "cmp_a", customer, status, "email", NOW + hours * HOUR)

    with control.write() as session:
        rows = [sent(1, "a", 5), sent(2, "a", 3), sent(3, "b", 1, "failed"), sent(1, "z", 0)]
        assert deliveries.add(session, rows, NOW) == 3
        other = Delivery("d9", "cmp_b", "c", "sent", None, NOW)
        assert deliveries.add(session, [other], NOW) == 1
    with control.read() as session:
        found = deliveries.first_sent(session, "cmp_a")
        assert found.to_pydict() == {"customer_id": ["a"], "sent_at": [NOW + 3 * HOUR]}
