"""Declarations of sources: checked before anything is asked, with errors that name the key and hold no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.api.registry import connector_kind
from extractors.declared import declared_apis, find_api
from lakehouse.errors import ConfigError

SECRET = "shpat_0123456789abcdef"
GOOD = """
sources:
  - name: my_shop
    title: My shop
    connector: woocommerce
    time_zone: Europe/Berlin
    credentials: {consumer_key: {env: KEY}, consumer_secret: {env: SECRET}}
    resources: [orders]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "sources.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_declaration_is_read_and_its_resources_are_sources(tmp_path: Path) -> None:
    api = find_api(written(tmp_path, GOOD), "my_shop")
    assert api.title == "My shop"
    found = api.sources()["orders"]
    assert (found.name, found.stream, found.time_zone) == ("my_shop", "orders", "Europe/Berlin")


def test_no_file_declares_nothing(tmp_path: Path) -> None:
    assert declared_apis(None) == []
    assert declared_apis(tmp_path / "none.yml") == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: my_shop", "name: My Shop", "name"),
        ("title: My shop", "tittle: My shop", "title"),
        ("Europe/Berlin", "Europe/Atlantis", "Europe/Atlantis"),
        ("resources: [orders]", "resources: {orders: {overlap_minutes: -1}}", "overlap_minutes"),
        ("resources: [orders]", "schedule: monthly\n    resources: [orders]", "schedule"),
        ("{env: KEY}", "{env: KEY, airflow: conn}", "not both"),
        ("{env: KEY}", f"{{env: {SECRET}}}", "consumer_key"),
        ("{env: KEY}", SECRET, "consumer_key"),
        ("sources:", "shops:", "is no list of sources"),
        ("title: My shop", f'title: "{SECRET}', "is not readable YAML"),
    ],
)
def test_what_is_wrong_is_named_and_no_value_repeated(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        declared_apis(written(tmp_path, GOOD.replace(old, new)))
    assert said in str(refused.value)
    assert SECRET not in f"{refused.value} {refused.value.__cause__!r}"


def test_names_are_given_once_and_unknown_ones_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="declares my_shop twice"):
        declared_apis(written(tmp_path, GOOD + GOOD.replace("\nsources:\n", "")))
    with pytest.raises(ConfigError, match="Declared are: my_shop"):
        find_api(written(tmp_path, GOOD), "other")
    api = find_api(written(tmp_path, GOOD.replace("[orders]", "[teapots]")), "my_shop")
    with pytest.raises(ConfigError, match="has no resource 'teapots'"):
        api.sources()


@pytest.mark.parametrize("name", ["no_such_connector", "", "..os", "a b", "no_such.module"])
def test_an_unknown_connector_is_an_error_that_lists_those_there_are(name: str) -> None:
    with pytest.raises(ConfigError, match="There is no connector"):
        connector_kind(name)


def test_a_module_that_is_no_connector_is_told_what_it_lacks() -> None:
    with pytest.raises(ConfigError, match="has no RESOURCES"):
        connector_kind("json")


def test_a_connector_that_lacks_a_library_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "needy.py").write_text("import surely_not_installed\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="surely_not_installed"):
        connector_kind("needy")


def test_options_are_checked_and_their_values_not_repeated() -> None:
    with pytest.raises(ConfigError) as refused:
        connector_kind("woocommerce").options({"token": SECRET})
    assert SECRET not in f"{refused.value} {refused.value.__cause__!r}"
