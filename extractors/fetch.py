"""Downloads the public *Online Retail* data from UCI's archive, as it is: the archive is the drop.

Chen, D. (2015), Online Retail, doi 10.24432/C5BW33, CC BY 4.0.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl

from extractors.download import FetchError, Progress, discard, download
from lakehouse.files import fsync_path, place, sha256_file, write_bytes

URL = "https://archive.ics.uci.edu/static/public/352/online+retail.zip"
# UCI publishes no hash. This one is what ten unrelated public repositories recorded of their own downloads;
# the content is checked against the published figures besides.
SHA256 = "f5385cbb54bbebf7196389109c6b0621faab0c304e3702548165e71c84aede8b"
WORKBOOK = "Online Retail.xlsx"
COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")

_LIMIT = 200 << 20  # the archive holds 23 MB; more than this is something else
_CHUNK = 1 << 18


@dataclass(frozen=True)
class Facts:
    """What the workbook is known to hold.

    Attributes:
        rows: Lines.
        invoices: Different invoice numbers.
        amount: Sum of quantity × unit price, in pounds.
    """

    rows: int
    invoices: int
    amount: Decimal


# Widely published, and found again in another copy of the data: see the data set's page at UCI.
PUBLISHED = Facts(rows=541_909, invoices=25_900, amount=Decimal("9747747.934"))


@dataclass(frozen=True)
class Fetched:
    """The data set on disk.

    Attributes:
        path: The archive.
        sha256: Its hash, also kept beside it.
        downloaded: Whether it was downloaded now; False where it was there already.
    """

    path: Path
    sha256: str
    downloaded: bool


def fetch_online_retail(
    target: Path,
    *,
    url: str = URL,
    sha256: str | None = SHA256,
    facts: Facts = PUBLISHED,
    progress: Progress | None = None,
) -> Fetched:
    """Puts UCI's archive of Online Retail at `target`, checked; downloads only what is missing.

    The hash of what was downloaded is kept in ``<target>.sha256``, and a later call checks the file against
    it. What an interrupted download left is continued.

    Args:
        target: Path of the archive, by custom ending in ``.zip``.
        url: Where it is downloaded from.
        sha256: The hash it must have; None where only its content shall decide.
        facts: What its workbook must hold.
        progress: Called with the bytes so far, and the whole where the server tells it.

    Raises:
        FetchError: If it cannot be downloaded, or is not that data set. Nothing is left at `target` then
            that was not there before.
    """
    if target.exists():
        return Fetched(target, _check_existing(target, sha256, facts), downloaded=False)
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        download(url, part, limit=_LIMIT, progress=progress)
        actual = _check(part, sha256, facts)
        fsync_path(part)
        place(part, target)
        _record(target, actual)
    except OSError as error:
        raise FetchError(
            f"{target} could not be written: {error.strerror or error}.",
            remedy="Check the disk's free space and the folder's permissions.",
        ) from error
    return Fetched(target, actual, downloaded=True)


def check_workbook(archive: Path, facts: Facts) -> None:
    """Compares an archive's workbook with what the data set is known to hold.

    Raises:
        FetchError: If it is no archive of that workbook, or other data; the message says what differs.
    """
    try:
        with zipfile.ZipFile(archive) as opened, tempfile.TemporaryDirectory() as folder:
            entry = opened.getinfo(WORKBOOK)
            if entry.file_size > _LIMIT:
                raise _not_the_data(archive, f"{WORKBOOK} is {entry.file_size:,} bytes long")
            workbook = Path(folder) / "workbook.xlsx"
            with opened.open(entry) as packed, workbook.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked, _CHUNK)
            found = _facts(workbook)
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise _not_the_data(archive, f"it is no zip archive with {WORKBOOK} in it ({error})") from error
    if found != facts:
        raise _not_the_data(archive, f"it holds {found}, not {facts}")


def _facts(workbook: Path) -> Facts:
    try:
        frame = pl.read_excel(workbook, columns=list(COLUMNS), read_options={"dtypes": {"InvoiceNo": "string"}})
    except Exception as error:  # fastexcel's own errors have no common public base
        raise FetchError(f"{WORKBOOK} cannot be read: {error}", remedy="Delete it and fetch it again.") from error
    # Prices have three decimals at most: whole thousandths add up exactly.
    thousandths = (pl.col("UnitPrice").cast(pl.Float64) * 1000).round().cast(pl.Int64)
    amount = frame.select((pl.col("Quantity").cast(pl.Int64) * thousandths).sum()).item()
    return Facts(frame.height, frame["InvoiceNo"].n_unique(), Decimal(amount) / 1000)


def _check_existing(target: Path, sha256: str | None, facts: Facts) -> str:
    recorded = _sidecar(target)
    if not recorded.exists():
        actual = _check(target, sha256, facts, keep=True)
        _record(target, actual)
        return actual
    actual, expected = sha256_file(target), recorded.read_text().split(maxsplit=1)[0]
    if actual != expected:
        raise FetchError(
            f"{target} has changed since it was downloaded: its SHA-256 is {actual}, {recorded.name} says {expected}.",
            remedy=f"Delete {target.name} and {recorded.name}, and fetch it again.",
        )
    _check_hash(target, actual, sha256)
    return actual


def _check(archive: Path, sha256: str | None, facts: Facts, *, keep: bool = False) -> str:
    """The archive's hash, if it is the data set; else the archive is deleted unless it is the user's."""
    try:
        actual = sha256_file(archive)
        _check_hash(archive, actual, sha256)
        check_workbook(archive, facts)
    except FetchError:
        if not keep:
            discard(archive)
        raise
    return actual


def _check_hash(archive: Path, actual: str, expected: str | None) -> None:
    if expected is not None and actual != expected.strip().lower():
        raise FetchError(
            f"{archive.name} has the SHA-256 {actual}, not {expected}.",
            remedy="Fetch it again. If UCI has packed its archive anew, give that hash with --sha256; "
            "its content is checked all the same.",
        )


def _record(target: Path, sha256: str) -> None:
    write_bytes(_sidecar(target), f"{sha256}  {target.name}\n".encode())  # the form that sha256sum -c reads


def _sidecar(target: Path) -> Path:
    return target.with_name(f"{target.name}.sha256")


def _not_the_data(archive: Path, why: str) -> FetchError:
    return FetchError(
        f"{archive.name} is not the Online Retail data: {why}.", remedy=f"Download {URL} by hand and look into it."
    )
