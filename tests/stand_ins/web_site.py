"""A web site on loopback that tests fill and watch: pages by path, each with its status, headers and body."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    #: seconds before each byte, for a slow drip
    drip: float = 0.0
    #: bytes after which the connection is cut
    cut_after: int | None = None
    #: whether it says 304 to the ETag it gave
    validates: bool = True
    #: how often the body is sent, one after the other
    times: int = 1


class Site:
    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[], Answer]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        #: path, headers and body of each POST
        self.posted: list[tuple[str, dict[str, str], bytes]] = []
        self.url = ""

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def feed(self, path: str, *entries: tuple[str, str, str], **fields: object) -> None:
        """Entries (path, title, description) → an RSS feed at the path."""
        items = "".join(
            f"<item><title>{title}</title><link>{self.url}{link}</link><guid>{link}</guid>"
            f"<description>{text}</description></item>"
            for link, title, text in entries
        )
        body = f"<rss version='2.0'><channel><title>The Test</title>{items}</channel></rss>".encode()
        self.answers[path] = Answer(body, headers={"Content-Type": "application/rss+xml"}, **fields)  # type: ignore[arg-type]

    def page(self, path: str, *paragraphs: str) -> None:
        text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        head = "<html><head><title>A page</title></head><body><article><h1>A page</h1>"
        html = f"{head}{text}</article></body></html>"
        self.answers[path] = Answer(html.encode(), headers={"Content-Type": "text/html"})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.site.posted.append((self.path, headers, self.rfile.read(int(headers["content-length"]))))
        found = self.site.answers.get(self.path, Answer(b"nothing here", 404))
        answer = found() if callable(found) else found
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self._send(answer.body, answer)
        except OSError:
            self.close_connection = True

    def do_GET(self) -> None:
        self.site.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        found = self.site.answers.get(self.path, Answer(b"nothing here", 404))
        answer = found() if callable(found) else found
        body, status = answer.body, answer.status
        etag = f'"{hashlib.md5(body).hexdigest()}"'
        if answer.validates and status == 200 and self.headers.get("If-None-Match") == etag:
            status, body = 304, b""
        self.send_response(status)
        headers = {"ETag": etag, "Content-Length": str(len(body) * answer.times), **answer.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self._send(body, answer)
        except OSError:
            self.close_connection = True

    def _send(self, body: bytes, answer: Answer) -> None:
        if answer.cut_after is not None:
            self.wfile.write(body[: answer.cut_after])
            self.close_connection = True
        elif answer.drip:
            for byte in body[:200]:
                time.sleep(answer.drip)
                self.wfile.write(bytes([byte]))
        else:
            for _ in range(answer.times):
                self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Nothing: a client that was killed in the middle of a request is what these tests are about."""


@contextmanager
def open_site() -> Iterator[Site]:
    site = Site()
    handler = type("Handler", (_Handler,), {"site": site})
    server = _Server(("127.0.0.1", 0), handler)
    site.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
