"""(d) The Overview over real websocket sessions: its server time, and the reruns a second that are held."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Iterator
from itertools import chain

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from infra.bench.measurement import BenchError, Measurement, run_module
from infra.bench.warehouse import BenchWarehouse

GROUP = "Pages"
BUSY_SESSIONS = 8
SECONDS = 15.0
VIEWERS, SECONDS_BETWEEN_CLICKS = 50, 10.0
AIM = 50
PATIENCE_SECONDS = 60


def measure(warehouse: BenchWarehouse) -> Iterator[Measurement]:
    """Reruns of one session alone, of a few without pause, and of fifty viewers who click now and then."""
    output, _ = run_module("infra.bench.pages", [str(warehouse.settings.dashboard_port)], {})
    figures = json.loads(output.splitlines()[-1])
    yield Measurement(
        GROUP,
        "Overview, server time of a rerun, one viewer",
        f"median {figures['alone_median']:.0f} ms, p95 {figures['alone_p95']:.0f} ms",
        "",
        "under 1 s",
    )
    yield Measurement(
        GROUP,
        f"Overview, {BUSY_SESSIONS} viewers clicking without pause",
        f"{figures['busy_rate']:.0f} reruns/s, p95 {figures['busy_p95']:.0f} ms",
        "",
        f"at least {AIM} reruns/s",
    )
    yield Measurement(
        GROUP,
        f"Overview, {VIEWERS} viewers clicking every {SECONDS_BETWEEN_CLICKS:.0f} s",
        f"p95 {figures['viewers_p95']:.0f} ms",
    )


class _Viewer:
    """One browser's session, without the browser."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    @classmethod
    async def arrive(cls, port: int) -> _Viewer:
        """Open a session and see its first page."""
        address = f"ws://127.0.0.1:{port}/_stcore/stream"
        connection = await connect(address, subprotocols=[Subprotocol("streamlit")], max_size=1 << 28)
        viewer = cls(connection)
        await viewer.rerun()
        return viewer

    async def rerun(self) -> float:
        """Milliseconds of one rerun, from the click to the last message of the page."""
        message = BackMsg()
        message.rerun_script.query_string = ""
        began = time.perf_counter()
        await self._connection.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                data = await self._connection.recv()
                if not isinstance(data, bytes):
                    raise BenchError("the dashboards sent a text, not a message")
                answer = ForwardMsg.FromString(data)
                kind = answer.WhichOneof("type")
                if kind == "delta" and answer.delta.new_element.WhichOneof("type") == "exception":
                    raise BenchError(f"the page failed: {answer.delta.new_element.exception.type}")
                if kind == "script_finished":
                    return (time.perf_counter() - began) * 1000


async def _without_pause(viewer: _Viewer, until: float) -> list[float]:
    times = []
    while time.monotonic() < until:
        times.append(await viewer.rerun())
    return times


async def _now_and_then(viewer: _Viewer, delay: float, until: float) -> list[float]:
    times = []
    await asyncio.sleep(delay)
    while time.monotonic() < until:
        times.append(await viewer.rerun())
        await asyncio.sleep(SECONDS_BETWEEN_CLICKS)
    return times


async def _figures(port: int) -> dict[str, float]:
    first = await _Viewer.arrive(port)
    await _without_pause(first, time.monotonic() + 3)
    alone = await _without_pause(first, time.monotonic() + 5)
    busy_viewers = [first, *[await _Viewer.arrive(port) for _ in range(BUSY_SESSIONS - 1)]]
    until = time.monotonic() + SECONDS
    busy = _flat(await asyncio.gather(*(_without_pause(viewer, until) for viewer in busy_viewers)))
    viewers = [*busy_viewers, *[await _Viewer.arrive(port) for _ in range(VIEWERS - BUSY_SESSIONS)]]
    until = time.monotonic() + 2 * SECONDS
    pause = SECONDS_BETWEEN_CLICKS / VIEWERS
    clicks = [_now_and_then(viewer, position * pause, until) for position, viewer in enumerate(viewers)]
    calm = _flat(await asyncio.gather(*clicks))
    return {
        "alone_median": statistics.median(alone),
        "alone_p95": _p95(alone),
        "busy_rate": len(busy) / SECONDS,
        "busy_p95": _p95(busy),
        "viewers_p95": _p95(calm),
    }


def _flat(times: list[list[float]]) -> list[float]:
    return list(chain.from_iterable(times))


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_figures(int(sys.argv[1])))))
