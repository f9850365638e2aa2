"""TCP ports: which are ours to take."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from terminal import StartError


def read_port(environ: Mapping[str, str], name: str, otherwise: int) -> int:
    """The port number in the variable `name`; a bad one is a `StartError`."""
    text = environ.get(name) or str(otherwise)
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise StartError(f"{name} is {text!r}; it must be a port number from 1 to 65535.")
    return int(text)


def insist_on(port: int, variable: str, host: str) -> None:
    """Raise a `StartError` when `port` cannot be listened on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except PermissionError as error:
            raise StartError(f"port {port} needs more rights than you have; set {variable} to another.") from error
        except OSError as error:
            raise StartError(
                f"port {port} is taken by another program; stop that program or set {variable} to another port."
            ) from error


def free_port() -> int:
    """A port on the loopback interface that nobody listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
