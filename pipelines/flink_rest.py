"""Flink's REST interface: jobs by their name, and how one is stopped. Takes what `--flink_master` says.

A cluster that doesn't answer is an `OSError`; one that can't do what it is asked says why (`FlinkRefused`).
"""

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

#: states of jobs that are final
ENDED = ("FINISHED", "CANCELED", "FAILED")
_ENDING = ("CANCELLING", "FAILING")
_SECONDS = 10
_PAUSE = 0.5


class FlinkRefused(Exception):
    """What Flink was asked for did not happen; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlinkJob:
    """One job, as it was when it was asked for."""

    name: str
    #: Flink's name for it
    number: str
    state: str


def has_rest(master: str) -> bool:
    """What `--flink_master` says → whether a cluster listens there: '[local]' and '[auto]' name none."""
    return bool(master) and not master.startswith("[")


def list_jobs(master: str, name: str) -> list[FlinkJob]:
    """Cluster and a name → its jobs of that name, the newest first."""
    jobs = sorted(ask(master, "/jobs/overview")["jobs"], key=lambda job: -int(job["start-time"]))
    found = [FlinkJob(name=job["name"], number=job["jid"], state=job["state"]) for job in jobs]
    return [job for job in found if job.name == name]


def find_running(master: str, name: str) -> FlinkJob | None:
    """Cluster and a name → its job of that name that has not ended, and isn't about to."""
    return next((job for job in list_jobs(master, name) if job.state not in (*ENDED, *_ENDING)), None)


def cancel_jobs(master: str, name: str, until: float) -> None:
    """Cluster, a name and a moment → nothing, once no job of that name is left, or the moment has come.

    Args:
        master: as `--flink_master` says.
        name: of the jobs.
        until: by `time.monotonic`.
    """
    while time.monotonic() < until:
        left = [job for job in list_jobs(master, name) if job.state not in ENDED]
        if not left:
            return
        for job in left:
            ask(master, f"/jobs/{job.number}?mode=cancel", method="PATCH")
        time.sleep(_PAUSE)


def stop_with_savepoint(master: str, job: str, folder: str, seconds: float) -> str:
    """Job and a folder that Flink sees → path of the savepoint it was stopped with.

    Raises:
        FlinkRefused: there is no savepoint, or not in so many seconds; the job may go on.
    """
    body = {"targetDirectory": folder, "drain": False}
    trigger = ask(master, f"/jobs/{job}/stop", method="POST", body=body)["request-id"]
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer = ask(master, f"/jobs/{job}/savepoints/{trigger}")
        if answer["status"]["id"] == "COMPLETED":
            operation = answer["operation"]
            if "failure-cause" in operation:
                raise FlinkRefused(_shorten(operation["failure-cause"]["stack-trace"]))
            return str(operation["location"])
        time.sleep(_PAUSE)
    raise FlinkRefused(f"no savepoint within {seconds:.0f} seconds")


def find_last_error(master: str, job: str) -> str:
    """Job → the last line of what it failed of last; '' where it didn't."""
    entries = ask(master, f"/jobs/{job}/exceptions")["exceptionHistory"]["entries"]
    return _shorten(entries[0]["stacktrace"]) if entries else ""


def _shorten(trace: str) -> str:
    """Trace of Java → its innermost cause, and the last words of a trace of Python in it."""
    causes = [line for line in trace.splitlines() if line and not line.startswith(("\t", " ", "Traceback"))]
    return causes[-1].removeprefix("Caused by: ")[:500] if causes else trace[:500]


def ask(master: str, path: str, *, method: str = "GET", body: object = None) -> Any:
    """Path of the interface → its answer."""
    address = master if "://" in master else f"http://{master}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"{address}{path}", data=data, method=method, headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            said = answer.read()
    except urllib.error.HTTPError as error:
        raise FlinkRefused(error.read(2_000).decode(errors="replace")) from error
    return json.loads(said) if said else None
