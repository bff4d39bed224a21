"""The two gates a build passes: what arrived (`landing`) and what will be read (`marts`)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import psycopg

from tradewind.quality.suites import Expectation, Gate, GateName, NoRows, Severity, Suite, load_gate
from tradewind.quality.validation import Breach, TouchedRows, check_table, open_warehouse
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class CheckedExpectation:
    """One row of ops.gate_result: an expectation, what became of it, and counts of what was seen."""

    suite: str
    table: str
    expectation: Expectation
    success: bool
    observed: dict[str, int]
    breaches: tuple[Breach, ...] = ()
    suspects: frozenset[int] = frozenset()

    @property
    def severity(self) -> Severity:
        """How grave a breach is."""
        return self.expectation.severity

    @property
    def why(self) -> str:
        """Why it is expected, in words."""
        return self.expectation.why

    def __str__(self) -> str:
        seen = ", ".join(f"{count} {name}" for name, count in self.observed.items())
        return f"{self.table}, {self.expectation.name} ({seen}): {self.why}"


@dataclass(frozen=True)
class GateOutcome:
    """Whether a build may go on; `failures` hold it, `warnings` are broken expectations that do not."""

    passed: bool
    failures: tuple[CheckedExpectation, ...] = ()
    warnings: tuple[CheckedExpectation, ...] = ()


def run_gate(
    gate: GateName,
    build_id: int,
    settings: Settings,
    touched: Mapping[str, TouchedRows] = MappingProxyType({}),
    only_table: str | None = None,
) -> GateOutcome:
    """Check a build's gate, in the suites whose tables it concerns, and write ops.gate_result.

    `touched` names, by candidate table, the partitions that the build may have changed; a table that is not
    among them is checked whole. With `only_table` that one is looked at, and nothing is written.
    Errors that an earlier run of the build's gate found stay written down: the loads that broke them have
    been left out since.

    Raises:
        GateError: the gate is misconfigured or crashed, which counts as a failure.
    """
    rule, suites = load_gate(gate, settings.expectations_dir)
    with connect(Role.BUILDER, settings) as connection:
        tables = {only_table} if only_table else _concerned_tables(connection, gate)
        published = _published_tables(connection)
    checked = _check(suites, tables, published, settings, touched)
    if only_table is None:
        with connect(Role.BUILDER, settings) as connection:
            _write_results(connection, gate, build_id, checked)
    broken = [item for item in checked if not item.success]
    failures = _holding(broken, rule)
    for item in broken:
        logger.log(logging.ERROR if item in failures else logging.WARNING, "%s", item)
    return GateOutcome(not failures, tuple(failures), tuple(item for item in broken if item not in failures))


def _concerned_tables(connection: psycopg.Connection, gate: GateName) -> set[str] | None:
    """The tables to check; None means all that the suites name."""
    if gate == "marts":
        return None
    reports = connection.execute(
        "select distinct l.report from ops.build_scope as s inner join ops.load as l on l.load_id = s.load_id"
        " where s.load_state = 'loaded'"
    ).fetchall()
    return {"ops.load", *(f"raw.{report}" for (report,) in reports)} if reports else set()


def _published_tables(connection: psycopg.Connection) -> set[str]:
    rows = connection.execute("select 'marts.' || tablename from pg_tables where schemaname = 'marts'")
    return {name for (name,) in rows}


def _check(
    suites: list[Suite],
    tables: set[str] | None,
    published: set[str],
    settings: Settings,
    touched: Mapping[str, TouchedRows],
) -> list[CheckedExpectation]:
    concerned = [
        (suite, table) for suite in suites for table in suite.tables if tables is None or table in tables
    ]
    if not concerned:
        return []
    source = open_warehouse(settings)
    try:
        return [
            CheckedExpectation(
                suite.name, table, check.expectation, check.success, check.observed, check.breaches,
                check.suspects,
            )
            for suite, table in concerned
            for check in check_table(
                source, table, suite.tables[table] or {}, _comparable(suite, table, published),
                touched.get(table),
            )
        ]  # fmt: skip
    finally:
        source.get_execution_engine().close()


def _comparable(suite: Suite, table: str, published: set[str]) -> list[Expectation]:
    return [
        item
        for item in suite.expectations_of(table)
        if not isinstance(item, NoRows) or item.published_tables <= published
    ]


def _holding(broken: list[CheckedExpectation], rule: Gate) -> list[CheckedExpectation]:
    limits = {"error": rule.hold_at.error, "warning": rule.hold_at.warning}
    holding = []
    for severity, limit in limits.items():
        of_severity = [item for item in broken if item.severity == severity]
        if limit is not None and len(of_severity) >= limit:
            holding += of_severity
    return holding


def _write_results(
    connection: psycopg.Connection, gate: GateName, build_id: int, checked: list[CheckedExpectation]
) -> None:
    connection.execute(
        "delete from ops.gate_result where build_id = %s and gate = %s and (success or severity <> 'error')",
        [build_id, gate],
    )
    found_before = set(
        connection.execute(
            "select suite, expectation, observed ->> 'table' from ops.gate_result"
            " where build_id = %s and gate = %s",
            [build_id, gate],
        ).fetchall()
    )
    connection.cursor().executemany(
        "insert into ops.gate_result"
        " (build_id, gate, suite, expectation, column_name, success, severity, why, observed)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            (
                build_id, gate, item.suite, item.expectation.name, item.expectation.subject, item.success,
                item.severity, item.why, json.dumps({"table": item.table, **item.observed}),
            )
            for item in checked
            if (item.suite, item.expectation.name, item.table) not in found_before
        ],
    )  # fmt: skip
