"""What every model keeps to: portable SQL, described columns, sources and keys as the contracts say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from dashboard.registry import PAGES
from tradewind.building.models import invoke
from tradewind.exports import load_contracts
from tradewind.exports.shapes import load_shapes
from tradewind.settings import PROJECT_ROOT, Settings

PROJECT = PROJECT_ROOT / "dbt_project"
MODELS = sorted(PROJECT.glob("models/**/*.sql"))
# how PostgreSQL alone says it, and what to write instead
IDIOMS = {
    r"::": "cast(… as …)",
    r"\bfilter\s*\(": "sum(case when … end)",
    r"(?<![<>=!])!?~\*?(?!=)": "a dispatched macro",
    r"\b(i?like_regex|ilike|similar to|regexp_\w+|substring\([^()]* from)\b": "a dispatched macro",
    r"\bdistinct on\b": "row_number()",
    r"\b(array_agg|string_agg|jsonb?_(?!text\()\w+|generate_series|unnest)\s*\(": "a dispatched macro",
    r"\bto_(char|date|timestamp)\s*\(": "a dispatched macro",
    r"\b(jsonb?|timestamptz|text|bytea|uuid|int[248]|float[48])\b(?=\s*\))": "dbt.type_string(), …",
    r"\bat time zone\b": "local_date or parse_local_moment",
    r"\binterval\s+'": "add_days",
    r"\b(lateral|returning|on conflict)\b": "portable SQL",
    r"->>?": "json_text",
    r"\bnow\(\)|\bcurrent_timestamp\b": "nothing: a model's rows may not depend on when it runs",
}


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_model_sql_is_portable(path: Path) -> None:
    assert _idioms(path.read_text()) == []


@pytest.mark.parametrize("path", sorted(PROJECT.glob("models/staging/**/*.sql")), ids=lambda path: path.stem)
def test_an_amount_that_is_none_where_it_is_blank_is_not_none_where_its_column_is_missing(path: Path) -> None:
    """Its column is required by the contract, or the model asks whether the file has it (known_or_none)."""
    text = path.read_text()
    for report in re.findall(r"report_columns\('(\w+)'\)", text):
        columns = load_contracts()[report].by_name
        filled = re.findall(r"coalesce\(\{\{ read_number\(columns\.(\w+)\) \}\}, 0\)", text)
        assert [name for name in filled if not columns[name].required] == []


def test_every_sales_report_that_is_declared_to_hold_whole_days_is_a_report() -> None:
    declared = (PROJECT / "seeds" / "sales_sources.csv").read_text().split()[1:]
    contracts = load_contracts()
    assert declared
    for report, detail in (line.split(",") for line in declared):
        assert report in contracts
        assert detail in ("2", "3")


def test_metric_definitions_are_portable() -> None:
    for path in PROJECT.glob("macros/metrics/*.sql"):
        assert _idioms(path.read_text()) == []


@pytest.mark.parametrize(
    "sql",
    ["select a::date", "count(*) filter (where x)", "where a ~ 'x'", "select distinct on (a) b", "a ->> 'b'",
     "cast(a as text)", "cast(a as timestamptz)", "a at time zone 'UTC'", "a + interval '1 day'"],
)  # fmt: skip
def test_an_idiom_is_found(sql: str) -> None:
    assert _idioms(sql)


def test_postgres_macros_are_dispatched() -> None:
    for path in PROJECT.glob("macros/**/*.sql"):
        text = path.read_text()
        for name in re.findall(r"macro postgres__(\w+)", text):
            assert re.search(rf"adapter\.dispatch\('{name}'\)", text), (
                f"{path.name}: {name} is not dispatched"
            )


def test_a_model_of_one_report_has_its_source_and_its_key() -> None:
    sources = {
        table["name"]
        for path in PROJECT.glob("models/staging/*/_*__sources.yml")
        for source in yaml.safe_load(path.read_text())["sources"]
        for table in source["tables"]
    }
    contracts = load_contracts()
    staged = {}
    for path in PROJECT.glob("models/staging/**/*.sql"):
        if found := re.search(r"(?:import_loads\(|ads_report\(\s*'\w+',) *'(\w+)'", path.read_text()):
            staged[found.group(1)] = path
    assert sources == set(staged) <= set(contracts)
    # what has a model of its own is not mapped as well, or its rows would count twice
    assert not [report for report in staged if contracts[report].shape]
    for report, path in staged.items():
        models = yaml.safe_load((path.parent / f"_{path.parent.name}__models.yml").read_text())["models"]
        (model,) = [model for model in models if model["name"] == path.stem]
        assert model["config"]["meta"]["record_key"] == list(contracts[report].key), (
            f"the key of {report} changed: change record_key() in {path.name} and its meta"
        )


def test_an_amount_that_counts_as_none_when_blank_stands_in_a_column_that_every_file_has() -> None:
    """Else a file that lacks the column would be taken for one without discounts, refunds or fees."""
    contracts = load_contracts()
    seen = 0
    for path in PROJECT.glob("models/staging/**/*.sql"):
        text = path.read_text()
        for name in re.findall(r"coalesce\(\{\{ read_\w+\(columns\.(\w+)\)", text):
            (report,) = re.findall(r"import_loads\('(\w+)'", text)
            assert contracts[report].by_name[name].required, f"{path.name} reads {name} of {report}"
            seen += 1
    assert seen


def test_every_report_of_days_is_judged() -> None:
    """Else a day of it could shrink, or hold any number, without a word."""
    macro = (PROJECT / "macros/plausibility/judged_numbers.sql").read_text()
    of_days = {
        path.stem for path in PROJECT.glob("models/staging/**/*.sql") if path.parent.name != "tradewind"
    }
    assert set(re.findall(r"'(stg_\w+__\w+)':", macro)) == of_days


def test_every_shape_has_a_model() -> None:
    models = {path.stem for path in PROJECT.glob("models/staging/shapes/*.sql")}
    assert models == {f"stg_shapes__{shape}" for shape in load_shapes()}


def test_every_node_of_the_project_is_described(built: Settings) -> None:
    manifest = json.loads((built.state_dir / "dbt/target/manifest.json").read_text())
    for node in manifest["nodes"].values():
        if node["resource_type"] not in ("model", "seed"):
            continue
        assert node["description"].startswith("One row per "), node["name"]
        if node["schema"] == "candidate":
            assert node["config"]["contract"]["enforced"], node["name"]
            assert node["columns"], node["name"]
            assert all(column["description"] for column in node["columns"].values()), node["name"]
            assert "publish" in node["config"]["meta"], node["name"]
    assert {exposure["name"] for exposure in manifest["exposures"].values()} == {page.name for page in PAGES}


def test_the_models_pass_their_unit_tests(built: Settings) -> None:
    """Builds leave them out: their rows are their own, whatever arrives."""
    outcome = invoke(["test", "--no-write-json", "--select", "test_type:unit"], built)
    results = {result.node.name: str(result.status) for result in outcome.result.results}
    assert len(results) >= 3
    assert set(results.values()) == {"pass"}, results


def _idioms(text: str) -> list[str]:
    code = re.sub(r"--[^\n]*|\{#.*?#\}", "", text, flags=re.DOTALL)
    # a tilde between braces joins texts
    code = re.sub(r"\{[{%].*?[%}]\}", lambda jinja: jinja.group(0).replace("~", ""), code, flags=re.DOTALL)
    return [
        f"{found.group(0)!r}: write {instead}"
        for pattern, instead in IDIOMS.items()
        if (found := re.search(pattern, code, re.IGNORECASE))
    ]


def test_cells_are_read_by_the_macros_alone() -> None:
    """A cast of a cell would fail on the first text that the loader lets pass and PostgreSQL does not."""
    own_reading = re.compile(r"cast\(\s*[^()]*\bcells\.|cells\.\w+\s*::|\bto_(?:date|timestamp|number)\(")
    staged = [*PROJECT.glob("models/staging/**/*.sql"), *PROJECT.glob("models/intermediate/**/*.sql")]
    for path in [*staged, *PROJECT.glob("macros/**/*.sql")]:
        assert not own_reading.search(path.read_text()), path.name
    for path in (PROJECT_ROOT / "expectations").glob("*/*.yml"):
        own = re.findall(r"\w+::(?:numeric|bigint|integer)|\bto_date\(", path.read_text())
        assert not own, f"{path.name}: read a cell by number, sum, day or text, or a table as {{raw.…}}"
