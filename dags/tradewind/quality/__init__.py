"""Quality: the two gates of a build, run by Great Expectations from the suites of `expectations/`.

`run_gate("landing", …)` looks at the raw rows of the build's loads, `run_gate("marts", …)` at the candidate.
Every expectation checked is a row of ops.gate_result, with its reason and with counts, never values. A gate
that cannot run raises `GateError`, which counts as a failure. Great Expectations is imported when the first
gate runs, or ahead of that by `warm_up()`.
"""

from tradewind.quality.errors import GateError
from tradewind.quality.gate import CheckedExpectation, GateOutcome, run_gate
from tradewind.quality.validation import Breach, warm_up

__all__ = ["Breach", "CheckedExpectation", "GateError", "GateOutcome", "run_gate", "warm_up"]
