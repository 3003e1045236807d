from __future__ import annotations

import http.server
import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from ecomops.alerts import alert
from lakehouse.errors import AuditError
from lakehouse.settings import Settings


class Webhook(http.server.ThreadingHTTPServer):
    """Answers every POST with `status` and keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.received: list[dict[str, str]] = []


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        self.server.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's own name
        pass


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    server = Webhook()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def settings_for(tmp_path: Path, url: str | None = None) -> Settings:
    return Settings(var_dir=tmp_path, alert_webhook_url=SecretStr(url) if url else None)


def url_of(server: Webhook) -> str:
    return f"http://127.0.0.1:{server.server_port}/hooks/s3cr3t"


ERROR = AuditError("Net sales of 2011-12-05 differ by 3.20.", remedy="Read var/alerts.")


def test_a_failure_is_written_logged_and_posted(
    tmp_path: Path, webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    path = alert(
        "The audit failed",
        origin="close_day.audit",
        run_id="r1",
        error=ERROR,
        settings=settings_for(tmp_path, url_of(webhook)),
    )

    assert path is not None
    assert path.parent == tmp_path / "alerts"
    written = json.loads(path.read_text())
    assert written["detail"] == "Net sales of 2011-12-05 differ by 3.20."
    assert written["remedy"] == "Read var/alerts."
    assert (written["origin"], written["run_id"]) == ("close_day.audit", "r1")
    [posted] = webhook.received
    assert {key: posted[key] for key in written} == written
    assert posted["text"] == (
        "[close_day.audit] The audit failed Net sales of 2011-12-05 differ by 3.20. Read var/alerts."
    )
    assert [record.levelno for record in caplog.records if "ALERT" in record.message] == [logging.ERROR]


def test_without_a_webhook_the_file_is_enough(tmp_path: Path) -> None:
    path = alert("It broke", origin="x", run_id="r", error="words", settings=settings_for(tmp_path))
    assert path is not None
    assert json.loads(path.read_text())["detail"] == "words"


def test_two_failures_of_one_second_are_two_files(tmp_path: Path) -> None:
    for _ in range(5):
        alert("It broke", origin="x", run_id="r", settings=settings_for(tmp_path))
    assert len(list((tmp_path / "alerts").glob("*.json"))) == 5


@pytest.mark.parametrize("status", [404, 500])
def test_a_refusing_webhook_is_logged_without_its_secret(
    tmp_path: Path, webhook: Webhook, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    webhook.status = status
    path = alert("It broke", origin="x", run_id="r", settings=settings_for(tmp_path, url_of(webhook)))
    assert path is not None
    assert str(status) in caplog.text
    assert "s3cr3t" not in caplog.text


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/s3cr3t", "not a url s3cr3t", "http://[s3cr3t"])
def test_an_unreachable_webhook_does_not_raise(tmp_path: Path, caplog: pytest.LogCaptureFixture, url: str) -> None:
    assert alert("It broke", origin="x", run_id="r", settings=settings_for(tmp_path, url)) is not None
    assert "could not be posted" in caplog.text
    assert "s3cr3t" not in caplog.text


def test_a_folder_that_cannot_be_written_does_not_raise_and_still_posts(tmp_path: Path, webhook: Webhook) -> None:
    (tmp_path / "alerts").write_text("a file where the folder should be")
    assert alert("It broke", origin="x", run_id="r", settings=settings_for(tmp_path, url_of(webhook))) is None
    assert len(webhook.received) == 1


def test_the_origin_cannot_leave_the_folder(tmp_path: Path) -> None:
    path = alert("It broke", origin="../../etc/x y", run_id="r", settings=settings_for(tmp_path))
    assert path is not None
    assert path.resolve().parent == (tmp_path / "alerts").resolve()


def test_an_exception_that_is_not_ours_names_its_class(tmp_path: Path) -> None:
    path = alert("It broke", origin="x", run_id="r", error=KeyError("a"), settings=settings_for(tmp_path))
    assert path is not None
    assert json.loads(path.read_text())["detail"] == "KeyError: 'a'"
