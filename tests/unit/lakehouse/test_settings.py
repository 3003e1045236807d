"""One namespace of variables; what is wrong is named; secrets stay secret."""

from __future__ import annotations

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lakehouse.errors import ConfigError
from lakehouse.settings import PROJECT_ROOT, Settings, get_settings


def fresh() -> Settings:
    get_settings.cache_clear()
    return get_settings()


def test_every_setting_comes_from_its_variable(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.shop_time_zone == "Europe/London"
    monkeypatch.setenv("ECOMOPS_SHOP_TIME_ZONE", "Asia/Shanghai")
    monkeypatch.setenv("ECOMOPS_S3_PATH_STYLE", "true")
    monkeypatch.setenv("ECOMOPS_KEEP_SNAPSHOTS", "3")
    monkeypatch.setenv("SHOP_TIME_ZONE", "Asia/Tokyo")  # outside the namespace
    monkeypatch.setenv("ECOMOPS_NO_SUCH_SETTING", "x")

    changed = fresh()

    assert (changed.shop_time_zone, changed.s3_path_style, changed.keep_snapshots) == ("Asia/Shanghai", True, 3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ECOMOPS_KEEP_SNAPSHOTS", "0"),
        ("ECOMOPS_KEEP_SNAPSHOTS", "many"),
        ("ECOMOPS_DUCKDB_MEMORY_LIMIT", "lots"),
        ("ECOMOPS_SHOP_TIME_ZONE", "Europe/Lundon"),
        ("ECOMOPS_SHOP_CURRENCY", "pounds"),
        ("ECOMOPS_S3_SSE", "rot13"),
        ("ECOMOPS_S3_PATH_STYLE", "perhaps"),
    ],
)
def test_an_unusable_value_names_its_variable(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigError, match=name) as raised:
        fresh()
    assert raised.value.remedy


def test_secrets_do_not_show(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOMOPS_S3_SECRET_ACCESS_KEY", "hush-hush")
    monkeypatch.setenv("ECOMOPS_PSEUDONYM_KEY", "hush-hush")
    monkeypatch.setenv("ECOMOPS_ALERT_WEBHOOK_URL", "https://example.com/hush-hush")

    changed = fresh()

    assert "hush" not in repr(changed) + str(changed) + changed.model_dump_json()
    assert changed.pseudonym_secret() == b"hush-hush"


def test_a_dotenv_file_is_read_and_the_environment_wins(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("ECOMOPS_SHOP_NAME=From the file\nECOMOPS_SHOP_CURRENCY=EUR\n")
    monkeypatch.setitem(Settings.model_config, "env_file", dotenv)
    monkeypatch.setenv("ECOMOPS_SHOP_CURRENCY", "CNY")

    changed = fresh()

    assert (changed.shop_name, changed.shop_currency) == ("From the file", "CNY")


def test_paths_are_relative_to_the_project(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings.model_copy(update={"var_dir": Path("elsewhere")}).var == PROJECT_ROOT / "elsewhere"
    assert settings.var == tmp_path / "var"
    assert settings.store == str(tmp_path / "var" / "lake")
    assert settings.model_copy(update={"store_url": "s3://lake/p"}).store == "s3://lake/p"


def test_the_pseudonym_key_is_made_once_and_for_its_owner(settings: Settings, tmp_path: Path) -> None:
    """Also where many need it first at the same moment: two keys would be two pseudonyms for a person."""
    for number in range(20):
        own = settings.model_copy(update={"var_dir": tmp_path / str(number)})
        start = threading.Barrier(8)

        def first_use(_: int, own: Settings = own, start: threading.Barrier = start) -> bytes:
            start.wait()
            return own.pseudonym_secret()

        with ThreadPoolExecutor(8) as pool:
            keys = set(pool.map(first_use, range(8)))
        assert len(keys) == 1
        assert len(keys.pop()) == 64
        path = own.var / "secrets" / "pseudonym.key"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_settings_do_not_change(settings: Settings) -> None:
    with pytest.raises(ValueError, match="frozen"):
        settings.shop_name = "Another"  # type: ignore[misc]  # the point
