"""What people say of risks: which alert they know of, and until when it need not be told again."""

from __future__ import annotations

from lakehouse.streams.model import Stream, day, happened, person, text

ALERT_ACKNOWLEDGEMENTS = Stream(
    "alert_acknowledgements",
    (
        text("rule_id", "The rule that raised the alert.", required=True),
        text("subject_id", "What the alert is about, as the alert writes it.", required=True),
        text("decision", "acknowledged, or reopened: the acknowledgement is taken back.", required=True),
        day("until_date", "Last day on which it counts as acknowledged; none: until the condition ends."),
        person("decided_by", "Who acknowledged it."),
        text("note", "Why, or what is being done."),
        happened("When it was acknowledged"),
    ),
)

STREAMS = (ALERT_ACKNOWLEDGEMENTS,)
