"""The commands behind the Makefile: `python -m infra.stack run|stop|status|exec|psql|url|…`."""

from __future__ import annotations

import signal

# until a command runs, Ctrl-C ends this without a word; nohup has it ignored
if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time

from pydantic import ValidationError
from rich.console import Console

from infra.stack import airflow, browser
from infra.stack.database import embedded_server, ensure_database
from infra.stack.postgres import PortInUseError, binaries
from infra.stack.processes import die_with_parent, end_with_parent
from infra.stack.supervisor import StackError, Supervisor
from tradewind.settings import Settings, get_settings
from tradewind.stack_state import Holder, StackIsHeldError, hold, holder
from tradewind.warehouse import Role, WarehouseNotReadyError, connection_parameters, connection_url

STOP_PATIENCE_SECONDS = 60

PSQL_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}


def main() -> int:
    """Run one command; what goes wrong is said in words, on the error stream."""
    arguments = _parse()
    try:
        return int(arguments.command(get_settings(), arguments) or 0)
    except ValidationError as error:
        problems = [f"TRADEWIND_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        print("A setting is wrong:\n  " + "\n  ".join(problems), file=sys.stderr)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        return 130
    except (PortInUseError, StackError, StackIsHeldError, WarehouseNotReadyError, RuntimeError) as error:
        print(error, file=sys.stderr)
    return 1


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Start the stack and stay; a stack that runs already is only pointed at."""
    if arguments.end_with_parent:
        end_with_parent()
    running = holder(settings)
    if running is not None and running.kind == "stack":
        print(
            f"The stack runs already (process {running.pid}): "
            f"dashboards http://127.0.0.1:{settings.dashboard_port}, "
            f"Airflow http://127.0.0.1:{settings.airflow_port}. `make stop` ends it."
        )
        return 0
    Supervisor(settings, Console(highlight=False, soft_wrap=True)).run()
    return 0


def stop(settings: Settings, _arguments: argparse.Namespace) -> int:
    """End the stack and wait until it has ended."""
    running = _named_holder(settings)
    if running is None:
        server = embedded_server(settings)
        if server is not None and server.is_running():
            server.stop()
            print("The database ran on its own; it has ended.")
        else:
            print("Nothing runs.")
        return 0
    with contextlib.suppress(ProcessLookupError):
        # it may have ended this moment
        os.kill(running.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_PATIENCE_SECONDS
    while holder(settings) is not None:
        if time.monotonic() > deadline:
            raise StackError(f"process {running.pid} ({running.title}) has not ended; see its terminal")
        time.sleep(0.1)
    print("Everything has ended; the data stay.")
    return 0


def _named_holder(settings: Settings) -> Holder | None:
    """The process to be ended; one that begins or ends this moment has no name for an instant."""
    while (running := holder(settings)) is not None and not running.pid:
        time.sleep(0.05)
    return running


def status(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Say what runs, and what the warehouse holds: where nothing runs, its server does while it is asked."""
    program = [sys.executable, "-m", "tradewind", "status"]
    server = embedded_server(settings)
    if server is None or not server.has_data() or server.is_running() or holder(settings) is not None:
        return subprocess.call(program)
    end_with_parent()
    try:
        with hold(settings, "command", "make status"):
            server.start(with_us=True)
            try:
                return _call(program)
            finally:
                server.stop()
    except (StackIsHeldError, PortInUseError):
        # another one was faster, and what does not answer is said
        return subprocess.call(program)


def execute(settings: Settings, arguments: argparse.Namespace) -> int:
    """Run a program with the warehouse up: the stack's, or one that starts and ends with the program."""
    end_with_parent()
    running = holder(settings)
    if running is not None and running.kind == "stack":
        return _call(arguments.program)
    if running is not None:
        print(f"Waiting for process {running.pid} ({running.title}) to finish …", file=sys.stderr)
    with hold(settings, "command", " ".join(arguments.program[-3:]), wait_seconds=3600):
        server = ensure_database(settings, with_us=True)
        try:
            return _call(arguments.program)
        finally:
            if server is not None:
                server.stop()


def psql(settings: Settings, arguments: argparse.Namespace) -> int:
    """Open the embedded server's own psql as administrator."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in psql cancels a query
    arguments.program = [sys.executable, "-m", "infra.stack", "psql-client"]
    return execute(settings, arguments)


def psql_client(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Become psql; the password travels in the environment, where a list of processes does not show it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for name, value in connection_parameters(Role.ADMIN, settings).items():
        os.environ[PSQL_VARIABLES[name]] = value
    os.execv(binaries() / "psql", ["psql"])  # noqa: S606


def url(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Print the administrator's connection URL, and nothing else, on standard output."""
    print(connection_url(Role.ADMIN, settings))
    server = embedded_server(settings)
    if server is not None and not server.is_running():
        print("The database does not run now: `make run` starts it.", file=sys.stderr)
    return 0


def password(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Print the password of Airflow's user."""
    try:
        print(json.loads(airflow.password_file(settings).read_text())[airflow.USER])
    except FileNotFoundError:
        raise StackError("Airflow has no password yet: `make run` makes one") from None
    return 0


def ensure_browser(_settings: Settings, _arguments: argparse.Namespace) -> int:
    """See to it that the browser tests find a Chromium."""
    browser.ensure()
    return 0


def _call(program: list[str]) -> int:
    return subprocess.Popen(program, preexec_fn=die_with_parent).wait()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.stack", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, command in {
        "run": run, "stop": stop, "status": status, "exec": execute, "psql": psql, "psql-client": psql_client,
        "url": url, "password": password, "browser": ensure_browser,
    }.items():  # fmt: skip
        sub = commands.add_parser(name, help=(command.__doc__ or "").splitlines()[0])
        sub.set_defaults(command=command)
        if name == "run":
            sub.add_argument("--end-with-parent", action="store_true", help="end when the caller is gone")
        if name == "exec":
            sub.add_argument("program", nargs=argparse.REMAINDER)
    return parser.parse_args()


if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
