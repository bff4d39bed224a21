"""Runs the expectations of one table with Great Expectations, and brings back counts, never values."""

from __future__ import annotations

import importlib
import logging
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from tradewind.exports.contract import Contract, load_contracts
from tradewind.exports.reading import fill, trimmed
from tradewind.quality.errors import GateError
from tradewind.quality.suites import (
    TABLE_IN_QUERY,
    Between,
    Expectation,
    InSet,
    MatchRegex,
    NoRows,
    NotGreater,
    NotNull,
    Parsed,
    RowCount,
    Values,
)
from tradewind.settings import Settings
from tradewind.warehouse import Role, connection_url

if TYPE_CHECKING:
    from great_expectations.datasource.fluent import PostgresDatasource
    from great_expectations.datasource.fluent.interfaces import Batch

# where a batch stands while it is checked
BATCH_SCHEMA, BATCH_VIEW = "intermediate", "gate_batch"
# unexpected values stay in the database
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
# what a raw row belongs to, beside its own columns
LOADED_ROWS = """
select r.*, l.store_id as load_store_id, l.currency as load_currency, l.period_start as load_period_start,
    l.period_end as load_period_end, coalesce(l.dialect ->> 'locale', '') as load_locale
from {table} as r
inner join ops.build_scope as s on s.load_id = r.load_id and s.load_state = 'loaded'
inner join ops.load as l on l.load_id = r.load_id
"""
LOADS = """
select r.* from ops.load as r
inner join ops.build_scope as s on s.load_id = r.load_id and s.load_state = 'loaded'
"""
INCOMING = "select s.load_id from ops.build_scope as s where s.load_state = 'loaded'"
# what happened in a store on a day, by load
EVENTS = ("fct_ad_activity", "fct_sales_line", "fct_web_traffic", "fct_store_fee")
# so many rows, days and objects are named
NAMED = 5


class TouchedRows(Protocol):
    """Which rows of a model a build may have changed: `by` of its rows of intermediate.touched."""

    @property
    def model(self) -> str:
        """The model."""

    @property
    def by(self) -> tuple[str, ...]:
        """The columns."""


@dataclass(frozen=True)
class Breach:
    """Where a load breaks an expectation: how many rows, and the first rows, days, objects and fields.

    An object is what an assignment is about, such as `store us`; no other value of a row is named. A field is
    the name of a column, such as `quantity`.
    """

    load_id: int
    is_incoming: bool
    count: int
    rows: tuple[int, ...] = ()
    days: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """An expectation that was checked: `observed` holds counts (`rows`, `broken`).

    Of a broken error the loads are named that its rows came from; where the rows are of no load, `suspects`
    are the incoming ones with events in the same stores and days. Both are empty where nothing says it.
    """

    expectation: Expectation
    success: bool
    observed: dict[str, int]
    breaches: tuple[Breach, ...] = ()
    suspects: frozenset[int] = frozenset()


