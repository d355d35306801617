"""Shared fixtures: a server on loopback, and clients isolated from the environment."""

from __future__ import annotations

import os
import signal
import ssl
from typing import Any, Callable, Dict, Iterator

import pytest
from hypothesis import HealthCheck, settings

from formlabs_web_api import ApiClient, Configuration
from test.support.loopback import Loopback

# The duration of an example proves nothing: the machine may be busy.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the credentials, proxies and certificates that the machine names."""
    for name in os.environ:
        if name.startswith("FORMLABS_") or name.lower().endswith(("_proxy", "_ca_bundle")):
            monkeypatch.delenv(name)
    ApiClient.set_default(None)
    Configuration.set_default(None)


@pytest.fixture
def service() -> Iterator[Loopback]:
    loopback = Loopback()
    yield loopback
    loopback.close()


@pytest.fixture
def other_service() -> Iterator[Loopback]:
    """Another host."""
    loopback = Loopback()
    yield loopback
    loopback.close()


@pytest.fixture
def client_of(service: Loopback) -> Iterator[Callable[..., ApiClient]]:
    """Make clients of ``service``; the arguments are settings of the Configuration."""
    clients = []

    def make(**settings: Any) -> ApiClient:
        settings.setdefault("access_token", "token-of-a-test")
        settings.setdefault("host", service.url)
        configuration = Configuration(**settings)
        clients.append(ApiClient(configuration))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(client_of: Callable[..., ApiClient]) -> ApiClient:
    """A client that tries once."""
    return client_of(retries=False)


@pytest.fixture
def raise_signal() -> Iterator[Callable[[Callable[[], object]], None]]:
    """Run a function in a signal handler of this thread; a deadlock ends the test."""

    def stuck(*_: object) -> None:
        raise AssertionError("the signal handler and the frame it interrupted wait for each other")

    if not hasattr(signal, "SIGUSR1"):
        pytest.skip("this platform has no SIGUSR1")
    watchdog = signal.signal(signal.SIGALRM, stuck)
    before = signal.getsignal(signal.SIGUSR1)
    signal.alarm(30)

    def interrupt(act: Callable[[], object]) -> None:
        signal.signal(signal.SIGUSR1, lambda *_: act() and None)
        signal.raise_signal(signal.SIGUSR1)

    yield interrupt
    signal.alarm(0)
    signal.signal(signal.SIGALRM, watchdog)
    signal.signal(signal.SIGUSR1, before)


@pytest.fixture(scope="session")
def authority() -> Any:
    """A certificate authority that is not trusted by default."""
    from trustme import CA

    return CA()


@pytest.fixture(scope="session")
def certificates(authority: Any, tmp_path_factory: pytest.TempPathFactory) -> Dict[str, str]:
    """Files of certificates: of the ``authority``, of a ``client`` and its ``client_key``."""
    folder = tmp_path_factory.mktemp("certificates")
    own = authority.issue_cert("desk@example.com")
    content = {
        "authority": authority.cert_pem,
        "client": own.cert_chain_pems[0],
        "client_key": own.private_key_pem,
    }
    for name, pem in content.items():
        pem.write_to_path(str(folder / f"{name}.pem"))
    return {name: str(folder / f"{name}.pem") for name in content}


@pytest.fixture
def tls_service(authority: Any) -> Iterator[Callable[..., Loopback]]:
    """Make servers that speak TLS, each with a certificate of a name."""
    servers = []

    def make(name: str, client_certificates: bool = False) -> Loopback:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        if client_certificates:
            authority.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        servers.append(Loopback(context))
        return servers[-1]

    yield make
    for server in servers:
        server.close()
