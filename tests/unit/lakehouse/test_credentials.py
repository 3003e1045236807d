"""Secrets by reference: found where they are named, and never repeated."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from lakehouse import credentials
from lakehouse.credentials import SecretRef, resolve
from lakehouse.errors import ConfigError

SECRET = "shpat_0123456789abcdef"


@pytest.fixture
def dotenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(credentials, "PROJECT_ROOT", tmp_path)
    monkeypatch.delenv("SHOP_TOKEN", raising=False)
    return tmp_path / ".env"


def test_the_environment_comes_before_dotenv(dotenv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refs = {"token": SecretRef(env="SHOP_TOKEN")}
    dotenv.write_text(f"SHOP_TOKEN={SECRET}\n")
    assert resolve(refs)["token"].get_secret_value() == SECRET
    monkeypatch.setenv("SHOP_TOKEN", "another")
    assert resolve(refs)["token"].get_secret_value() == "another"


def test_a_secret_is_taken_as_it_is_but_for_its_lines_end(dotenv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dotenv.write_text("SHOP_TOKEN='pa${HOME}ss'\n")
    refs = {"token": SecretRef(env="SHOP_TOKEN")}
    assert resolve(refs)["token"].get_secret_value() == "pa${HOME}ss"
    monkeypatch.setenv("SHOP_TOKEN", f"{SECRET}\n")
    assert resolve(refs)["token"].get_secret_value() == SECRET


@pytest.mark.parametrize("value", [None, "", " \n"])
def test_one_that_is_not_set_is_named(dotenv: Path, monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    if value is not None:
        monkeypatch.setenv("SHOP_TOKEN", value)
    with pytest.raises(ConfigError, match="credential token is not set: the environment variable SHOP_TOKEN is empty"):
        resolve({"token": SecretRef(env="SHOP_TOKEN")})


def test_variables_to_practise_with_count_where_the_environment_has_none(
    dotenv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = {"token": SecretRef(env="SHOP_TOKEN")}
    assert resolve(refs, further={"SHOP_TOKEN": "practice"})["token"].get_secret_value() == "practice"
    monkeypatch.setenv("SHOP_TOKEN", "real")
    assert resolve(refs, further={"SHOP_TOKEN": "practice"})["token"].get_secret_value() == "real"


def test_connections_of_the_scheduler() -> None:
    refs = {"token": SecretRef(airflow="shop", field="token")}
    found = resolve(refs, lambda connection, field: f"{connection}/{field}")
    assert found["token"].get_secret_value() == "shop/token"
    with pytest.raises(ConfigError, match="which only a task can read"):
        resolve(refs)
    with pytest.raises(ConfigError, match="token of the connection shop is empty"):
        resolve(refs, lambda _connection, _field: None)


@pytest.mark.parametrize("told", [{}, {"env": "A", "airflow": "b"}, {"env": "A B"}, {"env": SECRET}, {"value": SECRET}])
def test_a_reference_names_one_place_and_is_no_secret(told: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        SecretRef(**told)


def test_secrets_show_in_no_repr(dotenv: Path) -> None:
    dotenv.write_text(f"SHOP_TOKEN={SECRET}\n")
    found = resolve({"token": SecretRef(env="SHOP_TOKEN")})
    assert SECRET not in f"{found!r} {found}"
