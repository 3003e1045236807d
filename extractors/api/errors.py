"""What can go wrong between us and a vendor, each with the action that it asks for."""

from __future__ import annotations

from lakehouse.errors import EcomopsError


class ApiError(EcomopsError):
    """A vendor refused or answered what cannot be used."""


class TransientError(ApiError):
    """Trying again may help, and all tries are used up: the next run goes on from the checkpoint."""


class AuthError(ApiError):
    """The vendor does not accept the credentials, or they lack a permission."""


class RequestError(ApiError):
    """The vendor says that the request itself is wrong: trying again cannot help."""


class GoneError(ApiError):
    """The vendor has nothing at this address (404 or 410)."""


class ExpiredCursorError(ApiError):
    """The vendor no longer knows the place where an extraction stopped: it has to begin again."""


class IncompleteError(ApiError):
    """Fewer or more records came than the vendor said there are: nothing of it may become visible."""


class BudgetError(ApiError):
    """An answer is larger, slower or longer than what was agreed on."""
