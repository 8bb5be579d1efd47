"""Commands → what they cost, run one after the other, in turns; a command that fails ends the benchmark."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


class FailedWork(Exception):
    """A process that should have been measured came to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one process and all its children that it waited for."""

    #: seconds
    cpu: float
    wall: float
    #: bytes of the largest of the processes
    peak: int


#: A round's commands are made anew, as each run needs a folder of its own.
Command = Callable[[Path], Sequence[str]]


def run_once(command: Command, settings: dict[str, str] | None = None) -> Cost:
    """Command → its cost."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        arguments = list(command(Path(folder)))
        environment = {**os.environ, "PYTHONHASHSEED": "0", **(settings or {})}
        with (Path(folder) / "errors").open("w+b") as errors:
            started = time.monotonic()
            process = subprocess.Popen(
                arguments, stdout=subprocess.DEVNULL, stderr=errors, cwd=ROOT, env=environment
            )
            # Unlike RUSAGE_CHILDREN, it is this process's own, with its children's.
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - started
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                errors.seek(0)
                said = errors.read().decode("utf-8", "replace")[-2_000:]
                raise FailedWork(f"{' '.join(arguments)}: exit code {process.returncode}\n{said}")
    # Linux counts memory in kilobytes, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(cpu=usage.ru_utime + usage.ru_stime, wall=wall, peak=usage.ru_maxrss * unit)


def run_in_turns(commands: dict[str, Command], rounds: int) -> list[dict[str, Cost]]:
    """Commands → what each cost in each round; every other round goes backwards."""
    found = []
    for number in range(rounds):
        names = list(commands) if number % 2 == 0 else list(reversed(commands))
        costs = {name: run_once(commands[name]) for name in names}
        found.append(costs)
        said = ", ".join(f"{name} {costs[name].cpu:.2f}" for name in commands)
        print(f"  round {number + 1}: CPU s {said}", file=sys.stderr, flush=True)
    return found


def middle(rounds: list[dict[str, Cost]], name: str, of: str = "cpu") -> float:
    """Rounds → the median cost of one of the works."""
    return median(float(getattr(costs[name], of)) for costs in rounds)


def ours(*inputs: Path, workers: int = 1) -> Command:
    """Inputs → the project's own run over them."""
    paths = [str(path) for path in inputs]
    return lambda folder: [
        *(sys.executable, "-m", "pipelines", "run", *paths, "--data", str(folder / "data")),
        *("--workers", str(workers), "--now", "2024-07-11"),
    ]


def work(name: str, *arguments: Path, python: str = sys.executable) -> Command:
    """Name of one of `works` → the command that runs it."""
    return lambda folder: [python, str(HERE / "works.py"), name, *map(str, arguments)]


def script(archive: Path) -> Command:
    """Archive → the plain script over it, with a table to write."""
    return lambda folder: [
        *(sys.executable, str(HERE / "works.py"), "script", str(archive)),
        str(folder / "table.parquet"),
    ]
