"""How a continuous run is doing, on loopback: `/healthz` for a supervisor, `/metrics` for Prometheus.

Takes functions that give the state of things, serves their words in a thread; knows no other path.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from pipelines.loopback import Answer, serve_loopback

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

    def answer(path: str, host: str) -> Answer:
        path = path.partition("?")[0]
        if path == "/healthz":
            trouble = find_trouble()
            return _words(503 if trouble else 200, f"{trouble or 'ok'}\n")
        if path == "/metrics":
            return _words(200, give_metrics())
        return _words(404, "there are /healthz and /metrics\n")

    with serve_loopback("--metrics-port", port, answer) as served:
        yield served


def _words(status: int, words: str) -> Answer:
    kind = "text/plain; version=0.0.4; charset=utf-8"
    return Answer(status=status, content_type=kind, body=words.encode())
