"""Whether each record of each file offered is in the warehouse once, and as it stood: counted from the files
and the tables, by a parser of its own.

It shares no code with the loader and believes none of the loader's counts: a loader that miscounts would
otherwise confirm itself.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import psycopg
from psycopg import sql

KEPT = ("loaded", "held", "superseded")
# numbers of records that one finding names
EXAMPLES = 5


@dataclass(frozen=True)
class Amount:
    """A column of money: its currency is that of the file, or stands in another column of the row."""

    column: str
    currency: str | None = None
    currency_column: str | None = None


@dataclass(frozen=True)
class Offer:
    """One version of a file that the loader was given, described by whoever made it.

    `columns` are the raw columns whose contents are compared, with their place in the file; a column that is
    stored otherwise than it stands (a pseudonym) is left out. `bad` numbers the records that belong into
    quarantine. Without a `report` the file is none of the known ones, and must be refused.
    """

    path: str
    content: bytes
    report: str | None
    columns: Mapping[str, int] = field(default_factory=dict)
    amounts: tuple[Amount, ...] = ()
    bad: frozenset[int] = frozenset()
    encoding: str = "utf-8"
    delimiter: str = ","
    is_quoted: bool = True
    header_rows: int = 1
    is_replaced: bool = False

    @property
    def sha256(self) -> str:
        """The hash of the bytes, by which the ledger knows the version."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Finding:
    """One violation; it names records by their numbers and never quotes a cell."""

    kind: str
    path: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.path}: {self.detail}"


@dataclass
class Findings:
    """Everything that is not as it must be, and how much was looked at; without violations it is a pass."""

    violations: list[Finding] = field(default_factory=list)
    files: int = 0
    records: int = 0

    def add(self, kind: str, path: str, detail: str) -> None:
        """Put a violation on the list."""
        self.violations.append(Finding(kind, path, detail))

    @property
    def kinds(self) -> set[str]:
        """The kinds of violation that were found."""
        return {finding.kind for finding in self.violations}

    def __bool__(self) -> bool:
        return bool(self.violations)

    def __str__(self) -> str:
        shown = "\n".join(map(str, self.violations[:40]))
        return f"{len(self.violations)} violations in {self.files} files, {self.records} records\n{shown}"


@dataclass(frozen=True)
class Record:
    """A record of a file: its number behind the header, its cells, its bytes without the line end."""

    number: int
    cells: list[str]
    raw: bytes


@dataclass
class _Stored:
    """What the tables hold under the loads of one file: rows and quarantined bytes by record number."""

    rows: dict[int, list[dict[str, str | None]]] = field(default_factory=lambda: defaultdict(list))
    quarantined: dict[int, list[bytes]] = field(default_factory=lambda: defaultdict(list))


def check(connection: psycopg.Connection, offers: Sequence[Offer], *, are_all: bool = False) -> Findings:
    """Compare the files offered with the ledger, the raw tables and the quarantine.

    Rows under loads that no ledger row answers for are a violation, whoever wrote them; where the offers
    `are_all` that ever were made for the reports concerned, so are loads of bytes that nobody offered.
    """
    findings = Findings(files=len(offers))
    by_content: dict[tuple[str, str | None], list[Offer]] = defaultdict(list)
    for offer in offers:
        by_content[offer.sha256, offer.report].append(offer)
    ledger = _read_ledger(connection, [sha256 for sha256, _ in by_content])
    for (sha256, report), copies in by_content.items():
        rows = ledger.get(sha256, [])
        if report is None:
            _check_refused(copies, rows, findings)
        else:
            loads = _check_ledger(copies, rows, findings)
            _check_records(copies[0], _read_stored(connection, copies[0], loads), findings)
            _check_counts(connection, copies[0], loads, findings)
    for report in sorted({offer.report for offer in offers if offer.report}):
        _check_orphans(connection, report, findings)
        if are_all:
            _check_strangers(connection, report, [offer.sha256 for offer in offers], findings)
    return findings


def read_records(offer: Offer) -> Iterator[Record]:
    """The records of a file: whole lines, put together while a quote is open. Blank lines are none."""
    text = offer.content.decode(offer.encoding).removeprefix("\ufeff")
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)[offer.header_rows :]
    number = 0
    pending = ""
    for line in lines:
        pending += line
        if offer.is_quoted and pending.count('"') % 2:
            continue
        body, pending = pending.removesuffix("\n").removesuffix("\r"), ""
        if not body:
            continue
        number += 1
        quoting = csv.QUOTE_MINIMAL if offer.is_quoted else csv.QUOTE_NONE
        # csv breaks a record at any line end that it is handed apart, so it gets the record whole
        [cells] = csv.reader([body], delimiter=offer.delimiter, quoting=quoting)
        yield Record(number, cells, body.encode(offer.encoding))
    if pending:
        raise ValueError(f"{offer.path}: a quote is open at the end, so nobody can say what its records are")


