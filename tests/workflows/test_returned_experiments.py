"""Erased persons do not come back by an experiment file either."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from aether import screen
from domain.errors import BadData
from profiles.mapping import parse_mapping
from storage import audit
from tests.workflows.company import experiment, imported, write_files
from tests.workflows.test_returned import forget
from tests.workflows.test_tables import FIRST, ORDERS, orders_file
from workflows.importing import Imported, import_experiment
from workflows.mapping import read_mapping
from workflows.tables import import_tables
from workflows.workspace import PROFILES, Workspace

GONE = ("p00003", "p00011")
ROWS = 400


def again(shop: Workspace, folder: Path, table: pa.Table) -> Imported:
    files = write_files(folder, table)
    return import_experiment(shop, files.data, read_mapping(files.mapping))


def ids(shop: Workspace, name: str) -> set[str]:
    return set(shop.current(name).table(["customer_id"]).column("customer_id").to_pylist())


@pytest.mark.parametrize("tables", [False, True])
def test_erased_persons_are_left_out_and_counted(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], tables: bool
) -> None:
    table = experiment(ROWS)
    shop = imported(tmp_path, table)
    if tables:
        import_tables(shop, orders_file(tmp_path, FIRST), parse_mapping(ORDERS))
    for who in GONE:
        forget(shop, who)
    done = again(shop, tmp_path, table)
    assert (done.erased, done.rows, sum(done.arms.values())) == (2, ROWS - 2, ROWS - 2)
    campaign = f"exposures@{done.campaign.campaign_id}"
    assert ids(shop, campaign) == set(table.column("person").to_pylist()) - set(GONE)
    for name in (PROFILES, f"{PROFILES}@{done.campaign.campaign_id}"):
        assert not ids(shop, name) & set(GONE)
    arms = shop.current(campaign).table(["customer_id", "trigger"]).to_pylist()
    offers = dict(
        zip(table.column("person").to_pylist(), table.column("offer").to_pylist(), strict=True)
    )
    assert len({(one["trigger"], offers[one["customer_id"]]) for one in arms}) == 3, (
        "everybody else keeps the own arm"
    )
    screen.imported(done)
    assert "2 erased persons in the file were left out" in capfd.readouterr().out
    with shop.control.read() as session:
        detail = next(e.detail for e in reversed(audit.entries(session)) if e.action == "import")
    assert (detail["erased"], detail["rows"]) == (2, ROWS - 2)


def test_an_arm_that_has_nobody_left_is_refused(tmp_path: Path) -> None:
    table = experiment(ROWS)
    shop = imported(tmp_path, table)
    forget(shop, GONE[0])
    offers = table.column("offer").to_pylist()
    own = offers[3]
    few = table.filter(pa.array([n == 3 or offer != own for n, offer in enumerate(offers)]))
    with pytest.raises(BadData, match="nobody is left in the arm"):
        again(shop, tmp_path, few)
