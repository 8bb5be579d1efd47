"""`watch` as a process of its own, with the stand-in detector or the real one, and the memory it takes."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PROGRAMS = {"stand-in": [str(ROOT / "tests/stand_ins/stand_in.py")], "real": ["-m", "pipelines"]}


def start_watch(
    folder: Path, feeds: str, settings: str, *flags: str, detector: str = "stand-in"
) -> "subprocess.Popen[str]":
    """Folder, feed list and settings → `watch` over them into `data`; what it says goes to `said.txt`."""
    (folder / "feeds.txt").write_text(feeds)
    (folder / "mine.yaml").write_text(settings)
    command = ["watch", "--feeds", str(folder / "feeds.txt"), "--data", str(folder / "data")]
    with (folder / "said.txt").open("a") as said:
        return subprocess.Popen(
            [sys.executable, *_PROGRAMS[detector], *command, "--config", str(folder / "mine.yaml"), *flags],
            stderr=said,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )


def measure_memory(process: int) -> tuple[float, float]:
    """Process id → MB its processes take now, and the most each of them ever took, added up."""
    now = peak = 0.0
    for one in (process, *_children(process)):
        try:
            lines = Path(f"/proc/{one}/status").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        sizes = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith("Vm")}
        now += int(sizes.get("VmRSS", 0)) / 1024
        peak += int(sizes.get("VmHWM", 0)) / 1024
    return now, peak


def _children(process: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found += map(int, task.read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found
