"""Where an extraction is, and how it goes from page to page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from extractors.api.connector import Page, Request
from extractors.api.errors import ExpiredCursorError
from extractors.woocommerce.client import Shop


@dataclass(frozen=True)
class Place:
    """Where an extraction is; what a cursor holds.

    Attributes:
        phase: What is asked for next.
        pages: How many pages came so far; part of their names.
        at: The place within a listing, as `paging.as_cursor` writes it.
        pending: Records that are to be asked for one by one.
        asked_at: The shop's clock when the extraction began, ISO 8601: the time of a snapshot.
    """

    phase: str
    pages: int = 0
    at: Mapping[str, Any] | None = None
    pending: tuple[str, ...] = ()
    asked_at: str = ""

    def cursor(self) -> str:
        """The place as text."""
        return json.dumps({**vars(self), "pending": list(self.pending)})

    @classmethod
    def read(cls, cursor: str) -> Place:
        """The place that a cursor tells.

        Raises:
            ExpiredCursorError: If it is none of ours.
        """
        try:
            told = json.loads(cursor)
            return cls(**{**told, "pending": tuple(told["pending"])})
        except (ValueError, KeyError, TypeError):
            raise ExpiredCursorError(
                "The place where an extraction stopped cannot be read.", remedy="It begins again."
            ) from None


@dataclass(frozen=True)
class Told:
    """One answer of the shop, to be landed.

    Attributes:
        kind: What it holds; the beginning of its name, and known to the parser.
        body: As it was received.
        asked_at: The shop's clock; None where it tells none.
        reported: How many records it holds that become rows; 0 for what only helps to read others.
        meta: What the parser must know beside the bytes.
    """

    kind: str
    body: bytes
    asked_at: datetime | None
    reported: int = 0
    meta: Mapping[str, str] = field(default_factory=dict)


Step = Callable[[Shop, Request, Place], tuple[Sequence[Told], Place | None]]
"""Asks for one thing: its answers, and where to go on. It is repeated as a whole after a kill in its middle."""


def walk(shop: Shop, request: Request, first: str, steps: Mapping[str, Step]) -> Iterator[Page]:
    """The pages of an extraction, from its cursor on.

    Args:
        shop: The shop.
        request: What is asked for.
        first: The phase that it begins with.
        steps: What to do in each phase.
    """
    place: Place | None = Place(first) if request.cursor is None else Place.read(request.cursor)
    records = 0
    while place is not None:
        if place.phase not in steps:
            raise ExpiredCursorError(f"There is no phase {place.phase!r}.", remedy="It begins again.")
        here = place
        answers, further = steps[here.phase](shop, request, here)
        for number, told in enumerate(answers, start=1):
            here = _moved(here, told, request)
            place = here
            if number == len(answers):
                place = None if further is None else replace(further, pages=here.pages, asked_at=here.asked_at)
            records += told.reported
            request.progress(records)
            name = f"{told.kind}-{here.pages:05d}.json"
            meta = {**told.meta, "kind": told.kind, "asked_at": here.asked_at}
            yield Page(name, told.body, None if place is None else place.cursor(), told.reported, meta)


def _moved(place: Place, told: Told, request: Request) -> Place:
    """The place with one page more, and with the clock where it is not known yet; ours where the shop tells none."""
    asked_at = place.asked_at or (told.asked_at or request.now).astimezone(UTC).isoformat()
    return replace(place, pages=place.pages + 1, asked_at=asked_at)
