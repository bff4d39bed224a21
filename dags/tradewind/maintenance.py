"""Keeps the warehouse tidy: statistics, dead rows, leftovers of builds cut off, details nobody asks for."""

from __future__ import annotations

from psycopg import sql

from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

KEEP_BUILD_DETAILS_DAYS = 90

# whoever owns a table may vacuum it
SCHEMAS_BY_OWNER = {
    Role.LOADER: ("raw",),
    Role.BUILDER: ("staging", "intermediate", "candidate"),
    Role.PUBLISHER: ("marts",),
}

TABLES = """
select n.nspname, c.relname
from pg_class as c
inner join pg_namespace as n on n.oid = c.relnamespace
where n.nspname = any(%s) and c.relkind = 'r'
order by 1, 2
"""

# dbt replaces a relation through these names and drops them itself, unless it is killed between two models
LEFTOVERS = """
select n.nspname, c.relname, c.relkind = 'v' as is_view
from pg_class as c
inner join pg_namespace as n on n.oid = c.relnamespace
where n.nspname = any(%s) and c.relkind in ('r', 'v') and c.relname ~ '__dbt_(tmp|backup)[0-9]*$'
    and not exists (select from ops.build where state = 'running')
order by 1, 2
"""

# the newest build of all stays whole, however old it is
OLD_BUILDS = """
select build_id from ops.build
where started_at < now() - make_interval(days => %s) and build_id < (select max(build_id) from ops.build)
"""


def vacuum_tables(settings: Settings) -> int:
    """Give back dead rows and refresh the planner's statistics; returns how many tables were visited."""
    count = 0
    for role, schemas in SCHEMAS_BY_OWNER.items():
        with connect(role, settings, autocommit=True) as connection:
            for schema, table in connection.execute(TABLES, [list(schemas)]).fetchall():
                connection.execute(
                    sql.SQL("vacuum (analyze, skip_locked) {}").format(sql.Identifier(schema, table))
                )
                count += 1
    return count


def drop_leftovers(settings: Settings) -> list[str]:
    """Drop what a build that was cut off left half made; returns the names. Does nothing during a build."""
    dropped = []
    with connect(Role.BUILDER, settings) as connection:
        schemas = list(SCHEMAS_BY_OWNER[Role.BUILDER])
        for schema, name, is_view in connection.execute(LEFTOVERS, [schemas]).fetchall():
            kind = sql.SQL("view" if is_view else "table")
            connection.execute(sql.SQL("drop {} if exists {}").format(kind, sql.Identifier(schema, name)))
            dropped.append(f"{schema}.{name}")
    return dropped


def prune_build_details(settings: Settings, keep_days: int = KEEP_BUILD_DETAILS_DAYS) -> int:
    """Delete the model and check results of builds older than `keep_days`; returns how many rows.

    The builds themselves, their loads and their publications are kept for ever.
    """
    count = 0
    with connect(Role.BUILDER, settings) as connection:
        for table in ("dbt_result", "gate_result"):
            statement = sql.SQL("delete from {} where build_id in ({})").format(
                sql.Identifier("ops", table), sql.SQL(OLD_BUILDS)
            )
            count += connection.execute(statement, [keep_days]).rowcount
    return count
