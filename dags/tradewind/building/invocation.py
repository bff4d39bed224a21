"""Runs dbt in this process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tradewind.building.project import project_sha256, target_dir
from tradewind.building.results import BuildFailedError, explain
from tradewind.settings import Settings
from tradewind.warehouse import Role, connection_parameters


class _Parsed:
    """The project as it was parsed ahead of the builds, for this process and its forks."""

    digest: str | None = None
    manifest: Any = None


def parse_ahead(settings: Settings) -> None:
    """Parse the project now and keep it: builds of this process and its forks start seconds earlier.

    A project that has changed since is parsed anew by each build.

    Raises:
        BuildFailedError: dbt cannot parse it.
    """
    digest = project_sha256(settings)
    outcome = invoke(["parse"], settings)
    if not outcome.success:
        raise BuildFailedError(explain([], outcome.exception))
    _Parsed.digest, _Parsed.manifest = digest, outcome.result
    _compile_macros(outcome.result)


def is_parsed(settings: Settings) -> bool:
    """Whether this process has parsed the project as it is now."""
    return _Parsed.digest == project_sha256(settings)


def _compile_macros(manifest: Any) -> None:
    """Fill dbt's cache of compiled macros, which else each fork would fill again within its build."""
    from dbt_common.clients.jinja import template_cache

    for macro in manifest.macros.values():
        template_cache.get_node_template(macro)


def invoke(arguments: list[str], settings: Settings) -> Any:
    """Run one dbt command in this process (a `dbtRunnerResult`); its files go to the state folder."""
    from dbt.cli.main import dbtRunner  # takes seconds to import

    project = str(settings.dbt_project_dir)
    folders = [
        "--project-dir", project,
        "--profiles-dir", project,
        "--target-path", str(target_dir(settings)),
        "--log-path", str(settings.state_dir / "dbt" / "logs"),
    ]  # fmt: skip
    # what PostgreSQL says of a row that it does not take quotes the row: it goes to no log
    quiet = ["--quiet", "--log-level", "none", "--log-level-file", "none"]
    parsed = _Parsed.manifest if is_parsed(settings) else None
    with _dbt_environment(settings):
        return dbtRunner(manifest=parsed).invoke([*quiet, *arguments, *folders])


@contextmanager
def _dbt_environment(settings: Settings) -> Iterator[None]:
    """The connection's variables for dbt's profile: in the environment while it runs, in no file."""
    parameters = connection_parameters(Role.BUILDER, settings)
    variables = {
        f"TRADEWIND_DBT_{name.upper()}": parameters[name]
        for name in ("host", "port", "user", "password", "dbname")
    }
    variables["TRADEWIND_REPORTING_CURRENCY"] = settings.reporting_currency
    variables["DO_NOT_TRACK"] = "1"
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
