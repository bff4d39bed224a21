"""Databases for tests: a copy of the installed one on the session's server, or a server of the test's own."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from infra.stack.database import ensure_database
from infra.stack.postgres import free_port
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect, connection_url


@contextmanager
def own_warehouse(folder: Path, *, is_durable: bool = False, **settings: object) -> Iterator[Settings]:
    """An embedded server of the test's own in `folder`, its landing folder made; ended with the block.

    A durable one can be killed and started again; else it ends with this process, and a crash leaves nothing.
    """
    chosen = Settings(
        _env_file=None, state_dir=folder, postgres_port=free_port(), settle_seconds=0, **settings
    )
    # pytest kills a process that is slow to end when it is interrupted
    server = ensure_database(chosen, with_us=not is_durable)
    chosen.landing.mkdir(parents=True, exist_ok=True)
    try:
        if not is_durable:
            _give_up_durability(chosen)
        yield chosen
    finally:
        if server is not None:
            server.stop("immediate")


@contextmanager
def own_database(server: Settings, folder: Path) -> Iterator[Settings]:
    """A copy of the database of `server`, which nobody may be connected to; dropped with the block.

    `folder` is its state folder: secrets, landing, archive.
    """
    settings = server.model_copy(update={"state_dir": folder})
    name = f"copy_{secrets.token_hex(4)}"
    known = json.loads(server.secrets_file.read_text())
    settings.secrets_file.write_text(json.dumps({**known, "database": name}))
    settings.landing.mkdir(exist_ok=True)
    target, template = sql.Identifier(name), sql.Identifier(known["database"])
    url = connection_url(Role.ADMIN, server, database="postgres")
    with psycopg.connect(url, autocommit=True) as administrator:
        # without durability, copying files is faster than writing every page to the log
        administrator.execute(
            sql.SQL("create database {} template {} strategy file_copy").format(target, template)
        )
        try:
            yield settings
        finally:
            # pages keep their connections
            administrator.execute(sql.SQL("drop database {} with (force)").format(target))


def _give_up_durability(settings: Settings) -> None:
    with connect(Role.ADMIN, settings, autocommit=True) as administrator:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            administrator.execute(f"alter system set {setting} = off".encode())
        administrator.execute("select pg_reload_conf()")
