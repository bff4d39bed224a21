"""The dashboards as one ASGI application: the pages, and a health endpoint beside them."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from insight.database import TooBusyError, get_warehouse
from tradewind.warehouse import WarehouseNotReadyError


@asynccontextmanager
async def live(_: st.App) -> AsyncIterator[dict[str, Any]]:
    """Take what the imports made out of the collector's sight, so that collecting stays short in every
    page run; at the end, close the connections."""
    gc.collect()
    gc.freeze()
    yield {}
    with suppress(WarehouseNotReadyError):
        get_warehouse().close()


def _publication() -> int | None:
    with get_warehouse().snapshot() as snapshot:
        return snapshot.status.publication_id


async def report_health(_: Request) -> JSONResponse:
    """200 with the publication that is up, or 503 with what is missing."""
    try:
        publication_id = await run_in_threadpool(_publication)
    except WarehouseNotReadyError:
        return JSONResponse({"status": "not started"}, 503)
    except (psycopg.Error, TooBusyError):
        return JSONResponse({"status": "warehouse does not answer"}, 503)
    return JSONResponse({"status": "ok", "publication_id": publication_id})


app = st.App(Path(__file__).with_name("shell.py"), lifespan=live, routes=[Route("/healthz", report_health)])
