"""How a continuous run is doing, on loopback: `/healthz` for a supervisor, `/metrics` for Prometheus.

Takes functions that give the state of things, serves their words in a thread; knows no other path.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: Name, labels and value of one sample.
Sample = tuple[str, Mapping[str, str], float]


def write_metrics(samples: list[Sample], meanings: Mapping[str, str]) -> str:
    """Samples and what each name means → Prometheus' text format, version 0.0.4."""
    lines: list[str] = []
    for name, meaning in meanings.items():
        kind = "counter" if name.endswith("_total") else "gauge"
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
        for found, labels, value in samples:
            if found == name:
                inside = ",".join(f'{label}="{_escape(words)}"' for label, words in sorted(labels.items()))
                lines.append(f"{name}{{{inside}}} {value:.15g}" if inside else f"{name} {value:.15g}")
    return "\n".join(lines) + "\n"


def _escape(words: str) -> str:
    return words.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


class UnusablePort(Exception):
    """The port can't be served."""

    def __init__(self, port: int, reason: str) -> None:
        super().__init__(f"--metrics-port {port}: {reason}")


@contextmanager
def serve_health(
    port: int | None, find_trouble: Callable[[], str | None], give_metrics: Callable[[], str]
) -> Iterator[int | None]:
    """Port, 0 for any and None for none → the port that is served, for as long as the context lasts.

    Args:
        port: on loopback.
        find_trouble: what is wrong, in words; None where all is well.
        give_metrics: the text of `/metrics`.

    Raises:
        UnusablePort: it is taken, or no port.
    """
    if port is None:
        yield None
        return

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/healthz":
                trouble = find_trouble()
                self._answer(503 if trouble else 200, f"{trouble or 'ok'}\n")
            elif path == "/metrics":
                self._answer(200, give_metrics())
            else:
                self._answer(404, "there are /healthz and /metrics\n")

        def _answer(self, status: int, words: str) -> None:
            body = words.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing: who asks each ten seconds needs no line each time."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except (OSError, OverflowError) as error:
        raise UnusablePort(port, str(error)) from None
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
