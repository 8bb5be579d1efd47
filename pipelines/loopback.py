"""A function from paths to answers → a server of them on loopback, in threads, for as long as it is wanted.

Takes GET requests only; nobody but this machine can reach it.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: seconds that a client may take to say what it wants
_PATIENCE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a request gets."""

    body: bytes
    content_type: str = "text/plain; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class UnusablePort(Exception):
    """The port can't be served."""

    def __init__(self, flag: str, port: int, reason: str) -> None:
        super().__init__(f"{flag} {port}: {reason}")


@contextmanager
def serve_loopback(flag: str, port: int, answer: Callable[[str, str], Answer]) -> Iterator[int]:
    """Port, 0 for any → the port that is served, for as long as the context lasts.

    Args:
        flag: of the command line that named the port, for the error.
        port: on loopback.
        answer: path with its query, and the Host that was asked for → answer; called from several threads.

    Raises:
        UnusablePort: it is taken, or no port.
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE

        def do_GET(self) -> None:
            given = answer(self.path, self.headers.get("Host", ""))
            self.send_response(given.status)
            self.send_header("Content-Type", given.content_type)
            self.send_header("Content-Length", str(len(given.body)))
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(given.body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing: who asks every few seconds needs no line each time."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except (OSError, OverflowError) as error:
        raise UnusablePort(flag, port, str(error)) from None
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
