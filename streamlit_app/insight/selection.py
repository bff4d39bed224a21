"""What the reader looks at: days, a store, a team or person."""

from __future__ import annotations

from dataclasses import dataclass

from insight.context import Context
from insight.measures import Kind, Metric
from insight.periods import Period
from insight.queries.metrics import Scope

TEAM = "team:"
UNASSIGNED = "unassigned"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader has chosen, resolved to days, stores and people."""

    period: Period
    comparison: Period | None
    comparison_choice: str
    store_id: str | None
    people: str | None
    employee_ids: tuple[str, ...] | None

    def scope(self, context: Context, metric_ids: tuple[str, ...], period: Period | None = None) -> Scope:
        """The question about some metrics within what is chosen, over `period` where that differs."""
        metrics = tuple(context.metrics[name] for name in metric_ids)
        comparison = self.comparison if period is None else None
        return Scope(metrics, period or self.period, comparison, self.store_id, self.employee_ids)

    def target_scopes(self, context: Context, metric: Metric) -> list[tuple[str, str]]:
        """Whose target applies, nearest first.

        A wider scope's target holds for a narrower one where it is a rate; a sum's is for its own alone.
        """
        wider = [("post", metric.post_id), ("company", "")]
        if self.people is not None and self.store_id is not None:
            own = []
        elif self.people is None:
            own = [("store", self.store_id)] if self.store_id else []
        elif self.people.startswith(TEAM):
            own = [("team", self.people.removeprefix(TEAM))]
        else:
            person = context.employees.get(self.people)
            own = [
                ("employee", self.people),
                *([("team", person.team_id)] if person and person.team_id else []),
            ]
        if metric.kind is Kind.SUM:
            return own[:1] if self.people or self.store_id else wider
        return own + wider


def members(context: Context, people: str | None) -> tuple[str, ...] | None:
    """The people a choice stands for; None for everybody."""
    if people is None:
        return None
    if people.startswith(TEAM):
        team = people.removeprefix(TEAM)
        return tuple(person.employee_id for person in context.employees.values() if person.team_id == team)
    return (people,)
