"""`python -m infra.demo <landing folder> [--answers file.json]` writes the demo company."""

from __future__ import annotations

import argparse
from pathlib import Path

from infra.demo import write_demo

parser = argparse.ArgumentParser(prog="python -m infra.demo", description=__doc__)
parser.add_argument("landing", type=Path, help="folder that the exports are written into")
parser.add_argument(
    "--answers", type=Path, help="answer key; default: demo_answers.json beside the landing folder"
)
options = parser.parse_args()
write_demo(options.landing, options.answers)
print(f"the demo company's exports are in {options.landing}")
