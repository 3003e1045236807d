"""Makes the fonts of this folder from their npm packages: `python -m reports.fonts.build`.

A maintainer's tool: it needs npm, a network and fonttools (a development dependency); reports need none of them.
Source Sans 3 is kept whole: its licence reserves the name "Source" for unmodified copies, and a subset is a modified
one. Noto Sans SC keeps the 6,763 characters and the signs of GB 2312, the national standard's basic set.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]  # it has no stubs
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from reports.fonts import FOLDER

_SOURCE_SANS = ("@expo-google-fonts/source-sans-3", "0.4.1")
_NOTO_SC = ("@expo-google-fonts/noto-sans-sc", "0.4.3")
_FACES = (
    (_SOURCE_SANS, "package/400Regular/SourceSans3_400Regular.ttf", "SourceSans3-Regular.ttf"),
    (_SOURCE_SANS, "package/600SemiBold/SourceSans3_600SemiBold.ttf", "SourceSans3-SemiBold.ttf"),
    (_SOURCE_SANS, "package/700Bold/SourceSans3_700Bold.ttf", "SourceSans3-Bold.ttf"),
    (_NOTO_SC, "package/400Regular/NotoSansSC_400Regular.ttf", "NotoSansSC-Regular.ttf"),
    (_NOTO_SC, "package/700Bold/NotoSansSC_700Bold.ttf", "NotoSansSC-Bold.ttf"),
)
_LICENCES = ((_SOURCE_SANS, "SourceSans3-OFL.txt"), (_NOTO_SC, "NotoSansSC-OFL.txt"))


def gb2312() -> set[int]:
    """The code points of GB 2312, and the full-width forms that Chinese text uses."""
    points: set[int] = set()
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                points.add(ord(bytes((row, cell)).decode("gb2312")))
            except UnicodeDecodeError:  # the standard leaves cells empty
                continue
    return points | set(range(0xFF01, 0xFF5F)) | {0xFFE5, 0x20}


def _fetch(package: tuple[str, str], folder: Path) -> Path:
    name, version = package
    done = subprocess.run(
        ["npm", "pack", f"{name}@{version}", "--silent"], cwd=folder, check=True, capture_output=True, text=True
    )
    return folder / done.stdout.strip().splitlines()[-1]


def _member(archive: Path, name: str) -> bytes:
    with tarfile.open(archive) as tar:
        handle = tar.extractfile(name)
        if handle is None:
            raise FileNotFoundError(f"{archive.name} holds no file {name}")
        return handle.read()


def _subset(path: Path, points: Iterable[int]) -> None:
    options = subset.Options(
        layout_features=["*"], hinting=False, notdef_outline=True, glyph_names=False, recalc_timestamp=False
    )
    options.drop_tables += ["DSIG", "vhea", "vmtx", "VORG"]
    font = subset.load_font(str(path), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=points)
    subsetter.subset(font)
    subset.save_font(font, str(path), options)


def _ranges(points: set[int]) -> str:
    lines: list[str] = []
    start = previous = -2
    for point in [*sorted(points), -1]:
        if point != previous + 1:
            if start >= 0:
                lines.append(f"{start:04X}" if start == previous else f"{start:04X}-{previous:04X}")
            start = point
        previous = point
    return "\n".join(lines) + "\n"


def main() -> int:
    """Fetches, subsets and writes the fonts, their licences and the list of what they can draw."""
    covered: dict[tuple[str, str], set[int]] = {}
    with tempfile.TemporaryDirectory() as name:
        archives = {package: _fetch(package, Path(name)) for package in (_SOURCE_SANS, _NOTO_SC)}
        for package, member, target in _FACES:
            (FOLDER / target).write_bytes(_member(archives[package], member))
            if package is _NOTO_SC:
                _subset(FOLDER / target, gb2312())
            points = set(TTFont(FOLDER / target).getBestCmap())
            covered[package] = covered.get(package, points) & points
        for package, target in _LICENCES:
            (FOLDER / target).write_bytes(_member(archives[package], "package/LICENSE_FONT"))
    (FOLDER / "coverage.txt").write_text(_ranges(set().union(*covered.values())), encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
