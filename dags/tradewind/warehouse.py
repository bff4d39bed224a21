"""Connections to the warehouse, one role for each purpose; no other module builds a connection string."""

from __future__ import annotations

import json
from enum import StrEnum
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tradewind.settings import Settings, get_settings

# on the same server, so that one backup and one start hold everything
AIRFLOW_DATABASE = "tradewind_airflow"

# Without these a connection whose other end has gone without a word is waited for for hours. The last is the
# longest, because a server that writes out what it has may take nothing for a while (milliseconds).
PATIENCE = {
    "connect_timeout": "30",
    "keepalives_idle": "60",
    "keepalives_interval": "10",
    "keepalives_count": "6",
    "tcp_user_timeout": "300000",
}


class Role(StrEnum):
    """A database role of Tradewind; what each may do stands in `infra/postgres/`."""

    ADMIN = "admin"
    LOADER = "tradewind_loader"
    BUILDER = "tradewind_builder"
    PUBLISHER = "tradewind_publisher"
    APP = "tradewind_app"
    AIRFLOW = "tradewind_airflow"


class WarehouseNotReadyError(RuntimeError):
    """No connection is known yet for the role: the stack was never started here."""


def connection_url(role: Role, settings: Settings | None = None, *, database: str | None = None) -> str:
    """The libpq URL of the warehouse for a role.

    Raises:
        WarehouseNotReadyError: the secrets file does not hold this role yet.
    """
    settings = settings or get_settings()
    try:
        secrets = json.loads(settings.secrets_file.read_text())
    except FileNotFoundError:
        secrets = {}
    if role not in secrets.get("passwords", {}):
        raise WarehouseNotReadyError(
            f"no password for role {role.value} in {settings.secrets_file}: run `make run` first"
        )
    user = secrets["admin_user"] if role is Role.ADMIN else role.value
    password = quote(secrets["passwords"][role], safe="")
    name = database or secrets["database"]
    parameters = f"?{secrets['parameters']}" if secrets.get("parameters") else ""
    address = f"{secrets['host']}:{secrets['port']}"
    return f"postgresql://{quote(user, safe='')}:{password}@{address}/{name}{parameters}"


def connect(role: Role, settings: Settings | None = None, *, autocommit: bool = False) -> psycopg.Connection:
    """Open a psycopg connection as `role`; its `application_name` tells who is connected.

    A network that swallows everything is an `OperationalError` after some minutes; libpq's parameters in the
    URL that the user gave for the warehouse overrule how many.
    """
    parameters = PATIENCE | conninfo_to_dict(connection_url(role, settings))
    parameters["application_name"] = f"tradewind {role.value}"
    return psycopg.connect(make_conninfo("", **parameters), autocommit=autocommit)


def connection_parameters(role: Role, settings: Settings | None = None) -> dict[str, str]:
    """The same connection as libpq keywords (`host`, `port`, `user`, `password`, `dbname`), for dbt."""
    return {key: str(value) for key, value in conninfo_to_dict(connection_url(role, settings)).items()}
