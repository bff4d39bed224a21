"""A run: strike after strike, each time until everything is loaded, then the checker."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from infra.stack.database import embedded_server
from tests.torture.broken import VARIANTS
from tests.torture.checker import Findings, check
from tests.torture.loader_process import LoaderProcess, Order
from tests.torture.nemesis import WEIGHTS, Aim, Nemesis, SmallDisk, plan_strikes
from tests.torture.offers import Batch, Platform
from tests.torture.points import POINTS, Halt
from tests.warehouses import own_warehouse
from tradewind.landing import ensure_raw_tables, scan
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

# strikes that found a transaction open; with fewer, a run says little about the loader
AIMED_SHARE = 0.8
RETRIES = 8


class InvalidRunError(AssertionError):
    """Too few strikes landed where they count: the run proves nothing."""


class UnfinishedError(AssertionError):
    """The loader did not come to an end however often it was tried."""


@dataclass(frozen=True)
class Strike:
    """What became of one aim: did the loader come by, was it in a transaction, had the fault its effect."""

    aim: Aim
    was_reached: bool
    was_in_transaction: bool
    had_effect: bool

    @property
    def is_aimed(self) -> bool:
        """Whether it landed between a transaction's begin and the answer to its commit."""
        return self.was_reached and self.was_in_transaction and self.had_effect


@dataclass
class Report:
    """A run's strikes and what the checker found after them."""

    seed: int
    findings: Findings
    strikes: list[Strike] = field(default_factory=list)
    faults: Sequence[str] = tuple(WEIGHTS)

    @property
    def aimed_share(self) -> float:
        """The share of strikes that landed between begin and the answer to the commit."""
        return sum(strike.is_aimed for strike in self.strikes) / max(1, len(self.strikes))

    def require_aim(self) -> None:
        """Hold the run to its rule.

        Raises:
            InvalidRunError: fewer than `AIMED_SHARE` of the strikes were aimed.
        """
        if self.aimed_share < AIMED_SHARE:
            raise InvalidRunError(
                f"only {self.aimed_share:.0%} of {len(self.strikes)} strikes landed between begin and the "
                f"answer to the commit; a run needs {AIMED_SHARE:.0%} (seed {self.seed})"
            )

    def table(self) -> str:
        """Strikes by point and fault: how many had their effect, of how many planned where that differs."""
        planned = Counter((strike.aim.point, strike.aim.fault) for strike in self.strikes)
        landed = Counter((strike.aim.point, strike.aim.fault) for strike in self.strikes if strike.had_effect)
        faults = [fault for fault in self.faults if any(fault == pair[1] for pair in planned)]
        lines = [f"{'':20}" + "".join(f"{fault:>15}" for fault in faults)]
        for point in POINTS:
            cells = [_cell(landed[point, fault], planned[point, fault]) for fault in faults]
            if any(cells):
                lines.append(f"{point:20}" + "".join(f"{cell:>15}" for cell in cells))
        return "\n".join(lines)

    def __str__(self) -> str:
        return (
            f"seed {self.seed}\n{self.table()}\n"
            f"{len(self.strikes)} strikes, {self.aimed_share:.0%} between begin and the commit's answer\n"
            f"{self.findings}"
        )


