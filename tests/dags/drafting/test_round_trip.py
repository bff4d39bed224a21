"""What is drafted of a file loads that file whole, through the loader itself."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from pathlib import Path
from unittest import mock

import psycopg
from yamllint import linter
from yamllint.config import YamlLintConfig

from tests.dags.landing.conftest import Query, psycopg_connection
from tradewind.drafting import Draft, DraftError, draft_contract, save_draft
from tradewind.exports import RefusedFileError
from tradewind.exports.contract import Contract, read_contract
from tradewind.landing import load_files
from tradewind.landing.ledger import LoadResult
from tradewind.landing.raw_tables import ensure_tables
from tradewind.settings import EXAMPLES_DIR, PROJECT_ROOT, Settings
from tradewind.warehouse import Role, connect

EXAMPLES = sorted(EXAMPLES_DIR.glob("*.csv"))
DIALECTS = {
    "german_ads.csv": (
        "Bericht;Kampagnen\n01.07.2026 - 31.07.2026;\n\nTag;Kampagne;Impressionen;Klicks;Kosten (EUR)\n"
        "30.07.2026;Sommer;1.200;35;1.012,50\n31.07.2026;Sommer;800;--;7,25\nGesamt;;2.000;35;1.019,75\n"
    ).encode("cp1252"),
    "japanese_orders.csv": (
        "注文番号,注文日,商品コード,商品名,個数,単価,購入者\r\n"
        "1001,2026/07/01,S1,ひらがなのシャツ,2,1980,やまだ\r\n"
        "1002,2026/07/02,S2,カタカナの帽子,1,2980,すずき\r\n"
    ).encode("cp932"),
    "tab_stock.txt": '\ufeffSKU\tTitle\tOn hand\nA-1\t15" screen\t4\nA-2\tlamp\t0\n'.encode("utf-16"),
    "quoted_tickets.csv": (
        b'Ticket ID|Created at|Status|Subject\n7|"07/14/2026 9:42 PM"|new|"a ""quoted"" line\nand one more"\n'
        b"8|07/15/2026 10:00 AM|solved|plain\n"
    ),
    "chinese_sales.csv": (
        "订单编号,下单时间,商品名称,数量,订单金额\n1001,2026-07-01 09:30:00,红色的衣服,2,￥59.80\n"
        "1002,2026-07-01 10:30:00,他们的帽子,1,￥19.90\n"
    ).encode("gb18030"),
    "daily_hours.csv": b"Metric,30/07/2026,31/07/2026\nParcels packed,5,6\nHours worked,1.5,2\n",
    "padded_scans.csv": (
        b"Scan report,,,\nShift:,early,,\nStation,Scanned at,Order number,Worker\n"
        b"S1,2026-07-01T06:00:00Z,1001,Mia Brandt\nS1,2026-07-01T06:01:30Z,1002,Ali Demir\n"
    ),
}  # fmt: skip


def load_by(drafts: Mapping[Path, Draft], landing: Settings, into: Mapping[Path, str]) -> list[LoadResult]:
    """Load files by their drafts, each in the folder that names its report."""
    contracts: dict[str, Contract] = {draft.report: draft.contract for draft in drafts.values()}
    with connect(Role.LOADER, landing) as connection:
        ensure_tables(connection, contracts.values())
    files = []
    for file, report in into.items():
        target = landing.landing / f"report={report}" / file.name
        target.parent.mkdir()
        shutil.copyfile(file, target)
        files.append(target)
    with mock.patch("tradewind.landing.run.load_contracts", lambda: contracts):
        return load_files(files, landing)


def outcome(result: LoadResult) -> tuple[str | None, str, str | None, int, int]:
    return (
        result.report, result.state, result.reason, result.records_loaded, result.records_quarantined,
    )  # fmt: skip


def drop_raw_tables(landing: Settings, drafts: Mapping[Path, Draft]) -> None:
    """Take the drafts' tables out again, so that the other tests' server is as it was."""
    with psycopg_connection(landing) as connection:
        connection.execute("truncate ops.load cascade")
        for draft in drafts.values():
            table = psycopg.sql.Identifier("raw", draft.report)
            connection.execute(psycopg.sql.SQL("drop table if exists {}").format(table))
            connection.execute("delete from ops.report where report = %s", [draft.report])


def saved(draft: Draft, folder: Path) -> Contract:
    """The draft as `read_contract` has it, from clean YAML."""
    target = folder / f"{draft.report}.yml"
    target.write_text(draft.text, encoding="utf-8")
    config = YamlLintConfig(file=str(PROJECT_ROOT / ".yamllint"))
    assert [str(problem) for problem in linter.run(draft.text, config)] == []
    return read_contract(target)


def test_draft_of_every_template_loads_its_example_whole(
    landing: Settings, query: Query, tmp_path: Path
) -> None:
    drafts = {file: draft_contract(file, {}, f"drafted_{file.stem}") for file in EXAMPLES}
    try:
        assert all(saved(draft, tmp_path) == draft.contract for draft in drafts.values())
        results = load_by(drafts, landing, {file: draft.report for file, draft in drafts.items()})
        assert [outcome(result) for result in results] == [
            (draft.report, "loaded", None, number_of_records(file), 0) for file, draft in drafts.items()
        ]
        assert query("select count(*) from ops.load where file_attributes ? 'extra_columns'") == [(0,)]
    finally:
        drop_raw_tables(landing, drafts)


def test_draft_of_every_dialect_loads_its_file_whole(landing: Settings, tmp_path: Path) -> None:
    drafts: dict[Path, Draft] = {}
    for name, content in DIALECTS.items():
        file = tmp_path / name
        file.write_bytes(content)
        drafts[file] = draft_contract(file, {}, f"drafted_{file.stem}")
    try:
        assert all(saved(draft, tmp_path) == draft.contract for draft in drafts.values())
        results = load_by(drafts, landing, {file: draft.report for file, draft in drafts.items()})
        assert [outcome(result) for result in results] == [
            (draft.report, "loaded", None, 2, 0) for draft in drafts.values()
        ]
    finally:
        drop_raw_tables(landing, drafts)


def test_unknown_export_is_drafted_saved_loaded_and_mapped_to_orders(
    landing: Settings, query: Query, tmp_path: Path
) -> None:
    file = tmp_path / "basar_bestellungen.csv"
    file.write_bytes(
        (
            "Basar;Verkäufe;;;;;\n"
            "Bestell-Nr.;Bestelldatum;Artikelnummer;Menge;Einzelpreis;Währung;Käufer\n"
            "B-1;13.07.2026 09:30;L1;2;1.019,90;EUR;Mia Brandt\n"
            "B-2;14.07.2026 10:00;L2;1;7,25;EUR;Ali Demir\n"
            "Summe;;;3;;;\n"
        ).encode("cp1252")
    )
    drafts = {file: draft_contract(file, {})}
    try:
        folder = tmp_path / "contracts"
        folder.mkdir()
        contract = read_contract(save_draft(drafts[file], folder))
        assert contract.shape == "orders"
        assert {name: source.column for name, source in contract.mapping.items()} == {
            "order_id": "bestell_nr",
            "ordered_at": "bestelldatum",
            "sku": "artikelnummer",
            "quantity": "menge",
            "unit_price_amount": "einzelpreis",
            "customer": "kaeufer",
            "currency": "waehrung",
        }
        assert contract.by_name["kaeufer"].personal
        (result,) = load_by(drafts, landing, {file: contract.report})
        assert outcome(result) == ("basar_bestellungen", "loaded", None, 2, 0)
        assert query("select bestell_nr, menge, einzelpreis from raw.basar_bestellungen order by 1") == [
            ("B-1", "2", "1.019,90"),
            ("B-2", "1", "7,25"),
        ]
    finally:
        drop_raw_tables(landing, drafts)


def number_of_records(file: Path) -> int:
    with file.open(encoding="utf-8", newline="") as lines:
        return sum(any(row) for row in csv.reader(lines)) - 1


# files whose records have other widths than their header, with how many of them
RAGGED = {"ebay_2026-09.csv": 2}


def test_real_exports_are_read_whole_by_their_own_drafts(real_exports: Path) -> None:
    files = [file for file in sorted(real_exports.rglob("*.csv")) if "large" not in file.parts]
    wrong: list[str] = []
    read = 0
    for file in files:
        try:
            draft = draft_contract(file, {}, "drafted_report")
        except (DraftError, RefusedFileError):
            continue
        read += 1
        if draft.proof.quarantined != RAGGED.get(file.name, 0):
            wrong.append(f"{file.relative_to(real_exports)}: {dict(draft.proof.faults)}")
        if draft.proof.loaded + draft.proof.quarantined == 0 and number_of_filled_lines(file) > 1:
            wrong.append(f"{file.relative_to(real_exports)}: nothing is read")
    assert wrong == []
    assert read > 0.9 * len(files) > 0


def number_of_filled_lines(file: Path) -> int:
    return sum(bool(line.strip()) for line in file.read_bytes().splitlines())
