"""A mail server and a web server that take what is sent to them and keep it."""

from __future__ import annotations

import base64
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class PostOffice:
    """What a mail server got; `refuses` makes it say no to every letter."""

    port: int = 0
    letters: list[Message] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refuses: bool = False


@dataclass
class Doorstep:
    """What was posted, headers and bytes; answers with `status`."""

    port: int = 0
    status: int = 200
    posts: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)


@contextmanager
def post_office() -> Iterator[PostOffice]:
    office = PostOffice()

    class Clerk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 here")
            while line := self.rfile.readline().decode(errors="replace").strip():
                word = line.upper()
                if word.startswith("EHLO"):
                    self._say("250-here", "250 AUTH PLAIN")
                elif word.startswith("AUTH PLAIN"):
                    office.logins.append(base64.b64decode(line.split()[2]).decode())
                    self._say("235 in")
                elif word == "DATA":
                    self._take()
                elif word == "QUIT":
                    return self._say("221 bye")
                else:
                    self._say("550 no" if office.refuses and word.startswith("RCPT") else "250 yes")
            return None

        def _take(self) -> None:
            self._say("354 go on")
            lines = list(iter(self.rfile.readline, b".\r\n"))
            office.letters.append(message_from_bytes(b"".join(lines), policy=default))
            self._say("250 taken")

        def _say(self, *lines: str) -> None:
            self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    with _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clerk)) as office.port:
        yield office


@contextmanager
def doorstep() -> Iterator[Doorstep]:
    door = Doorstep()

    class Servant(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            door.posts.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(door.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Servant)) as door.port:
        yield door


@contextmanager
def _serving(server: socketserver.TCPServer) -> Iterator[int]:
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
