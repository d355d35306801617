"""``doctor``: check the connection to the service, and advise on problems."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Iterator, List, NamedTuple, Optional
from urllib.parse import urlsplit

import typer

from formlabs_web_api.cli import credentials
from formlabs_web_api.cli.answers import require
from formlabs_web_api.cli.cells import counted, duration, plain
from formlabs_web_api.cli.failures import (
    FAILED,
    NETWORK,
    NOT_AUTHORISED,
    THROTTLED,
    USAGE,
    Failure,
    causes_of,
    failure_of,
    has_cause,
    is_without_tls,
    reason_of,
)
from formlabs_web_api.cli.session import LOOPBACK, Session, clock, session_of

if TYPE_CHECKING:
    from formlabs_web_api import ApiClient, Configuration

TIMEOUT = 10.0
"""Seconds for connecting, and for a response."""
_MAX_CLOCK_SKEW = 30.0
"""Seconds by which a clock may be wrong without a warning."""

_SERVICE_PROBLEM = "The problem is in the service; try again later."

GOOD, BAD, DOUBTFUL = "ok", "failed", "warning"
_STYLES = {GOOD: "green", BAD: "bold red", DOUBTFUL: "yellow"}


class Finding(NamedTuple):
    """The result of one check."""

    about: str
    verdict: str
    text: str
    advice: str = ""
    code: int = 0
    """Exit code of the command for this finding; 0 if it is not a failure."""


def doctor(context: typer.Context) -> None:
    """Check host, TLS, credentials, clock and limits, and advise.

    It sends up to four requests, which count against the rate limits; one fetches a token.
    """
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
    """Run the checks in order, until one fails on which all others depend."""
    from formlabs_web_api import ApiClient

    half = None if session.sandbox else _half(session.credentials())
    if half is not None:
        yield half
        return
    configuration = session.configuration()
    # One attempt each and no long wait: a check must report a problem and not work around it.
    configuration.retries = False
    configuration.timeout = TIMEOUT
    configuration.max_wait = 0.0
    yield _credentials_found(session, configuration)
    proxy = list(_proxy(configuration))
    yield from proxy
    if any(finding.code for finding in proxy):
        return
    with ApiClient(configuration) as client:
        reached = list(_host(client))
        yield from reached
        if any(finding.code for finding in reached):
            return
        if not configuration.client_id and not configuration.access_token:
            return
        yield from _account(client)


def _half(found: credentials.Credentials) -> Optional[Finding]:
    """Return a finding if only one of client id and client secret is given."""
    missing = found.missing_half()
    if missing is None:
        return None
    if found.file is not None:
        text = f"{found.file} has no {missing}"
        advice = f"Add a line {missing} = ... to its section [{credentials.SECTION}]."
    else:
        text = f"{credentials.variable_of(missing)} is not set, or empty"
        advice = "Set it, or unset both to use the credentials of `formlabs-web-api login`."
    return Finding("credentials", BAD, text, advice, USAGE)


def _credentials_found(session: Session, configuration: Configuration) -> Finding:
    if session.sandbox:
        return Finding("credentials", GOOD, "sandbox credentials")
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


def _proxy(configuration: Configuration) -> Iterator[Finding]:
    """Name the proxy that requests go through, without its user and password."""
    from formlabs_web_api._util.urls import parse_url
    from formlabs_web_api.rest import proxy_for

    address = proxy_for(parse_url(configuration.host), configuration)
    if address is None:
        return
    try:
        proxy = parse_url(address)
    except ValueError as error:
        advice = "Correct https_proxy, http_proxy or all_proxy."
        yield Finding("proxy", BAD, str(error), advice, USAGE)
        return
    yield Finding("proxy", GOOD, f"requests go through {proxy.host}:{proxy.effective_port}")


def _host(client: ApiClient) -> Iterator[Finding]:
    """Check that the host answers, and compare its clock; send no token."""
    from formlabs_web_api import ApiConnectionException, ApiException

    host = client.configuration.host
    url = f"{host}/developer/v1/printers/"
    try:
        answer = client.call_api("GET", url, {"Accept": "application/json"}, _retries=False)
        answer.read()
    except ApiConnectionException as error:
        text = f"{host} cannot be reached: {_reason(error)}"
        yield Finding("host", BAD, text, _advice(error, host), NETWORK)
        return
    except ApiException as error:
        yield _refused("host", error, host)
        return
    if answer.status == 404 or answer.status >= 500 or answer.status == 429:
        text = f"{host} answers {answer.status} {answer.reason or ''}".rstrip()
        code = THROTTLED if answer.status == 429 else FAILED
        yield Finding("host", BAD, text, _advice_on_status(answer.status, host), code)
        return
    yield Finding("host", GOOD, f"{host} answers")
    if urlsplit(host).scheme == "https":
        yield Finding("TLS", GOOD, "its certificate is valid")
    elif urlsplit(host).hostname in LOOPBACK:
        yield Finding("TLS", GOOD, "not used (loopback)")
    else:
        yield Finding("TLS", DOUBTFUL, "not used: the network can read all data")
    yield _clock(answer.getheader("Date"))


def _clock(date: Optional[str]) -> Finding:
    from formlabs_web_api._util.dates import parse_http_date

    service_time = parse_http_date(date)
    if service_time is None:
        return Finding("clock", DOUBTFUL, "the service does not send its time")
    wrong = (clock() - service_time).total_seconds()
    if abs(wrong) <= _MAX_CLOCK_SKEW:
        return Finding("clock", GOOD, "right")
    way = "fast" if wrong > 0 else "slow"
    advice = "Set the clock: filters by date depend on it."
    return Finding("clock", DOUBTFUL, f"{_length(abs(wrong))} {way}", advice)


def _length(seconds: float) -> str:
    """Format a duration: 45 s, 12 min, 23 h 54 min."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return duration(timedelta(seconds=seconds))


