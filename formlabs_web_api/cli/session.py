"""One run of the command line: its options, its client and its output."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Iterable, List, Optional, Tuple, Union, cast
from urllib.parse import urlsplit

from formlabs_web_api._util.json import is_array
from formlabs_web_api._util.text import escape_json
from formlabs_web_api.cli import credentials
from formlabs_web_api.cli.cells import json_value, plain
from formlabs_web_api.cli.failures import NO_CREDENTIALS, NOT_AUTHORISED, USAGE, Failure

if TYPE_CHECKING:
    import typer
    from rich.console import Console, RenderableType

    from formlabs_web_api import ApiClient, Configuration, DeveloperAPIMyPrinter, Workgroup
    from formlabs_web_api.mirror import Mirror

_MICROSECOND = timedelta(microseconds=1)
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def clock() -> datetime:
    """Return the present according to this computer."""
    return datetime.now(timezone.utc)


def service_clock(client: ApiClient) -> datetime:
    """Return the present according to the service."""
    return client.now()


class Session:
    """State shared by the commands of a run; a ``with`` statement closes the client."""

    def __init__(
        self,
        json: bool = False,
        utc: bool = False,
        quiet: bool = False,
        config: Optional[Path] = None,
        sandbox: bool = False,
        derived: bool = False,
        is_shared: bool = True,
    ) -> None:
        self.json = json
        """True to write JSON instead of tables."""
        self.derived = derived
        """True to add derived values to JSON."""
        self.is_shared = is_shared
        """True to share the limits and the token with other commands."""
        self.utc = utc
        """True to read and write times in UTC instead of the local zone."""
        self.quiet = quiet
        """True to write results and errors only."""
        self.config = config
        self.sandbox = sandbox
        """True to use a generated fleet in this process."""
        self.mirror: Optional[Mirror] = None
        """The mirror that is read instead of the service."""
        self._synced_at: Optional[datetime] = None
        self._opened = ExitStack()
        self._client: Optional[ApiClient] = None
        self._hints: List[Union[str, Callable[[], Optional[str]]]] = []

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exception: object) -> None:
        self._client = None
        self._opened.close()

    # The service

    @property
    def client(self) -> ApiClient:
        """The client of this run.

        Raises:
            Failure: There are no credentials.
        """
        if self._client is None:
            configuration = self.configuration()
            if not configuration.client_id and not configuration.access_token:
                raise Failure(NO_CREDENTIALS, NOT_AUTHORISED)
            self._client = self._opened.enter_context(self._client_of(configuration))
            self._show_waits()
        return self._client

    def _show_waits(self) -> None:
        """Write a line before each long wait for the service, if stderr is a terminal."""
        from formlabs_web_api._core.wait_notice import show_waits

        if sys.stderr.isatty():
            self._opened.enter_context(show_waits(self.note))

    def _client_of(self, configuration: Configuration) -> ApiClient:
        """Return a client that shares limits and token with the other commands of this user.

        If the state directory cannot be used, the client does not share them.
        """
        from formlabs_web_api import ApiClient, ApiValueError

        is_default = configuration.shared is None and self.is_shared
        # A sandbox, or another server on this computer, has no limits to share.
        if not is_default or not configuration.rate_limits or not configuration.client_id:
            return ApiClient(configuration)
        configuration.shared = True
        try:
            return ApiClient(configuration)
        except ApiValueError:
            configuration.shared = None
            return ApiClient(configuration)

    def read_mirror(self, mirror: Mirror, synced_at: datetime) -> None:
        """Read a mirror from now on, and not the service; it is as of its last sync."""
        self.mirror = mirror
        self._synced_at = synced_at
        self._opened.callback(mirror.close)

    def printers(self) -> List[DeveloperAPIMyPrinter]:
        """Return all printers, of the service or of the mirror."""
        from formlabs_web_api import PrintersApi

        if self.mirror is not None:
            return cast("List[DeveloperAPIMyPrinter]", list(self.mirror.read("printers")))
        return PrintersApi(self.client).printers_list()

    def groups(self) -> List[Workgroup]:
        """Return all printer groups, of the service or of the mirror."""
        from formlabs_web_api import PrinterGroupsApi

        if self.mirror is not None:
            return cast("List[Workgroup]", list(self.mirror.read("groups")))
        return PrinterGroupsApi(self.client).groups_list()

    def configuration(self) -> Configuration:
        """Return the settings of the client, with or without credentials."""
        from formlabs_web_api import ApiValueError, Configuration

        if self.sandbox:
            return self._sandbox_configuration()
        found = self.credentials()
        credentials.check(found)
        try:
            configuration = Configuration(**cast("Any", found.settings))
        except ApiValueError as error:
            if found.file is None:
                raise
            raise Failure(f"{found.file}: {error}", USAGE) from None
        if "access_token" in found.settings:
            configuration.client_id = configuration.client_secret = None
        if urlsplit(configuration.host).hostname in LOOPBACK:
            configuration.rate_limits = None  # a sandbox does not have the service's limits
        return configuration

    def credentials(self) -> credentials.Credentials:
        """Return the credentials of this run and their source."""
        return credentials.find(self.config)

    def _sandbox_configuration(self) -> Configuration:
        from formlabs_web_api import Configuration
        from formlabs_web_api.sandbox import Sandbox

        try:
            sandbox = self._opened.enter_context(Sandbox())
        except ImportError as error:
            raise Failure(str(error)) from None
        return Configuration(
            host=sandbox.url,
            client_id=sandbox.client_id,
            client_secret=sandbox.client_secret,
            rate_limits=None,
            trust_environment=False,
        )

    # Times

    def now(self) -> datetime:
        """Return the present in the zone of the output.

        It is the service's time according to its last response, so call this after the request
        whose result is judged by it. Before the first response it is this computer's time.
        """
        if self._synced_at is not None:
            present = self._synced_at  # what a mirror holds is as of then
        else:
            present = clock() if self._client is None else service_clock(self._client)
        return present.astimezone(timezone.utc) if self.utc else present.astimezone()

    def period(
        self, since: Optional[str], until: Optional[str]
    ) -> Tuple[Optional[datetime], Optional[datetime]]:
        """Parse two dates; return the exclusive bounds of the period between them.

        Both dates are included: ``until`` a day means until the end of that day.
        """
        after, before = self._since_and_until("--", since, until)
        return None if after is None else after - _MICROSECOND, before

    def ended_period(
        self, ended: Optional[str], since: Optional[str], until: Optional[str]
    ) -> Tuple[Optional[datetime], Optional[datetime]]:
        """Return the first moment of a period and the one after it.

        ``ended`` names the whole period; an amount of time, such as 12h, lasts until now.
        """
        whole = self._span("--ended", ended)
        if whole is None:
            return self._since_and_until("--ended-", since, until)
        first, last = whole
        return first, None if first == last else last

    def _since_and_until(
        self, prefix: str, since: Optional[str], until: Optional[str]
    ) -> Tuple[Optional[datetime], Optional[datetime]]:
        after = self._span(f"{prefix}since", since)
        before = self._span(f"{prefix}until", until)
        if after and after[0] > self.now():
            raise usage(f"{prefix}since", f'"{since}" is in the future: {after[0]:%Y-%m-%d %H:%M}')
        if after and before and after[0] >= before[1]:
            raise usage(f"{prefix}until", f'"{until}" is not after "{since}"')
        return after[0] if after else None, before[1] if before else None

    def _span(self, option: str, text: Optional[str]) -> Optional[Tuple[datetime, datetime]]:
        from formlabs_web_api.cli import dates

        if text is None:
            return None
        try:
            return dates.span(text, self.now(), self.utc)
        except ValueError as error:
            raise usage(option, str(error)) from None

    # What is written

    @property
    def out(self) -> Console:
        """The console for results."""
        return _console(sys.stdout)

    @property
    def errors(self) -> Console:
        """The console for notes and progress."""
        return _console(sys.stderr)

    @property
    def on_terminal(self) -> bool:
        """True if results are written to a terminal, and not to a program or a file."""
        return sys.stdout.isatty()

    def write(self, *shown: RenderableType) -> None:
        """Write renderables of rich, one below the other."""
        from rich.console import Group

        out = self.out
        if out.is_terminal:
            out.print(Group(*shown))
            return
        with out.capture() as capture:
            out.print(Group(*shown))
        for line in capture.get().splitlines():
            self._write_line(line.rstrip())  # rich pads each line

    def say(self, text: str) -> None:
        """Write a line of the result."""
        self._write_line(plain(text))

    def _write_line(self, safe: str) -> None:
        sys.stdout.write(f"{safe}\n")

    def note(self, text: str) -> None:
        """Write a note to stderr, which is not part of the result."""
        if not self.quiet:
            sys.stderr.write(f"{plain(text)}\n")

    def add_hint(self, hint: Union[str, Callable[[], Optional[str]]]) -> None:
        """Keep a hint to show if the result is empty, for example an unknown serial.

        A function is called then, and returns the hint, or None without one.
        """
        self._hints.append(hint)

    def show_hints(self) -> None:
        """Fail if there are hints why the result is empty.

        Raises:
            Failure: There are hints, which are its message.
        """
        hints = [hint if isinstance(hint, str) else hint() for hint in self._hints]
        if any(hints):
            raise Failure("; ".join(filter(None, hints)))

    def complain(self, text: str) -> None:
        """Write an error message to stderr."""
        sys.stderr.write(f"Error: {plain(text)}\n")

    def say_json(self, value: object) -> None:
        """Write a model of the API, or plain data, as JSON."""
        self._write_line(self._json_text(value, self.on_terminal))

    def say_json_line(self, value: object) -> None:
        """Write plain data or models as JSON on one line."""
        self._write_line(self._json_text(value, False))

    def say_json_list(self, items: Iterable[object]) -> int:
        """Write an array as its items arrive, one on a line; return their number."""
        count = 0
        for count, item in enumerate(items, start=1):
            self._write_line("," if count > 1 else "[")
            sys.stdout.write(self._json_text(item, self.on_terminal))
        self._write_line("\n]" if count else "[]")
        return count

    def _json_text(self, value: object, indented: bool) -> str:
        import json

        # Characters that the terminal's encoding lacks are escaped, not replaced.
        is_utf8 = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"
        indent = 2 if indented else None
        written = json.dumps(self._plain(value), ensure_ascii=not is_utf8, indent=indent)
        return escape_json(written)

    def _plain(self, value: object) -> Any:
        return with_derived(value, self.now()) if self.derived else plain_json(value)

    def confirm(self, question: str, yes: bool) -> None:
        """Ask for confirmation before a change that cannot be undone.

        Raises:
            Failure: The answer is no, or standard input is not a terminal.
        """
        import typer

        if yes:
            return
        if not sys.stdin.isatty():
            raise Failure(f"{question} Standard input is not a terminal; --yes confirms", USAGE)
        if not typer.confirm(question, err=True):
            raise Failure("not confirmed; nothing was changed")


def plain_json(value: Any) -> Any:
    """Return a model of the API as plain data, and any other value unchanged."""
    import json

    if is_array(value):
        return [plain_json(one) for one in value]
    return json.loads(value.to_json()) if hasattr(value, "to_json") else value


def with_derived(value: Any, now: datetime) -> Any:
    """Return a model as plain data, with its derived values as ``export`` has them."""
    if is_array(value):
        return [with_derived(one, now) for one in value]
    if not hasattr(value, "to_json"):
        return value
    from formlabs_web_api.tables.columns import columns_of
    from formlabs_web_api.tables.records import to_records

    kind: Any = cast("Any", type(value))
    own = {column.name for column in columns_of(kind, derived=False, secrets=False)}
    (record,) = to_records([value], now=now)
    derived = {name: json_value(one) for name, one in record.items() if name not in own}
    return {**derived, **plain_json(value)}


def usage(option: str, text: str) -> typer.BadParameter:
    """Return the error for an invalid option."""
    import typer

    return typer.BadParameter(text, param_hint=option)


def session_of(context: typer.Context) -> Session:
    """Return the session of a command."""
    return cast(Session, context.obj)


def _console(stream: Any) -> Console:
    from rich.console import Console

    if not stream.isatty():
        # A file or a program gets each row completely, on one line.
        return Console(file=stream, color_system=None, width=100_000, emoji=False, markup=False)
    colours: Any = None if os.environ.get("NO_COLOR") else "auto"
    return Console(file=stream, color_system=colours, highlight=False, emoji=False, markup=False)
