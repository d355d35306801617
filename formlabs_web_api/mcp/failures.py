"""Failures as sentences that help an assistant, in place of exceptions that the SDK hides."""

from __future__ import annotations

from functools import wraps
from typing import Callable, Type, TypeVar

from mcp.server.mcpserver.exceptions import MCPServerError, ResourceError, ToolError
from pydantic import ValidationError
from typing_extensions import ParamSpec

from formlabs_web_api.exceptions import (
    ApiConnectionException,
    ApiException,
    ForbiddenException,
    NotFoundException,
    OpenApiException,
    RateLimitException,
    UnauthorizedException,
)

P = ParamSpec("P")
R = TypeVar("R")


def _reported_as(kind: Type[MCPServerError]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    def decorated(work: Callable[P, R]) -> Callable[P, R]:
        @wraps(work)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return work(*args, **kwargs)
            except (OpenApiException, ValidationError, ValueError, ImportError) as error:
                raise kind(sentence(error)) from error

        return run

    return decorated


reported = _reported_as(ToolError)
"""Decorates a tool: each failure that a caller can act on raises ToolError with a sentence."""
reported_resource = _reported_as(ResourceError)
"""Decorates a resource in the same way; its failures raise ResourceError."""


def sentence(error: Exception) -> str:
    """Return what failed and what would help, without secrets."""
    if isinstance(error, RateLimitException):
        wait = error.retry_after
        when = f"in {max(1, round(wait / 60))} minutes" if wait else "later"
        return f"the service's rate limit is used up; try again {when}, not earlier"
    if isinstance(error, UnauthorizedException):
        return (
            "the service refuses the credentials of this server; the person who runs it can find"
            " out more with `formlabs-web-api doctor`"
        )
    if isinstance(error, ForbiddenException):
        return "the account may not do this; an administrator of the group can"
    if isinstance(error, NotFoundException):
        return "not found: check the serial with fleet_status, or the group with list_groups"
    if isinstance(error, ApiConnectionException):
        return "the service is not reached; check the network, then try again"
    if isinstance(error, ApiException):
        return str(error)
    if isinstance(error, ValidationError):
        return "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()
        )
    return str(error)
