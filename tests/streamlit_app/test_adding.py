"""What must not be added cannot be added: whoever shows numbers asks for totals and adds nothing itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import dashboard
import insight

ROOMS = [Path(room.__file__).parent for room in (dashboard, insight)]
# where parts are read and added, and the widths of columns
ARITHMETIC = {
    *("measures.py", "readings.py", "columns.py"),
    *("metrics.py", "evidence.py", "sales.py", "health.py"),
}
# the parts of a metric, and amounts of money
PARTS = {"numerator", "denominator", "event_count"}
# of contributions, which are listed one by one
SHOWN_AS_READ = {"views/evidence.py: row.numerator", "views/evidence.py: row.denominator"}
# what grows without being a number
TEXTS_AND_LISTS = ("words", "sentence", "text", "formula", "marks", "lines_x", "lines_y")


def modules() -> Iterator[tuple[str, ast.Module]]:
    for file in files():
        if file.parent.name not in ("insight", "queries") or file.name not in ARITHMETIC:
            yield f"{file.parent.name}/{file.name}", ast.parse(file.read_text(encoding="utf-8"))


def files() -> list[Path]:
    return [file for room in ROOMS for file in sorted(room.rglob("*.py"))]


def counts_ones(call: ast.Call) -> bool:
    """`sum(1 for …)` counts."""
    argument = call.args[0]
    return isinstance(argument, ast.GeneratorExp) and ast.unparse(argument.elt) == "1"


def sums_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("sum", "math.fsum", "fsum", "reduce"):
            if not counts_ones(node):
                yield ast.unparse(node)
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
            # a sum in a loop
            yield ast.unparse(node)


def test_no_view_adds_by_itself() -> None:
    found = {f"{name}: {call}" for name, tree in modules() for call in sums_in(tree)}
    numbers = {entry for entry in found if not any(f": {name} +=" in entry for name in TEXTS_AND_LISTS)}
    assert not numbers, "ask insight.readings for the total of a metric by a rule"


def test_no_view_takes_the_parts_of_a_metric_apart() -> None:
    found = {
        f"{name}: {ast.unparse(node)}"
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in PARTS
    }
    assert found == SHOWN_AS_READ


def test_parts_are_added_by_sql_in_two_places_alone() -> None:
    adding = {
        f"{file.parent.name}/{file.name}"
        for file in files()
        if "sum(numerator)" in file.read_text(encoding="utf-8")
    }
    assert adding == {"queries/metrics.py", "queries/evidence.py"}


def test_a_sum_in_a_view_would_be_found() -> None:
    wrong = "sum(t.amount for t in totals)\nclaims[p] += total.amount.numerator\nsum(1 for t in totals)"
    assert len(list(sums_in(ast.parse(wrong)))) == 2
