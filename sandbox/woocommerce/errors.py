"""Errors in the shape that WordPress gives them."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class RestError(Exception):
    """An answer that is an error.

    Args:
        status: Its HTTP status.
        code: WordPress's word for it.
        message: Its sentence.
        data: What stands beside the status in `data`.
        headers: Headers of the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.headers = dict(headers or {})
        self.body = {"code": code, "message": message, "data": {"status": status, **(data or {})}}

    def answer(self) -> Response:
        """The error as an HTTP answer."""
        return JSONResponse(self.body, status_code=self.status, headers=self.headers)


def invalid_parameter(name: str, code: str, message: str) -> RestError:
    """One request parameter that cannot be used."""
    detail = {"code": code, "message": message, "data": None}
    return RestError(
        400,
        "rest_invalid_param",
        f"Invalid parameter(s): {name}",
        {"params": {name: message}, "details": {name: detail}},
    )


def no_route() -> RestError:
    """There is nothing under this path."""
    return RestError(404, "rest_no_route", "No route was found matching the URL and request method.")


def unauthorised(sentence: str = "Sorry, you cannot list resources.") -> RestError:
    """Nobody is logged in."""
    return RestError(401, "woocommerce_rest_cannot_view", sentence)


async def handle(_request: Request, error: Exception) -> Response:
    """Starlette's handler of `RestError` and of its own 404 and 405."""
    return (error if isinstance(error, RestError) else no_route()).answer()
