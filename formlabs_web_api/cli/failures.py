"""Exit codes and messages of failures."""

from __future__ import annotations

import re
from typing import List, Optional, Tuple

from formlabs_web_api.cli.cells import counted

FAILED = 1
USAGE = 2
NOT_AUTHORISED = 3
THROTTLED = 4
NETWORK = 5
TIMED_OUT = 124
"""A wait has timed out; the exit code of timeout(1)."""
INTERRUPTED = 130
"""Ctrl-C; the exit code that shells report for it."""

NO_CREDENTIALS = (
    "no credentials: run `formlabs-web-api login`, or set FORMLABS_CLIENT_ID and"
    " FORMLABS_CLIENT_SECRET (both are on https://dashboard.formlabs.com/#developer);"
    " `formlabs-web-api --sandbox status` needs none"
)
_MORE = "run `formlabs-web-api doctor` for details"


class Failure(Exception):
    """An error that ends a command, with its exit code and a message for people."""

    def __init__(self, text: str, code: int = FAILED) -> None:
        super().__init__(text)
        self.code = code


def failure_of(error: BaseException) -> Optional[Failure]:
    """Convert an exception to a failure; return None if it is a bug of this program."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, RecursionError):
        return Failure("the data is nested too deeply to be read")
    if isinstance(error, OSError) and error.strerror:
        return Failure(": ".join(str(part) for part in (error.filename, error.strerror) if part))
    from pydantic import ValidationError

    from formlabs_web_api.exceptions import ApiException, ApiValueError, OpenApiException

    if isinstance(error, ApiException):
        return Failure(*_of_the_service(error))
    if isinstance(error, ApiValueError):
        return Failure(str(error), USAGE)
    if isinstance(error, OpenApiException):
        return Failure(str(error))
    if isinstance(error, ValidationError):
        return Failure("; ".join(_validation_messages(error)), USAGE)
    return None


def _of_the_service(error: Exception) -> Tuple[str, int]:
    from formlabs_web_api.exceptions import (
        ApiConnectionException,
        AuthenticationException,
        ForbiddenException,
        RateLimitException,
        UnauthorizedException,
    )

    if isinstance(error, RateLimitException):
        wait = error.retry_after
        advice = f"; try again in {wait / 60:.0f} min" if wait and wait >= 90 else ""
        return f"{error}{advice}", THROTTLED
    if isinstance(error, AuthenticationException):
        # With any other status, the host is probably not the service.
        is_refused = error.status in (None, 0, 400, 401, 403)
        return f"{error}; {_MORE}", NOT_AUTHORISED if is_refused else FAILED
    if isinstance(error, (UnauthorizedException, ForbiddenException)):
        return str(error), NOT_AUTHORISED
    if isinstance(error, ApiConnectionException):
        tried = f"{error.method} {error.path}, {counted(error.attempts, 'attempt')}"
        return f"the service cannot be reached: {reason_of(error)} ({tried}); {_MORE}", NETWORK
    return str(error), FAILED


def causes_of(error: BaseException) -> List[BaseException]:
    """Return an exception and its causes, outermost first."""
    causes: List[BaseException] = []
    cause: Optional[BaseException] = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    return causes


def reason_of(error: BaseException) -> str:
    """Return why a connection failed; the operating system's message if there is one."""
    causes = causes_of(error)
    if is_without_tls(causes):
        return "the server does not use TLS"
    reasons = [one.strerror for one in causes if isinstance(one, OSError) and one.strerror]
    if reasons:
        return reasons[-1]
    if has_cause(causes, "ConnectTimeoutError"):
        return "no connection in time"
    if has_cause(causes, "ReadTimeoutError"):
        return "no response in time"
    return str(getattr(error, "reason", None) or error)


def is_without_tls(causes: List[BaseException]) -> bool:
    """Return True if a connection failed because the server answered without TLS."""
    return any(getattr(one, "reason", None) == "WRONG_VERSION_NUMBER" for one in causes)


def has_cause(causes: List[BaseException], name: str) -> bool:
    """Return True if one of the causes is the error of urllib3 with this name."""
    import urllib3.exceptions as http

    return any(isinstance(one, getattr(http, name)) for one in causes)


def _validation_messages(error: ValueError) -> Tuple[str, ...]:
    from pydantic import ValidationError

    assert isinstance(error, ValidationError)
    return tuple(
        f"{'.'.join(str(part) for part in one['loc'])}: {plain_message(one['msg'])}"
        for one in error.errors()
    )


_PLAIN_MESSAGES = (
    (r"Input should be greater than or equal to (\S+)", r"it must be \1 or more"),
    (r"Input should be less than or equal to (\S+)", r"it must be \1 at most"),
    (r"Input should be a valid integer.*", "a whole number is needed"),
    (r"Input should be a valid number.*", "a number is needed"),
    (r"Input should be a valid string.*", "a text is needed"),
    (r"String should have at least 1 character", "it must not be empty"),
    (r"String should have at least (\d+) characters?", r"it must have \1 characters at least"),
    (r"String should have at most (\d+) characters?", r"it must have \1 characters at most"),
)


def plain_message(message: str) -> str:
    """Reword a message of a validator for users of the command line."""
    for pattern, words in _PLAIN_MESSAGES:
        if re.fullmatch(pattern, message):
            return re.sub(pattern, words, message)
    return message
