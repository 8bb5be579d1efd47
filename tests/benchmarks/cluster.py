"""The same documents here and on a standalone Flink → whether rows are equal, and what a second worker gains.

    python tests/benchmarks/cluster.py --flink .venv/flink --documents 20000
    python tests/benchmarks/cluster.py --flink .venv/flink --input FILE.jsonl --managers 2

Run by hand (`make flink-test` fetches Flink): it takes minutes, and a loaded machine makes times worthless.
Exit code 1 where rows differ. The first job of a run, which asks the workers, isn't counted.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests/stand_ins"))

from corpora import Mix, write_lines  # noqa: E402
from flink_cluster import FlinkCluster, start_cluster  # noqa: E402
from mixed_inputs import dump  # noqa: E402

_PATIENCE = 3600


def run(source: Path, data: Path, batch: int, *flags: str) -> float:
    """Documents, data folder, documents in a batch, flags → seconds that the run took."""
    settings = data.with_suffix(".yaml")
    settings.write_text(f"run: {{batch_documents: {batch}}}")
    command = ["run", str(source), "--data", str(data), "--now", "2024-05-01", "--config", str(settings)]
    started = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "pipelines", *command, *flags],
        check=True,
        timeout=_PATIENCE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return time.monotonic() - started


def sum_jobs(cluster: FlinkCluster) -> float:
    """Cluster → seconds that its jobs took, but for the first, which asks the workers."""
    jobs = [cluster.ask(f"/jobs/{job}") for job in cluster.list_jobs()]
    jobs.sort(key=lambda job: int(job["start-time"]))
    return sum(job["duration"] for job in jobs[1:]) / 1000


def main() -> int:
    """Command line → exit code."""
    parser = argparse.ArgumentParser(description="Compares runs here and on a standalone Flink.")
    parser.add_argument(
        "--flink", type=Path, required=True, metavar="DIR", help="as `make flink-test` unpacks it"
    )
    parser.add_argument("--input", type=Path, metavar="FILE", help="what to read (default: made-up articles)")
    parser.add_argument("--documents", type=int, default=20_000, help="how many are made up")
    parser.add_argument("--on-topic", type=float, default=0.02, help="their share on topic")
    parser.add_argument("--batch", type=int, default=10_000, help="documents in a batch, for each worker")
    parser.add_argument(
        "--managers", type=int, nargs="+", default=[2, 1], help="task managers, one run for each"
    )
    options = parser.parse_args()
    equal, seconds = True, {}
    with tempfile.TemporaryDirectory(prefix="alliance-watch-") as name:
        folder = Path(name)
        mix = Mix(pages=options.documents, on_topic=options.on_topic)
        source = options.input.absolute() if options.input else write_lines(folder / "made.jsonl", mix)
        here = run(source, folder / "here", options.batch)
        expected = dump(folder / "here")
        print({table: len(rows) for table, rows in expected.items()}, f"here: {here:.1f} s", flush=True)
        for managers in options.managers:
            with start_cluster(options.flink.absolute(), folder / f"flink{managers}", managers) as cluster:
                data = folder / f"data{managers}"
                whole = run(
                    source, data, options.batch * max(options.managers) // managers, "--", *cluster.flags
                )
                seconds[managers] = sum_jobs(cluster)
            same = dump(data) == expected
            equal = equal and same
            words = "rows equal" if same else "ROWS DIFFER"
            print(
                f"{managers} task managers: {words}; jobs {seconds[managers]:.1f} s, run {whole:.1f} s",
                flush=True,
            )
    if {1, 2} <= set(seconds):
        print(f"one / two task managers: {seconds[1] / seconds[2]:.2f}")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
