"""Tells somebody that a run failed: in a file, in the log, and at a webhook where one is set.

An alert is sent because something already went wrong, so nothing in here may raise: each way of telling
is tried, and the failure of one is itself logged.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from lakehouse import files
from lakehouse.errors import EcomopsError
from lakehouse.settings import Settings, get_settings

_LOG = logging.getLogger(__name__)
_TIMEOUT_S = 10.0
_LONGEST_DETAIL = 4000


@dataclass(frozen=True)
class Alert:
    """What happened, to what, and what to do about it.

    Attributes:
        title: One line for a phone's lock screen.
        origin: What failed: for example ``close_day.audit``.
        run_id: The run it failed in.
        detail: The error in words.
        remedy: What to do, where the error names it.
        raised_at: The wall clock, ISO 8601 in UTC; for people only.
    """

    title: str
    origin: str
    run_id: str
    detail: str
    remedy: str = ""
    raised_at: str = ""


def alert(
    title: str, *, origin: str, run_id: str, error: BaseException | str | None = None, settings: Settings | None = None
) -> Path | None:
    """Writes an alert to ``var/alerts``, logs it at ERROR, and posts it where `alert_webhook_url` is set.

    Args:
        title: One line that says what failed.
        origin: The step that failed.
        run_id: The run it failed in.
        error: The exception, or its words.
        settings: Where to write and post to; default: this process's settings.

    Returns:
        The file that was written, or None where even that was not possible.
    """
    try:
        settings = settings or get_settings()
        message = _describe(title, origin, run_id, error)
        _LOG.error("ALERT %s: %s (run %s) %s %s", origin, title, run_id, message.detail, message.remedy)
        path = _write(message, settings)
        _post(message, settings)
    except Exception:  # noqa: BLE001 -- the run's own failure must not be hidden by that of its alert
        _LOG.exception("The alert %r of %s could not be sent.", title, origin)
        return None
    return path


def _describe(title: str, origin: str, run_id: str, error: BaseException | str | None) -> Alert:
    known = error if isinstance(error, EcomopsError) else None
    if isinstance(error, BaseException):
        detail = known.message if known else f"{type(error).__name__}: {error}"
    else:
        detail = error or ""
    return Alert(
        title=title,
        origin=origin,
        run_id=run_id,
        detail=detail[:_LONGEST_DETAIL],
        remedy=known.remedy if known else "",
        raised_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _write(message: Alert, settings: Settings) -> Path | None:
    stamp = re.sub(r"[^0-9TZ]", "", message.raised_at.replace("+00:00", "Z"))
    origin = re.sub(r"[^A-Za-z0-9_.-]+", "_", message.origin)[:60]
    # The random end keeps two failures of one second apart.
    path = settings.var / "alerts" / f"{stamp}-{origin}-{secrets.token_hex(3)}.json"
    try:
        files.write_bytes(path, json.dumps(asdict(message), indent=1, ensure_ascii=False).encode())
    except OSError:
        _LOG.exception("The alert of %s could not be written to %s.", message.origin, path)
        return None
    return path


def _post(message: Alert, settings: Settings) -> None:
    if settings.alert_webhook_url is None:
        return
    # "text" is what Slack, Mattermost and Google Chat show; the rest is for machines.
    text = " ".join(part for part in (f"[{message.origin}]", message.title, message.detail, message.remedy) if part)
    try:
        answer = httpx.post(
            settings.alert_webhook_url.get_secret_value(),
            json={"text": text, **asdict(message)},
            timeout=_TIMEOUT_S,
        )
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # Neither the error's text nor its traceback: both contain the URL, which is a secret.
        status = error.response.status_code if isinstance(error, httpx.HTTPStatusError) else type(error).__name__
        _LOG.error("The alert of %s could not be posted to the webhook: %s.", message.origin, status)
