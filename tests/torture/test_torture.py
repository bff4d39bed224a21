"""Loaders, sessions, servers and disks are struck at the points of a load: no record is lost, doubled or half
there.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.torture.broken import VARIANTS
from tests.torture.nemesis import TARGETS, Aim
from tests.torture.runner import InvalidRunError, Torture, torture_chamber

# the whole sample runs in about 90 s where two cores are busy with something else
pytestmark = pytest.mark.timeout(600)

STRIKES = 60
# another one each day would find more, and nobody could repeat it; `make torture` takes a new one each time
SEED = 20261122


@pytest.fixture(scope="module")
def torture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Torture]:
    with torture_chamber(tmp_path_factory.mktemp("torture") / "state") as chamber:
        yield chamber


def test_p1_p2_p7_no_record_is_lost_doubled_or_half_there(torture: Torture) -> None:
    report = torture.run(SEED, count=STRIKES)
    assert not report.findings, str(report)
    report.require_aim()
    faults = {strike.aim.fault for strike in report.strikes if strike.is_aimed}
    assert faults >= TARGETS.keys() - ({"fill_disk"} if torture.disk is None else set())


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_broken_loader_is_caught(torture: Torture, variant: str) -> None:
    aims = [Aim("kill_loader", point) for point in VARIANTS[variant].points]
    report = torture.run(SEED, aims, variant=variant)
    assert report.strikes[-1].had_effect
    assert report.findings, f"the checker passed a loader with the fault {variant!r}"
    # the same strikes at the loader as it is
    assert not torture.run(SEED, aims).findings


def test_a_run_whose_strikes_miss_the_transaction_is_invalid(torture: Torture) -> None:
    aims = [Aim("kill_loader", "scanned"), Aim("kill_loader", "after_open_load")]
    report = torture.run(SEED, aims)
    assert [strike.is_aimed for strike in report.strikes] == [False, True]
    assert not report.findings
    with pytest.raises(InvalidRunError, match="50%"):
        report.require_aim()


def test_a_point_that_is_never_passed_counts_as_missed(torture: Torture) -> None:
    report = torture.run(SEED, [Aim("kill_loader", "before_quarantine", occurrence=99)])
    assert not report.strikes[0].was_reached
    with pytest.raises(InvalidRunError):
        report.require_aim()
