"""Settings: defaults, sources, copies and validation."""

from __future__ import annotations

import base64
import copy
import logging
import warnings
from pathlib import Path
from typing import Any, Callable, Dict, Iterator

import pytest
import urllib3

from formlabs_web_api import ApiClient, ApiTypeError, ApiValueError, Configuration, PrintsApi
from formlabs_web_api.retry import RetryPolicy
from test.support.loopback import Loopback
from test.support.operations import data_of

LIVE = "https://api.formlabs.com"


@pytest.fixture(autouse=True)
def quiet_afterwards() -> Iterator[None]:
    """The loggers are the process's own; what a test sets there is undone."""
    package = logging.getLogger("formlabs_web_api")
    handlers, level = list(package.handlers), package.level
    yield
    for handler in set(package.handlers) - set(handlers):
        package.removeHandler(handler)
        handler.close()
    package.setLevel(level)


# Hosts


def test_default_host_is_the_live_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Configuration().host == LIVE
    assert Configuration(host="https://api.example.com").host == "https://api.example.com"
    monkeypatch.setenv("FORMLABS_HOST", "http://127.0.0.1:8080/")
    assert Configuration().host == "http://127.0.0.1:8080"
    assert Configuration(host="https://api.example.com").host == "https://api.example.com"
    monkeypatch.setenv("FORMLABS_HOST", "")
    assert Configuration().host == LIVE


@pytest.mark.parametrize("slashes", ["", "/", "//"])
def test_trailing_slash_of_the_host_is_removed(
    service: Loopback, client_of: Callable[..., ApiClient], slashes: str
) -> None:
    service.reply(200, data_of("prints"))
    PrintsApi(client_of(host=f"{service.url}/gateway/v2{slashes}")).prints_list()
    assert service.last.path == "/gateway/v2/developer/v1/prints/"


def test_host_can_be_changed_later(service: Loopback, other_service: Loopback) -> None:
    configuration = Configuration(host=service.url, access_token="t")
    for one in (service, other_service):
        one.reply(200, data_of("prints"))
    with ApiClient(configuration) as client:
        PrintsApi(client).prints_list()
        configuration.host = other_service.url + "/"
        PrintsApi(client).prints_list()
    assert len(service.asked) == len(other_service.asked) == 1


@pytest.mark.parametrize("index", [None, 0])
def test_host_argument_takes_precedence_over_a_server_index(index: Any) -> None:
    assert Configuration(server_index=index).host == LIVE
    assert Configuration(host="http://127.0.0.1", server_index=index).host == "http://127.0.0.1"
    configuration = Configuration(server_index=index)
    configuration.host = "http://127.0.0.1"
    assert configuration.host == "http://127.0.0.1"


def test_host_settings_are_those_of_the_description() -> None:
    configuration = Configuration()
    (server,) = configuration.get_host_settings()
    assert server["url"] == LIVE
    assert configuration.get_host_from_settings(0) == LIVE
    assert configuration.get_host_from_settings(None) == LIVE
    configuration.host = "http://127.0.0.1"
    assert configuration.get_host_from_settings(None) == "http://127.0.0.1"
    assert configuration.get_host_from_settings(0) == LIVE


def test_server_variables_are_substituted() -> None:
    servers: Any = [
        {
            "url": "https://{region}.example.com/{version}",
            "description": "made up",
            "variables": {
                "region": {
                    "description": "where",
                    "default_value": "eu",
                    "enum_values": ["eu", "us"],
                },
                "version": {"description": "which", "default_value": "v1"},
            },
        }
    ]
    find = Configuration().get_host_from_settings
    assert find(0, servers=servers) == "https://eu.example.com/v1"
    assert find(0, {"region": "us", "version": "v2"}, servers) == "https://us.example.com/v2"
    with pytest.raises(ValueError, match=r"region is 'mars'.*eu, us"):
        find(0, {"region": "mars"}, servers)


