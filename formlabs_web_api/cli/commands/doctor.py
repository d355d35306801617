"""``doctor``: what stands between this computer and the service, and what to do about it."""

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
    is_one,
    reason_of,
    speaks_no_tls,
)
from formlabs_web_api.cli.session import LOOPBACK, Session, clock, session_of

if TYPE_CHECKING:
    from formlabs_web_api import ApiClient, Configuration

PATIENCE = 10.0
"""Seconds that a connection, and an answer, may take."""
_TOLERABLE_SKEW = 30.0
"""Seconds a clock may be wrong before it is worth a word."""

_OWN_TROUBLE = "That is the service's own trouble; try again later."

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
    """Check host, TLS, credentials, clock and limits, and advise.

    It takes up to four requests of the limits, one of them for a token.
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
    """One thing after the other, until one is in the way of all that follow."""
    from formlabs_web_api import ApiClient

    half = None if session.sandbox else _half(session.credentials())
    if half is not None:
        yield half
        return
    configuration = session.configuration()
    # One try each, and no long wait: this is to say what is wrong, not to get round it.
    configuration.retries = False
    configuration.timeout = PATIENCE
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
    """What is missing where only one half of a pair of credentials is given."""
    missing = found.missing_half()
    if missing is None:
        return None
    if found.file is not None:
        text = f"{found.file} has no {missing}"
        advice = f"Write a line {missing} = ... into its section [{credentials.SECTION}]."
    else:
        text = f"{credentials.variable_of(missing)} is not set, or empty"
        advice = "Set it; without both variables, what `formlabs-web-api login` keeps is used."
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
    """Whether the host answers, and whether its clock agrees; without a token."""
    from formlabs_web_api import ApiConnectionException, ApiException

    host = client.configuration.host
    url = f"{host}/developer/v1/printers/"
    try:
        answer = client.call_api("GET", url, {"Accept": "application/json"}, _retries=False)
        answer.read()
    except ApiConnectionException as error:
        text = f"{host} is not reached: {_reason(error)}"
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
        yield Finding("TLS", DOUBTFUL, "not used: anyone on the way can read everything")
    yield _clock(answer.getheader("Date"))


def _clock(date: Optional[str]) -> Finding:
    from formlabs_web_api._util.dates import parse_http_date

    service_time = parse_http_date(date)
    if service_time is None:
        return Finding("clock", DOUBTFUL, "the service does not send its time")
    wrong = (clock() - service_time).total_seconds()
    if abs(wrong) <= _TOLERABLE_SKEW:
        return Finding("clock", GOOD, "right")
    way = "fast" if wrong > 0 else "slow"
    advice = "Set it: filters by date and who is off line depend on it."
    return Finding("clock", DOUBTFUL, f"{_length(abs(wrong))} {way}", advice)


def _length(seconds: float) -> str:
    """Return a length of time as people read it: 45 s, 12 min, 23 h 54 min."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return duration(timedelta(seconds=seconds))


def _account(client: ApiClient) -> Iterator[Finding]:
    """Whether the credentials are taken, what they give, and the limits."""
    from formlabs_web_api import ApiException, ForbiddenException, PrintersApi

    host = client.configuration.host
    is_token_given = bool(client.configuration.access_token)
    if not is_token_given:
        try:
            client.tokens.get()
        except ApiException as error:
            yield _refused("token", error, host)
            return
        yield Finding("token", GOOD, "the service takes the credentials")
    try:
        fleet = require(PrintersApi(client).printers_list(_retries=False))
    except Failure as failure:
        yield Finding("account", BAD, str(failure), _OWN_TROUBLE, failure.code)
        return
    except ForbiddenException as error:
        advice = "It is known who asks, but this account may not see printers: ask who manages it."
        yield Finding("account", BAD, str(error), advice, NOT_AUTHORISED)
        return
    except ApiException as error:
        if is_token_given and error.status == 401:
            advice = "The access token is used up or revoked: get another one."
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
            "answers",
            DOUBTFUL,
            f"differ from their description: {'; '.join(drift[:5])}",
            "Nothing is lost by it; tell the maintainers, the API has changed.",
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
    """Return what to do about a response that is not a success."""
    if status == 429:
        return "Something uses up the limits of this account; ask less often."
    if status >= 500:
        return _OWN_TROUBLE
    if status in (400, 401, 403):
        return (
            "Compare client id and client secret with those on"
            " https://dashboard.formlabs.com/#developer; a secret may have been replaced."
        )
    return f"This is not the API: look at the host, {host}."


def _reason(error: BaseException) -> str:
    """Why a connection did not come about; where it took too long, how long that was."""
    return reason_of(error).replace("in time", f"within {PATIENCE:g} s")


def _advice(error: BaseException, host: str) -> str:
    """What to do about a connection that does not come about."""
    import socket
    import ssl

    address = urlsplit(host)
    causes = causes_of(error)

    def has(*kinds: type) -> bool:
        return any(isinstance(one, kinds) for one in causes)

    if is_one(causes, "ProxyError"):
        return "The proxy cannot be reached or refuses: check https_proxy and no_proxy."
    if is_one(causes, "NameResolutionError") or has(socket.gaierror):
        return f"{address.hostname} is not known here: look at the name, the network and its DNS."
    if speaks_no_tls(causes):
        plain_text = host.replace("https://", "http://", 1)
        return f"Nothing speaks TLS there: try {plain_text}, or another port."
    if is_one(causes, "SSLError") or has(ssl.SSLError):
        return (
            "The certificate is not trusted: the clock may be wrong, or a proxy opens connections;"
            " then its certificate belongs into SSL_CERT_FILE."
        )
    if has(ConnectionRefusedError):
        return f"Nothing listens there: look at the host and port in {host}."
    if is_one(causes, "ReadTimeoutError"):
        return f"Something listens there and keeps silent: look at {host}, or try again later."
    scheme = address.scheme.upper()
    port = address.port or (443 if scheme == "HTTPS" else 80)
    return f"A firewall may be in the way: {scheme} to port {port} has to be let out."
