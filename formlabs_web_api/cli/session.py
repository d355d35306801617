"""One run of the command line: what its options ask for, its client, and where it writes."""

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
    """The present, by this computer."""
    return datetime.now(timezone.utc)


def service_clock(client: ApiClient) -> datetime:
    """The present, by the service."""
    return client.now()


class Session:
    """What the commands of a run share. A ``with`` statement closes what it opened."""

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
        """Whether to write JSON in place of tables."""
        self.derived = derived
        """Whether JSON has derived values beside those of the API."""
        self.is_shared = is_shared
        """Whether the limits and the token are shared with other commands."""
        self.utc = utc
        """Whether times are read and written in UTC, not in the local zone."""
        self.quiet = quiet
        """Whether to keep silent besides results and errors."""
        self.config = config
        self.sandbox = sandbox
        """Whether to run against a made-up fleet in this process."""
        self.mirror: Optional[Mirror] = None
        """The mirror that is read in place of the service."""
        self._opened = ExitStack()
        self._client: Optional[ApiClient] = None
        self._hints: List[Union[str, Callable[[], Optional[str]]]] = []

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exception: Any) -> None:
        self._client = None
        self._opened.close()

    # The service

    @property
    def client(self) -> ApiClient:
        """The client of this run.

        Raises:
            Failure: there are no credentials.
        """
        if self._client is None:
            configuration = self.configuration()
            if not configuration.client_id and not configuration.access_token:
                raise Failure(NO_CREDENTIALS, NOT_AUTHORISED)
            self._client = self._opened.enter_context(self._client_of(configuration))
            self._show_waits()
        return self._client

    def _show_waits(self) -> None:
        """Write a line before each long wait for the service, if somebody looks at a terminal."""
        from formlabs_web_api._core.wait_notice import show_waits

        if sys.stderr.isatty():
            self._opened.enter_context(show_waits(self.note))

    def _client_of(self, configuration: Configuration) -> ApiClient:
        """Return a client that shares limits and token with the other commands of this user.

        Where the state directory cannot be used, the command goes on by itself.
        """
        from formlabs_web_api import ApiClient, ApiValueError

        is_default = configuration.shared is None and self.is_shared
        # Without limits there is nothing to share: a sandbox, or another server on this computer.
        if not is_default or not configuration.rate_limits or not configuration.client_id:
            return ApiClient(configuration)
        configuration.shared = True
        try:
            return ApiClient(configuration)
        except ApiValueError:
            configuration.shared = None
            return ApiClient(configuration)

    def read_mirror(self, mirror: Mirror) -> None:
        """Read a mirror from now on, and not the service."""
        self.mirror = mirror
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
        """The settings of a client, whether or not they hold credentials."""
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
            configuration.rate_limits = None  # the limits are the service's, not a sandbox's
        return configuration

    def credentials(self) -> credentials.Credentials:
        """The credentials of this run, and where they are from."""
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
        """The present, in the zone that times are written in.

        By the service's clock as its last answer told it, so ask for it after the request whose
        answer is judged by it; by this computer's before the first.
        """
        synced_at = None if self.mirror is None else self.mirror.synced_at
        if synced_at is not None:
            present = synced_at  # what a mirror holds is as of then
        else:
            present = clock() if self._client is None else service_clock(self._client)
        return present.astimezone(timezone.utc) if self.utc else present.astimezone()

    def period(
        self, since: Optional[str], until: Optional[str]
    ) -> Tuple[Optional[datetime], Optional[datetime]]:
        """The moments after and before which something must lie, for dates as people write them.

        Both dates are included in full: until a day means until that day is over.
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
        """Where results go."""
        return _console(sys.stdout)

    @property
    def errors(self) -> Console:
        """Where notes and progress go."""
        return _console(sys.stderr)

    @property
    def on_terminal(self) -> bool:
        """Whether somebody looks at the results, rather than a program or a file."""
        return sys.stdout.isatty()

    def write(self, *shown: RenderableType) -> None:
        """Write things of rich, each below the other."""
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
        """Write a remark that is not part of the result."""
        if not self.quiet:
            sys.stderr.write(f"{plain(text)}\n")

    def add_hint(self, hint: Union[str, Callable[[], Optional[str]]]) -> None:
        """Keep a hint to show if the result is empty, for example an unknown serial.

        A function is called then, and returns the hint, or None without one.
        """
        self._hints.append(hint)

    def show_hints(self) -> None:
        """End the command, whose result is empty, if a filter names something unknown.

        Raises:
            Failure: with the hints.
        """
        hints = [hint if isinstance(hint, str) else hint() for hint in self._hints]
        if any(hints):
            raise Failure("; ".join(filter(None, hints)))

    def complain(self, text: str) -> None:
        """Write what went wrong with a part of the work."""
        sys.stderr.write(f"Error: {plain(text)}\n")

    def say_json(self, value: Any) -> None:
        """Write a model of the API, or plain data, as JSON."""
        self._write_line(self._json_text(value, self.on_terminal))

    def say_json_line(self, value: Any) -> None:
        """Write plain data or models as JSON on one line."""
        self._write_line(self._json_text(value, False))

    def say_json_list(self, items: Iterable[Any]) -> int:
        """Write an array as its items come, one on a line; gives their number."""
        count = 0
        for count, item in enumerate(items, start=1):
            self._write_line("," if count > 1 else "[")
            sys.stdout.write(self._json_text(item, self.on_terminal))
        self._write_line("\n]" if count else "[]")
        return count

    def _json_text(self, value: Any, indented: bool) -> str:
        import json

        # Nothing in JSON is replaced: what an old terminal cannot show is escaped.
        is_utf8 = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"
        indent = 2 if indented else None
        written = json.dumps(self._plain(value), ensure_ascii=not is_utf8, indent=indent)
        return escape_json(written)

    def _plain(self, value: Any) -> Any:
        return with_derived(value, self.now()) if self.derived else plain_json(value)

    def confirm(self, question: str, yes: bool) -> None:
        """Ask before something that cannot be undone.

        Raises:
            Failure: the answer is no.
        """
        import typer

        if yes:
            return
        if not sys.stdin.isatty():
            raise Failure(f"{question} Nobody is there to be asked; --yes says yes", USAGE)
        if not typer.confirm(question, err=True):
            raise Failure("nothing was done")


def plain_json(value: Any) -> Any:
    """Return a model of the API as plain data, and anything else as it is."""
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
    """The error of an option that cannot be right."""
    import typer

    return typer.BadParameter(text, param_hint=option)


def session_of(context: typer.Context) -> Session:
    """The run that a command is part of."""
    return cast(Session, context.obj)


def _console(stream: Any) -> Console:
    from rich.console import Console

    if not stream.isatty():
        # A file or a program gets each row whole, on one line.
        return Console(file=stream, color_system=None, width=100_000, emoji=False, markup=False)
    colours: Any = None if os.environ.get("NO_COLOR") else "auto"
    return Console(file=stream, color_system=colours, highlight=False, emoji=False, markup=False)
