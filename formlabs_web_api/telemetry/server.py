"""An HTTP server of metrics, of the standard library."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any, Tuple, Type

from typing_extensions import Self

from formlabs_web_api._version import __version__

if TYPE_CHECKING:
    from formlabs_web_api.telemetry.collector import FleetCollector

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Formlabs metrics</title>
<p>Metrics of a Formlabs fleet for Prometheus: <a href="/metrics">/metrics</a></p>
</html>
"""
_IDLE_SECONDS = 30.0
"""After which a connection without a request is closed."""
_CLOSE_SECONDS = 0.1
"""After which it is noticed at the latest that the server is to be closed."""


class MetricsServer:
    """Serves ``/metrics`` and ``/-/healthy`` until it is closed.

    ``/-/healthy`` is answered whatever the state of the service is: it is about this program.

    Args:
        collector: Where the metrics are from; it is closed with the server.
        port: Port to listen at; 0 means any free one.
        host: Address to listen at. Whoever reaches it can read the metrics.

    Raises:
        OSError: the address cannot be listened at.
    """

    def __init__(
        self, collector: FleetCollector, port: int = 9184, host: str = "127.0.0.1"
    ) -> None:
        from prometheus_client import CollectorRegistry

        registry = CollectorRegistry(auto_describe=False)
        registry.register(collector)
        self._collector = collector
        self._server = _server_class(host)((host, port), _handler_class(registry))
        serve, pause = self._server.serve_forever, {"poll_interval": _CLOSE_SECONDS}
        self._thread = threading.Thread(target=serve, kwargs=pause, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address of the metrics."""
        host, port = self._server.server_address[:2]
        shown = f"[{host!s}]" if ":" in str(host) else str(host)
        return f"http://{shown}:{port}/metrics"

    def close(self) -> None:
        """Stop, after the requests at hand, and close the collector."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._collector.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _server_class(host: str) -> Type[ThreadingHTTPServer]:
    class Server(ThreadingHTTPServer):
        address_family = AF_INET6 if ":" in host else AF_INET
        daemon_threads = True  # a client that keeps its connection does not delay the end

        def server_bind(self) -> None:
            TCPServer.server_bind(self)  # without asking the name service for its own name
            name, self.server_port = self.server_address[:2]
            self.server_name = str(name)

    return Server


def _handler_class(registry: Any) -> Type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = f"formlabs_web_api/{__version__}"
        sys_version = ""
        timeout = _IDLE_SECONDS

        def do_GET(self) -> None:
            status, content_type, body = self._answer()
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET

        def _answer(self) -> Tuple[int, str, bytes]:
            path = self.path.partition("?")[0]
            if path == "/metrics":
                from prometheus_client.exposition import choose_encoder

                encode, content_type = choose_encoder(self.headers.get("Accept", ""))
                return 200, content_type, encode(registry)
            if path == "/-/healthy":
                return 200, "text/plain; charset=utf-8", b"healthy\n"
            if path == "/":
                return 200, "text/html; charset=utf-8", _PAGE.encode()
            return 404, "text/plain; charset=utf-8", b"Metrics are at /metrics.\n"

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing: a scrape every few seconds is not worth a line."""

    return Handler
