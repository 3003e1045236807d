"""What S3 does to us, and what becomes of it: retried where it may pass, else an error with a remedy."""

from __future__ import annotations

import errno
import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from lakehouse.errors import (
    ConfigError,
    ObjectCorruptError,
    ObjectExistsError,
    ObjectNotFoundError,
    StoreUnavailableError,
)
from lakehouse.objectstore import open_store, s3_client
from lakehouse.objectstore import s3 as s3_module
from lakehouse.objectstore.s3 import S3Store
from lakehouse.settings import Settings
from tests.support.ceph import KMS_KEY
from tests.support.faulty import Fault, FaultyProxy, faulty_proxy

DATA = bytes(range(256)) * 1000
DIGEST = hashlib.sha256(DATA).hexdigest()
SECRET = "very-secret-indeed"


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    ).create_bucket(Bucket="lake")
    yield url
    server.stop()


@pytest.fixture
def proxy(moto_url: str) -> Iterator[FaultyProxy]:
    with faulty_proxy(moto_url) as running:
        yield running


def with_endpoint(settings: Settings, url: str, **update: object) -> Settings:
    defaults: dict[str, object] = {
        "store_url": "s3://lake/p",
        "s3_endpoint_url": url,
        "s3_access_key_id": "key-id",
        "s3_secret_access_key": SecretStr(SECRET),
        "s3_path_style": True,
    }
    return settings.model_copy(update=defaults | update)


@pytest.fixture
def s3(settings: Settings, proxy: FaultyProxy, request: pytest.FixtureRequest) -> S3Store:
    """A store behind the proxy, with a prefix of its own."""
    prefix = "".join(letter for letter in request.node.name if letter.isalnum())
    return S3Store.from_settings(with_endpoint(settings, proxy.url, store_url=f"s3://lake/{prefix}"))


@pytest.mark.parametrize("status", [500, 503])
def test_a_passing_server_error_is_retried(s3: S3Store, proxy: FaultyProxy, status: int) -> None:
    proxy.faults.extend([Fault("status", status, "PUT"), Fault("status", status, "GET")])

    s3.put("a", DATA)

    assert s3.get("a") == DATA
    assert not proxy.faults


def test_a_lasting_server_error_is_reported(s3: S3Store, proxy: FaultyProxy) -> None:
    proxy.faults.extend([Fault("status", 503)] * 10)

    with pytest.raises(StoreUnavailableError, match=r"a: 503.*Try again later"):
        s3.get("a")
    assert [method for method, _ in proxy.requests] == ["GET"] * 4


@pytest.mark.parametrize("kind", ["truncate", "lose"])
def test_a_broken_answer_is_read_again(s3: S3Store, proxy: FaultyProxy, kind: str) -> None:
    s3.put("a", DATA)
    fault = Fault("truncate", 100_000) if kind == "truncate" else Fault("lose")

    proxy.faults.extend([fault] * 2)
    assert s3.get("a") == DATA
    proxy.faults.extend([fault] * 2)
    assert s3.fetch("a", sha256=DIGEST).read_bytes() == DATA
    assert not proxy.faults


def test_an_answer_that_always_breaks_leaves_nothing_in_the_cache(
    s3: S3Store, proxy: FaultyProxy, settings: Settings
) -> None:
    s3.put("a", DATA)
    proxy.faults.extend([Fault("truncate", 100_000)] * 10)

    with pytest.raises(StoreUnavailableError, match="for a"):
        s3.fetch("a", sha256=DIGEST)
    assert [path for path in settings.var.rglob("*") if path.is_file()] == []


def test_a_byte_flipped_on_the_way_is_found_and_named(s3: S3Store, proxy: FaultyProxy, settings: Settings) -> None:
    s3.put("raw/x", DATA)
    proxy.faults.append(Fault("flip", 777))

    with pytest.raises(ObjectCorruptError, match="raw/x is corrupt"):
        s3.fetch("raw/x", sha256=DIGEST)
    assert [path for path in settings.var.rglob("*") if path.is_file()] == []
    assert s3.fetch("raw/x", sha256=DIGEST).read_bytes() == DATA


