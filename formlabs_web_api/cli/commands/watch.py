"""``watch``: write the changes of the fleet as they are found, and list their deliveries."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, List, Optional, Sequence

import typer
from typing_extensions import Annotated

from formlabs_web_api.cli import cells, lookup
from formlabs_web_api.cli.command import Command, Group
from formlabs_web_api.cli.durations import seconds_of
from formlabs_web_api.cli.failures import Failure
from formlabs_web_api.cli.session import Session, session_of, usage

if TYPE_CHECKING:
    from datetime import datetime

    from formlabs_web_api.cli.tables import TerminalColumn
    from formlabs_web_api.watch import Change, Letter, Sink

DEFAULT = "changes"
"""The subcommand that ``watch`` alone runs."""
_CHECK_SECONDS = 0.5
"""Interval of checks for a request to stop."""

sleep: Callable[[float], None] = time.sleep


class _Group(Group):
    """A group of commands, the first of which need not be named."""

    def parse_args(self, ctx: Any, args: List[str]) -> List[str]:
        if not args or args[0] not in self.commands:
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)


watch = typer.Typer(
    cls=_Group,
    rich_markup_mode=None,
    add_completion=False,
    help="Write the changes of the fleet as they are found.",
)

State = Annotated[
    Optional[Path],
    typer.Option(
        metavar="FILE",
        help="Store seen and delivered changes in this file, so that none is lost between runs.",
        show_default=False,
    ),
]


@watch.command(DEFAULT, cls=Command)
def changes(
    context: typer.Context,
    every: Annotated[
        str, typer.Option(metavar="DURATION", help="How often to poll: 30s, 5m.")
    ] = "30s",
    kind: Annotated[
        Optional[List[str]],
        typer.Option(
            metavar="KIND",
            help="Only this kind of change, print_finished for example; may be repeated.",
            autocompletion=lambda: _kinds(),
            show_default=False,
        ),
    ] = None,
    printer: Annotated[
        Optional[List[str]],
        typer.Option(
            metavar="SERIAL", help="Only of this printer; may be repeated.", show_default=False
        ),
    ] = None,
    state: State = None,
    webhook: Annotated[
        Optional[List[str]],
        typer.Option(
            metavar="URL",
            help="Post each change here, signed with FORMLABS_WEBHOOK_SECRET; may be repeated.",
            show_default=False,
        ),
    ] = None,
    exec_: Annotated[
        Optional[List[str]],
        typer.Option(
            "--exec",
            metavar="COMMAND",
            help="Run this for each change, with JSON on its standard input; may be repeated.",
            show_default=False,
        ),
    ] = None,
    json_lines: Annotated[
        Optional[List[Path]],
        typer.Option(
            metavar="FILE",
            help="Append each change to this file, a line of JSON each; may be repeated.",
            show_default=False,
        ),
    ] = None,
    mqtt: Annotated[
        Optional[List[str]],
        typer.Option(
            metavar="URL",
            help="Publish changes and states to this broker, mqtts://user@host/base, also for Home "
            "Assistant. The path is the base topic, by default formlabs; the password is "
            "FORMLABS_MQTT_PASSWORD; may be repeated.",
            show_default=False,
        ),
    ] = None,
    mqtt_discovery: Annotated[
        Optional[str],
        typer.Option(
            metavar="PREFIX",
            help="Home Assistant's discovery prefix, homeassistant if left out; none to publish no "
            "descriptions for it.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write the changes of the fleet as they are found, a line each, until Ctrl-C or SIGTERM.

    With --json, a line is a JSON object. With --state, changes that happen between two runs are
    not lost, and a change counts as delivered once its line is written; `watch log` shows the file.
    """
    session = session_of(context)
    seconds = seconds_of("--every", every)
    kinds = _checked_kinds(kind)
    serials = lookup.serials(session, printer) if printer else None
    sinks = [
        *_webhooks(webhook or []),
        *_commands(exec_ or []),
        *_files(json_lines or []),
        *_brokers(mqtt or [], mqtt_discovery),
    ]
    _write_changes(session, seconds, kinds, serials, state, sinks)


def _webhooks(urls: Sequence[str]) -> List[Sink]:
    """Return a sink for each address.

    The secrets are in the environment, since ``ps`` shows the arguments of a command.

    Raises:
        ApiValueError: An address or a secret is malformed.
    """
    from formlabs_web_api.watch import WebhookSink

    secrets = os.environ.get("FORMLABS_WEBHOOK_SECRET", "").split()
    if urls and not secrets:
        raise usage("--webhook", "set FORMLABS_WEBHOOK_SECRET to the receiver's secret")
    return [WebhookSink(url, secrets) for url in urls]


def _commands(commands: Sequence[str]) -> List[Sink]:
    from formlabs_web_api.watch import CommandSink

    return [CommandSink(shlex.split(command)) for command in commands]


