"""How large an archive may become when it is unpacked. Imported by the child processes: nothing but this."""

from __future__ import annotations

MAX_UNPACKED_BYTES = 8 << 30
# real exports shrink to a tenth; what grows a hundredfold was made to fill a disk
MAX_RATIO = 100
# a small file of equal rows may shrink more than that, and does no harm
ALWAYS_ALLOWED_BYTES = 16 << 20


def allowed_bytes(packed: int) -> int:
    """The most that an archive of so many bytes may unpack to."""
    return min(MAX_UNPACKED_BYTES, max(MAX_RATIO * packed, ALWAYS_ALLOWED_BYTES))