@pytest.mark.parametrize("index", [-1, 1, 99])
def test_unknown_server_index_is_refused(index: int) -> None:
    with pytest.raises(ValueError, match=f"no server {index}"):
        Configuration().get_host_from_settings(index)
    with pytest.raises(ValueError, match=f"no server {index}"):
        _ = Configuration(server_index=index).host


@pytest.mark.parametrize(
    "host",
    [
        "",
        "api.formlabs.com",
        "//api.formlabs.com",
        "ftp://api.formlabs.com",
        "https://",
        "https:///developer",
        "https://api.formlabs.com?x=1",
        "https://api.formlabs.com#x",
        "https://[::1",
        "https://api.formlabs.com:port",
    ],
)
def test_invalid_host_is_refused(host: str) -> None:
    with pytest.raises(ApiValueError, match="host"):
        Configuration(host=host)
    configuration = Configuration()
    with pytest.raises(ApiValueError, match="host"):
        configuration.host = host
    assert configuration.host == LIVE


def test_user_in_the_host_is_refused_and_not_shown() -> None:
    for host in ("https://me:hush@api.example.com", "me:hush@api.example.com"):
        with pytest.raises(ApiValueError, match="host") as caught:
            Configuration(host=host)
        assert "hush" not in str(caught.value)


# Credentials


def test_credentials_come_as_arguments_or_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (Configuration().client_id, Configuration().client_secret) == (None, None)
    monkeypatch.setenv("FORMLABS_CLIENT_ID", "id of the environment")
    monkeypatch.setenv("FORMLABS_CLIENT_SECRET", "secret of the environment")
    found = Configuration()
    assert (found.client_id, found.client_secret) == (
        "id of the environment",
        "secret of the environment",
    )
    given = Configuration(client_id="id", client_secret="secret")
    assert (given.client_id, given.client_secret) == ("id", "secret")


@pytest.mark.parametrize("given", ["client_id", "client_secret"])
def test_client_id_without_secret_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (missing,) = {"client_id", "client_secret"} - {given}
    half: Dict[str, Any] = {given: "hush"}
    with pytest.raises(ApiValueError, match=f" has no {missing}; both halves") as caught:
        Configuration(**half)
    assert "hush" not in str(caught.value)
    monkeypatch.setenv(f"FORMLABS_{given.upper()}", "hush")
    with pytest.raises(ApiValueError, match=f"the environment has no {missing}"):
        Configuration()


def test_auth_settings_contain_the_access_token() -> None:
    assert Configuration().auth_settings() == {}
    assert Configuration(access_token="t").auth_settings() == {
        "bearerAuth": {
            "type": "bearer",
            "in": "header",
            "key": "Authorization",
            "value": "Bearer t",
        }
    }


def test_api_keys_and_basic_authorization_are_accepted() -> None:
    configuration = Configuration(
        api_key={"main": "k"}, api_key_prefix={"main": "Token"}, username="me", password="pass"
    )
    assert configuration.get_api_key_with_prefix("main") == "Token k"
    assert configuration.get_api_key_with_prefix("other", alias="main") == "k"
    assert configuration.get_api_key_with_prefix("other") is None
    token = configuration.get_basic_auth_token()
    assert token == "Basic " + base64.b64encode(b"me:pass").decode()

    def renew(of: Configuration) -> None:
        of.api_key["main"] = "renewed"

    configuration.refresh_api_key_hook = renew
    assert configuration.get_api_key_with_prefix("main") == "Token renewed"


# The default of the process, and copies


def test_default_configuration_is_shared_by_the_process() -> None:
    first = Configuration.get_default()
    assert Configuration.get_default() is first
    mine = Configuration(host="http://127.0.0.1")
    Configuration.set_default(mine)
    assert Configuration.get_default() is mine
    with ApiClient() as client:
        assert client.configuration is mine
    Configuration.set_default(None)
    assert Configuration.get_default() is not mine


