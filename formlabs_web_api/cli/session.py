"""One run of the command line: what its options ask for, its client, and where it writes."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterable, Optional, Tuple, cast
from urllib.parse import urlsplit

from formlabs_web_api.cli import credentials
from formlabs_web_api.cli.cells import plain
from formlabs_web_api.cli.failures import NO_CREDENTIALS, NOT_AUTHORISED, Failure

if TYPE_CHECKING:
    import typer
    from rich.console import Console, RenderableType

    from formlabs_web_api import ApiClient, Configuration

_MICROSECOND = timedelta(microseconds=1)
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def clock() -> datetime:
    """The present."""
    return datetime.now(timezone.utc)


class Session:
    """What the commands of a run share. A ``with`` statement closes what it opened."""

    def __init__(
        self,
        json: bool = False,
        utc: bool = False,
        quiet: bool = False,
        config: Optional[Path] = None,
        sandbox: bool = False,
    ) -> None:
        self.json = json
        """Whether to write JSON in place of tables."""
        self.utc = utc
        """Whether times are read and written in UTC, not in the local zone."""
        self.quiet = quiet
        """Whether to keep silent besides results and errors."""
        self.config = config
        self.sandbox = sandbox
        """Whether to run against a made-up fleet in this process."""
        self._opened = ExitStack()
        self._client: Optional[ApiClient] = None

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
            from formlabs_web_api import ApiClient

            configuration = self.configuration()
            if not configuration.client_id and not configuration.access_token:
                raise Failure(NO_CREDENTIALS, NOT_AUTHORISED)
            self._client = self._opened.enter_context(ApiClient(configuration))
        return self._client

    def configuration(self) -> Configuration:
        """The settings of a client, whether or not they hold credentials."""
        from formlabs_web_api import Configuration

        if self.sandbox:
            return self._sandbox_configuration()
        found = self.credentials()
        configuration = Configuration(**cast("Any", found.settings))
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
        """The present, in the zone that times are written in."""
        return clock().astimezone(timezone.utc) if self.utc else clock().astimezone()

    def period(
        self, since: Optional[str], until: Optional[str]
    ) -> Tuple[Optional[datetime], Optional[datetime]]:
        """The moments after and before which something must lie, for dates as people write them.

        Both dates are included in full: until a day means until that day is over.
        """
        after, before = self._span("--since", since), self._span("--until", until)
        if after and after[0] > self.now():
            raise usage("--since", f'"{since}" is in the future: {after[0]:%Y-%m-%d %H:%M}')
        if after and before and after[0] >= before[1]:
            raise usage("--until", f'"{until}" is not after "{since}"')
        return after[0] - _MICROSECOND if after else None, before[1] if before else None

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
            self.say(line.rstrip())  # rich fills up each line

    def say(self, text: str) -> None:
        """Write a line of the result."""
        sys.stdout.write(f"{text}\n")

    def note(self, text: str) -> None:
        """Write a remark that is no result."""
        if not self.quiet:
            sys.stderr.write(f"{text}\n")

    def complain(self, text: str) -> None:
        """Write what went wrong with a part of the work."""
        sys.stderr.write(f"Error: {plain(text)}\n")

    def say_json(self, value: Any) -> None:
        """Write a model of the API, or plain data, as JSON."""
        self.say(self._json_text(value))

    def say_json_list(self, items: Iterable[Any]) -> None:
        """Write an array as its items come, one on a line; indented on a terminal."""
        before = "["
        for item in items:
            self.say(before)
            sys.stdout.write(self._json_text(item))
            before = ","
        self.say("[]" if before == "[" else "\n]")

    def _json_text(self, value: Any) -> str:
        import json

        indent = 2 if self.on_terminal else None
        content = json.loads(value.to_json()) if hasattr(value, "to_json") else value
        return json.dumps(content, ensure_ascii=False, indent=indent)

    def confirm(self, question: str, yes: bool) -> None:
        """Ask before something that cannot be undone.

        Raises:
            Failure: the answer is no.
        """
        import typer

        if yes:
            return
        if not sys.stdin.isatty():
            raise usage("--yes", f"{question} Nobody is there to be asked; --yes says so.")
        if not typer.confirm(question, err=True):
            raise Failure("nothing was done")


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
