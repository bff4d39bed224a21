"""Building: raw rows become the candidate marts, by dbt and by what it compiled.

`open_build` fixes which loads a build takes in, `run_models` runs the models over them, `close_build` says
how it ended (publishing closes a published one itself). One build runs at a time; every step may be done
again.
"""

from tradewind.building.builds import (
    Build,
    BuildInProgressError,
    BuildNotRunningError,
    close_build,
    find_build,
    hold_load,
    incoming_loads,
    leave_out,
    open_build,
)
from tradewind.building.docs import write_docs
from tradewind.building.invocation import parse_ahead
from tradewind.building.models import failing_nodes, prepare_increments, run_models
from tradewind.building.project import staging_tables
from tradewind.building.results import BuildFailedError, FailedNode

__all__ = [
    "Build",
    "BuildFailedError",
    "BuildInProgressError",
    "BuildNotRunningError",
    "FailedNode",
    "close_build",
    "failing_nodes",
    "find_build",
    "hold_load",
    "incoming_loads",
    "leave_out",
    "open_build",
    "parse_ahead",
    "prepare_increments",
    "run_models",
    "staging_tables",
    "write_docs",
]
