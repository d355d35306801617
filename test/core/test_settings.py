"""An invalid setting is refused when it is set; the message contains valid values."""

from __future__ import annotations

import math
import pickle
from typing import Any

import pytest
import urllib3

from formlabs_web_api import ApiClient, ApiException, ApiTypeError, ApiValueError, Configuration
from formlabs_web_api.exceptions import OpenApiException
from formlabs_web_api.rate_limit import RateLimiter
from formlabs_web_api.retry import RetryPolicy

NAN, INFINITE = math.nan, math.inf
WRONG: Any = {
    "timeout": [
        -1,
        0,
        NAN,
        INFINITE,
        10**400,
        True,
        "5",
        None,
        (5,),
        (5, 0),
        (5, None),
        [1, 2, 3],
        {},
    ],
    "max_wait": [-1, NAN, INFINITE, 10**400, True, "60"],
    "rate_limits": [
        5,
        (100, 1),
        [(0, 1)],
        [(1.5, 1)],
        [(True, 1)],
        [(1, 0)],
        [(1, NAN)],
        [(1,)],
        "x",
    ],
    "retries": [-1, "3", 1.5, [3]],
    "rate_limiter": [5, "x"],
    "proxy": ["proxy:8080", "", "http://", "ftp://proxy", "http://proxy:port", 5],
    "connection_pool_maxsize": [0, -1, "10", 2.0, True],
    "on_request": [5],
    "on_response": ["print"],
    "on_retry": [{}],
    "on_wait": [()],
}
FINE: Any = {
    "timeout": [1, 0.5, (1, 30.5), [1, 30]],
    "max_wait": [0, 1.5, None],
    "rate_limits": [None, [], [(1, 1)], ((100, 1.0), (None, 3600))],
    "retries": [None, 0, 3, True, False, RetryPolicy(), urllib3.Retry(2)],
    "rate_limiter": [None, RateLimiter()],
    "proxy": [None, "http://proxy:8080", "https://me:pass@proxy", "socks5h://127.0.0.1:1080"],
    "connection_pool_maxsize": [None, 1, 64],
    "on_request": [None, print],
}
HOSTS = [
    "h",
    "",
    " https://h",
    "https://h\n",
    "https://ho st",
    "https://a..b",
    "https://h:99999",
    5,
    b"x",
]


@pytest.mark.parametrize(("name", "value"), [(name, one) for name in WRONG for one in WRONG[name]])
def test_invalid_setting_is_refused_by_name_when_it_is_set(name: str, value: Any) -> None:
    with pytest.raises((ApiValueError, ApiTypeError), match=rf"^{name}\b") as caught:
        setattr(Configuration(), name, value)
    assert isinstance(caught.value, (ValueError, TypeError))
    assert isinstance(caught.value, OpenApiException)
    assert not isinstance(caught.value, ApiException)
    if name in ("timeout", "max_wait", "rate_limits", "retries"):
        with pytest.raises(OpenApiException, match=rf"^{name}\b"):
            Configuration(**{name: value})


@pytest.mark.parametrize(("name", "value"), [(name, one) for name in FINE for one in FINE[name]])
def test_valid_settings_are_accepted(name: str, value: Any) -> None:
    configuration = Configuration()
    setattr(configuration, name, value)
    expected = tuple(value) if isinstance(value, list) else value
    assert getattr(configuration, name) == expected


@pytest.mark.parametrize("host", HOSTS)
def test_invalid_host_is_refused_with_an_example(host: Any) -> None:
    with pytest.raises(ApiValueError, match=r"^host is .* like https://api.formlabs.com"):
        Configuration(host=host)


def test_access_token_needs_no_client_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """For example in a script that reads its secret from a variable of another name."""
    monkeypatch.setenv("FORMLABS_CLIENT_ID", "id")
    with pytest.raises(ApiValueError, match="the environment has no client_secret"):
        Configuration()
    assert Configuration(access_token="t").access_token == "t"


def test_a_configuration_can_be_pickled() -> None:
    configuration = Configuration(access_token="t", timeout=(1, 2))
    configuration.logger = {}
    twin = pickle.loads(pickle.dumps(configuration))
    assert (twin.access_token, twin.timeout, twin.host) == ("t", (1, 2), configuration.host)


@pytest.mark.parametrize("value", [5.5, ["hush-7Qx9"], {"a": "hush-7Qx9"}, object()])
@pytest.mark.parametrize(
    "name", ["host", "access_token", "client_id", "client_secret", "ssl_ca_cert"]
)
def test_setting_that_is_not_text_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(OpenApiException, match=name) as caught:
        ApiClient(Configuration(**{name: value}))
    assert "hush" not in str(caught.value)
    if name != "ssl_ca_cert":
        with pytest.raises(OpenApiException, match=name):
            setattr(Configuration(), name, value)


@pytest.mark.parametrize("proxy", ["http://[::1", "http://", "http://a:b:c", "socks5://[::1"])
def test_malformed_proxy_of_the_environment_is_refused(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(ApiValueError, match="proxy"):
        ApiClient(Configuration(host="http://example.com", access_token="x"))


@pytest.mark.parametrize("name", ["access_token", "client_id", "client_secret"])
def test_credential_that_cannot_be_encoded_is_refused_by_name(name: str) -> None:
    with pytest.raises(ApiValueError, match=name):
        setattr(Configuration(), name, "hush\ud800")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("api.formlabs.com", "'api.formlabs.com'"),
        ("ftp://sandbox.example", "'ftp://sandbox.example'"),
        ("http://sandbox:99999", "'http://sandbox:99999'"),
        ("sandbox", "'sandbox'"),
        ("ftp://user:hush-7Qx9@sandbox.example", "'sandbox.example'"),
        ("hush-7Qx9" * 4, "a text that is not shown"),
        ("hush.7Qx9" * 20, "a text that is not shown"),
    ],
)
@pytest.mark.parametrize("name", ["host", "proxy"])
def test_invalid_address_is_shown_without_secrets(name: str, given: str, shown: str) -> None:
    with pytest.raises(ApiValueError, match=name) as caught:
        setattr(Configuration(), name, given)
    assert f"{name} is {shown}" in str(caught.value)
    assert "hush" not in str(caught.value)
