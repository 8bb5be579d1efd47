"""Folder of an unpacked Flink → a standalone cluster and a pool of Python workers, on loopback.

It ends with its context. Every process is a child of this one, is ended by its id, and ends with this one,
whatever ends it.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
#: seconds that a cluster gets to be ready
_PATIENCE = 90
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG

#: for a Java that lives for minutes, beside others: what it would gain later it spends first
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

Process = subprocess.Popen[bytes]


@dataclass
class FlinkCluster:
    """A cluster that runs."""

    home: Path
    #: configuration and logs
    folder: Path
    rest: int
    pool: int
    managers: list[Process] = field(default_factory=list)

    @property
    def flags(self) -> list[str]:
        """What stands after '--' to have a run done here."""
        return [
            "--runner=FlinkRunner",
            f"--flink_master=127.0.0.1:{self.rest}",
            f"--flink_job_server_jar={self.home / 'job-server.jar'}",
            "--environment_type=EXTERNAL",
            f"--environment_config=127.0.0.1:{self.pool}",
            f"--parallelism={len(self.managers)}",
        ]

    def ask(self, path: str) -> Any:
        """Path of Flink's REST interface → its answer."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.rest}{path}", timeout=5) as answer:
            return json.load(answer)

    def list_jobs(self) -> dict[str, str]:
        """State of each job by its id."""
        return {job["id"]: job["status"] for job in self.ask("/jobs")["jobs"]}

    def await_job(self) -> str:
        """Nothing → the one job, once it runs."""
        wait_for(lambda: "RUNNING" in self.list_jobs().values(), "a job that runs")
        [job] = self.list_jobs()
        # It answers for itself a little later.
        self.await_checkpoints(job, "total", 0)
        return job

    def count_checkpoints(self, job: str) -> dict[str, int]:
        """Job → number of its checkpoints by what became of them."""
        counts: dict[str, int] = self.ask(f"/jobs/{job}/checkpoints")["counts"]
        return counts

    def await_checkpoints(self, job: str, outcome: str, count: int) -> None:
        """Job, outcome and number → nothing, once so many of its checkpoints ended so."""
        wait_for(lambda: self.count_checkpoints(job)[outcome] >= count, f"{count} {outcome} checkpoints")

    def list_hosts(self, job: str) -> set[str]:
        """Job → addresses of the task managers that had a part in it."""
        vertices = self.ask(f"/jobs/{job}")["vertices"]
        found = [self.ask(f"/jobs/{job}/vertices/{vertex['id']}") for vertex in vertices]
        return {task["endpoint"] for vertex in found for task in vertex["subtasks"]}

    def find_watermarks(self, job: str) -> dict[str, int]:
        """Job → watermark of each of its vertices that has one: milliseconds since 1970."""
        found = {}
        for vertex in self.ask(f"/jobs/{job}")["vertices"]:
            marks = self.ask(f"/jobs/{job}/vertices/{vertex['id']}/watermarks")
            found[vertex["name"]] = min((int(mark["value"]) for mark in marks), default=0)
        return found

    def add_manager(self) -> Process:
        """Nothing → one more task manager, started."""
        manager = start(
            [str(self.home / "bin/taskmanager.sh"), "start-foreground"], self.folder, self.environ
        )
        self.managers.append(manager)
        return manager

    def kill_manager(self) -> None:
        """Nothing → one task manager fewer, killed with -9."""
        stop(self.managers.pop(0))

    def await_slots(self, slots: int) -> None:
        """Number of slots → nothing, once the cluster has just as many."""
        wait_for(lambda: self.ask("/overview")["slots-total"] == slots, f"{slots} slots")

    @property
    def environ(self) -> dict[str, str]:
        """What Flink's scripts read."""
        return {"FLINK_CONF_DIR": str(self.folder), "FLINK_LOG_DIR": str(self.folder / "log")}


def start(command: list[str], folder: Path, environ: Mapping[str, str]) -> Process:
    """Command → its process, in a group of its own; what it says goes to a file in the folder."""
    name = Path(command[0]).name if command[0] != sys.executable else "pool"
    with (folder / f"{name}.said").open("ab") as said:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env={**os.environ, **environ},
            cwd=folder,
            start_new_session=True,
            preexec_fn=lambda: ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL),
        )


def stop(process: "subprocess.Popen[Any]") -> None:
    """Process → nothing, once it and those it started are gone."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(holds: Any, what: str) -> None:
    """Condition → nothing, once it holds."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            if holds():
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise TimeoutError(f"{what}: not within {_PATIENCE} s")


def pick_ports(count: int) -> list[int]:
    """Number → as many ports that nobody listens at."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@contextmanager
def start_pool(folder: Path, *first: Path, **environ: str) -> Iterator[int]:
    """Folder for what it says, and where it looks for modules first → port of a pool of Python workers."""
    [port] = pick_ports(1)
    path = os.pathsep.join(map(str, (*first, ROOT / "tests/stand_ins", ROOT)))
    command = [sys.executable, "-m", "pipelines.worker_pool", f"127.0.0.1:{port}"]
    pool = start(command, folder, {"PYTHONPATH": path, **environ})
    try:
        wait_for(lambda: socket.create_connection(("127.0.0.1", port), 1).close() is None, "pool of workers")
        yield port
    finally:
        stop(pool)


@contextmanager
def start_cluster(home: Path, folder: Path, managers: int, **settings: object) -> Iterator[FlinkCluster]:
    """Unpacked Flink, folder to work in, number of task managers with a slot each → the cluster."""
    rest, rpc, blob = pick_ports(3)
    shipped = yaml.safe_load((home / "conf/config.yaml").read_text())
    configuration = {
        "env.java.opts.all": f"{shipped['env']['java']['opts']['all']} {QUICK}",
        "jobmanager.rpc.address": "127.0.0.1",
        "jobmanager.rpc.port": rpc,
        "jobmanager.bind-host": "127.0.0.1",
        "jobmanager.memory.process.size": "1200m",
        "blob.server.port": blob,
        "taskmanager.host": "127.0.0.1",
        "taskmanager.bind-host": "127.0.0.1",
        "taskmanager.numberOfTaskSlots": 1,
        "taskmanager.memory.process.size": "1400m",
        "rest.address": "127.0.0.1",
        "rest.bind-address": "127.0.0.1",
        "rest.port": rest,
        "heartbeat.interval": 1000,
        "heartbeat.timeout": 10000,
        "io.tmp.dirs": str(folder / "tmp"),
        **settings,
    }
    (folder / "log").mkdir(parents=True)
    (folder / "tmp").mkdir()
    (folder / "config.yaml").write_text(yaml.safe_dump(configuration))
    for name in ("log4j.properties", "log4j-console.properties"):
        (folder / name).write_bytes((home / "conf" / name).read_bytes())
    with start_pool(folder) as pool:
        cluster = FlinkCluster(home, folder, rest, pool)
        master = start([str(home / "bin/jobmanager.sh"), "start-foreground"], folder, cluster.environ)
        try:
            for _ in range(managers):
                cluster.add_manager()
            cluster.await_slots(managers)
            yield cluster
        finally:
            for process in (*cluster.managers, master):
                stop(process)
