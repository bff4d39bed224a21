"""Brings a PostgreSQL server to the schema of `infra/postgres/`: roles, passwords, schemas, ops tables."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from pathlib import Path
from urllib.parse import urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tradewind.settings import Settings
from tradewind.warehouse import AIRFLOW_DATABASE, Role

SQL_DIR = Path(__file__).resolve().parents[1] / "postgres"
DATABASE = "tradewind"
LOGIN_ROLES = (Role.LOADER, Role.BUILDER, Role.PUBLISHER, Role.APP)
# one lock for all schema changes, so that two starts at once do not run a file twice
SCHEMA_LOCK = 7_215_309


def install(settings: Settings, admin_url: str) -> None:
    """Create what is missing and apply the numbered SQL files that this server has not seen.

    `admin_url` names the warehouse's database on a server of the user's own, or the embedded server's
    `postgres` database, in which case the database `tradewind` is made. Writes the passwords to the secrets
    file.

    Raises:
        RuntimeError: a file that was applied before has been changed since.
    """
    admin = conninfo_to_dict(admin_url)
    known = _read_secrets(settings)
    passwords = dict(known.get("passwords", {}))
    for role in (*LOGIN_ROLES, Role.AIRFLOW):
        passwords.setdefault(role.value, secrets.token_urlsafe(24))
    passwords[Role.ADMIN.value] = admin.get("password") or ""

    database = str(admin["dbname"])
    with psycopg.connect(admin_url, autocommit=True) as server:
        if settings.database_url is None:
            database = DATABASE
            _ensure_database(server, DATABASE)
        _ensure_login(server, Role.AIRFLOW.value, passwords[Role.AIRFLOW.value])
        _ensure_database(server, AIRFLOW_DATABASE, owner=Role.AIRFLOW.value)

    with psycopg.connect(psycopg.conninfo.make_conninfo(admin_url, dbname=database)) as warehouse:
        _apply_files(warehouse)
        for role in LOGIN_ROLES:
            _ensure_login(warehouse, role.value, passwords[role.value])
        _ensure_pseudonym_key(warehouse)

    extra = {key: str(value) for key, value in admin.items() if key in ("sslmode", "sslrootcert") and value}
    _write_secrets(
        settings,
        {
            "host": admin.get("host") or "127.0.0.1",
            "port": str(admin.get("port") or 5432),
            "database": database,
            "admin_user": admin["user"],
            "parameters": urlencode(extra),
            "passwords": passwords,
        },
    )


def _apply_files(connection: psycopg.Connection) -> None:
    connection.execute("select pg_advisory_xact_lock(%s)", [SCHEMA_LOCK])
    connection.execute(
        "create table if not exists public.tradewind_schema_file ("
        "file_name text primary key, sha256 text not null, applied_at timestamptz not null default now())"
    )
    applied: dict[str, str] = dict(
        connection.execute("select file_name, sha256 from public.tradewind_schema_file").fetchall()
    )
    for file in sorted(SQL_DIR.glob("[0-9]*.sql")):
        text = file.read_text()
        digest = hashlib.sha256(text.encode()).hexdigest()
        if file.name in applied:
            if applied[file.name] != digest:
                raise RuntimeError(
                    f"{file.name} was applied to this database and has been changed since: "
                    "add a new numbered file instead"
                )
            continue
        connection.execute(text.encode())  # several statements, hence no parameters
        connection.execute("insert into public.tradewind_schema_file values (%s, %s)", [file.name, digest])
    connection.commit()


def _ensure_database(server: psycopg.Connection, name: str, owner: str | None = None) -> None:
    if server.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
        return
    if owner:
        server.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(owner)))
    statement = sql.SQL("create database {} template template0 encoding 'UTF8'").format(sql.Identifier(name))
    if owner:
        statement += sql.SQL(" owner {}").format(sql.Identifier(owner))
    server.execute(statement)


def _ensure_login(connection: psycopg.Connection, role: str, password: str) -> None:
    if not connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
        connection.execute(sql.SQL("create role {} login").format(sql.Identifier(role)))
    connection.execute(
        sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(password))
    )


def _ensure_pseudonym_key(connection: psycopg.Connection) -> None:
    key = secrets.token_bytes(64)  # one block of SHA-256, so that no shortening is needed
    connection.execute(
        "insert into private.pseudonym_key (inner_pad, outer_pad) values (%s, %s) on conflict do nothing",
        [bytes(b ^ 0x36 for b in key), bytes(b ^ 0x5C for b in key)],
    )


def _read_secrets(settings: Settings) -> dict:
    try:
        return json.loads(settings.secrets_file.read_text())
    except FileNotFoundError:
        return {}


def _write_secrets(settings: Settings, content: dict) -> None:
    settings.secrets_file.parent.mkdir(parents=True, exist_ok=True)
    temporary = settings.secrets_file.with_suffix(".tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=1)
    temporary.replace(settings.secrets_file)