class Torture:
    """A warehouse of its own, and the means to torture it."""

    def __init__(self, settings: Settings, disk: SmallDisk | None) -> None:
        self.settings = settings
        self.disk = disk
        server = embedded_server(settings)
        assert server is not None
        self._server = server
        with connect(Role.ADMIN, settings) as connection:
            [(self._unique_index,)] = connection.execute(
                "select pg_get_indexdef('ops.load_same_bytes_once'::regclass)"
            ).fetchall()

    def run(
        self, seed: int, aims: Sequence[Aim] | None = None, *, count: int = 0, variant: str | None = None
    ) -> Report:
        """Strike as planned, or `count` times by the seed, beginning with an empty ledger; ends when the
        checker finds something.

        Raises:
            UnfinishedError: a loader could not finish in spite of retries.
        """
        rng = random.Random(seed)
        nemesis = Nemesis(self.settings, self._server, self.disk, rng)
        platform = Platform(self.settings.landing, rng)
        report = Report(seed, Findings())
        with nemesis.administrator() as connection:
            self._start_over(connection, VARIANTS[variant].prepare if variant else None)
        for aim in aims or plan_strikes(count, rng, has_small_disk=self.disk is not None):
            batch = _offer(platform, aim, variant)
            try:
                report.strikes.append(self._strike(nemesis, aim, batch, variant))
                self._finish(nemesis, batch, variant)
            except (TimeoutError, EOFError) as error:
                raise UnfinishedError(f"{aim}, seed {seed}: {type(error).__name__} {error}") from error
            with nemesis.administrator() as connection:
                report.findings = check(connection, batch.offers)
            if report.findings:
                return report
        # what a crash did to the files of earlier strikes shows only now
        with nemesis.administrator() as connection:
            # the index of page ranges finds a load's rows only in pages that it has been told of
            connection.execute("vacuum analyze")
            report.findings = check(connection, platform.offers, are_all=True)
        return report

    def _start_over(self, connection: psycopg.Connection, prepare: str | None) -> None:
        """Forget every load and file; `prepare` is a broken loader's own way with the schema."""
        tables = connection.execute(
            "select tablename::text from pg_tables where schemaname = 'raw'"
        ).fetchall()
        names = sql.SQL(", ").join(sql.Identifier("raw", name) for (name,) in tables)
        connection.execute(sql.SQL("truncate ops.load, {} restart identity cascade").format(names))
        for file in self.settings.landing.iterdir():
            file.unlink()
        # a broken loader's run may have been without it
        connection.execute("drop index if exists ops.load_same_bytes_once")
        connection.execute(self._unique_index.encode())
        if prepare:
            connection.execute(prepare.encode())

    def _strike(self, nemesis: Nemesis, aim: Aim, batch: Batch, variant: str | None) -> Strike:
        if aim.point == "in_raw_tables":
            with nemesis.administrator() as connection:
                # as after an update of Tradewind, when contracts have changed
                connection.execute("update ops.report set contract_sha256 = ''")
        order = Order(self.settings, batch.paths, aim.point, aim.occurrence, variant)
        loader = LoaderProcess(order)
        try:
            message = loader.wait()
            if not isinstance(message, Halt):
                return Strike(aim, was_reached=False, was_in_transaction=False, had_effect=False)
            is_inside = nemesis.is_in_transaction(message)
            had_effect = nemesis.strike(aim.fault, loader, message, order)
            return Strike(aim, was_reached=True, was_in_transaction=is_inside, had_effect=had_effect)
        finally:
            loader.close()

    def _finish(self, nemesis: Nemesis, batch: Batch, variant: str | None) -> None:
        """Try the same files again, as a task does, until a loader ends well; then nothing may be left."""
        errors = []
        for _ in range(RETRIES):
            with nemesis.administrator():
                loader = LoaderProcess(Order(self.settings, batch.paths, variant=variant))
            try:
                end = loader.finish()
            finally:
                loader.close()
            if end.error is None:
                left = scan(self.settings)
                if left:
                    raise UnfinishedError(f"a load ended well, and {len(left)} files are not in the ledger")
                return
            errors.append(end.error)
        raise UnfinishedError(f"the loader failed {RETRIES} times: {errors}")


@contextlib.contextmanager
def torture_chamber(folder: Path) -> Iterator[Torture]:
    """An embedded server in `folder`, one table of it on a small disk where that is permitted."""
    folder.mkdir(parents=True, exist_ok=True)
    # the disk goes last: the server has its files open
    with contextlib.ExitStack() as resources:
        disk = resources.enter_context(SmallDisk.mounted(folder / "small_disk"))
        warehouse = resources.enter_context(own_warehouse(folder, is_durable=True))
        ensure_raw_tables(warehouse)
        with connect(Role.ADMIN, warehouse, autocommit=True) as connection:
            # processes are killed here and never the machine, so what was written stays written without it
            connection.execute("alter system set fsync = off")
            connection.execute("select pg_reload_conf()")
        torture = Torture(warehouse, disk)
        if disk is not None:
            disk.hold_table(warehouse)
        yield torture


def _offer(platform: Platform, aim: Aim, variant: str | None) -> Batch:
    if aim.fault == "fill_disk":
        return platform.offer_for_small_disk()
    return platform.offer_large() if variant else platform.offer()


def _cell(landed: int, planned: int) -> str:
    if not planned:
        return ""
    return str(landed) if landed == planned else f"{landed} of {planned}"
