"""What the settings of a Configuration may be: each is checked when it is set, not when it is used.

A check gives the value to keep, or raises an exception that names the setting and what would do.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, cast

from formlabs_web_api._util.checks import is_finite_number
from formlabs_web_api._util.text import replace_surrogates
from formlabs_web_api._util.urls import parse_url, shown_address
from formlabs_web_api.exceptions import ApiTypeError, ApiValueError

_PROXIES = ("http", "https", "socks5", "socks5h", "socks4", "socks4a")


def _timeout(value: object) -> object:
    is_pair = isinstance(value, (tuple, list))
    numbers: List[Any] = list(cast("Any", value)) if is_pair else [value]
    fits = all(is_finite_number(one) and one > 0 for one in numbers)
    if not fits or len(numbers) != (2 if is_pair else 1):
        raise ApiValueError(
            f"timeout is {value!r}; a number of seconds above 0 is needed, or a pair of such, for"
            " connecting and for each read"
        )
    return tuple(numbers) if is_pair else value


def _max_wait(value: object) -> object:
    if value is not None and not (is_finite_number(value) and value >= 0):
        raise ApiValueError(
            f"max_wait is {value!r}; a number of seconds is needed, 0 or more, or None for no bound"
        )
    return value


def _deadline(value: object) -> object:
    if value is not None and not (is_finite_number(value) and value > 0):
        raise ApiValueError(
            f"deadline is {value!r}; a number of seconds above 0 is needed, or None for no bound"
        )
    return value


def _max_body_size(value: object) -> object:
    if value is not None and (type(value) is not int or value < 1):
        raise ApiValueError(
            f"max_body_size is {value!r}; a number of bytes is needed, 1 or more, or None for no"
            " bound"
        )
    return value


def _rate_limits(value: Any) -> object:
    if value is None:
        return None
    wrong = ApiValueError(
        f"rate_limits is {value!r}; pairs (requests, seconds) are needed, like"
        " [(100, 1.0), (1500, 3600.0)], or None to keep no limits"
    )
    try:
        pairs = tuple((requests, seconds) for requests, seconds in value)
    except (TypeError, ValueError):
        raise wrong from None
    for requests, seconds in pairs:
        is_limit = requests is None or (type(requests) is int and requests >= 1)
        if not is_limit or not is_finite_number(seconds) or seconds <= 0:
            raise wrong
    return pairs


def _retries(value: object) -> object:
    from formlabs_web_api.retry import RetryPolicy

    try:
        RetryPolicy.of(value)
    except TypeError as error:
        raise ApiTypeError(str(error)) from None
    except ValueError as error:
        raise ApiValueError(str(error)) from None
    return value


def _rate_limiter(value: object) -> object:
    if value is not None and not all(hasattr(value, name) for name in ("acquire", "close_gate")):
        raise ApiTypeError(f"rate_limiter: a RateLimiter is needed, not {type(value).__name__}")
    return value


def _proxy(value: object) -> object:
    if value is not None and not (isinstance(value, str) and _is_proxy(value)):
        shown = (
            shown_address(value) if isinstance(value, str) else f"of type {type(value).__name__}"
        )
        raise ApiValueError(
            f"proxy is {shown}; an address is needed like http://proxy.example.com:8080,"
            f" beginning with {', '.join(_PROXIES[:3])}"
        )
    return value


def _is_proxy(address: str) -> bool:
    try:
        return parse_url(address).scheme in _PROXIES
    except ValueError:
        return False


def _connection_pool_maxsize(value: object) -> object:
    if value is not None and (type(value) is not int or value < 1):
        raise ApiValueError(
            f"connection_pool_maxsize is {value!r}; a whole number is needed, 1 or more, or None"
        )
    return value


def _hook(name: str) -> Callable[[object], object]:
    def check(value: object) -> object:
        if value is not None and not callable(value):
            raise ApiTypeError(f"{name}: a function of a RequestEvent is needed, not {value!r}")
        return value

    return check


def _shared(value: object) -> object:
    if value is None or value is False or value in ("", "0"):
        return None
    if value is True or value == "1":
        return True
    if isinstance(value, str) and value.startswith(("sqlite:", "redis://", "rediss://")):
        return value
    raise ApiValueError(
        "shared (FORMLABS_SHARED): True (1), an address sqlite:///path/to/file, redis://host or"
        " rediss://host is needed, or None to share nothing"
    )


def is_plain_http_allowed(value: object) -> bool:
    """Return the setting as True or False; text is that of the environment variable."""
    text = value.strip().lower() if isinstance(value, str) else value
    if text in (None, False, "", "0", "false", "no"):
        return False
    if text in (True, "1", "true", "yes"):
        return True
    raise ApiValueError(
        f"allow_plain_http (FORMLABS_ALLOW_PLAIN_HTTP) is {value!r}; it must be True (1) or"
        " False (0)"
    )


def _text(name: str) -> Callable[[object], object]:
    def check(value: object) -> object:
        if value is not None and not isinstance(value, str):
            raise ApiTypeError(f"{name}: text is needed, not {type(value).__name__}")
        if value is not None and replace_surrogates(value) != value:
            raise ApiValueError(f"{name} contains half of a surrogate pair, which cannot be sent")
        return value

    return check


def _one_of(name: str, *choices: str) -> Callable[[object], object]:
    def check(value: object) -> object:
        if value not in choices:
            raise ApiValueError(f"{name} is {value!r}; it must be {' or '.join(choices)}")
        return value

    return check


def _max_share(value: object) -> object:
    if not (is_finite_number(value) and 0 < value <= 1):
        raise ApiValueError(f"max_share is {value!r}; a number above 0 and up to 1 is needed")
    return value


CHECKS: Dict[str, Callable[[object], object]] = {
    **{name: _text(name) for name in ("access_token", "client_id", "client_secret")},
    "timeout": _timeout,
    "max_wait": _max_wait,
    "shared": _shared,
    "share_token": _one_of("share_token", "never", "encrypted"),
    "max_share": _max_share,
    "allow_plain_http": is_plain_http_allowed,
    "priority": _one_of("priority", "normal", "background"),
    "deadline": _deadline,
    "max_body_size": _max_body_size,
    "rate_limits": _rate_limits,
    "retries": _retries,
    "rate_limiter": _rate_limiter,
    "proxy": _proxy,
    "connection_pool_maxsize": _connection_pool_maxsize,
    **{name: _hook(name) for name in ("on_request", "on_response", "on_retry", "on_wait")},
}
