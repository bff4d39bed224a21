"""Who is credited: a campaign's own assignments before the store's; what is missing to one is nobody's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache

from infra.demo.company import ASSIGNMENTS, Assignment

UNASSIGNED = "unassigned"


@cache
def owners(
    post_id: str, store_id: str, platform: str, campaign: str, day: date
) -> tuple[tuple[str, Decimal], ...]:
    """Employees and shares of the day; the shares sum to one, with the rest at `unassigned`."""
    held = [a for a in ASSIGNMENTS if _holds(a, post_id, store_id, platform, day)]
    credited = [a for a in held if a.object_type == "campaign" and campaign and a.object_id == campaign]
    credited = credited or [a for a in held if a.object_type == "store"]
    shares = [(a.employee_id, a.share) for a in credited]
    missing = Decimal(1) - sum((share for _, share in shares), Decimal(0))
    return tuple([*shares, (UNASSIGNED, missing)] if missing else shares)


def _holds(assignment: Assignment, post_id: str, store_id: str, platform: str, day: date) -> bool:
    return (
        (assignment.post_id, assignment.store_id) == (post_id, store_id)
        and assignment.platform in ("", platform)
        and assignment.valid_from <= day
        and (assignment.valid_to is None or day <= assignment.valid_to)
    )