def test_a_conditional_write_whose_answer_is_lost_is_still_ours(s3: S3Store, proxy: FaultyProxy) -> None:
    """boto3 sends it again, and the server says that the key is taken: by us."""
    proxy.faults.append(Fault("lose", method="PUT"))

    s3.put("once", DATA, if_absent=True)

    assert [method for method, _ in proxy.requests].count("PUT") == 2
    with pytest.raises(ObjectExistsError):
        s3.put("once", DATA, if_absent=True)


def test_a_conditional_write_that_lost_to_another_after_a_retry(
    s3: S3Store, proxy: FaultyProxy, moto_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rival writes between our look and our write, and our first try is answered with an error."""
    monkeypatch.setattr(S3Store, "head", lambda _self, _key: None)
    rival = S3Store.from_settings(with_endpoint(settings, moto_url, store_url=s3.url))
    rival.put("once", b"the rival's")
    proxy.faults.append(Fault("status", 503, "PUT"))

    with pytest.raises(ObjectExistsError, match="once"):
        s3.put("once", DATA, if_absent=True)
    assert s3.get("once") == b"the rival's"


def test_a_server_that_ignores_the_condition_is_asked_before(s3: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    real = s3._client.put_object

    def forgetful(**arguments: object) -> object:
        arguments.pop("IfNoneMatch", None)
        return real(**arguments)  # type: ignore[arg-type]  # the same arguments, one fewer

    monkeypatch.setattr(s3._client, "put_object", forgetful)
    s3.put("once", b"first", if_absent=True)

    with pytest.raises(ObjectExistsError):
        s3.put("once", b"second", if_absent=True)
    assert s3.get("once") == b"first"


def test_a_conflict_between_writers_is_asked_again(s3: S3Store, proxy: FaultyProxy) -> None:
    proxy.faults.append(Fault("status", 409, "PUT"))

    s3.put("once", DATA, if_absent=True)

    assert s3.get("once") == DATA


def test_a_slow_server_is_given_up(settings: Settings, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_client, "_READ_SECONDS", 0.2)
    s3 = S3Store.from_settings(with_endpoint(settings, proxy.url))
    proxy.faults.extend([Fault("slow", 1.0)] * 10)

    with pytest.raises(StoreUnavailableError, match=r"could not be reached.*ReadTimeout.*ENDPOINT_URL"):
        s3.get("a")


def test_a_refused_connection_names_the_setting(settings: Settings) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound and not listening: refuses
        s3 = S3Store.from_settings(with_endpoint(settings, f"http://127.0.0.1:{unused.getsockname()[1]}"))

        with pytest.raises(StoreUnavailableError, match=r"could not be reached.*ECOMOPS_S3_ENDPOINT_URL") as raised:
            s3.put("a", DATA)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("failing", [errno.ENOSPC, errno.EACCES])
def test_a_cache_that_cannot_be_written(
    s3: S3Store, settings: Settings, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    s3.put("a", DATA)

    def full(_body: object, target: Path) -> str:
        target.write_bytes(b"as far as it went")
        raise OSError(failing, "No space left on device" if failing == errno.ENOSPC else "Permission denied")

    monkeypatch.setattr(s3_module, "_write", full)

    with pytest.raises(StoreUnavailableError, match=r"cache .*(space|permissions).*may be deleted"):
        s3.fetch("a", sha256=DIGEST)
    assert [path for path in settings.var.rglob("*") if path.is_file()] == []


def test_a_cache_path_that_is_a_file(s3: S3Store, settings: Settings) -> None:
    s3.put("a", DATA)
    settings.var.mkdir()
    (settings.var / "cache").write_text("in the way")

    with pytest.raises(StoreUnavailableError, match="cache"):
        s3.fetch("a", sha256=DIGEST)


def test_a_hash_that_is_none_is_never_looked_for(s3: S3Store) -> None:
    s3.put("a", DATA)

    with pytest.raises(ObjectCorruptError, match="not a SHA-256"):
        s3.fetch("a", sha256="../../secrets/pseudonym.key")


def test_encryption_is_asked_for_on_every_write(settings: Settings, proxy: FaultyProxy, tmp_path: Path) -> None:
    s3 = S3Store.from_settings(with_endpoint(settings, proxy.url, s3_sse="AES256"))
    file = tmp_path / "file"
    file.write_bytes(DATA)

    s3.put("a", DATA)
    s3.put("b", DATA, if_absent=True)
    s3.put_file("c", file)
    s3.put_file("d", file, if_absent=True)

    for key in "abcd":
        assert s3._client.head_object(Bucket="lake", Key=f"p/{key}")["ServerSideEncryption"] == "AES256"


def test_keys_of_a_key_service_are_used_by_a_real_server(s3_settings: Settings) -> None:
    s3 = S3Store.from_settings(s3_settings.model_copy(update={"s3_sse": "aws:kms", "s3_sse_kms_key_id": KMS_KEY}))

    s3.put("a", DATA)

    stored = s3._client.head_object(Bucket=s3._bucket, Key=s3._name("a"))
    assert (stored["ServerSideEncryption"], stored["SSEKMSKeyId"]) == ("aws:kms", KMS_KEY)
    assert s3.get("a") == DATA


def test_a_wrong_secret_is_refused_by_a_real_server(s3_settings: Settings) -> None:
    s3 = open_store(s3_settings.model_copy(update={"s3_secret_access_key": SecretStr(SECRET)}))

    for call in (
        lambda: s3.put("a", DATA),
        lambda: s3.put("a", DATA, if_absent=True),
        lambda: s3.get("a"),
        lambda: s3.head("a"),
        lambda: list(s3.list("")),
        lambda: s3.delete("a"),
    ):
        with pytest.raises(StoreUnavailableError, match="ECOMOPS_S3_SECRET_ACCESS_KEY") as raised:
            call()
        assert SECRET not in str(raised.value)


def test_a_missing_bucket_is_named(s3_settings: Settings) -> None:
    s3 = open_store(s3_settings.model_copy(update={"store_url": "s3://no-such-bucket/p"}))

    for call in (
        lambda: s3.put("a", DATA),
        lambda: s3.put("a", DATA, if_absent=True),
        lambda: s3.get("a"),
        lambda: list(s3.list("")),
    ):
        with pytest.raises(StoreUnavailableError, match=r"s3://no-such-bucket.*NoSuchBucket.*Create the bucket"):
            call()


def test_no_credentials_at_all(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    s3 = S3Store.from_settings(settings.model_copy(update={"store_url": "s3://lake/p"}))

    with pytest.raises(ConfigError, match=r"no credentials for s3://lake/p.*ECOMOPS_S3_ACCESS_KEY_ID"):
        s3.get("a")


@pytest.mark.parametrize(
    ("update", "message"),
    [
        ({"store_url": "s3://"}, "does not name a bucket"),
        ({"store_url": "s3:///prefix"}, "does not name a bucket"),
        ({"store_url": f"s3://id:{SECRET}@lake/p"}, "does not name a bucket"),
        ({"store_url": f"s3://lake/p?key={SECRET}"}, "does not name a bucket"),
        ({"store_url": "s3://lake/../p"}, "not a usable object key"),
        ({"s3_secret_access_key": None}, "Only one of"),
        ({"s3_access_key_id": None}, "Only one of"),
        ({"s3_endpoint_url": f"http://id:{SECRET}@localhost"}, "plain http"),
        ({"s3_endpoint_url": "localhost:9000"}, "plain http"),
        ({"s3_sse": "AES256", "s3_sse_kms_key_id": "k"}, "not aws:kms"),
    ],
)
def test_unusable_settings(settings: Settings, update: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as raised:
        open_store(with_endpoint(settings, "http://localhost", **update))
    assert SECRET not in str(raised.value)


def test_the_url_holds_no_secret_and_a_missing_object_names_it(s3: S3Store, settings: Settings) -> None:
    assert s3.url.startswith("s3://lake/")
    with pytest.raises(ObjectNotFoundError, match="no object raw/a in s3://lake/"):
        s3.get("raw/a")
    assert S3Store.from_settings(settings.model_copy(update={"store_url": "s3://lake"})).url == "s3://lake"
