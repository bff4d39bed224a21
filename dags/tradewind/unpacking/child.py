"""A process of its own: `python -m tradewind.unpacking.child KIND FILE FOLDER` writes the parts of the file.

It runs apart, with limits on time, memory and file size: what an untrusted file does to its parser ends
here.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tradewind.disk import takes_no_more
from tradewind.unpacking import json_document, workbook, zip_archive
from tradewind.unpacking.protocol import NO_ROOM, Parts, Refusal, refuse

UNPACK = {"json": json_document.unpack, "workbook": workbook.unpack, "zip": zip_archive.unpack}


def main(kind: str, file: Path, folder: Path) -> None:
    """Unpack one file."""
    try:
        UNPACK[kind](file, Parts(folder))
    except Refusal as refusal:
        refuse(refusal)
    except MemoryError:
        refuse(Refusal("too_much_memory"))
    except OSError as error:
        if not takes_no_more(error):
            raise
        sys.exit(NO_ROOM)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