def test_copy_of_the_default_is_independent() -> None:
    mine = Configuration(host="http://127.0.0.1", api_key={"a": "1"})
    Configuration.set_default(mine)
    twin = Configuration.get_default_copy()
    assert twin is not mine
    twin.host = "http://127.0.0.2"
    twin.api_key["a"] = "2"
    assert (mine.host, mine.api_key) == ("http://127.0.0.1", {"a": "1"})


def test_deep_copy_shares_no_mutable_setting(tmp_path: Path) -> None:
    configuration = Configuration(
        host="http://127.0.0.1",
        access_token="t",
        api_key={"a": "1"},
        retries=urllib3.Retry(total=2),
        server_variables={"a": "b"},
    )
    configuration.proxy_headers = {"a": "b"}
    configuration.socket_options = [(1, 2, 3)]
    configuration.logger_file = str(tmp_path / "client.log")
    configuration.on_retry = print
    twin = copy.deepcopy(configuration)
    assert vars(twin).keys() == vars(configuration).keys()
    for name in ("api_key", "proxy_headers", "socket_options", "server_variables"):
        assert getattr(twin, name) == getattr(configuration, name)
        assert getattr(twin, name) is not getattr(configuration, name)
    assert (twin.host, twin.access_token) == ("http://127.0.0.1", "t")
    assert twin.on_retry is print
    assert twin.logger_file == configuration.logger_file
    assert twin.logger_file_handler is configuration.logger_file_handler
    assert twin.logger["package_logger"] is logging.getLogger("formlabs_web_api")
    configuration.logger_file = None


def test_deep_copy_of_a_subclass_is_of_the_subclass() -> None:
    class Mine(Configuration):
        pass

    assert type(copy.deepcopy(Mine())) is Mine


# Logging


def test_debug_logs_requests_until_it_is_turned_off(
    service: Loopback, capfd: pytest.CaptureFixture[str]
) -> None:
    service.reply(200, data_of("prints"))
    configuration = Configuration(host=service.url, access_token="hush", debug=True)
    assert configuration.debug is True
    with ApiClient(configuration) as client:
        PrintsApi(client).prints_list()
        output = capfd.readouterr()
        configuration.debug = False
        PrintsApi(client).prints_list()
        assert capfd.readouterr() == ("", "")
    assert output.out == ""
    assert "GET /developer/v1/prints/ 200" in output.err
    assert "request headers" in output.err
    assert "hush" not in output.err


def test_a_log_file_gets_the_log_in_the_format_that_is_set(
    tmp_path: Path, service: Loopback
) -> None:
    service.reply(200, data_of("prints"))
    file = tmp_path / "client.log"
    configuration = Configuration(host=service.url, access_token="hush")
    configuration.logger_file = str(file)
    configuration.logger_format = "<%(levelname)s> %(message)s"
    assert configuration.logger_format == "<%(levelname)s> %(message)s"
    configuration.debug = True
    with ApiClient(configuration) as client:
        PrintsApi(client).prints_list()
    configuration.debug = False
    configuration.logger_file = None
    assert configuration.logger_file is None
    lines = file.read_text().splitlines()
    assert any(line.startswith("<INFO> GET /developer/v1/prints/ 200 in") for line in lines)
    assert "hush" not in file.read_text()


def test_loggers_have_the_documented_names() -> None:
    loggers = Configuration().logger
    assert loggers["package_logger"].name == "formlabs_web_api"
    assert loggers["urllib3_logger"].name == "urllib3"


def test_debug_report_has_versions_and_no_secrets() -> None:
    report = Configuration(
        access_token="hush", client_id="hush", client_secret="hush", password="hush"
    ).to_debug_report()
    for line in ("OS:", "Python Version:", "Version of the API: 0.8.1", "SDK Package Version: "):
        assert line in report
    assert "hush" not in report


# Other settings


