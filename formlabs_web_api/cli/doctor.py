"""``doctor``: what stands between this computer and the service, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterator, List, NamedTuple, Optional
from urllib.parse import urlsplit

import typer

from formlabs_web_api.cli import credentials
from formlabs_web_api.cli.cells import counted, plain
from formlabs_web_api.cli.failures import (
    FAILED,
    NETWORK,
    NOT_AUTHORISED,
    THROTTLED,
    causes_of,
    failure_of,
    reason_of,
)
from formlabs_web_api.cli.session import LOOPBACK, Session, clock, session_of

if TYPE_CHECKING:
    from formlabs_web_api import ApiClient, Configuration

_TOLERABLE_SKEW = 30.0
"""Seconds a clock may be wrong before it is worth a word."""

GOOD, BAD, DOUBTFUL = "ok", "failed", "warning"
_STYLES = {GOOD: "green", BAD: "bold red", DOUBTFUL: "yellow"}


class Finding(NamedTuple):
    """What was found out about one thing."""

    about: str
    verdict: str
    text: str
    advice: str = ""
    code: int = 0
    """Exit code of the command, if this is what ends it."""


def doctor(context: typer.Context) -> None:
    """Check host, TLS, credentials, clock, limits; say what to do."""
    session = session_of(context)
    findings: List[Finding] = []
    for finding in examine(session):
        findings.append(finding)
        if not session.json:
            _write(session, finding)
    if session.json:
        session.say_json([one._asdict() for one in findings])
    code = next((one.code for one in findings if one.code), 0)
    if code:
        raise typer.Exit(code)


def _write(session: Session, finding: Finding) -> None:
    from rich.table import Table
    from rich.text import Text

    line = Table.grid()
    for width in (9, 13, None):
        line.add_column(width=width, overflow="fold")
    verdict = Text(finding.verdict, _STYLES[finding.verdict])
    line.add_row(verdict, finding.about, Text(plain(finding.text)))
    if finding.advice:
        line.add_row("", "", Text(plain(finding.advice)))
    session.write(line)


def examine(session: Session) -> Iterator[Finding]:
    """One thing after the other, until one is in the way of all that follow."""
    from formlabs_web_api import ApiClient

    configuration = session.configuration()
    # One try each, and no long wait: this is to say what is wrong, not to get round it.
    configuration.retries = False
    configuration.timeout = (5.0, 10.0)
    configuration.max_wait = 0.0
    yield _credentials_found(session, configuration)
    with ApiClient(configuration) as client:
        reached = list(_host(client))
        yield from reached
        if any(finding.code for finding in reached):
            return
        if not configuration.client_id and not configuration.access_token:
            return
        yield from _account(client)


def _credentials_found(session: Session, configuration: Configuration) -> Finding:
    if session.sandbox:
        return Finding("credentials", GOOD, "of the sandbox")
    found = session.credentials()
    if not configuration.client_id and not configuration.access_token:
        return Finding(
            "credentials",
            BAD,
            "none",
            "Run `formlabs-web-api login`, or set FORMLABS_CLIENT_ID and FORMLABS_CLIENT_SECRET;"
            " both are on https://dashboard.formlabs.com/#developer.",
            NOT_AUTHORISED,
        )
    text = f"from {found.source}"
    if found.file is not None and not credentials.is_private(found.file):
        advice = f"Others can read them: chmod 600 {found.file}"
        return Finding("credentials", DOUBTFUL, text, advice)
    return Finding("credentials", GOOD, text)


def _host(client: ApiClient) -> Iterator[Finding]:
    """Whether the host answers, and whether its clock agrees; without a token."""
    from formlabs_web_api import ApiConnectionException, ApiException

    host = client.configuration.host
    url = f"{host}/developer/v1/printers/"
    try:
        answer = client.call_api("GET", url, {"Accept": "application/json"}, _retries=False)
    except ApiConnectionException as error:
        text = f"{host} is not reached: {reason_of(error)}"
        yield Finding("host", BAD, text, _advice(error, host), NETWORK)
        return
    except ApiException as error:
        yield _refused("host", error)
        return
    yield Finding("host", GOOD, f"{host} answers")
    if urlsplit(host).scheme == "https":
        yield Finding("TLS", GOOD, "its certificate is valid")
    elif urlsplit(host).hostname in LOOPBACK:
        yield Finding("TLS", GOOD, "none, and none is needed within this computer")
    else:
        yield Finding("TLS", DOUBTFUL, "none: whoever listens on the way can read all of it")
    yield _clock(answer.getheader("Date"))


def _clock(date: Optional[str]) -> Finding:
    from email.utils import parsedate_to_datetime

    if date is None:
        return Finding("clock", DOUBTFUL, "the service does not tell its time")
    try:
        wrong = (clock() - parsedate_to_datetime(date)).total_seconds()
    except (TypeError, ValueError):
        return Finding("clock", DOUBTFUL, "the service does not tell its time")
    if abs(wrong) <= _TOLERABLE_SKEW:
        return Finding("clock", GOOD, "right")
    way = "fast" if wrong > 0 else "slow"
    advice = "Set it: filters by date and who is off line depend on it."
    return Finding("clock", DOUBTFUL, f"{abs(wrong):,.0f} s {way}", advice)


def _account(client: ApiClient) -> Iterator[Finding]:
    """Whether the credentials are taken, what they give, and the limits."""
    from formlabs_web_api import ApiException, PrintersApi

    if not client.configuration.access_token:
        try:
            client.tokens.get()
        except ApiException as error:
            yield _refused("token", error)
            return
        yield Finding("token", GOOD, "the service takes the credentials")
    try:
        fleet = PrintersApi(client).printers_list(_retries=False)
    except ApiException as error:
        yield _refused("account", error)
        return
    yield Finding("account", GOOD, f"{counted(len(fleet), 'printer')}")
    limits = "; ".join(str(window) for window in client.quota.windows)
    yield Finding("limits", GOOD, limits or "none are kept with this host")
    drift = [str(one) for one in client.drift]
    if drift:
        yield Finding(
            "answers",
            DOUBTFUL,
            f"differ from their description: {'; '.join(drift[:5])}",
            "Nothing is lost by it; tell the maintainers, the API has changed.",
        )


def _refused(about: str, error: Any) -> Finding:
    failure = failure_of(error)
    code = failure.code if failure is not None else FAILED
    advice = {
        NOT_AUTHORISED: "Compare client id and client secret with those on"
        " https://dashboard.formlabs.com/#developer; a secret may have been replaced.",
        THROTTLED: "Something uses up the limits of this account; ask less often.",
        NETWORK: "The connection broke off; try again.",
    }
    return Finding(about, BAD, str(error), advice.get(code, ""), code)


def _advice(error: BaseException, host: str) -> str:
    """What to do about a connection that does not come about."""
    import socket
    import ssl

    import urllib3.exceptions as http

    name = urlsplit(host).hostname
    causes = causes_of(error)

    def is_one(*kinds: type) -> bool:
        return any(isinstance(one, kinds) for one in causes)

    if is_one(http.ProxyError):
        return "The proxy does not do its part: look at https_proxy and no_proxy."
    if is_one(http.NameResolutionError, socket.gaierror):
        return f"{name} is not known here: look at the name, the network and its DNS."
    if is_one(http.SSLError, ssl.SSLError):
        return (
            "The certificate is not trusted: the clock may be wrong, or a proxy opens connections;"
            " then its certificate belongs into SSL_CERT_FILE."
        )
    if is_one(ConnectionRefusedError):
        return f"Nothing listens there: look at the host and port in {host}."
    return "A firewall may be in the way: HTTPS to port 443 has to be let out."
