"""Which failure ends the program with which exit code, and in what words."""

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
"""As of timeout(1): what was waited for did not happen in time."""
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
        says_so = error.status in (None, 0, 400, 401, 403)  # else something else answers there
        return f"{error}; {_MORE}", NOT_AUTHORISED if says_so else FAILED
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
    causes = causes_of(error)
    if speaks_no_tls(causes):
        return "what answers there does not speak TLS"
    reasons = [one.strerror for one in causes if isinstance(one, OSError)]
    told = [reason for reason in reasons if reason]
    if told:
        return told[-1]
    if is_one(causes, "ConnectTimeoutError"):
        return "no connection in time"
    if is_one(causes, "ReadTimeoutError"):
        return "no answer in time"
    return str(getattr(error, "reason", None) or error)


def speaks_no_tls(causes: List[BaseException]) -> bool:
    """Whether a connection failed because plain text came where TLS was expected."""
    return any(getattr(one, "reason", None) == "WRONG_VERSION_NUMBER" for one in causes)


def is_one(causes: List[BaseException], name: str) -> bool:
    """Whether one of the causes is urllib3's error of a name."""
    import urllib3.exceptions as http

    return any(isinstance(one, getattr(http, name)) for one in causes)


def _complaint(error: ValueError) -> Tuple[str, ...]:
    from pydantic import ValidationError

    assert isinstance(error, ValidationError)
    return tuple(
        f"{'.'.join(str(part) for part in one['loc'])}: {plain_words(one['msg'])}"
        for one in error.errors()
    )


_PLAIN_WORDS = (
    (r"Input should be greater than or equal to (\S+)", r"it must be \1 or more"),
    (r"Input should be less than or equal to (\S+)", r"it must be \1 at most"),
    (r"Input should be a valid integer.*", "a whole number is needed"),
    (r"Input should be a valid number.*", "a number is needed"),
    (r"Input should be a valid string.*", "a text is needed"),
    (r"String should have at least 1 character", "it must not be empty"),
    (r"String should have at least (\d+) characters?", r"it needs \1 characters at least"),
    (r"String should have at most (\d+) characters?", r"it may have \1 characters at most"),
)


def plain_words(complaint: str) -> str:
    """What a validator says, for people who know nothing of validators."""
    for pattern, words in _PLAIN_WORDS:
        if re.fullmatch(pattern, complaint):
            return re.sub(pattern, words, complaint)
    return complaint
