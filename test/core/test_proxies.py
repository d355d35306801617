"""Proxies of the configuration and of the environment, and hosts reached without a proxy."""

from __future__ import annotations

import base64
import gc
from typing import Any, Callable, Dict, Iterator

import pytest
import urllib3.exceptions

from formlabs_web_api import ApiClient, ApiConnectionException, Configuration, PrintsApi
from test.support.loopback import Loopback, Tunnel
from test.support.operations import data_of

FAR = "http://api.example.com"
TARGET = "/developer/v1/prints/"


@pytest.fixture
def proxy(service: Loopback) -> Loopback:
    service.reply(200, data_of("prints"))
    return service


def list_prints(configuration: Configuration) -> None:
    with ApiClient(configuration) as client:
        PrintsApi(client).prints_list()


def settings(**more: Any) -> Configuration:
    return Configuration(**{"host": FAR, "access_token": "t", "retries": False, **more})


def basic(user: str) -> str:
    return "Basic " + base64.b64encode(user.encode()).decode()


def test_proxy_and_proxy_headers_of_the_configuration_are_used(proxy: Loopback) -> None:
    configuration = settings()
    configuration.proxy = proxy.url
    configuration.proxy_headers = {"Proxy-Authorization": basic("me:pass")}
    list_prints(configuration)
    assert proxy.last.target == FAR + TARGET
    assert proxy.last.headers["proxy-authorization"] == basic("me:pass")
    assert proxy.last.headers["authorization"] == "Bearer t"


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_proxy_of_the_environment_is_used(
    proxy: Loopback, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, proxy.url)
    list_prints(settings())
    assert proxy.last.target == FAR + TARGET


def test_proxy_address_of_the_environment_may_lack_a_scheme(
    proxy: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"127.0.0.1:{proxy.port}")
    list_prints(settings())
    assert proxy.last.target == FAR + TARGET


@pytest.mark.parametrize("given", ["environment", "setting"])
def test_proxy_address_may_contain_user_and_password(
    proxy: Loopback, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    address = f"http://me:p%40ss@127.0.0.1:{proxy.port}"
    configuration = settings()
    if given == "environment":
        monkeypatch.setenv("http_proxy", address)
    else:
        configuration.proxy = address
    configuration.proxy_headers = {"X-Site": "north"}
    list_prints(configuration)
    assert proxy.last.headers["proxy-authorization"] == basic("me:p@ss")
    assert proxy.last.headers["x-site"] == "north"


def test_proxy_headers_take_precedence_over_the_user_in_the_proxy_address(proxy: Loopback) -> None:
    configuration = settings()
    configuration.proxy = f"http://me:pass@127.0.0.1:{proxy.port}"
    configuration.proxy_headers = {"Proxy-Authorization": "Bearer x"}
    list_prints(configuration)
    assert proxy.last.headers["proxy-authorization"] == "Bearer x"


@pytest.mark.parametrize(
    "exceptions",
    ["127.0.0.1", "*", "example.com,127.0.0.1", "example.com, 127.0.0.1:{port}"],
)
def test_hosts_in_no_proxy_are_reached_directly(
    proxy: Loopback, other_service: Loopback, monkeypatch: pytest.MonkeyPatch, exceptions: str
) -> None:
    other_service.reply(200, data_of("prints"))
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", exceptions.format(port=other_service.port))
    list_prints(settings(host=other_service.url))
    assert proxy.asked == []
    assert other_service.last.target == TARGET


def test_trust_environment_false_ignores_proxies_of_the_environment(
    proxy: Loopback, other_service: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_service.reply(200, data_of("prints"))
    monkeypatch.setenv("http_proxy", proxy.url)
    list_prints(settings(host=other_service.url, trust_environment=False))
    assert (len(proxy.asked), len(other_service.asked)) == (0, 1)


def test_configured_proxy_takes_precedence_over_the_environment(
    proxy: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "*")
    configuration = settings()
    configuration.proxy = proxy.url
    list_prints(configuration)
    assert proxy.last.target == FAR + TARGET


def test_proxy_of_another_scheme_is_not_used(
    other_service: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_service.reply(200, data_of("prints"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    list_prints(settings(host=other_service.url))
    assert len(other_service.asked) == 1


def test_unreachable_proxy_is_a_connection_error_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "http://me:hush@127.0.0.1:1")
    with pytest.raises(ApiConnectionException) as caught:
        list_prints(settings())
    assert isinstance(caught.value, urllib3.exceptions.ProxyError)
    assert "hush" not in str(caught.value)


# Through a proxy to a service that speaks TLS


@pytest.fixture
def tunnel_to(tls_service: Callable[..., Loopback]) -> Iterator[Callable[..., Any]]:
    opened = []

    def make(**options: Any) -> Any:
        server = tls_service("printers.example.com")
        server.reply(200, data_of("prints"))
        opened.append(Tunnel(server.port, **options))
        return opened[-1], server

    yield make
    for one in opened:
        one.close()


@pytest.mark.parametrize("given", ["environment", "setting"])
def test_https_request_uses_a_tunnel_through_the_proxy(
    tunnel_to: Callable[..., Any],
    certificates: Dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    given: str,
) -> None:
    tunnel, server = tunnel_to()
    configuration = settings(
        host="https://printers.example.com", ssl_ca_cert=certificates["authority"]
    )
    address = tunnel.url.replace("//", "//me:pass@")
    if given == "environment":
        monkeypatch.setenv("https_proxy", address)
    else:
        configuration.proxy = address
    list_prints(configuration)
    assert server.last.target == TARGET
    assert server.last.headers["authorization"] == "Bearer t"
    assert "proxy-authorization" not in server.last.headers
    (head,) = tunnel.asked
    assert head.startswith("CONNECT printers.example.com:443 HTTP/1.")
    assert f"Proxy-Authorization: {basic('me:pass')}".lower() in head.lower()
    assert "Bearer" not in head


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_refused_tunnel_is_a_connection_error(tunnel_to: Callable[..., Any]) -> None:
    tunnel, server = tunnel_to(status=407)
    configuration = settings(host="https://printers.example.com")
    configuration.proxy = tunnel.url
    with pytest.raises(ApiConnectionException, match="407") as caught:
        list_prints(configuration)
    assert isinstance(caught.value, urllib3.exceptions.HTTPError)
    assert server.asked == []
    del caught
    gc.collect()  # old versions of http.client leave the proxy's response to it
