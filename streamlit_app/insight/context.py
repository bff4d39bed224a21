"""What every sentence needs: words, formats, and the transaction through which it is read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from insight import figures
from insight.database import Snapshot, Status
from insight.formatting import Formatter
from insight.measures import Kind, Metric
from insight.queries import catalogue
from insight.text import Text
from tradewind.settings import Settings


@dataclass(frozen=True)
class Context:
    """All that a view needs: words, formats, and the transaction it reads through."""

    text: Text
    snapshot: Snapshot
    settings: Settings

    @property
    def status(self) -> Status:
        """What is published and what is on its way."""
        return self.snapshot.status

    @cached_property
    def extent(self) -> catalogue.Extent:
        """First and last day that has numbers."""
        return catalogue.read_extent(self.snapshot)

    @cached_property
    def format(self) -> Formatter:
        """Formats of the page's language."""
        currency = self.extent.currency if self.status.is_published else None
        return Formatter(self.text, currency or self.settings.reporting_currency)

    @cached_property
    def metric_rows(self) -> dict[str, catalogue.MetricRow]:
        """The catalogue by metric, in its order."""
        return {row.metric_id: row for row in catalogue.read_metrics(self.snapshot)}

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """The metrics with names in the page's language."""
        return {
            row.metric_id: Metric(
                row.metric_id,
                row.post_id,
                self.text.pick(row.name_en, row.name_zh),
                Kind(row.kind),
                row.unit,
                row.direction,
                row.is_implemented,
                row.is_additive_across_platforms,
                row.headline_definition_code,
                row.min_denominator,
                self.text.pick(row.waiting_for_en, row.waiting_for_zh),
                {
                    rule.definition_code: rule.unit
                    for rule in self.definitions.values()
                    if rule.metric_id == row.metric_id
                },
            )
            for row in self.metric_rows.values()
        }

    @cached_property
    def stores(self) -> dict[str, catalogue.Store]:
        """All stores, in the order that gives them their colours."""
        return {store.store_id: store for store in catalogue.read_stores(self.snapshot)}

    @cached_property
    def employees(self) -> dict[str, catalogue.Employee]:
        """Everybody on the roster."""
        return {person.employee_id: person for person in catalogue.read_employees(self.snapshot)}

    @cached_property
    def definitions(self) -> dict[tuple[str, str], catalogue.Definition]:
        """The counting rules by metric and code."""
        return {
            (row.metric_id, row.definition_code): row for row in catalogue.read_definitions(self.snapshot)
        }

    def axis(self, unit: str) -> figures.Scale:
        """How an axis of a unit is drawn in the page's language."""
        return figures.scale(unit, self.text.language)

    def store_name(self, store_id: str) -> str:
        """A store's name."""
        if store_id in ("", "unassigned"):
            return self.text("names.no_store")
        return self.stores[store_id].store_name if store_id in self.stores else store_id

    def person_name(self, employee_id: str) -> str:
        """A person's name."""
        if employee_id in ("", "unassigned"):
            return self.text("names.no_owner")
        return self.employees[employee_id].employee_name if employee_id in self.employees else employee_id

    def platform_name(self, platform: str | None) -> str:
        """A platform's name."""
        return self.text.lookup("platforms", platform or "none")

    def rule_name(self, metric_id: str, definition_code: str) -> str:
        """The name of a counting rule."""
        rule = self.definitions.get((metric_id, definition_code))
        return self.text.pick(rule.name_en, rule.name_zh) if rule else definition_code
