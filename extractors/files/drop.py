"""The drop: a folder or bucket of exports, or one export file, and which of its files belong to a window."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from extractors.files.layout import Layout
from extractors.files.mapping import SourceMapping
from extractors.files.parse import first_and_last, read_part
from extractors.files.places import DropFile, DropPath, listing
from lakehouse.errors import ConfigError, ContractError, WindowError
from lakehouse.landing import RawPart
from lakehouse.windows import Window, zone


class Drop:
    """The files of a source in a drop.

    A folder is searched with its subfolders; files of other sources and hidden ones are passed over.

    Args:
        mapping: The source.
        path: A folder, a single file, or `s3://bucket/prefix`.

    Raises:
        ConfigError: If the path is missing, or none of its files is named as the source's are.
        ContractError: If two files have one name, or daily files lie beside one that holds a whole period.
    """

    def __init__(self, mapping: SourceMapping, path: DropPath) -> None:
        self.mapping = mapping
        self.path = path
        self.daily: dict[date, list[DropFile]] = defaultdict(list)
        self.whole: list[DropFile] = []
        for file in listing(path):
            layout = mapping.layout_of(file.name)
            if layout is not None:
                self._add(DropFile(layout.file_name.tail(file.name), file.read), layout)
        self._check()

    def files(self, window: Window) -> list[DropFile]:
        """The files that a window's rows come from, in order.

        A day without file is a day on which nothing happened where the mapping says `missing_file: empty`
        (the shop was closed), and otherwise an error: an export that was forgotten must not look like a
        quiet day.

        Raises:
            ContractError: If a day's file is missing; the message names it.
            WindowError: If daily files are asked for a window that is not made of whole local days.
        """
        if not self.daily:
            return self.whole
        days = self._whole_days(window)
        missing = [day for day in days if day not in self.daily]
        if missing and self.mapping.missing_file == "error":
            patterns = ", ".join(layout.files for layout in self.mapping.layouts if layout.is_daily)
            raise ContractError(
                f"{self.path} has no file of {self.mapping.name} for {missing[0]} ({patterns}).",
                remedy="Drop it; or, if days without file are normal, set `missing_file: empty` in the mapping.",
            )
        return [file for day in days for file in self.daily.get(day, [])]

    def parts(self, window: Window) -> list[RawPart]:
        """The bytes of a window's files (see `files`)."""
        return [RawPart(file.name, file.read()) for file in self.files(window)]

    def days(self) -> list[date]:
        """The local days from the first to the last.

        Whole-period files are read for it; empty where they hold no record.
        """
        if self.daily:
            first, last = min(self.daily), max(self.daily)
        else:
            info = zone(self.mapping.time_zone)
            parts = [RawPart(file.name, file.read()) for file in self.whole]
            found = first_and_last(self.mapping, [read_part(self.mapping, part) for part in parts])
            if found is None:
                return []
            first, last = (instant.astimezone(info).date() for instant in found)
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    def _add(self, file: DropFile, layout: Layout) -> None:
        if layout.is_daily:
            day = layout.file_name.day(file.name)
            if day is not None:
                self.daily[day].append(file)
        else:
            self.whole.append(file)

    def _check(self) -> None:
        files = [*self.whole, *(file for files in self.daily.values() for file in files)]
        if not files:
            patterns = ", ".join(layout.files for layout in self.mapping.layouts)
            raise ConfigError(
                f"{self.path} holds no file of the source {self.mapping.name}.",
                remedy=f"Its files are named {patterns}, with or without .gz, .zst or .zip.",
            )
        names = [file.name for file in files]
        doubled = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
        if doubled:
            raise ContractError(f"{self.path} holds {doubled[0]} more than once.", remedy="Keep one of them.")
        if self.daily and self.whole:
            raise ContractError(
                f"{self.path} holds daily files and {self.whole[0].name}, which holds a whole period.",
                remedy="Land one or the other: pass the path of the file, or of a folder without it.",
            )

    def _whole_days(self, window: Window) -> list[date]:
        days = list(window.days(self.mapping.time_zone))
        whole = Window.local_days(days[0], days[-1], self.mapping.time_zone)
        if whole != window:
            raise WindowError(
                f"{self.mapping.name} comes in days of {self.mapping.time_zone}, and {window} is not made of those.",
                remedy=f"The window of these days is {whole}.",
            )
        return days


def period_of(mapping: SourceMapping, drop: DropPath) -> Window:
    """The window from the first to the last local day that a drop holds: by names, or by contents.

    Raises:
        ContractError: If its files hold no record.
    """
    days = Drop(mapping, drop).days()
    if not days:
        raise ContractError(f"{drop} holds no record, and so no period.", remedy="Name the window yourself.")
    return Window.local_days(days[0], days[-1], mapping.time_zone)


def day_windows(mapping: SourceMapping, drop: DropPath) -> list[Window]:
    """One window for every local day of a drop's period, days without file included.

    Raises:
        ContractError: If its files hold no record.
    """
    period = period_of(mapping, drop)
    return [Window.local_day(day, mapping.time_zone) for day in period.days(mapping.time_zone)]
