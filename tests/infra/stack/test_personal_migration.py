"""A warehouse that was filled before originals stood apart: its personal cells become pseudonyms."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from infra.stack import schema
from infra.stack.database import ensure_database
from infra.stack.postgres import free_port
from tradewind.landing import ensure_raw_tables, erase, load_files
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

ORDERS = (
    "Name,Email,Financial Status,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Loyalty\n"
    "#1,ann@x.test,paid,USD,30,30,2026-04-01 10:00:00 -0500,1,Lamp,10,gold\n"
)


def test_cells_of_an_older_warehouse_become_the_loader_s_pseudonyms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = tmp_path / "older"
    older.mkdir()
    for file in schema.SQL_DIR.glob("*.sql"):
        # what came with or after the personal values
        if file.name < "0006" or file.name.startswith(("0007", "0010")):
            shutil.copy(file, older)
    settings = Settings(
        _env_file=None, state_dir=tmp_path / "state", postgres_port=free_port(), settle_seconds=0
    )
    settings.landing.mkdir(parents=True)
    with monkeypatch.context() as patched:
        patched.setattr(schema, "SQL_DIR", older)
        server = ensure_database(settings)
    assert server is not None
    try:
        ensure_raw_tables(settings)
        with connect(Role.LOADER, settings) as connection:
            connection.execute(
                "insert into raw.shopify_orders"
                " (load_id, row_number, name, email, billing_name, extra_columns)"
                " values (0, 1, '#1', ' Ann@x.test', ' ', '{\"Loyalty\": \"Gold\"}'),"
                " (0, 2, '#1', null, null, null)"
            )
            connection.execute(
                "insert into raw.online_retail (load_id, row_number, invoice_no, customer_id)"
                " values (0, 1, 'C1', '17850.0'), (0, 2, 'C1', '17850')"
            )
            connection.execute(
                "insert into raw.tradewind_roster (load_id, row_number, employee_name)"
                " values (0, 1, 'Ann Lee')"
            )
        server.stop()
        server = ensure_database(settings)
        file = settings.landing / "o.csv"
        file.write_text(ORDERS)
        assert load_files([file], settings)[0].state == "loaded"
        with connect(Role.ADMIN, settings, autocommit=True) as connection:
            rows = connection.execute(
                "select name, email, billing_name, extra_columns ->> 'Loyalty' from raw.shopify_orders"
                " order by load_id, row_number"
            ).fetchall()
            old, blank, new = rows
            assert (old[1], old[3]) == (new[1], new[3]) and len(old[1]) == 32
            assert (old[0], old[2], blank) == ("#1", " ", ("#1", None, None, None))
            kept = connection.execute("select employee_name from raw.tradewind_roster").fetchall()
            assert kept == [("Ann Lee",)]
            originals = connection.execute("select value from personal.original").fetchall()
            assert {value.strip().removesuffix(".0") for (value,) in originals} == {
                "Ann@x.test", "17850", "Gold"
            }  # fmt: skip
        assert erase("17850", settings).before["raw.online_retail"] == 2
    finally:
        if server is not None:
            server.stop("immediate")
