"""Which failure ends the program with which exit code, and in what words."""

from __future__ import annotations

from typing import List, Optional, Tuple

from formlabs_web_api.cli.cells import counted

FAILED = 1
USAGE = 2
NOT_AUTHORISED = 3
THROTTLED = 4
NETWORK = 5
INTERRUPTED = 130
"""As shells report a program that Ctrl-C ended."""

NO_CREDENTIALS = (
    "no credentials: run `formlabs-web-api login`, or set FORMLABS_CLIENT_ID and"
    " FORMLABS_CLIENT_SECRET (both are on https://dashboard.formlabs.com/#developer);"
    " `formlabs-web-api --sandbox status` needs none"
)
_MORE = "`formlabs-web-api doctor` says more"


class Failure(Exception):
    """Something that ends a command, with its exit code and a sentence for people."""

    def __init__(self, text: str, code: int = FAILED) -> None:
        super().__init__(text)
        self.code = code


def failure_of(error: BaseException) -> Optional[Failure]:
    """The failure that an exception stands for; None where it is a fault of this program."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, OSError) and error.strerror:
        return Failure(": ".join(str(part) for part in (error.filename, error.strerror) if part))
    from pydantic import ValidationError

    from formlabs_web_api.exceptions import ApiException, ApiValueError

    if isinstance(error, ApiException):
        return Failure(*_of_the_service(error))
    if isinstance(error, ApiValueError):
        return Failure(str(error), USAGE)
    if isinstance(error, ValidationError):
        return Failure("; ".join(_complaint(error)), USAGE)
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
        return f"{error}; {_MORE}", NOT_AUTHORISED
    if isinstance(error, (UnauthorizedException, ForbiddenException)):
        return str(error), NOT_AUTHORISED
    if isinstance(error, ApiConnectionException):
        tried = f"{error.method} {error.path}, {counted(error.attempts, 'attempt')}"
        return f"the service is not reached: {reason_of(error)} ({tried}); {_MORE}", NETWORK
    return str(error), FAILED


def causes_of(error: BaseException) -> List[BaseException]:
    """An exception and what it came from, outermost first."""
    causes: List[BaseException] = []
    cause: Optional[BaseException] = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    return causes


def reason_of(error: BaseException) -> str:
    """Why a connection failed, in the words of the system where it has any."""
    reasons = [one.strerror for one in causes_of(error) if isinstance(one, OSError)]
    told = [reason for reason in reasons if reason]
    return told[-1] if told else str(getattr(error, "reason", None) or error)


def _complaint(error: ValueError) -> Tuple[str, ...]:
    from pydantic import ValidationError

    assert isinstance(error, ValidationError)
    return tuple(
        f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()
    )
