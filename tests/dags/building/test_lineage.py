"""Which models an incremental build may leave alone."""

from __future__ import annotations

from tradewind.building.models import _without_values
from tradewind.building.project import concerned_nodes

MANIFEST = {
    "sources": {
        "source.t.shop.orders": {"name": "orders", "schema": "raw"},
        "source.t.shop.visits": {"name": "visits", "schema": "raw"},
        "source.t.ops.visible_load": {"name": "visible_load", "schema": "ops"},
    },
    "nodes": {
        f"model.t.{name}": {"name": name, "resource_type": "model", "config": {"materialized": kind}}
        for name, kind in {
            "stg_orders": "incremental", "stg_visits": "incremental",
            "fct_orders": "incremental", "fct_visits": "incremental", "dim_store": "table",
            "dim_date": "table", "evidence": "view",
        }.items()
    }
    | {
        f"test.t.{name}": {"name": name, "resource_type": "test", "config": {"materialized": "test"}}
        for name in ("evidence_adds_up", "visits_have_a_store", "dates_have_evidence")
    },
    "parent_map": {
        "model.t.stg_orders": ["source.t.shop.orders", "source.t.ops.visible_load"],
        "model.t.stg_visits": ["source.t.shop.visits", "source.t.ops.visible_load"],
        "model.t.fct_orders": ["model.t.stg_orders"],
        "model.t.fct_visits": ["model.t.stg_visits"],
        "model.t.dim_store": ["source.t.ops.visible_load"],
        "model.t.dim_date": [],
        "model.t.evidence": ["model.t.fct_orders"],
        "test.t.evidence_adds_up": ["model.t.evidence", "model.t.fct_orders"],
        "test.t.visits_have_a_store": ["model.t.fct_visits", "model.t.dim_store"],
        "test.t.dates_have_evidence": ["model.t.evidence", "model.t.dim_date"],
    },
}  # fmt: skip


def test_only_models_with_a_pending_ancestor_are_made() -> None:
    made = concerned_nodes(MANIFEST, {"orders"})
    assert [name for name in made if "evidence" not in name] == [
        "dim_store",
        "fct_orders",
        "stg_orders",
    ]


def test_a_view_stands_and_its_tests_run() -> None:
    assert "evidence" not in concerned_nodes(MANIFEST, {"orders"})
    assert "evidence_adds_up" in concerned_nodes(MANIFEST, {"orders"})
    assert "evidence_adds_up" not in concerned_nodes(MANIFEST, {"visits"})


def test_a_message_holds_no_value_of_a_row() -> None:
    message = (
        'Database Error\n  invalid input syntax for type numeric: "ann@x.test"\n'
        "  DETAIL:  Key (email)=(ann@x.test)\n"
        "  LINE 4: select 'ann@x.test'"
    )
    assert "ann" not in str(_without_values(message))
