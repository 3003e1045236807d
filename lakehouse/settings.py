"""Typed settings: one `ECOMOPS_*` namespace, from the environment and a `.env` file beside the project."""

from __future__ import annotations

import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from lakehouse.errors import ConfigError, WindowError
from lakehouse.files import write_bytes

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Everything that differs from one installation to the next.

    Relative paths are relative to the project, never to the folder a command was started in.
    """

    model_config = SettingsConfigDict(
        env_prefix="ECOMOPS_", env_file=PROJECT_ROOT / ".env", extra="ignore", frozen=True
    )

    var_dir: Path = Field(Path("var"), description="Where everything that ecomops writes goes.")
    store_url: str = Field("", description="Object storage: a folder, or s3://bucket/prefix. Default: var/lake.")
    s3_endpoint_url: str | None = Field(None, description="Endpoint of an S3-compatible server; unset for AWS.")
    s3_region: str = Field("us-east-1", description="Region of the bucket.")
    s3_access_key_id: str | None = Field(None, description="Access key; unset: boto3's own chain of providers.")
    s3_secret_access_key: SecretStr | None = Field(None, description="Secret of the access key.")
    s3_path_style: bool = Field(False, description="Address buckets by path, as most self-hosted servers need.")
    s3_sse: Literal["AES256", "aws:kms"] | None = Field(None, description="Server-side encryption to ask for.")
    s3_sse_kms_key_id: str | None = Field(None, description="Key for aws:kms; unset: the bucket's default.")
    pseudonym_key: SecretStr | None = Field(
        None,
        description="Key of the customer pseudonyms; unset: var/secrets/pseudonym.key, made at first use.",
    )
    drops_dir: Path | None = Field(
        None, description="Where files are dropped, one subfolder per source. Default: drops, inside var_dir."
    )
    mappings_dir: Path | None = Field(None, description="Folder of further file mappings (YAML), beside those shipped.")
    sources_file: Path | None = Field(
        None,
        description="YAML file that declares shops to ask. Default: config/sources.yml, else practice.yml.",
    )
    store_residency: str = Field(
        "", description="Region of the object store, such as eu or cn; sources bound to another one are refused."
    )
    landing_wait_hours: float = Field(
        6, ge=0, description="How long after a day's end its files are waited for before the day is closed without."
    )
    keep_snapshots: int = Field(7, ge=1, description="How many published warehouses are kept.")
    duckdb_threads: int = Field(2, ge=1, description="Threads a build may use.")
    duckdb_memory_limit: str = Field("4GB", pattern=r"^\d+(\.\d+)?(MB|GB|MiB|GiB)$", description="DuckDB's memory cap.")
    shop_name: str = Field("Our shop", min_length=1, description="Name at the head of reports.")
    shop_time_zone: str = Field("Europe/London", description="Zone in which a business day is a day.")
    shop_currency: str = Field("GBP", pattern=r"^[A-Z]{3}$", description="Currency of the books (ISO 4217).")
    alert_webhook_url: SecretStr | None = Field(None, description="Where a failed run posts a JSON message.")
    report_languages: tuple[str, ...] = Field(("en", "zh_CN"), description="Languages that reports are made in.")

    @field_validator("shop_time_zone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        from lakehouse.windows import zone

        try:
            zone(name)
        except WindowError as error:  # pydantic adds the setting's name to a ValueError only
            raise ValueError(str(error)) from error
        return name

    @property
    def var(self) -> Path:
        """The folder for everything that ecomops writes, absolute."""
        return self.var_dir if self.var_dir.is_absolute() else PROJECT_ROOT / self.var_dir

    @property
    def drops(self) -> Path:
        """The folder where files are dropped, one subfolder per source."""
        return PROJECT_ROOT / self.drops_dir if self.drops_dir else self.var / "drops"

    @property
    def mappings(self) -> Path | None:
        """The folder of the user's own file mappings, absolute, if there is one."""
        return PROJECT_ROOT / self.mappings_dir if self.mappings_dir else None

    @property
    def sources(self) -> Path:
        """The file that declares shops to ask, absolute: the merchant's own, else those to practise on."""
        if self.sources_file is not None:
            return PROJECT_ROOT / self.sources_file
        own = PROJECT_ROOT / "config" / "sources.yml"
        return own if own.exists() else PROJECT_ROOT / "config" / "practice.yml"

    @property
    def store(self) -> str:
        """The object store's URL or absolute folder."""
        return self.store_url or str(self.var / "lake")

    def pseudonym_secret(self) -> bytes:
        """The key that turns personal references into pseudonyms.

        Made at first use with owner-only permissions. It lives outside the warehouse and the object
        store, so that neither of them, nor a backup of them, is enough to turn a pseudonym back.
        """
        if self.pseudonym_key is not None:
            return self.pseudonym_key.get_secret_value().encode()
        path = self.var / "secrets" / "pseudonym.key"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with suppress(FileExistsError):  # another process was first: its key is the key
                # Whole or absent: an empty file, seen for a moment, would be taken for the key.
                write_bytes(path, secrets.token_hex(32).encode(), if_absent=True, mode=0o600)
        return path.read_text().strip().encode()


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        ConfigError: If a variable has an unusable value; the message names it.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"ECOMOPS_{'_'.join(str(part) for part in first['loc']).upper()}"
        raise ConfigError(
            f"{name} has an unusable value: {first['msg']}.",
            remedy="Correct it in the environment or in .env; `ecomops doctor` shows all settings.",
        ) from error
