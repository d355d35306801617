"""A mail server on loopback that stores every mail."""

from __future__ import annotations

import email
import socketserver
import threading
from email.message import Message
from typing import Any, List

_ANSWERS = {b"QUIT": b"221 bye", b"DATA": b"354 go on"}


class MailSink:
    """The part of SMTP that ``smtplib`` needs to send a mail."""

    def __init__(self) -> None:
        self.mails: List[Message] = []
        sink = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"220 sink\r\n")
                for line in self.rfile:
                    command = line[:4].strip().upper()
                    self.wfile.write(_ANSWERS.get(command, b"250 ok") + b"\r\n")
                    if command == b"DATA":
                        sink.mails.append(email.message_from_bytes(self._mail()))
                        self.wfile.write(b"250 taken\r\n")

            def _mail(self) -> bytes:
                lines: List[bytes] = []
                for line in self.rfile:
                    if line == b".\r\n":
                        break
                    lines.append(line)
                return b"".join(lines)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        address: Any = self._server.server_address
        return int(address[1])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
