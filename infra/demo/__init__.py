"""Lumen Home, the demo company: what happened in six months, written as exports, with the right answers."""

from __future__ import annotations

import json
from pathlib import Path

from infra.demo.answers import answer_key
from infra.demo.exports import write_exports
from infra.demo.exports.landing import Landing
from infra.demo.simulation import simulate


def write_demo(landing_dir: Path, answers: Path | None = None) -> None:
    """Write the demo company's exports into `landing_dir` and its answer key to `answers`.

    Without `answers` the key goes beside the landing folder (`demo_answers.json`), never into it. Every run
    gives the same bytes and modification times.
    """
    world = simulate()
    landing = Landing(landing_dir)
    write_exports(world, landing)
    target = answers or landing_dir.resolve().parent / "demo_answers.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        json.dumps(answer_key(world, landing.files), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
