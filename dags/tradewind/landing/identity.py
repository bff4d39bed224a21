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
from tradewind.exports.reading import fill
from tradewind.landing import ledger
from tradewind.landing.ledger import FileVersion
from tradewind.landing.raw_tables import raw_table
from tradewind.landing.reasons import describe

# what platforms report of a day hardly changes once it has been over for so long
SETTLED_AFTER_DAYS = 3
# by which share of their sums two downloads of one account may differ over such days
MAX_DIFFERENCE = Decimal("0.2")
STORES = "tradewind_stores"
_COMMA_FORMATS = {"de", "fr"}

# whose a row is, as the models' key says it (`row_account`), and by what: an id, a folder, a name, nothing
_RIVALS = """
with asked as materialized (
    select {name} as name, {day} as day from {table} as c where c.load_id = %(load_id)s group by 1, 2
),
-- whose a row is, is worked out for rows that are asked about alone: it is the slow part
owned as (
    select c.load_id, l.store_id, l.account as folder, {name} as name, {day} as day, {account_id} as id,
        {account_name} as account_name, {id} as thing, {amounts}
    from {table} as c
    inner join ops.load as l on l.load_id = c.load_id
    inner join asked on asked.name = {name} and asked.day = {day}
    where c.load_id = any(%(load_ids)s)
),
sums as (
    select load_id, store_id, folder, name, day,
        coalesce(nullif(id, ''), nullif(folder, ''), account_name) as owner,
        case
            when id <> '' or folder ~ '^[0-9]{{6,}}$' then 'id'
            when folder <> '' then 'folder'
            when account_name <> '' then 'name'
            else 'nothing'
        end as said_by,
        (id || account_name) <> '' as says_account, min(account_name) as account_name,
        array_agg(distinct thing) filter (where thing <> '') as ids, {sums}
    from owned
    group by load_id, store_id, folder, name, day, owner, said_by, says_account
),
-- how rows of two files that have one name and day stand to one another
pairs as (
    select other.load_id,
        case
            when mine.store_id <> other.store_id then 'unlike'
            when mine.owner = other.owner
                then case
                    when mine.owner = '' or mine.said_by = 'folder'
                        and mine.account_name <> other.account_name
                        and '' not in (mine.account_name, other.account_name)
                        then 'same'
                end
            when mine.folder = other.folder and mine.says_account <> other.says_account then 'half_said'
            when mine.said_by <> other.said_by then 'unlike'
            when mine.said_by <> 'id' then 'names'
        end as relation,
        mine.ids && other.ids as has_same_ids,
        (mine.ids is null or other.ids is null) and mine.day ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}'
        and left(mine.day, 10) <= to_char(
            least(%(made_at)s, made.extracted_at) - make_interval(days => %(days)s), 'YYYY-MM-DD'
        ) as is_settled,
        {is_equal} as is_equal,
        {pairs}
    from sums as mine
    inner join sums as other
        on other.name = mine.name and other.day = mine.day and other.load_id <> mine.load_id
    inner join ops.load as made on made.load_id = other.load_id
    where mine.load_id = %(load_id)s
)
select load_id, relation, coalesce(bool_or(has_same_ids), false), coalesce(bool_or(not has_same_ids), false),
    2 * count(*) filter (where is_equal) >= count(*),
    {differences}
from pairs
where relation is not null
group by load_id, relation
order by load_id, relation
"""


class TwiceError(Exception):
    """A file of a group may count already: alone it is held."""


