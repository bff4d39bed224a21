"""Whose a file is: rows that may be another account's are refused, and what looks odd is said on the load.

Nothing takes another's place because two texts look alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from tradewind.exports.contract import Column, Contract
from tradewind.exports.export import Export
from tradewind.exports.facts import UNASSIGNED_STORE
from tradewind.exports.faults import RefusedFileError
from tradewind.landing import ledger
from tradewind.landing.ledger import FileVersion, LoadResult
from tradewind.landing.raw_tables import raw_table
from tradewind.landing.reasons import describe

# what platforms report of a day hardly changes once it has been over for so long
SETTLED_AFTER_DAYS = 3
# by which share of their sums two downloads of one account may differ over such days
MAX_DIFFERENCE = Decimal("0.2")
STORES = "tradewind_stores"
_COMMA_FORMATS = {"de", "fr"}

# what files have of the same name and day: whether they say the account, the ids, the amounts
_RIVALS = """
with sums as (
    select c.load_id, {name} as name, {day} as day, bool_and({account} <> '') as says_account,
        array_agg(distinct {id}) filter (where {id} <> '') as ids, {sums}
    from {table} as c
    where c.load_id = any(%(load_ids)s)
    group by 1, 2, 3
),
pairs as (
    select other.load_id, mine.says_account <> other.says_account as is_half_said,
        not mine.says_account and not mine.ids && other.ids as has_other_ids,
        (mine.ids is null or other.ids is null) and mine.day ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}'
        and left(mine.day, 10) <= to_char(
            least(%(made_at)s, made.extracted_at) - make_interval(days => %(days)s), 'YYYY-MM-DD'
        ) as is_settled,
        {pairs}
    from sums as mine
    inner join sums as other
        on other.name = mine.name and other.day = mine.day and other.load_id <> mine.load_id
    inner join ops.load as made on made.load_id = other.load_id
    where mine.load_id = %(load_id)s and not (mine.says_account and other.says_account)
)
select load_id, coalesce(bool_or(is_half_said), false) or coalesce(bool_or(has_other_ids), false),
    {differences}