def warm_up() -> None:
    """Import Great Expectations, which takes seconds; a process that runs gates later does it ahead, once."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    # the import prints hundreds of "Skipping registering" lines through structlog, where Airflow brings it
    structlog = importlib.import_module("structlog")
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        importlib.import_module("great_expectations.expectations")
    finally:
        structlog.configure(**before)
    for name in list(logging.root.manager.loggerDict):
        # some of its loggers have levels of their own
        if name.partition(".")[0] == "great_expectations":
            logging.getLogger(name).setLevel(logging.ERROR)


def open_warehouse(settings: Settings) -> PostgresDatasource:
    """The warehouse as a Great Expectations data source, read as the builder."""
    warm_up()
    from great_expectations import get_context
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    url = connection_url(Role.BUILDER, settings).replace("postgresql://", "postgresql+psycopg2://", 1)
    return context.data_sources.add_postgres(
        "warehouse",
        connection_string=url,
        create_temp_table=False,
        kwargs={"connect_args": {"options": f"-c search_path={BATCH_SCHEMA}"}},  # type: ignore[call-arg]  # its stub lacks it
    )


def check_table(
    source: PostgresDatasource,
    table: str,
    values: Values,
    expectations: Sequence[Expectation],
    touched: TouchedRows | None = None,
) -> list[Check]:
    """Check a table's expectations; a raw table, and the ledger, in the rows of the running build's loads.

    `touched` narrows a candidate table, and those that its queries name in braces, to these partitions.

    Raises:
        GateError: an expectation could not be evaluated; names it and the kind of error, not the data.
    """
    rows = _batch_query(table, values, touched)
    by_row = [item for item in expectations if not isinstance(item, NoRows)]
    by_query = [item for item in expectations if isinstance(item, NoRows)]
    found = _validate(source, table, rows, by_row)
    found |= _validate(source, f"{table} (queries)", _count_query(rows, by_query, touched), by_query)
    return [_explain(source, table, rows, found[item.name], touched) for item in expectations]


def _explain(
    source: PostgresDatasource, table: str, rows: str, check: Check, touched: TouchedRows | None
) -> Check:
    """Which loads a broken error comes from."""
    if check.success or check.expectation.severity != "error":
        return check
    query = _broken_rows(rows, check.expectation, touched)
    if query is None:
        return check
    engine = source.get_engine().execution_options(no_parameters=True)
    try:
        with engine.connect() as connection:
            columns = set(connection.exec_driver_sql(f"select * from ({query}) as broken limit 0").keys())  # noqa: S608
            if "load_id" in columns:
                found = connection.exec_driver_sql(_breaches_query(query, table, columns)).all()
                return replace(check, breaches=tuple(map(_breach, found)))
            if {"store_id", "business_date"} <= columns:
                found = connection.exec_driver_sql(_suspects_query(query)).all()
                return replace(check, suspects=frozenset(int(row[0]) for row in found))
    except Exception as error:
        raise GateError(
            f"expectation {check.expectation.name} of {table} could not be explained: "
            f"{_describe_error(str(error))}",
            table,
        ) from error
    return check


def _breach(row: Sequence[Any]) -> Breach:
    load_id, is_incoming, count, *lists = row
    rows, days, objects, fields = map(tuple, lists)
    return Breach(load_id, is_incoming, count, rows, days, objects, fields)


def _broken_rows(rows: str, expectation: Expectation, touched: TouchedRows | None) -> str | None:
    """The rows that break an expectation; None where it is about no row."""
    match expectation:
        case NotNull(column=column):
            condition = f"{column} is null"
        case MatchRegex(column=column, regex=regex):
            condition = f"{column} !~ {_literal(regex)}"
        case InSet(column=column, value_set=values):
            condition = f"{column} not in ({', '.join(map(_literal, values))})"
        case Between(column=column, min_value=least, max_value=most):
            bounds = [(least, "<"), (most, ">")]
            condition = " or ".join(
                f"{column} {sign} {_literal(_bound(bound))}" for bound, sign in bounds if bound is not None
            )
        case NotGreater(greater=greater, smaller=smaller):
            condition = f"{smaller} > {greater}"
        case NoRows(query=query):
            return _filled(rows, query, touched)
        case _:
            return None
    return f"select * from ({rows}) as b where {condition}"  # noqa: S608


def _literal(value: Any) -> str:
    return str(value) if isinstance(value, int) else "'{}'".format(str(value).replace("'", "''"))


def _breaches_query(query: str, table: str, columns: set[str]) -> str:
    # a column of a raw table is a cell, whatever its name
    if table.startswith("raw."):
        columns = columns & {"load_id", "row_number"}
    lists = ", ".join(
        f"coalesce((array_agg(distinct {name}::{kind}) filter (where {name} is not null))[1:{NAMED}], '{{}}')"
        if name in columns
        else "'{}'::text[]"
        for name, kind in (
            ("row_number", "bigint"), ("business_date", "text"), ("object", "text"), ("field", "text"),
        )
    )  # fmt: skip
    return (
        f"select load_id, load_id in ({INCOMING}), count(*), {lists} from ({query}) as broken"  # noqa: S608
        " where load_id is not null group by load_id order by load_id"
    )


def _suspects_query(query: str) -> str:
    events = " union all ".join(
        f"select load_id, store_id, business_date from candidate.{name}"  # noqa: S608
        for name in EVENTS
    )
    return (
        f"select distinct load_id from ({events}) as events where load_id in ({INCOMING})"  # noqa: S608
        f" and (store_id, business_date) in (select store_id, business_date from ({query}) as broken)"
    )


def _validate(
    source: PostgresDatasource, name: str, query: str, expectations: Sequence[Expectation]
) -> dict[str, Check]:
    from great_expectations import ExpectationSuite

    if not expectations:
        return {}
    try:
        with _view(source, query):
            suite = ExpectationSuite(name=name, expectations=[_translate(item) for item in expectations])
            outcome = _batch(source).validate(suite, result_format=RESULT_FORMAT)
    except Exception as error:
        raise GateError(
            f"{name} could not be checked: {_describe_error(str(error))}", name.split()[0]
        ) from error
    results = {_name_of(result): result for result in outcome.results}
    return {item.name: _read_result(name, item, results[item.name]) for item in expectations}


@contextmanager
def _view(source: PostgresDatasource, query: str) -> Iterator[None]:
    """The query as a view, while the block runs.

    Of a query Great Expectations would fetch all rows, only to learn the names of its columns.
    """
    engine = source.get_engine().execution_options(no_parameters=True)
    drop = f"drop view if exists {BATCH_SCHEMA}.{BATCH_VIEW}"
    with engine.begin() as connection:
        connection.exec_driver_sql(drop)
        connection.exec_driver_sql(f"create view {BATCH_SCHEMA}.{BATCH_VIEW} as {query}")
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql(drop)


def _batch(source: PostgresDatasource) -> Batch:
    # one asset for whatever the view shows: each new one would write the whole context's configuration
    if not source.assets:
        source.add_table_asset(BATCH_VIEW, table_name=BATCH_VIEW).add_batch_definition_whole_table(BATCH_VIEW)
    return source.get_asset(BATCH_VIEW).get_batch_definition(BATCH_VIEW).get_batch()


def _batch_query(table: str, values: Values, touched: TouchedRows | None) -> str:
    if table.startswith("raw."):
        rows = LOADED_ROWS.format(table=table)
    elif table == "ops.load":
        rows = LOADS
    else:
        rows = _touched_rows(table, touched)
    added = "".join(f", {_expression(value, table)} as {name}" for name, value in values.items())
    return f"select b.*{added} from ({rows}) as b"  # noqa: S608


def _expression(value: Parsed | str, table: str) -> str:
    if isinstance(value, str):
        return f"({value})"
    ((kind, names),) = value.model_dump(exclude_unset=True).items()
    if kind == "text":
        return trimmed(f"b.{names}")
    columns = load_contracts()[table.removeprefix("raw.")]
    if kind == "sum":
        return " + ".join(f"coalesce({_reading(columns, name, 'number', 'b')}, 0)" for name in names)
    cells = (_reading(columns, name, kind, "b") for name in ([names] if isinstance(names, str) else names))
    return f"coalesce({', '.join(cells)})"


def _reading(contract: Contract, name: str, kind: str, alias: str) -> str:
    """What a cell of a raw table holds, read as the models read it; NULL where it is nothing of its type."""
    readings = contract.by_name[name].readings(contract.null_tokens)
    return fill(readings[kind], f"{alias}.{name}", f"{alias}.load_locale")


def _read_rows(table: str) -> str:
    """The rows of a raw table, of all loads, with what their cells hold in the place of the cells."""
    contract = load_contracts()[table.removeprefix("raw.")]
    values = [
        f"{_reading(contract, column.name, kind, 'c')} as {column.name}"
        if (kind := next(iter(column.readings([])), None))
        else f"{trimmed(f'c.{column.name}')} as {column.name}"
        for column in contract.columns
    ]
    return (
        f"select c.load_id, c.row_number, {', '.join(values)} from (select r.*,"  # noqa: S608
        f" coalesce(l.dialect ->> 'locale', '') as load_locale from {table} as r"
        " left join ops.load as l on l.load_id = r.load_id) as c"
    )


def _touched_rows(table: str, touched: TouchedRows | None) -> str:
    if table.startswith("raw."):
        return _read_rows(table)
    # the names are checked by the suite's schema, and by that of the models' meta
    if touched is None:
        return f"select * from {table}"  # noqa: S608
    columns = ", ".join(touched.by)
    return (
        f"select * from {table} where ({columns}) in"  # noqa: S608
        f" (select {columns} from intermediate.touched where model = '{touched.model}')"
    )


def _count_query(rows: str, expectations: Sequence[NoRows], touched: TouchedRows | None) -> str:
    """One row: how many rows each query finds, so that the rows themselves stay in the database."""
    counts = ", ".join(
        f"(select count(*) from ({_filled(rows, item.query, touched)}) as broken) as {item.name}"  # noqa: S608
        for item in expectations
    )
    return f"select {counts}"


def _filled(rows: str, query: str, touched: TouchedRows | None) -> str:
    """The query with its tables in the place of their names in braces."""
    return TABLE_IN_QUERY.sub(
        lambda found: f"({rows if found[1] == 'batch' else _touched_rows(found[1], touched)})", query
    )


def _translate(expectation: Expectation) -> Any:
    from great_expectations import expectations as gx

    common: dict[str, Any] = {"meta": {"name": expectation.name}}
    match expectation:
        case NotNull(column=column, mostly=mostly):
            return gx.ExpectColumnValuesToNotBeNull(column=column, mostly=mostly, **common)
        case MatchRegex(column=column, mostly=mostly, regex=regex):
            return gx.ExpectColumnValuesToMatchRegex(column=column, mostly=mostly, regex=regex, **common)
        case InSet(column=column, mostly=mostly, value_set=values):
            return gx.ExpectColumnValuesToBeInSet(column=column, mostly=mostly, value_set=values, **common)
        case Between(column=column, mostly=mostly, min_value=least, max_value=most):
            return gx.ExpectColumnValuesToBeBetween(
                column=column, mostly=mostly, min_value=_bound(least), max_value=_bound(most), **common
            )
        case RowCount(min_value=least, max_value=most):
            return gx.ExpectTableRowCountToBeBetween(min_value=least, max_value=most, **common)
        case NotGreater(greater=greater, smaller=smaller, mostly=mostly):
            return gx.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=greater, column_B=smaller, or_equal=True, mostly=mostly, **common
            )
        case NoRows(name=name):
            return gx.ExpectColumnMaxToBeBetween(column=name, max_value=0, **common)


def _bound(value: int | date | str | None) -> Any:
    # a day further on than any time zone's tomorrow is a mistake in the file
    return datetime.now(UTC).date() + timedelta(days=1) if value == "tomorrow" else value


def _name_of(result: Any) -> str:
    return result.expectation_config.meta["name"]


def _read_result(table: str, expectation: Expectation, result: Any) -> Check:
    if message := _find_exception(result.exception_info):
        raise GateError(
            f"expectation {expectation.name} of {table} could not be evaluated: {_describe_error(message)}",
            table.split()[0],
        )
    seen = result.result
    if isinstance(expectation, NoRows):
        counts = {"broken": int(seen["observed_value"])}
    elif isinstance(expectation, RowCount):
        counts = {"rows": int(seen["observed_value"])}
    else:
        counts = {"rows": int(seen["element_count"]), "broken": int(seen["unexpected_count"] or 0)}
    return Check(expectation, bool(result.success), counts)


def _find_exception(info: dict[str, Any]) -> str | None:
    if "raised_exception" in info:
        return info["exception_message"] if info["raised_exception"] else None
    return next((found for part in info.values() if (found := _find_exception(part))), None)


def _describe_error(message: str) -> str:
    """The kind of a database error, whose text may quote a cell; the first line of any other."""
    if found := re.search(r"psycopg2\.errors\.(\w+)", message):
        return f"the database answered {found.group(1)}"
    return message.strip().splitlines()[0]
