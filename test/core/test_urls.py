"""One parser determines the host of an address, and refuses ambiguous addresses."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
import urllib3.util
from hypothesis import given
from hypothesis import strategies as st

from formlabs_web_api import ApiValueError, Configuration
from formlabs_web_api._util.proxies import is_bypassed
from formlabs_web_api._util.urls import is_same_origin, join_url, parse_url

AMBIGUOUS = [
    "http://evil.test\\@api.formlabs.com",
    "http://evil.test\\x@api.formlabs.com/",
    "http://a@b@api.formlabs.com/",
    "http://api.formlabs.com\t.evil.test/",
    "http://api.formlabs.com\n/",
    "http:// api.formlabs.com/",
    "http://api%2eformlabs.com/",
    "http://[::1%25eth0]/",
    "http:///path",
    "//api.formlabs.com/",
    "http://api.formlabs.com:99999/",
    "http://api.formlabs.com:0/",
    "http://api.formlabs.com:x/",
    "http://[::1/",
    "",
]


@pytest.mark.parametrize("address", AMBIGUOUS)
def test_ambiguous_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"address|port|URL|Port|IPv6"):
        parse_url(address)


@pytest.mark.parametrize("address", AMBIGUOUS[:10])
def test_host_setting_refuses_an_ambiguous_address(address: str) -> None:
    with pytest.raises(ApiValueError, match=r"^host "):
        Configuration(host=address)


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("https://api.formlabs.com", "api.formlabs.com", 443),
        ("http://API.Formlabs.com:80/x", "api.formlabs.com", 80),
        ("http://[::1]:8080/", "::1", 8080),
        ("http://user:p%40ss@proxy:3128", "proxy", 3128),
        ("http://münchen.example/", "xn--mnchen-3ya.example", 80),
        ("http://host?@other/", "host", 80),
    ],
)
def test_plain_address_is_parsed(address: str, host: str, port: int) -> None:
    url = parse_url(address)
    assert (url.host, url.effective_port) == (host, port)


CHARACTERS = "abc.:/?#@\\[]%\t\r\n -\u00e9\u2100\uff0f\ufe55\u2028\ud800"
WORDS = ["http://", "https://", "//", "%2f", "%40", "::1", "127.0.0.1", "api.formlabs.com", ":80"]
PIECES = st.sampled_from([*CHARACTERS, *WORDS])


@given(st.lists(PIECES, max_size=9).map("".join))
def test_accepted_address_has_one_host_for_all_parsers(tail: str) -> None:
    for text in (f"http://{tail}", tail):
        try:
            url = parse_url(text)
        except ValueError:
            continue
        other = urllib3.util.parse_url(text)
        assert url.host == (other.host or "").strip("[]").lower()
        assert (url.port, url.scheme) == (other.port, other.scheme)
        parts = urlsplit(text)
        assert parts.port == url.port
        if (parts.hostname or "").isascii():
            assert parts.hostname == url.host


@given(st.lists(PIECES, max_size=9).map("".join))
def test_relative_address_never_leaves_the_host_unnoticed(target: str) -> None:
    try:
        joined = join_url("https://api.formlabs.com/developer/v1/", target)
    except ValueError:
        return
    is_own = urllib3.util.parse_url(joined).host == "api.formlabs.com"
    assert not is_same_origin("https://api.formlabs.com/", joined) or is_own


@pytest.mark.parametrize(
    ("address", "no_proxy", "expected"),
    [
        ("http://printer.plant.example/", "plant.example", True),
        ("http://printer.plant.example/", ".plant.example", True),
        ("http://printer.plant.example/", "*.plant.example", True),
        ("http://notplant.example/", "plant.example", False),
        ("http://10.1.2.3/", "10.0.0.0/8", True),
        ("http://11.1.2.3/", "10.0.0.0/8", False),
        ("http://10.1.2.3/", "10.1.2.3", True),
        ("http://[::1]:8080/", "::1", True),
        ("http://[::1]:8080/", "[::1]", True),
        ("http://[::1]:8080/", "[::1]:8080", True),
        ("http://[::1]:8080/", "[::1]:80", False),
        ("http://[fd00::7]/", "fd00::/8", True),
        ("http://host:8080/", "host:8080", True),
        ("http://host:8080/", "host:80", False),
        ("http://host/", "a, host ,b", True),
        ("http://host/", "*", True),
        ("http://host/", "", False),
    ],
)
def test_no_proxy_matches_names_addresses_networks_and_ports(
    address: str, no_proxy: str, expected: bool
) -> None:
    assert is_bypassed(parse_url(address), no_proxy) is expected
