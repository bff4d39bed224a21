"""From a file in landing to rows in schema raw, with a ledger row for every file."""

from tradewind.landing.erasure import Erasure, erase
from tradewind.landing.ledger import LoadResult
from tradewind.landing.raw_tables import ensure_raw_tables
from tradewind.landing.replay import ReplayError, replay
from tradewind.landing.run import load_files, reject, scan

__all__ = [
    "Erasure",
    "LoadResult",
    "ReplayError",
    "ensure_raw_tables",
    "erase",
    "load_files",
    "reject",
    "replay",
    "scan",
]
