"""TLS: trusted certificates, expected host names and client certificates."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Callable, Dict, Union

import pytest
import urllib3.exceptions

from formlabs_web_api import (
    ApiClient,
    ApiConnectionException,
    ApiValueError,
    Configuration,
    PrintsApi,
)
from test.support.loopback import Loopback
from test.support.operations import data_of

TlsService = Callable[..., Loopback]
Certificates = Dict[str, Any]


def list_prints(host: str, **changes: Any) -> None:
    """Make one call with a configuration that has these attributes."""
    configuration = Configuration(host=host, access_token="t", retries=False)
    for name, value in changes.items():
        assert hasattr(configuration, name)
        setattr(configuration, name, value)
    with ApiClient(configuration) as client:
        PrintsApi(client).prints_list()


def refused(host: str, **changes: Any) -> ApiConnectionException:
    with pytest.raises(ApiConnectionException) as caught:
        list_prints(host, **changes)
    assert isinstance(caught.value, urllib3.exceptions.SSLError)
    assert isinstance(caught.value, urllib3.exceptions.MaxRetryError)
    return caught.value


@pytest.fixture
def server(tls_service: TlsService) -> Loopback:
    made = tls_service("127.0.0.1")
    made.reply(200, data_of("prints"))
    return made


def test_unknown_certificate_authority_is_not_trusted(server: Loopback) -> None:
    assert "certificate verify failed" in str(refused(server.url))
    assert server.asked == []


def test_certificate_authority_in_ssl_ca_cert_is_trusted(
    server: Loopback, certificates: Certificates
) -> None:
    list_prints(server.url, ssl_ca_cert=certificates["authority"])
    assert len(server.asked) == 1


@pytest.mark.parametrize("form", ["text", "bytes"])
def test_certificate_authority_in_ca_cert_data_is_trusted(
    server: Loopback, certificates: Certificates, form: str
) -> None:
    pem = Path(certificates["authority"]).read_text()
    import ssl

    data = pem if form == "text" else ssl.PEM_cert_to_DER_cert(pem)
    list_prints(server.url, ca_cert_data=data)
    assert len(server.asked) == 1


def test_certificate_of_another_host_is_refused(
    tls_service: TlsService, certificates: Certificates
) -> None:
    server = tls_service("printers.example.com")
    error = refused(server.url, ssl_ca_cert=certificates["authority"])
    assert "127.0.0.1" in str(error)


@pytest.mark.parametrize("name", ["printers.example.com", False])
def test_assert_hostname_sets_the_expected_name(
    tls_service: TlsService, certificates: Certificates, name: Any
) -> None:
    server = tls_service("printers.example.com")
    server.reply(200, data_of("prints"))
    list_prints(server.url, ssl_ca_cert=certificates["authority"], assert_hostname=name)
    refused(server.url, ssl_ca_cert=certificates["authority"], assert_hostname="other.example.com")


def test_tls_server_name_sets_the_requested_name(
    tls_service: TlsService, certificates: Certificates
) -> None:
    server = tls_service("printers.example.com")
    server.reply(200, data_of("prints"))
    list_prints(
        server.url,
        ssl_ca_cert=certificates["authority"],
        tls_server_name="printers.example.com",
    )
    assert server.last.server_name == "printers.example.com"


def test_verify_ssl_false_skips_the_check_with_a_warning(server: Loopback) -> None:
    with pytest.warns(urllib3.exceptions.InsecureRequestWarning):
        list_prints(server.url, verify_ssl=False)
    assert len(server.asked) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refused(server.url, verify_ssl=True)


def test_client_certificate_is_sent(tls_service: TlsService, certificates: Certificates) -> None:
    server = tls_service("127.0.0.1", client_certificates=True)
    server.reply(200, data_of("prints"))
    authority = certificates["authority"]
    list_prints(
        server.url,
        ssl_ca_cert=authority,
        cert_file=certificates["client"],
        key_file=certificates["client_key"],
    )
    names = [value for kind, value in server.last.certificate["subjectAltName"]]
    assert names == ["desk@example.com"]
    with pytest.raises(ApiConnectionException):
        list_prints(server.url, ssl_ca_cert=authority)


@pytest.mark.parametrize("setting", ["ssl_ca_cert", "cert_file"])
def test_missing_certificate_file_is_named_with_its_setting(
    server: Loopback, tmp_path: Path, setting: str
) -> None:
    with pytest.raises(ApiValueError, match=f"{setting}: there is no file .*none.pem"):
        list_prints(server.url, **{setting: str(tmp_path / "none.pem")})
    assert server.asked == []


@pytest.mark.parametrize("setting", ["ssl_ca_cert", "cert_file"])
def test_file_without_a_certificate_is_named_with_its_setting(
    server: Loopback, tmp_path: Path, setting: str
) -> None:
    path = tmp_path / "broken.pem"
    path.write_text("not a certificate", encoding="ascii")
    with pytest.raises(ApiValueError, match=f"{setting}: .*broken.pem"):
        list_prints(server.url, **{setting: str(path)})


@pytest.mark.parametrize("data", [b"-----BEGIN CERTIFICATE-----", b"\x00", "no certificate"])
def test_unusable_ca_cert_data_is_named(server: Loopback, data: Union[str, bytes]) -> None:
    with pytest.raises(ApiValueError, match=r"^ca_cert_data: "):
        list_prints(server.url, ca_cert_data=data)


def test_untrusted_certificate_is_not_retried(server: Loopback) -> None:
    configuration = Configuration(host=server.url, access_token="t")
    with pytest.raises(ApiConnectionException) as caught, ApiClient(configuration) as client:
        PrintsApi(client).prints_list()
    assert caught.value.attempts == 1


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_certificates_named_by_the_environment_are_trusted(
    server: Loopback, certificates: Certificates, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for other in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, certificates["authority"])
    list_prints(server.url)
    assert len(server.asked) == 1


def test_server_without_tls_is_a_connection_error(service: Loopback) -> None:
    with pytest.raises(ApiConnectionException):
        list_prints(service.url.replace("http:", "https:"))


def test_file_of_certificates_is_checked_again_once_it_has_changed(
    certificates: Certificates, tmp_path: Path
) -> None:
    file = tmp_path / "authorities.pem"
    file.write_text(Path(certificates["authority"]).read_text(encoding="ascii"), encoding="ascii")
    configuration = Configuration(access_token="t", ssl_ca_cert=str(file))
    for _ in range(2):
        ApiClient(configuration).close()
    file.write_text("no certificate", encoding="ascii")
    with pytest.raises(ApiValueError, match="ssl_ca_cert"):
        ApiClient(configuration)


def test_missing_key_file_is_named_without_a_certificate_too() -> None:
    configuration = Configuration(host="https://127.0.0.1:9", access_token="t")
    configuration.key_file = "/nowhere/key.pem"
    with pytest.raises(ApiValueError, match=r"key_file: there is no file '/nowhere/key.pem'"):
        ApiClient(configuration)