from pairs
group by load_id
order by load_id
"""


def owner_of(export: Export) -> tuple[str, str, str]:
    """Report, store and account of a file."""
    return export.contract.report, export.facts.store_id, export.facts.account


def refuse_other_account(
    connection: psycopg.Connection, version: FileVersion, export: Export, load_id: int
) -> None:
    """Refuse a file whose rows would take the place of another account's rows of the same names.

    A later download of the same account may do so: it has the same ids or, of days that had long been over
    when both files were made, much the same sums. Where one of two files says its account and the other does
    not, either may be the other's. The rows of the load are in raw, in the connection's transaction.

    Raises:
        RefusedFileError: what the file holds may be another account's.
    """
    contract, facts = export.contract, export.facts
    rule = contract.settled
    if rule is None:
        return
    others = ledger.lock_rivals(
        connection, version, contract.report, facts, load_id, of_same_days=not rule.day
    )
    if not others:
        return
    numbers = [_number(contract.by_name[name], export.header.locale) for name in rule.amounts]
    names = [sql.Identifier(f"amount_{place}") for place in range(len(numbers))]
    statement = sql.SQL(_RIVALS).format(
        name=_cell(rule.name),
        day=_first(rule.day) if rule.day else sql.Literal(str(facts.period_end)),
        account=_first(contract.account),
        id=_first(rule.ids),
        table=raw_table(contract.report),
        sums=_listed("sum({}) as {}", numbers, names),
        pairs=_listed(
            "abs(mine.{0} - other.{0}) as {0}, greatest(mine.{0}, other.{0}) as {1}", names, _wholes(names)
        ),
        differences=_listed(
            "sum({}) filter (where is_settled), sum({}) filter (where is_settled)", names, _wholes(names)
        ),
    )
    found = connection.execute(
        statement,
        {"load_ids": [load_id, *others], "load_id": load_id, "made_at": facts.extracted_at,
         "days": SETTLED_AFTER_DAYS},
    )  # fmt: skip
    for other, is_unclear, *sums in found.fetchall():
        differs = any(
            whole and difference > whole * MAX_DIFFERENCE
            for difference, whole in zip(sums[::2], sums[1::2], strict=True)
        )
        if is_unclear or differs:
            raise RefusedFileError("account_unclear", load_id=other)


def warn(
    connection: psycopg.Connection, results: Iterable[LoadResult], contracts: dict[str, Contract]
) -> None:
    """Say on each load what is odd about it though it counts; all loads, where a stores file came."""
    loaded = {
        result.load_id: result.report for result in results if result.state == "loaded" and result.report
    }
    if STORES in loaded.values():
        loaded = dict(
            connection.execute(
                "select load_id, report from ops.load"
                " where state in ('loaded', 'held') and report is not null"
            ).fetchall()
        )
    loaded = {load_id: report for load_id, report in loaded.items() if not contracts[report].reference}
    warnings: dict[int, list[dict[str, Any]]] = {load_id: [] for load_id in loaded}
    same_bytes = dict(_same_bytes(connection, loaded, contracts))
    others = {load_id: report for load_id, report in loaded.items() if load_id not in same_bytes}
    for code, found in (
        ("store_undeclared", _undeclared(connection, list(loaded))),
        ("same_bytes_elsewhere", same_bytes.items()),
        ("same_records_elsewhere", _same_records(connection, loaded, contracts, is_unique=True)),
        ("counted_elsewhere", _same_records(connection, others, contracts, is_unique=False)),
        ("several_channels", _several_channels(connection, loaded, contracts)),
    ):
        for load_id, details in found:
            item = {"code": code, "details": details, "reason": describe(code, details)}
            warnings[load_id].append(item)
    connection.cursor().executemany(
        "update ops.load set warnings = %(warnings)s"
        " where load_id = %(load_id)s and warnings <> %(warnings)s",
        [{"load_id": load_id, "warnings": Jsonb(items)} for load_id, items in warnings.items()],
    )


Found = Iterable[tuple[int, dict[str, Any]]]


def _undeclared(connection: psycopg.Connection, load_ids: list[int]) -> Found:
    rows = connection.execute(
        sql.SQL("""
        select load_id, store_id from ops.load
        where load_id = any(%(load_ids)s) and store_id <> %(unassigned)s and store_id not in (
            select {cell} from {table} as c
            inner join ops.load as l on l.load_id = c.load_id and l.state in ('loaded', 'held')
            where {cell} <> ''
        )
        """).format(cell=_cell("store_id"), table=raw_table(STORES)),
        {"load_ids": load_ids, "unassigned": UNASSIGNED_STORE},
    ).fetchall()
    return [(load_id, {"store": store_id}) for load_id, store_id in rows]


def _same_bytes(
    connection: psycopg.Connection, loaded: dict[int, str], contracts: dict[str, Contract]
) -> Found:
    """Files whose bytes count elsewhere too; what has numbers of its own is counted once by these."""
    rows = connection.execute(
        """
        select distinct on (mine.load_id) mine.load_id, other.load_id, other.store_id
        from ops.load as mine
        inner join ops.load as other
            on other.file_sha256 = mine.file_sha256 and other.report = mine.report
            and other.state in ('loaded', 'held') and other.load_id < mine.load_id
        where mine.load_id = any(%s)
        order by mine.load_id, other.load_id
        """,
        [[load_id for load_id, report in loaded.items() if not contracts[report].unique_on_platform]],
    ).fetchall()
    return [(load_id, {"load_id": other, "store": store_id}) for load_id, other, store_id in rows]


def _same_records(
    connection: psycopg.Connection, loaded: dict[int, str], contracts: dict[str, Contract], *, is_unique: bool
) -> Found:
    """Files of which records are in another store's folder too: by a number that is unique on the platform,
    or by a number and a moment, which two shops hardly share.
    """
    for report in sorted(set(loaded.values())):
        contract = contracts[report]
        has_moment = any(
            column.name in contract.key for column in contract.columns if column.type == "datetime"
        )
        if contract.unique_on_platform != is_unique or not (is_unique or has_moment):
            continue
        rows = connection.execute(
            sql.SQL("""
            with counting as (
                select load_id, store_id, account from ops.load
                where report = %(report)s and state in ('loaded', 'held')
            ),
            mine as (
                select distinct l.load_id, l.store_id, l.account, {key} as key from {table} as c
                inner join counting as l on l.load_id = c.load_id
                where l.load_id = any(%(load_ids)s) and exists (
                    select from counting as o where (o.store_id, o.account) <> (l.store_id, l.account)
                )
            )
            select mine.load_id, min(l.load_id), count(distinct mine.key)
            from {table} as c
            inner join counting as l on l.load_id = c.load_id
            inner join mine
                on mine.key = {key} and (mine.store_id, mine.account) <> (l.store_id, l.account)
                and l.load_id < mine.load_id
            group by mine.load_id
            """).format(key=_joined(contract.key), table=raw_table(report)),
            {"report": report, "load_ids": [load_id for load_id, other in loaded.items() if other == report]},
        ).fetchall()
        yield from ((load_id, {"load_id": other, "count": count}) for load_id, other, count in rows)


def _several_channels(
    connection: psycopg.Connection, loaded: dict[int, str], contracts: dict[str, Contract]
) -> Found:
    """Files with sales of several channels of which the stores file does not name each."""
    for report in sorted(set(loaded.values())):
        contract = contracts[report]
        channel, amount = (
            contract.mapping.get("sales_channel"),
            contract.mapping.get("gross_amount") or contract.mapping.get("unit_price_amount"),
        )
        if not (channel and channel.column and amount and amount.column):
            continue
        rows = connection.execute(
            sql.SQL("""
            with declared as (
                select lower({store_channel}) as channel from {stores} as c
                inner join ops.load as l on l.load_id = c.load_id and l.state in ('loaded', 'held')
                where {platform} = %(platform)s
            ),
            sold as (
                select distinct c.load_id, lower({channel}) as channel from {table} as c
                where c.load_id = any(%(load_ids)s) and {channel} <> '' and {amount} <> ''
            )
            select load_id, count(*) from sold
            group by load_id
            having count(*) > 1 and bool_or(channel not in (select channel from declared))
            """).format(
                store_channel=_cell("sales_channel"), stores=raw_table(STORES), platform=_cell("platform"),
                channel=_cell(channel.column), amount=_cell(amount.column), table=raw_table(report),
            ),
            {"platform": contract.platform,
             "load_ids": [load_id for load_id, other in loaded.items() if other == report]},
        ).fetchall()  # fmt: skip
        yield from ((load_id, {"count": count}) for load_id, count in rows)


def _cell(name: str) -> sql.Composable:
    """A cell of `c` without blanks at its edges; blank for nothing."""
    return sql.SQL(r"coalesce(btrim(c.{}, e' \t\u00a0\u202f'), '')").format(sql.Identifier(name))


def _first(names: Sequence[str]) -> sql.Composable:
    """The first filled one of some cells; blank for nothing."""
    cells = [sql.SQL("nullif({}, '')").format(_cell(name)) for name in names]
    return sql.SQL("coalesce({})").format(sql.SQL(", ").join([*cells, sql.SQL("''")]))


def _joined(names: Sequence[str]) -> sql.Composable:
    return sql.SQL(" || '|' || ").join(map(_cell, names))


def _number(column: Column, locale: str) -> sql.Composable:
    """An amount as the column's format writes it; 0 for nothing."""
    has_comma = not _COMMA_FORMATS.isdisjoint(column.formats_for(locale))
    digits = sql.SQL("nullif(replace(regexp_replace({}, {}, '', 'g'), ',', '.'), '')").format(
        _cell(column.name), sql.Literal("[^0-9,]" if has_comma else "[^0-9.]")
    )
    return sql.SQL("case when {0} ~ '^[0-9]*[.]?[0-9]+$' then cast({0} as numeric) else 0 end").format(digits)


def _wholes(names: Sequence[sql.Identifier]) -> list[sql.Identifier]:
    return [sql.Identifier(f"whole_{place}") for place in range(len(names))]


def _listed(template: str, *items: Sequence[sql.Composable]) -> sql.Composable:
    return sql.SQL(", ").join(sql.SQL(template).format(*parts) for parts in zip(*items, strict=True))
