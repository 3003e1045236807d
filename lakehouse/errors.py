"""Errors that name the thing and the remedy."""

from __future__ import annotations


class EcomopsError(Exception):
    """Base of every error a user may see.

    Args:
        message: What went wrong, naming the file, table, object or setting.
        remedy: What to do about it, in the imperative.
    """

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        """The message, followed by the remedy where there is one."""
        return f"{self.message} {self.remedy}" if self.remedy else self.message


class ConfigError(EcomopsError):
    """A setting or a declaration is missing or wrong."""


class WindowError(EcomopsError):
    """A window is missing, malformed or empty."""


class ObjectNotFoundError(EcomopsError):
    """The object store holds nothing under this key."""


class ObjectExistsError(EcomopsError):
    """An object that is written once is already there."""


class ObjectCorruptError(EcomopsError):
    """An object's bytes are not those its manifest promises."""


class StoreUnavailableError(EcomopsError):
    """The object store could not be reached or refused the request; trying again later may help."""


class ContractError(EcomopsError):
    """Data does not have the columns or types that were agreed on."""


class QuarantineLimitError(EcomopsError):
    """More rows failed the raw contract than the source's mapping allows."""


class BuildError(EcomopsError):
    """A warehouse build failed; the published warehouse is as it was."""


class AuditError(EcomopsError):
    """A built warehouse failed its audit; the published warehouse is as it was."""


class NothingPublishedError(EcomopsError):
    """There is no published warehouse to read yet."""