def _account(client: ApiClient) -> Iterator[Finding]:
    """Check that the credentials are accepted, count the printers, and list the limits."""
    from formlabs_web_api import ApiException, ForbiddenException, PrintersApi

    host = client.configuration.host
    is_token_given = bool(client.configuration.access_token)
    if not is_token_given:
        try:
            client.tokens.get()
        except ApiException as error:
            yield _refused("token", error, host)
            return
        yield Finding("token", GOOD, "the service accepts the credentials")
    try:
        fleet = require(PrintersApi(client).printers_list(_retries=False))
    except Failure as failure:
        yield Finding("account", BAD, str(failure), _SERVICE_PROBLEM, failure.code)
        return
    except ForbiddenException as error:
        advice = "The credentials are valid, but the account has no access to printers."
        yield Finding("account", BAD, str(error), advice, NOT_AUTHORISED)
        return
    except ApiException as error:
        if is_token_given and error.status == 401:
            advice = "The access token has expired or is revoked: get another one."
            yield Finding("account", BAD, str(error), advice, NOT_AUTHORISED)
        else:
            yield _refused("account", error, host)
        return
    yield Finding("account", GOOD, f"{counted(len(fleet), 'printer')}")
    limits = "; ".join(str(window) for window in client.quota.windows)
    yield Finding("limits", GOOD, limits or "not enforced for this host")
    drift = [str(one) for one in client.drift]
    if drift:
        yield Finding(
            "responses",
            DOUBTFUL,
            f"differ from the API's description: {'; '.join(drift[:5])}",
            "No data is lost; report it to the maintainers, since the API has changed.",
        )


def _refused(about: str, error: Any, host: str) -> Finding:
    """Return the likely cause of an unexpected response."""
    from formlabs_web_api import ApiConnectionException

    failure = failure_of(error)
    code = failure.code if failure is not None else FAILED
    if isinstance(error, ApiConnectionException):
        return Finding(about, BAD, _reason(error), _advice(error, host), code)
    status = 429 if code == THROTTLED else error.status or 0
    return Finding(about, BAD, str(error), _advice_on_status(status, host), code)


def _advice_on_status(status: int, host: str) -> str:
    """Return the advice for a response that is not a success."""
    if status == 429:
        return "The rate limit of this account is reached; send fewer requests."
    if status >= 500:
        return _SERVICE_PROBLEM
    if status in (400, 401, 403):
        return (
            "Compare client id and client secret with those on"
            " https://dashboard.formlabs.com/#developer; a secret may have been replaced."
        )
    return f"This is not the API: check the host, {host}."


def _reason(error: BaseException) -> str:
    """Return why a connection failed, with the timeout if it has expired."""
    return reason_of(error).replace("in time", f"within {TIMEOUT:g} s")


def _advice(error: BaseException, host: str) -> str:
    """Return the advice for a connection that failed."""
    import socket
    import ssl

    address = urlsplit(host)
    causes = causes_of(error)

    def has(*kinds: type) -> bool:
        return any(isinstance(one, kinds) for one in causes)

    if has_cause(causes, "ProxyError"):
        return "The proxy cannot be reached or refuses the request: check https_proxy and no_proxy."
    if has_cause(causes, "NameResolutionError") or has(socket.gaierror):
        return f"The name {address.hostname} is unknown: check it, the network and its DNS."
    if is_without_tls(causes):
        plain_text = host.replace("https://", "http://", 1)
        return f"The server does not use TLS: try {plain_text}, or another port."
    if has_cause(causes, "SSLError") or has(ssl.SSLError):
        return (
            "The certificate is not trusted: the clock may be wrong, or a proxy intercepts TLS;"
            " then add its certificate to the file in SSL_CERT_FILE."
        )
    if has(ConnectionRefusedError):
        return f"No server listens at this address: check host and port in {host}."
    if has_cause(causes, "ReadTimeoutError"):
        return f"The server accepts connections but does not respond: check {host}, or try later."
    scheme = address.scheme.upper()
    port = address.port or (443 if scheme == "HTTPS" else 80)
    return f"A firewall may block the connection: allow outgoing {scheme} to port {port}."
