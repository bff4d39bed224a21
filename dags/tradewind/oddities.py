"""What is odd about loads though they count, as far as only rows can tell: said on them by the build that has
read those (`warnings` of ops.load).

A record is looked up among all others by the key that staging has an index of, so it costs what a build takes
in and not what is stored. What the ledger tells is said right behind a load (`landing/identity.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import psycopg
from psycopg import sql

from tradewind.building import find_build, incoming_loads, staging_tables
from tradewind.exports.contract import Contract, load_contracts
from tradewind.landing.ledger import write_warnings
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

# by load: codes with their parameters
Found = dict[int, list[tuple[str, dict[str, Any]]]]

_ELSEWHERE_CODES = ("same_records_elsewhere", "counted_elsewhere")

# what was said of a load by one that comes, goes or is held is asked again
_SAID_BY = """
select l.load_id, l.report from ops.load as l
where l.warnings <> '[]' and l.state = 'loaded' and exists (
    select from jsonb_array_elements(l.warnings) as item
    inner join ops.build_load as bl on bl.load_id = cast(item -> 'details' ->> 'load_id' as bigint)
    where bl.build_id = %s and item ->> 'code' = any(%s)
)
"""
_SEVERAL_OWNERS = """
select report from ops.visible_load where report = any(%s)
group by report having count(distinct (store_id, account)) > 1
"""
# a key begins with whose it is, unless it is one on the whole platform: another's begins with another
_SAME_RECORDS = """
with counting as materialized (
    select load_id, file_sha256,
        {head} || replace(replace(store_id, '~', '~0'), '|', '~1') || '|'
        || replace(replace(account, '~', '~0'), '|', '~1') || '|' as owner
    from ops.visible_load
    where report = %(report)s
),
owners as materialized (select owner from counting group by owner),
mine as materialized (
    select distinct rows.load_id, counting.owner, rows.record_key
    from {table} as rows
    inner join counting on counting.load_id = rows.load_id
    where rows.load_id = any(%(load_ids)s) and {is_asked}
),
sought as materialized ({sought})
select sought.load_id, min(other.load_id) filter (where other.load_id < sought.load_id),
    count(distinct sought.record_key) filter (where other.load_id < sought.load_id),
    array_agg(distinct other.load_id) filter (where other.load_id > sought.load_id)
from sought
inner join {table} as rows on rows.record_key = sought.key
inner join counting as other on other.load_id = rows.load_id and other.owner <> sought.owner
group by sought.load_id
"""
_ON_THE_PLATFORM = "select load_id, owner, record_key, record_key as key from mine"
_OF_OWNERS = """
select mine.load_id, mine.owner, mine.record_key,
    owners.owner || substr(mine.record_key, length(mine.owner) + 1) as key