def test_defaults_are_those_documented() -> None:
    made = Configuration()
    assert made.datetime_format == "%Y-%m-%dT%H:%M:%S.%f%z"
    assert made.date_format == "%Y-%m-%d"
    assert made.verify_ssl is True
    assert made.safe_chars_for_path_param == ""
    assert made.client_side_validation is True
    assert made.debug is False
    assert made.connection_pool_maxsize >= 5
    assert (made.retries, made.proxy, made.access_token) == (None, None, None)
    assert (made.api_key, made.api_key_prefix) == ({}, {})
    assert (made.ssl_ca_cert, made.cert_file, made.key_file) == (None, None, None)
    assert (made.assert_hostname, made.tls_server_name, made.socket_options) == (None, None, None)


@pytest.mark.parametrize(
    "retries", [0, 3, False, urllib3.Retry(total=1), RetryPolicy(attempts=2), None], ids=repr
)
def test_retries_accept_numbers_urllib3_retries_and_policies(retries: Any) -> None:
    with ApiClient(Configuration(retries=retries)) as client:
        assert client.configuration.retries is retries


@pytest.mark.parametrize("retries", ["3", 1.5, [3], -1], ids=repr)
def test_invalid_retries_are_refused_before_sending(retries: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="retries"):
        ApiClient(Configuration(retries=retries))


@pytest.mark.parametrize(("safe", "sent"), [("", "a%2Fb%3Ac"), ("/:", "a/b:c"), (":", "a%2Fb:c")])
def test_safe_characters_of_a_path_argument_are_not_encoded(
    service: Loopback, client_of: Callable[..., ApiClient], safe: str, sent: str
) -> None:
    service.reply(200, data_of("prints"))
    client = client_of()
    client.configuration.safe_chars_for_path_param = safe
    PrintsApi(client).printers_prints_list("a/b:c")
    assert service.last.target == f"/developer/v1/printers/{sent}/prints/"


@pytest.mark.parametrize("given", ["../..", "a/../b", "a//b", "/a"])
def test_safe_slash_allows_no_dot_segments(
    service: Loopback, client_of: Callable[..., ApiClient], given: str
) -> None:
    client = client_of()
    client.configuration.safe_chars_for_path_param = "/"
    with pytest.raises(ApiValueError, match="printer_serial"):
        PrintsApi(client).printers_prints_list(given)
    assert service.asked == []


def test_socket_options_are_set(service: Loopback, client_of: Callable[..., ApiClient]) -> None:
    import socket

    service.reply(200, data_of("prints"))
    configuration = Configuration(host=service.url, access_token="t")
    configuration.socket_options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    with ApiClient(configuration) as client:
        raw = PrintsApi(client).prints_list_without_preload_content()
        sock = raw.connection.sock  # type: ignore[union-attr]
        assert sock is not None
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) != 0
        raw.read()


def test_connections_are_reused(service: Loopback, client_of: Callable[..., ApiClient]) -> None:
    service.reply(200, data_of("prints"))
    client = client_of()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(5):
            PrintsApi(client).prints_list()
    assert service.connections == 1


def test_repr_of_a_configuration_has_host_and_kind_of_credentials() -> None:
    assert repr(Configuration()) == f"<Configuration of {LIVE}, no credentials>"
    assert "access_token" in repr(Configuration(access_token="hush"))
    assert "client_id" in repr(Configuration(client_id="hush", client_secret="hush"))
    for made in (
        Configuration(access_token="hush"),
        Configuration(client_id="hush", client_secret="hush"),
    ):
        assert "hush" not in repr(made) + str(made)


