"""Writes what happened as the files that a company downloads, in the platforms' own layouts."""

from __future__ import annotations

from infra.demo.events import World
from infra.demo.exports import advertising, amazon, ga4, mishaps, shopify, templates, trade
from infra.demo.exports.landing import Landing


def write_exports(world: World, landing: Landing) -> None:
    """Write every file of the demo company."""
    templates.write(landing)
    shopify.write(world, landing)
    advertising.write(world, landing)
    amazon.write(world, landing)
    ga4.write(world, landing)
    trade.write(world, landing)
    mishaps.write(world, landing)
