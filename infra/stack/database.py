"""The warehouse's database made ready: the embedded server, or the user's own, at today's schema."""

from __future__ import annotations

import json
import secrets

from infra.stack import schema
from infra.stack.postgres import EmbeddedPostgres
from tradewind.settings import Settings


def embedded_server(settings: Settings) -> EmbeddedPostgres | None:
    """The embedded server of these settings, or None where TRADEWIND_DATABASE_URL names the user's own."""
    if settings.database_url is not None:
        return None
    try:
        password = json.loads(settings.secrets_file.read_text())["passwords"]["admin"]
    except FileNotFoundError:
        password = secrets.token_urlsafe(24)
    return EmbeddedPostgres(settings.state_dir / "postgres", settings.postgres_port, password)


def ensure_database(settings: Settings, *, with_us: bool = False) -> EmbeddedPostgres | None:
    """Start the embedded server if it is ours to start, and install the schema; returns that server, or None.

    With `with_us` the server ends with this process.
    """
    server = embedded_server(settings)
    if server is None:
        if settings.database_url is not None:
            schema.install(settings, settings.database_url.get_secret_value())
        return None
    if not server.has_data():
        # the password must outlive this process before the server knows it
        schema._write_secrets(settings, {"passwords": {"admin": server.password}})
    server.start(with_us=with_us)
    schema.install(settings, server.admin_url())
    return server
