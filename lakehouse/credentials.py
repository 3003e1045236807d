"""Secrets by reference: what a declaration names, an environment variable or a connection of the scheduler gives."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Self, TypeAlias

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from lakehouse.errors import ConfigError
from lakehouse.settings import PROJECT_ROOT

# Connection and field to value: only whoever runs inside the scheduler can offer one.
Connections: TypeAlias = Callable[[str, str], str | None]


class SecretRef(BaseModel):
    """Where a secret is; never the secret.

    Attributes:
        env: Environment variable, or entry of `.env`; in capitals.
        airflow: Id of an Airflow connection.
        field: The connection's field: login, password, host, or a key of its extras.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # capitals only: many a token would pass for a name, and the error for an unset one repeats it
    env: str = Field("", pattern=r"^([A-Z_][A-Z0-9_]*)?$")
    airflow: str = ""
    field: str = "password"

    @model_validator(mode="after")
    def _names_one_place(self) -> Self:
        if bool(self.env) == bool(self.airflow):
            raise ValueError("a credential needs `env` (a variable's name) or `airflow` (a connection's id), not both")
        return self


def resolve(
    refs: Mapping[str, SecretRef],
    connections: Connections | None = None,
    *,
    further: Mapping[str, str] | None = None,
) -> dict[str, SecretStr]:
    """The secrets behind references.

    Args:
        refs: References by the credential's name.
        connections: How Airflow connections are read; None outside of Airflow.
        further: Variables that count where the environment has none, such as those of shops to practise on.

    Raises:
        ConfigError: If one is not set, or can only be read by Airflow; the message names it.
    """
    found = {}
    for name, ref in refs.items():
        value = (
            _from_environment(ref.env) or (further or {}).get(ref.env)
            if ref.env
            else _from_airflow(name, ref, connections)
        )
        if value is None or not value.strip():
            place = f"the environment variable {ref.env}" if ref.env else f"{ref.field} of the connection {ref.airflow}"
            raise ConfigError(
                f"The credential {name} is not set: {place} is empty.",
                remedy="Set it in the environment or in .env (never in the sources' file)."
                if ref.env
                else "Add it to the connection in Airflow.",
            )
        found[name] = SecretStr(value.rstrip("\r\n"))  # a secret read from a file often has a line's end
    return found


def _from_environment(name: str) -> str | None:
    # not interpolated: a secret may hold ${
    return os.environ.get(name) or dotenv_values(PROJECT_ROOT / ".env", interpolate=False).get(name)


def _from_airflow(name: str, ref: SecretRef, connections: Connections | None) -> str | None:
    if connections is None:
        raise ConfigError(
            f"The credential {name} is in the Airflow connection {ref.airflow}, which only a task can read.",
            remedy="Run it in Airflow, or name an environment variable instead.",
        )
    return connections(ref.airflow, ref.field)
