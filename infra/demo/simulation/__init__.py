"""What happened at Lumen Home, day by day, from a fixed seed."""

from __future__ import annotations

from infra.demo.events import World
from infra.demo.simulation.advertising import run_campaigns
from infra.demo.simulation.marketplaces import run_marketplaces
from infra.demo.simulation.shops import run_shops
from infra.demo.simulation.trade import run_trade


def simulate() -> World:
    """The six months, the same in every run."""
    world = World()
    run_campaigns(world)
    run_shops(world)
    run_marketplaces(world)
    run_trade(world)
    return world
