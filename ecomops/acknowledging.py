"""People's part in alerts: which are open, and which somebody knows of; landed like any other source."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from ecomops.pipeline import land
from lakehouse.errors import ConfigError, EcomopsError
from lakehouse.warehouse import Reader, open_reader
from lakehouse.windows import Window

if TYPE_CHECKING:
    from lakehouse.settings import Settings

SOURCE: Final = "alert_acknowledgements"
_COLUMNS: Final = (
    "severity", "rule_id", "subject_id", "subject_title", "metric", "metric_value", "threshold_value", "unit",
    "value_at_stake_shop", "first_seen_date", "is_acknowledged", "acknowledged_until_date",
)  # fmt: skip
_LIST: Final = f"""
select {", ".join(_COLUMNS)}
from rpt_alert
where is_open and ($everything or not is_acknowledged) and ($rule = '' or rule_id = $rule)
order by alert_rank
limit $most
"""


@dataclass(frozen=True)
class Acknowledgement:
    """What a person says of one alert.

    Attributes:
        rule_id: The rule that raised it.
        subject_id: What it is about, as the alert writes it.
        by: Who says so; past the raw zone there is a pseudonym.
        until: Last day on which it counts as acknowledged; None: until the condition ends.
        note: Why, or what is being done.
        reopened: Whether an earlier acknowledgement is taken back instead.
    """

    rule_id: str
    subject_id: str
    by: str
    until: date | None = None
    note: str = ""
    reopened: bool = False


def open_alerts(settings: Settings, *, rule: str = "", everything: bool = False, most: int = 50) -> pl.DataFrame:
    """The alerts whose condition holds, the gravest first.

    Args:
        settings: Which warehouse.
        rule: Only those of this rule; empty: of all.
        everything: Whether those that somebody acknowledged are among them.
        most: Rows at most.

    Raises:
        ConfigError: If the published warehouse has no alerts yet.
    """
    with open_reader(settings) as reader:
        _require_alerts(reader)
        return reader.frame(_LIST, {"rule": rule, "everything": everything, "most": most})


def acknowledge(settings: Settings, said: Acknowledgement, *, now: datetime, run_id: str) -> None:
    """Lands what a person says of an alert. It counts from the next close on.

    Args:
        settings: Where to.
        said: The alert, who, and until when.
        now: The wall clock, read by whoever started this: when it was said.
        run_id: The run.

    Raises:
        ConfigError: If nobody is named, the day is past, or there is no such alert.
    """
    if not said.by.strip():
        raise ConfigError("Nobody is named who acknowledges.", remedy="Add --by and a name.")
    if said.until is not None and said.until < now.date():
        raise ConfigError(f"{said.until} is past.", remedy="Give --until a day to come, or leave it away.")
    with open_reader(settings) as reader:
        _require_alerts(reader)
        _check_known(reader, said)
    _land(settings, said, now.astimezone(UTC), run_id)


def _require_alerts(reader: Reader) -> None:
    if ("reports", "rpt_alert") not in reader.tables():
        raise ConfigError("The published warehouse has no alerts yet.", remedy="Close a day: `ecomops close DAY`.")


def _check_known(reader: Reader, said: Acknowledgement) -> None:
    found = reader.frame(
        "select count(*) filter (where subject_id = $subject) as these, count(*) as of_rule, "
        "(select string_agg(distinct rule_id, ', ' order by rule_id) from rpt_alert) as rules "
        "from rpt_alert where rule_id = $rule",
        {"rule": said.rule_id, "subject": said.subject_id},
    ).row(0, named=True)
    if not found["of_rule"]:
        raise ConfigError(
            f"No alert of a rule {said.rule_id!r} is known.", remedy=f"There are alerts of: {found['rules'] or 'none'}."
        )
    if not found["these"]:
        raise ConfigError(
            f"{said.rule_id} has no alert about {said.subject_id!r}.",
            remedy=f"Take the subject from `ecomops alerts list --rule {said.rule_id} --all`.",
        )


def _land(settings: Settings, said: Acknowledgement, moment: datetime, run_id: str) -> None:
    record = pl.DataFrame(
        {
            "rule_id": [said.rule_id],
            "subject_id": [said.subject_id],
            "decision": ["reopened" if said.reopened else "acknowledged"],
            "until_date": [said.until.isoformat() if said.until else None],
            "decided_by": [said.by.strip()],
            "note": [said.note.strip() or None],
            "decided_at": [f"{moment:%Y-%m-%dT%H:%M:%SZ}"],
        }
    )
    data = record.write_csv()
    name = hashlib.sha256(data.encode()).hexdigest()[:12]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"{SOURCE}_{moment:%Y-%m-%d}_{name}.csv").write_text(data, encoding="utf-8")
        day = Window.local_day(moment.date(), "UTC")
        landed = land(settings, SOURCE, Path(folder), [day], landed_at=moment, run_id=run_id, known_at=moment)
    if landed.rows["quarantined"]:
        raise EcomopsError("The acknowledgement is in quarantine.", remedy="Look at `ecomops quarantine`.")