CREDENTIALS = {"client_id": "an-id", "client_secret": "hush"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Remove the variables that name a host or credentials."""
    for name in ("HOST", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.delenv(f"FORMLABS_{name}", raising=False)
    return monkeypatch


@pytest.mark.parametrize("given", ["client_id", "client_secret"])
def test_credentials_of_two_sources_do_not_pair(
    environment: pytest.MonkeyPatch, given: str
) -> None:
    (other,) = set(CREDENTIALS) - {given}
    environment.setenv(f"FORMLABS_{other.upper()}", CREDENTIALS[other])
    half: Dict[str, Any] = {given: CREDENTIALS[given]}
    with pytest.raises(ApiValueError, match=f" has no {other}; both halves"):
        Configuration(**half)


def test_credentials_without_a_host_do_not_go_to_the_host_of_another_source(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("FORMLABS_HOST", "http://127.0.0.1:1")
    with pytest.raises(ApiValueError, match="but the environment names a host") as caught:
        Configuration(client_id="an-id", client_secret="hush")
    assert "Configuration(...)" in str(caught.value)
    environment.delenv("FORMLABS_HOST")
    for name, value in CREDENTIALS.items():
        environment.setenv(f"FORMLABS_{name.upper()}", value)
    with pytest.raises(ApiValueError, match="the environment has credentials without a host"):
        Configuration(host="http://127.0.0.1:1")


@pytest.mark.parametrize("value", ["hush\n", " hush", "\ufeffhush", "hush\r\n", "hush\t"])
@pytest.mark.parametrize("source", ["arguments", "environment"])
def test_credential_with_white_space_around_it_is_refused_by_name(
    environment: pytest.MonkeyPatch, value: str, source: str
) -> None:
    settings: Dict[str, Any] = {"client_id": "an-id", "client_secret": value}
    if source == "environment":
        for name, text in settings.items():
            environment.setenv(f"FORMLABS_{name.upper()}", text)
        settings = {}
    with pytest.raises(ApiValueError, match=r"^client_secret of") as caught:
        Configuration(**settings)
    assert "hush" not in str(caught.value)


def test_default_configuration_uses_later_changes_of_the_environment(
    environment: pytest.MonkeyPatch,
) -> None:
    Configuration.set_default(None)
    try:
        first = Configuration.get_default()
        assert first.client_id is None
        environment.setenv("FORMLABS_HOST", "http://127.0.0.1:1")
        for name, value in CREDENTIALS.items():
            environment.setenv(f"FORMLABS_{name.upper()}", value)
        again = Configuration.get_default()
        assert again is first
        assert (again.host, again.client_id) == ("http://127.0.0.1:1", "an-id")
        again.access_token = "my own"
        environment.setenv("FORMLABS_CLIENT_ID", "another")
        assert Configuration.get_default().client_id == "an-id"
    finally:
        Configuration.set_default(None)


def test_assigned_host_takes_precedence_over_a_server_index() -> None:
    configuration = Configuration(server_index=0)
    configuration.host = "http://127.0.0.1:1"
    assert configuration.server_index is None
    assert configuration.host == "http://127.0.0.1:1"


@pytest.mark.parametrize("given", ["hush-7Qx9", b"hush-7Qx9", {"access_token": "hush-7Qx9"}])
def test_client_with_an_invalid_configuration_is_refused(given: Any) -> None:
    with pytest.raises(ApiTypeError, match="a Configuration is needed") as caught:
        ApiClient(given)
    assert "hush" not in str(caught.value)


def test_default_client_uses_later_changes_of_the_environment(
    service: Loopback, environment: pytest.MonkeyPatch
) -> None:
    Configuration.set_default(None)
    first = ApiClient.get_default()
    assert ApiClient.get_default() is first
    environment.setenv("FORMLABS_HOST", service.url)
    environment.setenv("FORMLABS_CLIENT_ID", "an-id")
    environment.setenv("FORMLABS_CLIENT_SECRET", "a-long-secret")
    service.reply(200, {"access_token": "a-token-of-a-test", "expires_in": 3600})
    service.reply(200, [])
    assert PrintsApi().prints_list().results == []
    assert ApiClient.get_default() is ApiClient.get_default()
    ApiClient.get_default().close()


def test_default_client_stays_when_a_program_sets_its_token() -> None:
    client = ApiClient.get_default()
    client.configuration.access_token = "own"
    assert ApiClient.get_default() is client
    other = ApiClient(Configuration(access_token="x"))
    ApiClient.set_default(other)
    assert ApiClient.get_default() is other
