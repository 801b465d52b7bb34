"""The only reader of the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """`AETHER_WORKSPACE`, `AETHER_DATABASE_URL` (PostgreSQL in place of SQLite), `AETHER_THREADS`
    (of LightGBM, and worker processes over buckets), `AETHER_CLUSTER` (a Dask scheduler), and
    `AETHER_HOST` and `AETHER_PORT` of the server; and `MLFLOW_TRACKING_URI`, MLflow's own name for
    the store that trainings are logged to.

    `AETHER_RATE_LIMIT` is how many requests a key has in a minute; `AETHER_ALLOW_PRIVATE_URLS` lets
    webhooks lead into the company's own network; `AETHER_LOG` (`info`, `warning`) says whether each
    request is a line on standard error.

    `AETHER_LLM_MODEL` names a model that reads briefs first, at any OpenAI-compatible
    `AETHER_LLM_BASE_URL` with `AETHER_LLM_API_KEY`; `_TIMEOUT` (seconds), `_RETRIES`,
    `_MAX_TOKENS` (of an answer), `_TOKEN_BUDGET` (of all briefs of a process), and
    `_PRICE_PROMPT` and `_PRICE_COMPLETION` (of a million tokens) bound and count its use."""

    model_config = SettingsConfigDict(env_prefix="AETHER_", extra="ignore")

    workspace: Path = Path("workspace")
    database_url: str | None = None
    threads: int = 2
    cluster: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    rate_limit: int = Field(30_000, ge=1)
    allow_private_urls: bool = False
    log: Literal["info", "warning"] = "info"
    mlflow_tracking_uri: str | None = Field(None, validation_alias="MLFLOW_TRACKING_URI")
    llm_model: str | None = None
    llm_base_url: str = "http://127.0.0.1:8080/v1"
    llm_api_key: SecretStr = SecretStr("none")
    llm_timeout: float = Field(20.0, gt=0)
    llm_retries: int = Field(1, ge=0, le=5)
    llm_max_tokens: int = Field(1_200, ge=100)
    llm_token_budget: int | None = Field(None, ge=0)
    llm_price_prompt: float | None = Field(None, ge=0)
    llm_price_completion: float | None = Field(None, ge=0)
