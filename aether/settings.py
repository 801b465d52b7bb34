"""The only reader of the environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """`AETHER_WORKSPACE`, `AETHER_DATABASE_URL` (PostgreSQL in place of SQLite), `AETHER_THREADS`
    (of LightGBM, and worker processes over buckets), `AETHER_CLUSTER` (a Dask scheduler), and
    `AETHER_HOST` and `AETHER_PORT` of the server; and `MLFLOW_TRACKING_URI`, MLflow's own name for
    the store that trainings are logged to."""

    model_config = SettingsConfigDict(env_prefix="AETHER_", extra="ignore")

    workspace: Path = Path("workspace")
    database_url: str | None = None
    threads: int = 2
    cluster: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    mlflow_tracking_uri: str | None = Field(None, validation_alias="MLFLOW_TRACKING_URI")
