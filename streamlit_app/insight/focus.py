"""The metric and the counting rule that the charts of a post's page are about."""

from __future__ import annotations

from dataclasses import dataclass, replace

from insight.board import Judged
from insight.measures import Metric, VariantKey
from insight.palette import CATEGORIES, colour_of, symbol_of


@dataclass(frozen=True, slots=True)
class Focus:
    """One metric, one rule, and the looks of its variants."""

    judged: Judged
    definition_code: str
    platforms: tuple[str, ...]
    stores: tuple[str, ...]

    @property
    def metric(self) -> Metric:
        """The metric looked at, in the unit of the rule."""
        metric = self.judged.reading.metric
        return replace(metric, unit=metric.unit_of(self.definition_code))

    @property
    def has_targets(self) -> bool:
        """Whether targets are meant for values of this rule."""
        return any(
            variant.key.definition_code == self.definition_code for variant in self.judged.reading.variants
        )

    def colour(self, key: VariantKey) -> str:
        """A variant's colour: its store's or its platform's, the same on every page."""
        if key.store_id is not None:
            return colour_of(key.store_id, self.stores)
        return colour_of(key.platform, self.platforms) if key.platform is not None else CATEGORIES[0]

    def symbol(self, key: VariantKey) -> str:
        """A variant's marker."""
        if key.store_id is not None:
            return symbol_of(key.store_id, self.stores)
        return symbol_of(key.platform, self.platforms) if key.platform is not None else "circle"