def _files(paths: Sequence[Path]) -> List[Sink]:
    from formlabs_web_api.watch import JsonLinesSink

    return [JsonLinesSink(path) for path in paths]


def _brokers(urls: Sequence[str], discovery: Optional[str]) -> List[Sink]:
    """Return a sink for each broker.

    Raises:
        ApiValueError: an address or the discovery prefix is malformed.
        BrokerError: a broker cannot be reached, or refuses the connection.
    """
    from formlabs_web_api.watch import MqttSink
    from formlabs_web_api.watch.mqtt import DISCOVERY_PREFIX

    if discovery is not None and not urls:
        raise usage("--mqtt-discovery", "it needs --mqtt URL")
    if discovery is None:
        discovery = DISCOVERY_PREFIX
    prefix = None if discovery == "none" else discovery
    try:
        return [MqttSink(url, discovery=prefix) for url in urls]
    except ImportError as error:
        raise Failure(str(error)) from None


def _write_changes(
    session: Session,
    every: float,
    kinds: Optional[Sequence[str]],
    serials: Optional[Sequence[str]],
    state: Optional[Path],
    sinks: Sequence[Sink],
) -> None:
    from formlabs_web_api.watch import Watcher

    stop = StopRequest()
    settings = (every, state, None, kinds, serials)
    with Watcher(session.client, *settings, pause=stop.pause, sinks=sinks) as watcher:
        for change in watcher:
            session.say(line_of(session, change))
            sys.stdout.flush()
            if stop.is_requested:
                break


def line_of(session: Session, change: Change) -> str:
    """Return the line of a change: JSON, or for people."""
    if session.json:
        return json.dumps(change.to_dict(), ensure_ascii=False)
    return cells.plain(f"{cells.moment(change.at, session.now())}  {change}")


class StopRequest:
    """A flag set by SIGTERM; a signal handler must not wait for the code that it interrupts."""

    def __init__(self) -> None:
        self.is_requested = False
        signal.signal(signal.SIGTERM, self._request)

    def _request(self, number: int, frame: object) -> None:
        self.is_requested = True

    def pause(self, seconds: float) -> bool:
        """Wait; return True as soon as a stop is requested."""
        left = seconds
        while left > 0 and not self.is_requested:
            sleep(min(left, _CHECK_SECONDS))
            left -= _CHECK_SECONDS
        return self.is_requested


@watch.command("log", cls=Command)
def log(
    context: typer.Context,
    state: Annotated[
        Path, typer.Option(metavar="FILE", help="The file given to watch.", show_default=False)
    ],
    retry: Annotated[
        bool,
        typer.Option("--retry", help="Let `watch` send failed and waiting changes again."),
    ] = False,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, metavar="N", help="Maximum number of rows.")
    ] = 50,
) -> None:
    """Show delivered, pending and failed changes, newest first."""
    from formlabs_web_api.watch import Outbox
    from formlabs_web_api.watch.state import State

    session = session_of(context)
    opened = State(state, shared=True)
    try:
        outbox = Outbox(opened)
        if retry:
            session.note(f"{cells.counted(outbox.retry(), 'change')} will be sent again")
        letters = outbox.log(limit=limit)
    finally:
        opened.close()
    if session.json:
        session.say_json_list([_plain(letter) for letter in letters])
        return
    from formlabs_web_api.cli.tables import table

    if letters:
        session.write(*table(session.out, _columns(session.now()), letters))
    else:
        session.note("No changes yet.")


def _plain(letter: Letter) -> Any:
    return {
        "sink": letter.sink,
        "status": str(letter.status),
        "attempts": letter.attempts,
        "reason": letter.reason,
        "change": letter.change.to_dict(),
    }


def _columns(now: datetime) -> Sequence[TerminalColumn[Letter]]:
    from formlabs_web_api.display.cells import Column

    return (
        Column("Found", lambda letter: cells.moment(letter.change.seen_at, now)),
        Column("Change", lambda letter: str(letter.change), min_width=12),
        Column("To", lambda letter: letter.sink),
        Column("Delivery", lambda letter: str(letter.status)),
        Column("Attempts", lambda letter: letter.attempts, right=True, drop_priority=1),
        Column("Reason", lambda letter: letter.reason, min_width=10, drop_priority=2),
    )


def _kinds() -> List[str]:
    from formlabs_web_api.watch import ChangeKind

    return list(ChangeKind)


def _checked_kinds(kinds: Optional[Sequence[str]]) -> Optional[Sequence[str]]:
    from formlabs_web_api.watch.changes import kinds_of

    try:
        kinds_of(kinds)
    except ValueError as error:
        raise usage("--kind", str(error)) from None
    return kinds or None
