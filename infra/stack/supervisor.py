"""`make run`: starts everything in order, keeps it running, and ends all of it whatever ends `make run`."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console

from infra.stack import airflow, first_data, processes
from infra.stack.database import embedded_server, ensure_database
from infra.stack.postgres import EmbeddedPostgres, PortInUseError, port_is_in_use
from infra.stack.processes import Child
from infra.stack.progress import follow_first_publication
from tradewind.settings import PROJECT_ROOT, Settings
from tradewind.stack_state import hold
from tradewind.work import is_anything_published

# a program that ended this often within a minute will not come back by itself
MAX_STARTS_PER_MINUTE = 4
PATIENCE_SECONDS = 5.0


class StackError(RuntimeError):
    """The stack cannot start or go on; the message says what to do."""


class _Ended(BaseException):
    """A signal asked for the end; no ordinary handler may swallow it."""


class _Ending:
    """The end, asked for by any number of signals: the first begins it, the others hear that it has begun."""

    def __init__(self) -> None:
        self.has_begun = False

    def listen(self) -> None:
        """Take the signals from here on, for as long as the process lives."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # `nohup make run` means what it says
            if not (number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN):
                signal.signal(number, self._hear)

    def is_over(self) -> None:
        """Let no signal be heard any more: an interpreter that ends would be killed by one."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        if not self.has_begun:
            self.has_begun = True
            raise _Ended
        # the console may be in the middle of a line, and the terminal may be gone
        with contextlib.suppress(OSError):
            os.write(2, b"Already ending; wait a moment.\n")


class Supervisor:
    """Everything that `make run` starts."""

    def __init__(self, settings: Settings, console: Console) -> None:
        self.settings = settings
        self.console = console
        self.server: EmbeddedPostgres | None = None
        self.children: list[Child] = []
        self._ending = _Ending()

    def run(self) -> None:
        """Start, stay, end. Returns when a signal asked for the end.

        Raises:
            StackIsHeldError: the stack runs already.
            StackError, PortInUseError: it cannot run here; the message says what to do.
        """
        with hold(self.settings, "stack", "make run"):
            check_ports(self.settings)
            processes.adopt_orphans()
            try:
                try:
                    self._ending.listen()
                    self._start()
                    self._stay()
                finally:
                    self._ending.has_begun = True
            except _Ended:
                pass
            finally:
                self._end()
                self._ending.is_over()

    def _start(self) -> None:
        settings = self.settings
        with self._step("Database"):
            self.server = ensure_database(settings, with_us=True)
        migration = airflow.Migration(settings)
        dashboard = dashboard_program(settings)
        self._launch(dashboard)
        was_published = is_anything_published(settings)
        if not was_published:
            with self._step("First exports in landing"):
                first_data.write(settings, with_demo=True)
        with self._step("Airflow's database"):
            migration.finish()
        for program in airflow.programs(settings):
            self._launch(program)
        self._wait_for(dashboard, settings.dashboard_port, "Dashboards")
        if was_published:
            self._say_where()
            first_data.write(settings, with_demo=False)
        self._wait_for(self.children[1], settings.airflow_port, "Airflow")
        if not was_published:
            follow_first_publication(settings, self.console, self._look_after)
            self._say_where()

    def _stay(self) -> None:
        while True:
            self._look_after()
            time.sleep(0.5)

    def _look_after(self) -> None:
        """Start again what has ended; called often."""
        if self._ending.has_begun:
            # what was raised for it came where nothing can be raised, as in a destructor
            raise _Ended
        if self.server is not None and not self.server.has_process():
            self.console.print("[yellow]PostgreSQL ended; starting it again[/yellow]")
            self.server.start(with_us=True)
        for child in self.children:
            if child.is_running:
                continue
            recent = [moment for moment in child.starts if moment > time.monotonic() - 60]
            if len(recent) >= MAX_STARTS_PER_MINUTE:
                raise StackError(
                    f"{child.name} ends again and again; its log {child.log_file} ends with:\n"
                    f"{child.end_of_log()}"
                )
            self.console.print(
                f"[yellow]{child.name} ended; starting it again[/yellow] (log: {child.log_file})"
            )
            child.start()
        processes.reap_orphans(child.process.pid for child in self.children if child.process is not None)

    def _launch(self, child: Child) -> None:
        self.children.append(child)
        child.start()

    def _wait_for(self, child: Child, port: int, title: str) -> None:
        with self._step(title):
            deadline = time.monotonic() + 180
            while not port_is_in_use(port):
                self._look_after()
                if time.monotonic() > deadline:
                    raise StackError(
                        f"{child.name} does not answer on port {port}; {child.log_file} ends with:\n"
                        f"{child.end_of_log()}"
                    )
                time.sleep(0.1)

    def _say_where(self) -> None:
        settings = self.settings
        self.console.print(f"\n  Dashboards  [bold]http://127.0.0.1:{settings.dashboard_port}[/bold]")
        self.console.print(
            f"  Airflow     http://127.0.0.1:{settings.airflow_port}"
            f"   (user {airflow.USER}, password: `make -s password`)"
        )
        self.console.print(f"  Drop files  {settings.landing}")
        self.console.print(f"  Logs        {settings.state_dir / 'logs'}")
        self.console.print("\n  Ctrl-C ends everything; the data stay.\n")

    def _end(self) -> None:
        # nothing may cut the end short, nor a terminal that is gone
        with contextlib.suppress(OSError):
            self.console.print("Ending …")
        processes.stop_children(self.children, PATIENCE_SECONDS)
        # the end may have come before the start was done, so the server is looked for anew
        server = embedded_server(self.settings)
        if server is not None:
            server.stop()
        processes.kill_all(processes.descendants(os.getpid()))
        with contextlib.suppress(OSError):
            self.console.print("Everything has ended; the data stay.")

    @contextmanager
    def _step(self, title: str) -> Iterator[None]:
        started = time.monotonic()
        with self.console.status(f"{title} …"):
            yield
        self.console.print(f"  [green]✓[/green] {title} [dim]{time.monotonic() - started:.1f} s[/dim]")


def check_ports(settings: Settings) -> None:
    """Refuse to start where another program has a port of ours.

    Raises:
        PortInUseError: names every taken port and the setting that changes it.
    """
    wanted = {
        "TRADEWIND_AIRFLOW_PORT": settings.airflow_port,
        "TRADEWIND_DASHBOARD_PORT": settings.dashboard_port,
    }
    server = embedded_server(settings)
    if server is not None and not server.is_running():
        wanted["TRADEWIND_POSTGRES_PORT"] = settings.postgres_port
    taken = {name: port for name, port in wanted.items() if port_is_in_use(port)}
    if taken:
        lines = [
            f"port {port} on 127.0.0.1 is in use by another program: set {name}"
            for name, port in taken.items()
        ]
        raise PortInUseError("\n".join([*lines, "(in the environment or in .env; see .env.example)"]))


def dashboard_program(settings: Settings) -> Child:
    """The dashboards."""
    return Child(
        "dashboards",
        [
            sys.executable, "-m", "streamlit", "run", "streamlit_app/app.py", "--server.address=127.0.0.1",
            f"--server.port={settings.dashboard_port}", "--server.headless=true",
            "--browser.gatherUsageStats=false", "--server.fileWatcherType=none",
        ],
        settings.state_dir / "logs" / "dashboards.log",
        {"TRADEWIND_STATE_DIR": str(settings.state_dir), "PYTHONPATH": _python_path()},
        PROJECT_ROOT,
    )  # fmt: skip


def _python_path() -> str:
    return os.pathsep.join(str(PROJECT_ROOT / part) for part in (Path("dags"), Path()))