def _check_refused(copies: list[Offer], rows: list[dict], findings: Findings) -> None:
    for offer in copies:
        states = {row["state"] for row in rows if row["path"] == offer.path}
        if states != {"refused"}:
            findings.add(
                "ledger", offer.path, f"a file of no known report must be refused, and is {sorted(states)}"
            )


def _check_ledger(copies: list[Offer], rows: list[dict], findings: Findings) -> list[int]:
    """The ids of the loads that hold the rows of these bytes: there must be one."""
    # the oldest of equal files says when they were made: a load that came of a younger one gave way to it
    made_at = {row["load_id"]: row["modified_at"] for row in rows}
    given_way = [
        row["load_id"]
        for row in rows
        if made_at.get(row["superseded_by"], row["modified_at"]) < row["modified_at"]
    ]
    kept = [row for row in rows if row["state"] in KEPT and row["load_id"] not in given_way]
    path = copies[0].path
    if not kept:
        findings.add("lost", path, "no load holds the file")
    if len(kept) > 1:
        findings.add("loaded_twice", path, f"loads {[row['load_id'] for row in kept]} hold the same bytes")
    for row in rows:
        holding = [*given_way, *(load["load_id"] for load in kept)]
        if row["state"] == "duplicate" and row["duplicate_of"] not in holding:
            findings.add(
                "ledger", row["path"], f"load {row['load_id']} is a duplicate of a load that holds nothing"
            )
        if row["state"] not in (*KEPT, "duplicate"):
            findings.add(
                "ledger", row["path"], f"load {row['load_id']} is {row['state']}: {row['reason_code']}"
            )
    for offer in copies:
        if not any(row["path"] == offer.path for row in rows):
            findings.add("ledger", offer.path, "the file has no row")
    is_replaced = all(offer.is_replaced for offer in copies)
    for load in kept:
        if load["report"] != copies[0].report:
            findings.add("ledger", path, f"the report is {load['report']}, not {copies[0].report}")
        if (load["state"] == "superseded") != is_replaced:
            findings.add(
                "ledger", path, f"load {load['load_id']} is {load['state']}; replaced: {is_replaced}"
            )
    return [row["load_id"] for row in kept]


def _check_records(offer: Offer, stored: _Stored, findings: Findings) -> None:
    records = {record.number: record for record in read_records(offer)}
    findings.records += len(records)
    found = {
        number: len(stored.rows.get(number, ())) + len(stored.quarantined.get(number, ()))
        for number in {*records, *stored.rows, *stored.quarantined}
    }
    good = {number for number in records if number not in offer.bad}
    altered = [
        number
        for number in sorted(good & stored.rows.keys())
        if any(_digest(row) != _digest(_row_of(records[number], offer)) for row in stored.rows[number])
    ]
    wrong_bytes = [
        number
        for number in sorted(records.keys() & stored.quarantined.keys())
        if any(raw != records[number].raw for raw in stored.quarantined[number])
    ]
    for kind, numbers in {
        "lost": [number for number in records if not found[number]],
        "unexpected": [number for number in found if number not in records],
        "duplicated": [number for number in found if found[number] > 1],
        "loaded_though_bad": offer.bad & stored.rows.keys(),
        "quarantined_though_good": good & stored.quarantined.keys(),
        "altered": altered,
        "quarantined_bytes": wrong_bytes,
    }.items():
        if numbers:
            shown = ", ".join(map(str, sorted(numbers)[:EXAMPLES]))
            findings.add(
                kind, offer.path, f"{len(numbers)} records ({shown}{', …' * (len(numbers) > EXAMPLES)})"
            )
    _check_contents(offer, [records[number] for number in sorted(good)], stored, findings)


