"""Models and tests that fail for the rows of one load: whatever the load holds, and whatever the model does.

Most of what would break a model the loader never lets in, so no file can be written for it. A copy of the dbt
project asks, before it makes a model and behind each test, whether a load counts that is to break it.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tradewind.building.project import sources_of
from tradewind.settings import PROJECT_ROOT, Settings
from tradewind.warehouse import Role, connect

TABLES = """
create schema sabotage;
create table sabotage.fault (node text, load_id bigint);
create function sabotage.broken_rows(broken text) returns bigint language sql stable as $$
    select count(*) from sabotage.fault as f
    inner join ops.visible_load as v on v.load_id = f.load_id where f.node = broken
$$;
create function sabotage.strike(broken text) returns void language plpgsql as $$
begin
    if sabotage.broken_rows(broken) > 0 then
        raise check_violation using message = 'new row violates a check', detail = 'Failing row: (a cell)';
    end if;
end
$$;
grant usage on schema sabotage to tradewind_builder;
grant select on sabotage.fault to tradewind_builder;
"""
MACRO = """
{% macro postgres__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    {{ dbt.default__get_test_sql(
        main_sql, fail_calc ~ " + sabotage.broken_rows('" ~ model.name ~ "')", warn_if, error_if, limit
    ) }}
{%- endmacro %}
"""
HOOK = """    +pre-hook: "select sabotage.strike('{{ this.identifier }}')"\n"""
# it makes a build a full refresh, in which everything is at stake
RELOADING = "tradewind_stores"


def copy_project(folder: Path) -> Path:
    """The dbt project, open to sabotage."""
    project = folder / "dbt_project"
    shutil.copytree(PROJECT_ROOT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    (project / "macros" / "sabotage.sql").write_text(MACRO)
    configuration = project / "dbt_project.yml"
    text = configuration.read_text().replace("models:\n  tradewind:\n", f"models:\n  tradewind:\n{HOOK}")
    assert HOOK in text
    configuration.write_text(text)
    return project


def prepare(settings: Settings) -> None:
    """Let the database know what is to break."""
    with connect(Role.ADMIN, settings) as connection:
        connection.execute(TABLES.encode())


def plan(settings: Settings, faults: Iterable[tuple[str, int]]) -> None:
    """From now on each of these nodes fails wherever its load counts, and no other does."""
    with connect(Role.ADMIN, settings) as connection:
        connection.execute("truncate sabotage.fault")
        connection.cursor().executemany("insert into sabotage.fault values (%s, %s)", list(faults))


def kind_of(node: dict[str, Any]) -> tuple[str, ...]:
    """What a node is: a model by its layer and how it is made, a test by what it asks."""
    if node["resource_type"] == "test":
        return "test", (node.get("test_metadata") or {}).get("name", "singular")
    return "model", node["schema"], node["config"]["materialized"]


def breakable(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """All models and tests, by name, that a load can break: its rows reach them, and a build of it runs them.

    A view stands from the build that made it.
    """
    return {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "test")
        and node["config"]["materialized"] != "view"
        and any(sources_of(manifest, node["name"]))
    }


def levels(manifest: dict[str, Any]) -> list[list[str]]:
    """The models and tests, each behind all that it reads: within a level none keeps another from running."""
    nodes, parents_of = manifest["nodes"], manifest["parent_map"]
    depths: dict[str, int] = {}

    def depth(unique_id: str) -> int:
        if unique_id not in depths:
            parents = [parent for parent in parents_of[unique_id] if parent in nodes]
            depths[unique_id] = 1 + max(map(depth, parents), default=-1)
        return depths[unique_id]

    found: dict[int, list[str]] = {}
    for name, node in sorted(breakable(manifest).items()):
        found.setdefault(depth(node["unique_id"]), []).append(name)
    return [found[number] for number in sorted(found)]


def reports_for(manifest: dict[str, Any], shapes: dict[str, str], names: Iterable[str]) -> dict[str, str]:
    """For each node a report whose loads reach it: as many different ones as there are."""
    used: Counter[str] = Counter()
    chosen = {}
    for name in names:
        tables, of_shapes = sources_of(manifest, name)
        reports = tables | {shapes[shape] for shape in of_shapes if shape in shapes}
        assert reports, f"no report reaches {name}"
        chosen[name] = min(reports, key=lambda report: (report == RELOADING, used[report], report))
        used[chosen[name]] += 1
    return chosen