def find_twice(
    connection: psycopg.Connection, version: FileVersion, export: Export, load_id: int
) -> int | None:
    """The load of which a file may be another copy, its account written in another way; None where it is its
    own, or a person has said so.

    Where two files say one account, the later is a correction. Where neither says any, the later one may
    take the earlier one's place: it has the same ids or, of days that had long been over when both files were
    made, much the same sums. Where only one says its account, or the two say it in unlike ways, they are
    neither guessed to be one nor to be two. The rows of the load are in raw, in the connection's transaction.

    Raises:
        RefusedFileError: what the file holds may be another account's, and would take its place.
    """
    contract, facts = export.contract, export.facts
    rule = contract.settled
    if rule is None:
        return None
    others = ledger.lock_rivals(
        connection, version, contract.report, facts, load_id, of_same_days=not rule.day
    )
    if not others:
        return None
    columns = [contract.by_name[name] for name in contract.account]
    ids = [
        sql.SQL(fill(item.readings([])["account"], f"c.{item.name}")) for item in columns if item.same_digits
    ]
    numbers = [_number(contract.by_name[name], export.header.locale) for name in rule.amounts]
    names = [sql.Identifier(f"amount_{place}") for place in range(len(numbers))]
    statement = sql.SQL(_RIVALS).format(
        name=_cell(rule.name),
        day=_first(rule.day) if rule.day else sql.Literal(str(facts.period_end)),
        account_id=sql.SQL("coalesce({})").format(sql.SQL(", ").join([*ids, sql.Literal("")])),
        account_name=_first([column.name for column in columns if not column.same_digits]),
        id=_first(rule.ids),
        table=raw_table(contract.report),
        amounts=_listed("{} as {}", numbers, names),
        sums=_listed("sum({0}) as {0}", names),
        is_equal=sql.SQL("({}) and greatest({}) > 0").format(
            sql.SQL(" and ").join(sql.SQL("mine.{0} = other.{0}").format(name) for name in names),
            _listed("mine.{}", names),
        ),
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
    twice: list[int] = []
    for other, relation, has_same_ids, has_other_ids, is_equal, *sums in found.fetchall():
        differs = has_other_ids or any(
            whole and difference > whole * MAX_DIFFERENCE
            for difference, whole in zip(sums[::2], sums[1::2], strict=True)
        )
        if relation == "half_said" or (relation == "same" and differs):
            raise RefusedFileError("account_unclear", load_id=other)
        if relation != "same" and (has_same_ids or (is_equal if relation == "names" else not differs)):
            twice.append(other)
    return twice[0] if twice and not ledger.was_confirmed(connection, version) else None


_NOT_ASKED = """
select load_id, report from ops.load
where state in ('loaded', 'held') and report is not null and warned_at is null
"""
_ALL = "select load_id, report from ops.load where state in ('loaded', 'held') and report is not null"


def warn(connection: psycopg.Connection, contracts: dict[str, Contract]) -> None:
    """Say on each load what is odd about it though it counts: on each of which nobody asked, also in a run
    that was ended before it did; on all, where a stores file is among them.
    """
    asked: dict[int, str] = dict(connection.execute(_NOT_ASKED).fetchall())
    if STORES in asked.values():
        asked = dict(connection.execute(_ALL).fetchall())
    if not asked:
        return
    loaded = {
        load_id: report
        for load_id, report in asked.items()
        if report in contracts and not contracts[report].reference
    }
    warnings: dict[int, list[dict[str, Any]]] = {load_id: [] for load_id in loaded}
    same_bytes = dict(_same_bytes(connection, loaded, contracts))
    others = {load_id: report for load_id, report in loaded.items() if load_id not in same_bytes}
    for code, found in (
        ("store_undeclared", _undeclared(connection, list(loaded))),
        ("same_bytes_elsewhere", same_bytes.items()),
        ("same_records_elsewhere", _same_records(connection, loaded, contracts, is_unique=True)),
        ("counted_elsewhere", _same_records(connection, others, contracts, is_unique=False)),
        ("several_channels", _several_channels(connection, loaded, contracts)),
        ("may_be_cut_off", _open_ends(connection, list(loaded))),
    ):
        for load_id, details in found:
            item = {"code": code, "details": details, "reason": describe(code, details)}
            warnings[load_id].append(item)
    connection.cursor().executemany(
        "update ops.load set warnings = %(warnings)s"
        " where load_id = %(load_id)s and warnings <> %(warnings)s",
        [{"load_id": load_id, "warnings": Jsonb(items)} for load_id, items in warnings.items()],
    )
    connection.execute(
        "update ops.load set warned_at = clock_timestamp() where load_id = any(%s)", [list(asked)]
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


def _open_ends(connection: psycopg.Connection, load_ids: list[int]) -> Found:
    rows = connection.execute(
        "select load_id, dialect -> 'open_end' from ops.load"
        " where load_id = any(%s) and dialect -> 'open_end' is not null",
        [load_ids],
    ).fetchall()
    return [(load_id, {"row": row}) for load_id, row in rows]


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