def _check_contents(offer: Offer, good: list[Record], stored: _Stored, findings: Findings) -> None:
    in_file = [_row_of(record, offer) for record in good]
    in_table = [row for rows in stored.rows.values() for row in rows]
    if _multiset_hash(in_file) != _multiset_hash(in_table):
        findings.add("content", offer.path, "the rows of the file and of the table are not the same multiset")
    for amount in offer.amounts:
        expected, actual = _sums(amount, in_file), _sums(amount, in_table)
        for currency in sorted({*expected, *actual}):
            if expected[currency] != actual[currency]:
                findings.add("sum", offer.path, f"the sum of {amount.column} in {currency} is another one")


def _check_counts(connection: psycopg.Connection, offer: Offer, loads: list[int], findings: Findings) -> None:
    """The ledger's own counts against those of the tables."""
    for load_id in loads:
        raw = sql.SQL("select count(*) from {} where load_id = %s").format(
            sql.Identifier("raw", str(offer.report))
        )
        loaded = connection.execute(raw, [load_id]).fetchall()[0][0]
        quarantined, *counts = connection.execute(
            "select (select count(*) from ops.quarantined_row as q where q.load_id = l.load_id),"
            " l.records_read, l.records_loaded, l.records_quarantined"
            " from ops.load as l where l.load_id = %s",
            [load_id],
        ).fetchall()[0]  # fmt: skip
        if counts != [loaded + quarantined, loaded, quarantined]:
            findings.add(
                "ledger", offer.path, f"load {load_id} says {counts}, the tables {[loaded, quarantined]}"
            )


def _check_orphans(connection: psycopg.Connection, report: str, findings: Findings) -> None:
    statement = sql.SQL(
        "select load_id, count(*) from {} as t where not exists ("
        " select from ops.load as l where l.load_id = t.load_id and l.report = %s and l.state = any(%s)"
        ") group by load_id"
    ).format(sql.Identifier("raw", report))
    for load_id, count in connection.execute(statement, [report, list(KEPT)]).fetchall():
        findings.add("unexpected", f"raw.{report}", f"{count} rows of load {load_id}, which the ledger lacks")


def _check_strangers(
    connection: psycopg.Connection, report: str, hashes: list[str], findings: Findings
) -> None:
    for load_id, path in connection.execute(
        "select load_id, file_path from ops.load"
        " where report = %s and state = any(%s) and file_sha256 <> all(%s)",
        [report, list(KEPT), hashes],
    ).fetchall():
        findings.add("unexpected", path, f"load {load_id} is of bytes that no file has")


def _read_ledger(connection: psycopg.Connection, hashes: list[str]) -> dict[str, list[dict]]:
    ledger: dict[str, list[dict]] = defaultdict(list)
    columns = (
        "load_id",
        "path",
        "state",
        "report",
        "duplicate_of",
        "superseded_by",
        "reason_code",
        "modified_at",
    )
    for sha256, *values in connection.execute(
        "select file_sha256, load_id, file_path, state, report, duplicate_of, superseded_by, reason_code,"
        " file_modified_at from ops.load where file_sha256 = any(%s) order by load_id",
        [hashes],
    ).fetchall():
        ledger[sha256].append(dict(zip(columns, values, strict=True)))
    return ledger


def _read_stored(connection: psycopg.Connection, offer: Offer, loads: list[int]) -> _Stored:
    stored = _Stored()
    names = list(offer.columns)
    statement = sql.SQL("select row_number, {} from {} where load_id = any(%s)").format(
        sql.SQL(", ").join(map(sql.Identifier, names)), sql.Identifier("raw", str(offer.report))
    )
    for number, *cells in connection.execute(statement, [loads]).fetchall():
        stored.rows[number].append(dict(zip(names, cells, strict=True)))
    for number, raw in connection.execute(
        "select row_number, raw_record from ops.quarantined_row where load_id = any(%s)", [loads]
    ).fetchall():
        stored.quarantined[number].append(bytes(raw))
    return stored


def _row_of(record: Record, offer: Offer) -> dict[str, str | None]:
    return {name: record.cells[place] or None for name, place in offer.columns.items()}


def _digest(row: Mapping[str, str | None]) -> bytes:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).digest()


def _multiset_hash(rows: list[dict[str, str | None]]) -> int:
    """The same for the same rows in any order, and another one when a row is there more or less often."""
    return sum(int.from_bytes(_digest(row)[:16]) for row in rows) % (1 << 128)


def _sums(amount: Amount, rows: list[dict[str, str | None]]) -> Counter:
    sums: Counter = Counter()
    for row in rows:
        currency = row[amount.currency_column] if amount.currency_column else amount.currency
        sums[str(currency)] += Decimal((row[amount.column] or "0").replace(",", ""))
    return sums
