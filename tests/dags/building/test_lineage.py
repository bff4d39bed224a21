"""Which models an incremental build may leave alone."""

from __future__ import annotations

from tradewind.building.models import _without_values
from tradewind.building.project import unconcerned_models

MANIFEST = {
    "sources": {
        "source.t.shop.orders": {"name": "orders", "schema": "raw"},
        "source.t.shop.visits": {"name": "visits", "schema": "raw"},
        "source.t.ops.visible_load": {"name": "visible_load", "schema": "ops"},
    },
    "nodes": {
        f"model.t.{name}": {"name": name, "resource_type": "model", "config": {"materialized": kind}}
        for name, kind in {
            "stg_orders": "incremental", "stg_visits": "incremental", "int_touched_days": "table",
            "fct_orders": "incremental", "fct_visits": "incremental", "dim_store": "table",
            "dim_date": "table", "evidence": "view",
        }.items()
    },
    "parent_map": {
        "model.t.stg_orders": ["source.t.shop.orders", "source.t.ops.visible_load"],
        "model.t.stg_visits": ["source.t.shop.visits", "source.t.ops.visible_load"],
        "model.t.int_touched_days": ["model.t.stg_orders", "model.t.stg_visits"],
        "model.t.fct_orders": ["model.t.stg_orders", "model.t.int_touched_days"],
        "model.t.fct_visits": ["model.t.stg_visits", "model.t.int_touched_days"],
        "model.t.dim_store": ["source.t.ops.visible_load"],
        "model.t.dim_date": [],
        "model.t.evidence": ["model.t.fct_orders"],
    },
}  # fmt: skip


def test_models_without_a_pending_ancestor_are_left_alone() -> None:
    assert unconcerned_models(MANIFEST, {"orders"}) == ["dim_date", "evidence", "fct_visits", "stg_visits"]


def test_what_narrows_the_build_is_always_made() -> None:
    assert "int_touched_days" not in unconcerned_models(MANIFEST, set())


def test_a_message_holds_no_value_of_a_row() -> None:
    message = (
        'Database Error\n  invalid input syntax for type numeric: "ann@x.test"\n'
        "  DETAIL:  Key (email)=(ann@x.test)\n"
        "  LINE 4: select 'ann@x.test'"
    )
    assert "ann" not in str(_without_values(message))
