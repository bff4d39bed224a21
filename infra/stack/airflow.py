"""Airflow on this machine: its settings, its metadata database, and the four programs it consists of."""

from __future__ import annotations

import base64
import json
import os
import secrets
import sys
from importlib.metadata import version
from pathlib import Path

import psycopg

from infra.stack.processes import Child
from tradewind.settings import PROJECT_ROOT, Settings
from tradewind.warehouse import AIRFLOW_DATABASE, Role, connection_url

# holds airflow_local_settings.py, which every Airflow process imports when it starts
LOCAL_SETTINGS_DIR = Path(__file__).resolve().parent / "airflow_process"
USER = "admin"


def home(settings: Settings) -> Path:
    """Airflow's own folder: its secrets and the logs of its tasks."""
    return settings.state_dir / "airflow"


def password_file(settings: Settings) -> Path:
    """The file with the password of Airflow's user, as Airflow's simple auth manager reads it."""
    return home(settings) / "passwords.json"


def environment(settings: Settings) -> dict[str, str]:
    """The environment of every Airflow process; creates the secrets on first use."""
    keys = _ensure_secrets(settings)
    url = connection_url(Role.AIRFLOW, settings, database=AIRFLOW_DATABASE)
    address = f"http://127.0.0.1:{settings.airflow_port}"
    return {
        "AIRFLOW_HOME": str(home(settings)),
        "PYTHONPATH": os.pathsep.join(map(str, (LOCAL_SETTINGS_DIR, PROJECT_ROOT / "dags", PROJECT_ROOT))),
        **{f"AIRFLOW__{name}": value for name, value in _configuration(settings, address).items()},
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url.replace("postgresql://", "postgresql+psycopg2://", 1),
        # asyncpg has its own name for the parameter
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": url.replace(
            "postgresql://", "postgresql+asyncpg://", 1
        ).replace("sslmode=", "ssl="),
        "AIRFLOW__CORE__FERNET_KEY": keys["fernet"],
        "AIRFLOW__API__SECRET_KEY": keys["session"],
        "AIRFLOW__API_AUTH__JWT_SECRET": keys["token"],
        # the stack's settings, in one way for all processes
        "TRADEWIND_STATE_DIR": str(settings.state_dir),
        "GX_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


def _configuration(settings: Settings, address: str) -> dict[str, str]:
    return {
        "CORE__DAGS_FOLDER": str(PROJECT_ROOT / "dags"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        # loading, building and a run started by hand side by side; each worker is a fork with its memory
        "CORE__PARALLELISM": "4",
        # what the scheduler has imported must reach the tasks, whatever newer Pythons have as default
        "CORE__MP_START_METHOD": "fork",
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(password_file(settings)),
        "API__HOST": "127.0.0.1",
        "API__PORT": str(settings.airflow_port),
        "API__BASE_URL": address,
        "API__WORKERS": "1",
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        # the heartbeat comes from the process around the task, so a long query does not stop it
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
        "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "15",
        "SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "15",
        # on a busy machine the first answer of a server that just started takes longer than the usual 5 s
        "WORKERS__EXECUTION_API_TIMEOUT": "60",
        "TRIGGERER__JOB_HEARTBEAT_SEC": "2",
        "TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "8",
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        "LOGGING__BASE_LOG_FOLDER": str(settings.state_dir / "logs" / "airflow" / "tasks"),
        "LOGGING__LOGGING_LEVEL": settings.log_level,
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }


class Migration:
    """Brings Airflow's metadata database to this Airflow's schema, beside other work; at once where it is."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stamp = home(settings) / "migrated.json"
        self._program = Child(
            "airflow-migration",
            [sys.executable, "-m", "airflow", "db", "migrate"],
            settings.state_dir / "logs" / "airflow-migration.log",
            environment(settings),
            PROJECT_ROOT,
        )
        if not self._is_done():
            self._program.start()

    def finish(self) -> None:
        """Wait for its end.

        Raises:
            RuntimeError: Airflow could not; the message names its log.
        """
        if self._program.process is None:
            return
        if self._program.process.wait():
            raise RuntimeError(f"Airflow could not prepare its database; see {self._program.log_file}")
        self._stamp.write_text(json.dumps(self._state()))

    def _is_done(self) -> bool:
        state = self._state()
        known = json.loads(self._stamp.read_text()) if self._stamp.exists() else None
        return state["revision"] is not None and known == state

    def _state(self) -> dict[str, str | None]:
        return {"airflow": version("apache-airflow"), "revision": _schema_revision(self._settings)}


def programs(settings: Settings) -> list[Child]:
    """Airflow's four programs, none of which listens anywhere but on loopback."""
    commands = {
        "airflow-api-server": ["api-server"],
        "airflow-scheduler": ["scheduler", "--skip-serve-logs"],
        "airflow-dag-processor": ["dag-processor"],
        # its log server binds every address and has no setting for that
        "airflow-triggerer": ["triggerer", "--skip-serve-logs"],
    }
    shared = environment(settings)
    return [
        Child(
            name,
            [sys.executable, "-m", "airflow", *command],
            settings.state_dir / "logs" / f"{name}.log",
            shared,
            PROJECT_ROOT,
        )
        for name, command in commands.items()
    ]


def _schema_revision(settings: Settings) -> str | None:
    url = connection_url(Role.AIRFLOW, settings, database=AIRFLOW_DATABASE)
    try:
        with psycopg.connect(url) as connection:
            row = connection.execute("select version_num from alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    return str(row[0]) if row else None


def _ensure_secrets(settings: Settings) -> dict[str, str]:
    home(settings).mkdir(parents=True, exist_ok=True)
    path = home(settings) / "secrets.json"
    if not password_file(settings).exists():
        _write_private(password_file(settings), {USER: secrets.token_urlsafe(12)})
    if not path.exists():
        _write_private(
            path,
            {
                "fernet": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                "session": secrets.token_urlsafe(32),
                "token": secrets.token_urlsafe(64),
            },
        )
    return json.loads(path.read_text())


def _write_private(path: Path, content: dict[str, str]) -> None:
    temporary = path.with_suffix(".tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
    temporary.replace(path)
