"""Whose a file is: rows that may be another account's are refused, and what looks odd is said on the load.

Nothing takes another's place because two texts look alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql

from tradewind.exports.contract import Column, Contract
from tradewind.exports.export import Export
from tradewind.exports.facts import UNASSIGNED_STORE
from tradewind.exports.faults import RefusedFileError
from tradewind.exports.reading import fill
from tradewind.landing import ledger
from tradewind.landing.ledger import FileVersion
from tradewind.landing.raw_tables import raw_table

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
    day = _first(rule.day) if rule.day else sql.Literal(str(facts.period_end))
    others = ledger.lock_rivals(
        connection, version, contract.report, facts, load_id, of_same_days=not rule.day,
        row_days=_note_row_days(connection, load_id, day, raw_table(contract.report)) if rule.day else None,
    )  # fmt: skip
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
        day=day,
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


def _note_row_days(
    connection: psycopg.Connection, load_id: int, day: sql.Composable, table: sql.Composable
) -> tuple[str, str] | None:
    """The first and the last day of a load's rows, entered in the ledger; None where it has no rows.

    In the order of characters, which is not that of days unless the year comes first. In any order, two files
    with a day in common have spans that meet; in another one more files are read that have none.
    """
    rows = connection.execute(
        sql.SQL("""
        update ops.load as l set first_row_day = span.first, last_row_day = span.last
        from (
            select min({day} collate "C") as first, max({day} collate "C") as last
            from {table} as c where c.load_id = %(load_id)s
        ) as span
        where l.load_id = %(load_id)s and span.first is not null
        returning l.first_row_day, l.last_row_day
        """).format(day=day, table=table),
        {"load_id": load_id},
    ).fetchall()
    return rows[0] if rows else None


# also what was said of a load by one that does not count any more
_NOT_ASKED = """
select load_id, report from ops.load
where state in ('loaded', 'held') and report is not null and warned_at is null
union
select l.load_id, l.report from ops.load as l
where l.warnings <> '[]' and l.state in ('loaded', 'held') and exists (
    select from jsonb_array_elements(l.warnings) as item
    inner join ops.load as other on other.load_id = cast(item -> 'details' ->> 'load_id' as bigint)
    where item ->> 'code' = 'same_bytes_elsewhere' and other.state not in ('loaded', 'held')
)
"""
_ALL = "select load_id, report from ops.load where state in ('loaded', 'held') and report is not null"


def warn(connection: psycopg.Connection, contracts: Mapping[str, Contract]) -> None:
    """Say on each load what the ledger tells that is odd about it though it counts: on each of which nobody
    asked, also in a run that was ended before it did; on all, where a stores file is among them.

    What only its rows tell, the build says that reads them (`tradewind/oddities.py`).
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
    found: dict[int, list[tuple[str, dict[str, Any]]]] = {load_id: [] for load_id in loaded}
    odd = {
        "store_undeclared": _undeclared(connection, list(loaded)),
        "same_bytes_elsewhere": _same_bytes(connection, loaded, contracts),
        "may_be_cut_off": _open_ends(connection, list(loaded)),
    }
    for code, loads in odd.items():
        for load_id, details in loads:
            found[load_id].append((code, details))
    ledger.write_warnings(connection, list(odd), found)
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
    connection: psycopg.Connection, loaded: dict[int, str], contracts: Mapping[str, Contract]
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


def _cell(name: str) -> sql.Composable:
    """A cell of `c` without blanks at its edges; blank for nothing."""
    return sql.SQL(r"coalesce(btrim(c.{}, e' \t\u00a0\u202f'), '')").format(sql.Identifier(name))


def _first(names: Sequence[str]) -> sql.Composable:
    """The first filled one of some cells; blank for nothing."""
    cells = [sql.SQL("nullif({}, '')").format(_cell(name)) for name in names]
    return sql.SQL("coalesce({})").format(sql.SQL(", ").join([*cells, sql.SQL("''")]))


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
