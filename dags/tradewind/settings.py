"""Every setting of Tradewind, read from the environment (or `.env`) in this one place and nowhere else."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parents[2]
# a filled example of each template of ours; the pages offer them
EXAMPLES_DIR = PROJECT_ROOT / "dags" / "tradewind" / "exports" / "templates"


class Settings(BaseSettings):
    """One attribute a setting; the environment variable is the upper-case name behind `TRADEWIND_`."""

    model_config = SettingsConfigDict(env_prefix="TRADEWIND_", env_file=PROJECT_ROOT / ".env", extra="ignore")

    state_dir: Path = Field(
        PROJECT_ROOT / ".tradewind", description="Everything a run keeps: database, logs, landing"
    )
    landing_dir: Path | None = Field(
        None, description="Where exports are dropped; `landing` in the state folder"
    )
    landing_url: SecretStr | None = Field(
        None, description="Another place whose exports are fetched into landing: s3://, sftp://, file://"
    )
    fetch_every_seconds: float = Field(
        15.0, ge=1, description="How often the running stack looks at that place"
    )
    archive_dir: Path | None = Field(
        None, description="Where the bytes of loaded files are kept; `archive` in the state folder"
    )
    database_url: SecretStr | None = Field(
        None, description="Your own PostgreSQL 15+ as administrator; without it an embedded server is started"
    )
    postgres_port: int = Field(54320, description="Port of the embedded PostgreSQL, on loopback")
    airflow_port: int = Field(8080, description="Port of Airflow's UI and API, on loopback")
    dashboard_port: int = Field(8501, description="Port of the dashboards, on loopback")
    reporting_currency: str = Field(
        "USD", pattern=r"^[A-Z]{3}$", description="Currency that amounts are converted to"
    )
    max_bad_record_share: float = Field(
        0.01, ge=0, le=1, description="A file with a larger share of bad records is refused whole"
    )
    settle_seconds: float = Field(
        1.0, ge=0, description="A file must be unchanged for so long before it is loaded"
    )
    log_level: str = Field(
        "INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$", description="How much the logs say"
    )

    @property
    def landing(self) -> Path:
        """The landing folder."""
        return self.landing_dir or self.state_dir / "landing"

    @property
    def place_url(self) -> str:
        """The URL of the place that landing is filled from, secrets and all; empty where there is none."""
        return self.landing_url.get_secret_value().strip() if self.landing_url else ""

    @property
    def archive(self) -> Path:
        """The folder of the archive."""
        return self.archive_dir or self.state_dir / "archive"

    @property
    def secrets_file(self) -> Path:
        """Passwords of the warehouse's roles, generated at the first start, readable by the owner alone."""
        return self.state_dir / "secrets.json"

    @property
    def dbt_project_dir(self) -> Path:
        """The dbt project."""
        return PROJECT_ROOT / "dbt_project"

    @property
    def expectations_dir(self) -> Path:
        """The Great Expectations suites, as YAML."""
        return PROJECT_ROOT / "expectations"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process; tests that change the environment call `get_settings.cache_clear()`."""
    return Settings()
