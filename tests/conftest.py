"""What every test may ask for: settings and a store of its own, the shared data sets, a real S3 server."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import boto3
import hypothesis
import pytest
from pydantic import SecretStr
from xdist.remote import Producer  # type: ignore[import-untyped]  # pytest-xdist ships without types
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]  # the same

from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.settings import PROJECT_ROOT, Settings, get_settings
from lakehouse.warehouse import transform
from tests.support import ceph, parsed
from tests.support.needs import absent

BUCKET = "ecomops-test"
# A busy machine is no fault in the code: no test fails for being slow.
hypothesis.settings.register_profile("ecomops", deadline=None)
hypothesis.settings.register_profile("quick", deadline=None, max_examples=25)
hypothesis.settings.load_profile("ecomops")
_MARKED_FOLDERS = ("integration", "faults", "golden")
# They simulate months of a merchant, start servers, read hundreds of documents, or compare with a library on hundreds
# of examples: the quick tests are those of the platform.
_NOT_QUICK = (
    "sandbox",
    "extractors/shopify",
    "extractors/amazon",
    "extractors/woocommerce",
    "models_ml/baskets",
    "models_ml/matching",
    "models_ml/inventory/test_whatif.py",
)

# Tests that look at one and the same warehouse, which takes minutes to make.
_ONE_WAREHOUSE = (
    ("tests/integration/shops/",),
    (
        "tests/integration/docs/test_queries.py",
        "tests/integration/pipeline/test_whole_path.py",
        "tests/integration/warehouse/test_real_data.py",
    ),
)
_LONG = (
    "integration/shops/",
    "integration/pipeline/",
    "integration/airflow/",
    "integration/docs/test_queries",
    "integration/warehouse/",
    "integration/docs/",
    "faults/warehouse/",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Some fault tests try a few of their cases where nothing else is said."""
    parser.addoption("--all-cases", action="store_true", help="fault tests: all cases, not a few of them")


def pytest_configure(config: pytest.Config) -> None:
    """Tries fewer examples where the quick tests are asked for; every other run tries them all."""
    if "not integration" in str(config.getoption("markexpr")):
        hypothesis.settings.load_profile("quick")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks tests by their folder, and by their use of the shared data."""
    tests = Path(__file__).parent
    for item in items:
        folder = item.path.relative_to(tests).parts[0] if item.path.is_relative_to(tests) else ""
        if folder in _MARKED_FOLDERS:
            item.add_marker(folder)
        if any(item.path.is_relative_to(tests / "unit" / folder) for folder in _NOT_QUICK):
            item.add_marker("integration")
        if "shared_data" in getattr(item, "fixturenames", ()):
            item.add_marker("realdata")
    if os.environ.get("PYTEST_XDIST_WORKER"):
        items.sort(key=lambda item: _turn(item.path.relative_to(tests).as_posix()))


def _turn(file: str) -> int:
    """When a file's turn comes among several workers: what takes longest first, so that none waits for another."""
    order = (*_LONG, "integration/", "faults/", "")
    return next(number for number, beginning in enumerate(order) if file.startswith(beginning))


class _TogetherScheduling(LoadFileScheduling):  # type: ignore[misc] # pytest-xdist ships without types
    """Sends a file's tests to one worker, and those of files that share a costly warehouse too."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((group[0] for group in _ONE_WAREHOUSE if file.startswith(group)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _TogetherScheduling | None:
    """How several workers share the tests, with `--dist loadfile`."""
    config.option.loadscopereorder = False  # by the number of a file's tests, which says little
    return _TogetherScheduling(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session", autouse=True)
def _parsed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Lets every dbt of the session begin with what the session's first one understood of the project.

    Contracts are left to the tests that run whole processes.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transform, "LOOK_AT_CONTRACTS", False)
        if any(item.get_closest_marker(mark) for item in request.session.items for mark in ("integration", "faults")):
            assert request.config.cache is not None
            patch.setenv(parsed.VARIABLE, str(parsed.parsed_project(request.config.cache.mkdir("dbt"))))
        yield


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Default settings over a folder of this test, whatever this machine's environment or .env say.

    `get_settings()` gives the same ones while the test runs.
    """
    for name in [name for name in os.environ if name.startswith("ECOMOPS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    monkeypatch.setenv("ECOMOPS_VAR_DIR", str(tmp_path / "var"))
    get_settings.cache_clear()
    yield get_settings()
    get_settings.cache_clear()


@pytest.fixture
def store(settings: Settings) -> DirectoryStore:
    """An empty object store."""
    return DirectoryStore(Path(settings.store))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of data sets beside the repository."""
    folder = PROJECT_ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        absent("There is no ../shared/data beside the repository.")
    return folder


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ceph.S3Server]:
    """A real S3 server with an empty bucket, started once."""
    missing = ceph.missing_binaries()
    if missing:
        absent(f"A real S3 server needs Ceph ({', '.join(missing)} missing): {ceph.INSTALL}.")
    with ceph.running(tmp_path_factory.mktemp("ceph")) as server:
        boto3.client(
            "s3",
            endpoint_url=server.endpoint_url,
            region_name="us-east-1",
            aws_access_key_id=server.access_key_id,
            aws_secret_access_key=server.secret_access_key,
        ).create_bucket(Bucket=BUCKET)
        yield server


@pytest.fixture
def s3_settings(s3_server: ceph.S3Server, settings: Settings) -> Settings:
    """Settings whose store is an empty prefix of the real server's bucket."""
    return settings.model_copy(
        update={
            "store_url": f"s3://{BUCKET}/{uuid.uuid4().hex}",
            "s3_endpoint_url": s3_server.endpoint_url,
            "s3_access_key_id": s3_server.access_key_id,
            "s3_secret_access_key": SecretStr(s3_server.secret_access_key),
            "s3_path_style": True,
        }
    )
