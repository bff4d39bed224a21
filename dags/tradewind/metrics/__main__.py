"""`python -m tradewind.metrics`: writes what follows from the metrics' files, or says what is wrong."""

from __future__ import annotations

import sys

from tradewind.metrics.definition import MetricError
from tradewind.metrics.generated import write
from tradewind.settings import PROJECT_ROOT


def main() -> int:
    """Write, and name each file that changed."""
    try:
        changed = write(PROJECT_ROOT)
    except MetricError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("".join(f"wrote {path}\n" for path in changed) or "nothing to write\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
