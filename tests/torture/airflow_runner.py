"""A run against Airflow: strike after strike at the load task of a whole stack, then the checker."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg

from tests.stacks import Stack, running
from tests.torture.airflow_nemesis import FAULTS, AirflowNemesis, LoadingStack
from tests.torture.airflow_stack import orders_folder
from tests.torture.checker import Findings, Offer, check
from tests.torture.folder_gate import Orders
from tests.torture.loader_process import wait_for
from tests.torture.nemesis import Aim, is_in_transaction, plan_every_pair
from tests.torture.offers import Batch, Platform
from tests.torture.points import Halt
from tests.torture.runner import InvalidRunError, Report, Strike, UnfinishedError
from tradewind.warehouse import AIRFLOW_DATABASE, Role, WarehouseNotReadyError, connect, connection_url

START_SECONDS = 420
REACH_SECONDS = 120


class AirflowTorture:
    """A running test build of the stack, and the means to torture its load task."""

    def __init__(self, stack: LoadingStack, platform: Platform) -> None:
        self._stack = stack
        self._platform = platform
        self._orders = Orders(orders_folder(stack.settings))
        self._nemesis = AirflowNemesis(stack, self._orders)

    def run(self, seed: int) -> Report:
        """Strike every point with every fault once, as the seed orders them; ends when something is found.

        Raises:
            InvalidRunError: no task came by a point.
            UnfinishedError: a fault had no effect, or the load was not done in spite of retries.
        """
        report = Report(seed, Findings(), faults=FAULTS)
        for aim in plan_every_pair(FAULTS, random.Random(seed)):
            try:
                batch = self._offer(aim)
                report.strikes.append(self._strike(aim))
                self._stack.wait_until_done()
            except TimeoutError as error:
                raise UnfinishedError(f"{aim}, seed {seed}: {error}") from error
            report.findings = self._check(batch.offers)
            if report.findings:
                return report
        report.findings = self._check(self._platform.offers, are_all=True)
        return report

    def _offer(self, aim: Aim) -> Batch:
        """Put files down that lead a task past the point, and first the order that halts it there."""
        if aim.point == "in_raw_tables":
            with self._administrator() as connection:
                # as after an update of Tradewind, when contracts have changed
                connection.execute("update ops.report set contract_sha256 = ''")
        self._orders.arm(aim.point, aim.occurrence)
        return self._platform.offer()

    def _strike(self, aim: Aim) -> Strike:
        halt = self._wait_for_halt(aim)
        with self._administrator() as connection:
            is_inside = is_in_transaction(connection, halt)
        self._nemesis.strike(aim.fault, halt)
        return Strike(aim, was_reached=True, was_in_transaction=is_inside, had_effect=True)

    def _wait_for_halt(self, aim: Aim) -> Halt:
        try:
            wait_for(lambda: self._orders.halted() is not None, "", seconds=REACH_SECONDS, every=0.05)
        except TimeoutError:
            raise InvalidRunError(f"no task came by {aim}") from None
        halt = self._orders.halted()
        assert halt is not None
        return halt

    def _check(self, offers: Sequence[Offer], *, are_all: bool = False) -> Findings:
        with self._administrator() as connection:
            return check(connection, offers, are_all=are_all)

    def _administrator(self) -> psycopg.Connection:
        return connect(Role.ADMIN, self._stack.settings, autocommit=True)


@contextlib.contextmanager
def airflow_chamber(folder: Path, rng: random.Random) -> Iterator[AirflowTorture]:
    """The whole stack as its test build in `folder`, with a first batch of files loaded.

    From then on nothing is built: builds would take the machine from the loads, and are not judged here.
    """
    stack = Stack(folder, "tests.torture.airflow_stack")
    stack.settings.landing.mkdir(parents=True)
    platform = Platform(stack.settings.landing, rng)
    platform.offer()
    with running(stack) as process:
        loading = LoadingStack(stack.settings, process.pid)
        wait_for(lambda: _is_up(loading), f"not up; see {stack.log}", seconds=START_SECONDS, every=1)
        _pause_builds(loading)
        yield AirflowTorture(loading, platform)


def _is_up(stack: LoadingStack) -> bool:
    try:
        return stack.is_done()
    except (psycopg.Error, WarehouseNotReadyError):
        return False


def _pause_builds(stack: LoadingStack) -> None:
    url = connection_url(Role.AIRFLOW, stack.settings, database=AIRFLOW_DATABASE)
    with psycopg.connect(url) as connection:
        connection.execute("update dag set is_paused = true where dag_id = 'build_warehouse'")
