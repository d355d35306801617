"""``metrics``: the fleet as metrics for Prometheus, until Ctrl-C or SIGTERM."""

from __future__ import annotations

from ipaddress import ip_address

import typer
from typing_extensions import Annotated

from formlabs_web_api.cli.commands.watch import StopRequest
from formlabs_web_api.cli.durations import seconds_of
from formlabs_web_api.cli.failures import Failure
from formlabs_web_api.cli.session import session_of, usage


def metrics(
    context: typer.Context,
    port: Annotated[int, typer.Option(metavar="N", help="Port; 0 for any free port.")] = 9184,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Address to listen on.")
    ] = "127.0.0.1",
    interval: Annotated[
        str,
        typer.Option(metavar="DURATION", help="Minimum time between two reads of the fleet."),
    ] = "30s",
    queues: Annotated[
        bool,
        typer.Option("--queues", help="Count the prints that wait for each group, too."),
    ] = False,
) -> None:
    """Serve the fleet as metrics for Prometheus.

    The metrics are at /metrics; /-/healthy is for supervisors.
    """
    session = session_of(context)
    if not 0 <= port <= 65_535:
        raise usage("--port", f"{port} is not in the range 0 to 65535")
    seconds = seconds_of("--interval", interval)
    from formlabs_web_api.telemetry import FleetCollector, MetricsServer

    stop = StopRequest()
    try:
        collector = FleetCollector(session.client, seconds, queues=queues)
    except ImportError as error:
        raise Failure(str(error)) from None
    try:
        server = MetricsServer(collector, port, host)
    except OSError as error:
        collector.close()
        raise Failure(f"{host}:{port} cannot be listened at: {error.strerror or error}") from None
    with server:
        session.note(f"Metrics are at {server.url}")
        if not _is_loopback(host):
            session.note("Anybody who can reach this address can read them.")
        while not stop.pause(3_600.0):
            pass


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