from mine
inner join owners on owners.owner <> mine.owner
where starts_with(mine.record_key, mine.owner)
"""
# equal bytes are said to be so
_IS_NO_COPY = """
not exists (
    select from ops.load as same
    where same.file_sha256 = counting.file_sha256 and same.report = %(report)s
        and same.state in ('loaded', 'held') and same.load_id < counting.load_id
)
"""
_CHANNELS = """
with declared as (
    select lower(sales_channel) as channel from staging.stg_tradewind__stores
    where is_current and platform = %(platform)s and sales_channel is not null
),
sold as (
    select distinct rows.load_id, lower(rows.sales_channel) as channel from {table} as rows
    where rows.load_id = any(%(load_ids)s) and rows.sales_channel is not null and rows.{amount} is not null
)
select load_id, count(*) from sold
group by load_id
having count(*) > 1 and bool_or(channel not in (select channel from declared))
"""


def warn_by_rows(build_id: int, settings: Settings) -> None:
    """Say what is odd about the loads that come in with a build, and about others that they tell it of;
    staging has been built. A stores file, with which all is built anew, may tell it of any.

    Raises:
        BuildNotRunningError: the build has ended.
    """
    build = find_build(build_id, settings)
    incoming = incoming_loads(build_id, settings)
    contracts, tables = load_contracts(), staging_tables(settings)
    with connect(Role.BUILDER, settings) as connection:
        said: dict[int, str] = dict(
            connection.execute(_SAID_BY, [build_id, list(_ELSEWHERE_CODES)]).fetchall()
        )
        elsewhere = _elsewhere(connection, {**incoming, **said}, contracts, tables)
        write_warnings(connection, _ELSEWHERE_CODES, elsewhere)
        loads = _visible_loads(connection) if build.is_full_refresh else incoming
        channels = _several_channels(connection, loads, contracts, tables)
        write_warnings(connection, ["several_channels"], channels)


def _elsewhere(
    connection: psycopg.Connection,
    asked: Mapping[int, str],
    contracts: Mapping[str, Contract],
    tables: Mapping[str, str],
) -> Found:
    """Loads of which records are in another store's folder too: by a number that is unique on the platform,
    or by a number and a moment, which two shops hardly share.
    """
    found: Found = {load_id: [] for load_id in asked}
    rows = connection.execute(
        _SEVERAL_OWNERS, [sorted(set(asked.values()) & contracts.keys() & tables.keys())]
    )
    for (report,) in rows.fetchall():
        contract = contracts[report]
        if not (contract.unique_on_platform or _has_moment(contract)):
            continue
        code = "same_records_elsewhere" if contract.unique_on_platform else "counted_elsewhere"
        # dbt gathers no statistics, and a planner without them has read all for each record
        connection.execute(
            sql.SQL("analyze {} (load_id, record_key)").format(sql.Identifier("staging", tables[report]))
        )
        left = {load_id for load_id, other in asked.items() if other == report}
        while left:
            found.update((load_id, []) for load_id in left)
            later: set[int] = set()
            for load_id, first, count, others in _same_records(connection, contract, tables[report], left):
                if first is not None:
                    found[load_id] = [(code, {"load_id": first, "count": count})]
                later.update(others or ())
            # one that counts again may have been there before others
            left = later - found.keys()
    return found


def _has_moment(contract: Contract) -> bool:
    return any(column.name in contract.key for column in contract.columns if column.type == "datetime")


def _same_records(
    connection: psycopg.Connection, contract: Contract, table: str, load_ids: Collection[int]
) -> list[tuple[int, int | None, int, list[int] | None]]:
    """Of loads that share records with others of another store or account: the first of those that came
    before, how many records, and those that came behind.
    """
    is_unique = contract.unique_on_platform
    statement = sql.SQL(_SAME_RECORDS).format(
        head=sql.Literal(f"{contract.report}|" if contract.shape else ""),
        table=sql.Identifier("staging", table),
        is_asked=sql.SQL("true" if is_unique else _IS_NO_COPY),
        sought=sql.SQL(_ON_THE_PLATFORM if is_unique else _OF_OWNERS),
    )
    parameters = {"report": contract.report, "load_ids": list(load_ids)}
    return connection.execute(statement, parameters).fetchall()


def _visible_loads(connection: psycopg.Connection) -> dict[int, str]:
    return dict(connection.execute("select load_id, report from ops.visible_load").fetchall())


def _several_channels(
    connection: psycopg.Connection,
    asked: Mapping[int, str],
    contracts: Mapping[str, Contract],
    tables: Mapping[str, str],
) -> Found:
    """Loads with sales of several channels of which the stores file does not name each."""
    found: Found = {}
    for report in sorted(set(asked.values()) & contracts.keys() & tables.keys()):
        mapping = contracts[report].mapping
        amount = next((name for name in ("gross_amount", "unit_price_amount") if name in mapping), None)
        if "sales_channel" not in mapping or amount is None:
            continue
        load_ids = [load_id for load_id, other in asked.items() if other == report]
        found.update((load_id, []) for load_id in load_ids)
        rows = connection.execute(
            sql.SQL(_CHANNELS).format(
                table=sql.Identifier("staging", tables[report]), amount=sql.Identifier(amount)
            ),
            {"platform": contracts[report].platform, "load_ids": load_ids},
        ).fetchall()
        found.update((load_id, [("several_channels", {"count": count})]) for load_id, count in rows)
    return found
