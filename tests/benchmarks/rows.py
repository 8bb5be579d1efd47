"""Sizes and a folder for the inputs → the rows of the table, each against its floor in the same run."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from corpora import Mix, write_archive, write_folder
from measuring import HERE, ROOT, Cost, FailedWork, middle, ours, run_in_turns, run_once, script, work

#: an environment of its own, made by `make .venv/datatrove/.ready`
DATATROVE = ROOT / ".venv" / "datatrove" / "bin" / "python"
_FEW = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is measured."""

    rounds: int = 5
    #: 1 for what the table shows; less for a quick look
    scale: float = 1.0
    #: overrides the pages of every row
    pages: int | None = None
    #: of web archives, for the memory's row
    gigabytes: tuple[float, float] = (0.5, 5.0)

    def count(self, usual: int) -> int:
        """Usual number of pages → the number to take."""
        return self.pages or max(1, round(usual * self.scale))


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A line of the table."""

    row: str
    work: str
    measure: str
    value: float
    #: None where none was promised
    target: float | None = None
    at_least: bool = False
    #: what the value was made of
    detail: str = ""

    def is_met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target


def measure_archives(sizes: Sizes, folder: Path, rows: Sequence[str]) -> Iterable[Result]:
    """Names of WARC rows: runs against reading the same bodies, and without what precedes their pages."""
    for row, words, mix, most in (
        ("warc", "WARC, nothing on topic", Mix(pages=sizes.count(20_000)), 1.4),
        ("warc-2", "WARC, 2 % on topic", Mix(pages=sizes.count(5_000), on_topic=0.02), 6.0),
        (
            "warc-eu",
            "WARC, 15 % pass the bytes, 4 % the text",
            Mix(pages=sizes.count(1_500), on_topic=0.04, in_menus=0.11),
            15.0,
        ),
    ):
        if row not in rows:
            continue
        archive = write_archive(folder / f"{row}.warc.gz", mix)
        # With a page on topic where there are any, as the model is loaded for it.
        few = write_archive(folder / "few.warc.gz", Mix(pages=_FEW, on_topic=1 / _FEW if mix.on_topic else 0))
        commands = {"run": ours(archive), "floor": work("bodies", archive), "start": ours(few)}
        commands["floor's start"] = work("bodies", few)
        rounds = run_in_turns(commands, sizes.rounds)
        yield Result(
            row=row,
            work=words,
            measure="run / reading the bodies",
            value=_ratio(rounds, "run", "floor"),
            target=most,
            detail=_compare(rounds, mix.pages),
        )
        per_page = (middle(rounds, "run") - middle(rounds, "start")) / mix.pages
        floor = (middle(rounds, "floor") - middle(rounds, "floor's start")) / mix.pages
        yield Result(
            row=row,
            work="  the same without the start",
            measure="a page more / a body more",
            value=per_page / floor,
            detail=f"{1000 * per_page:.2f} / {1000 * floor:.2f} ms, start {middle(rounds, 'start'):.1f} s",
        )
        archive.unlink()


def _ratio(rounds: list[dict[str, Cost]], name: str, floor: str, of: str = "cpu") -> float:
    return middle(rounds, name, of) / middle(rounds, floor, of)


def _compare(rounds: list[dict[str, Cost]], pages: int) -> str:
    run, floor = middle(rounds, "run"), middle(rounds, "floor")
    return f"{run:.2f} / {floor:.2f} s CPU, {pages:,} pages, {len(rounds)} rounds"


def measure_folder(sizes: Sizes, folder: Path) -> Iterable[Result]:
    """Folder of pages on topic: the whole run against extracting their text."""
    pages = write_folder(folder / "pages", Mix(pages=sizes.count(150), on_topic=1.0))
    count = len(list(pages.iterdir()))
    rounds = run_in_turns({"run": ours(pages), "floor": work("extract", pages)}, sizes.rounds)
    yield Result(
        row="html",
        work="HTML folder, all on topic",
        measure="run / trafilatura alone",
        value=_ratio(rounds, "run", "floor"),
        target=3.0,
        detail=_compare(rounds, count),
    )


def measure_text(sizes: Sizes, folder: Path) -> Iterable[Result]:
    """Plain text on topic: detection against the full spaCy pipeline."""
    figures = _inside("detection", sizes.count(60), sizes.rounds)
    yield Result(
        row="detection",
        work="plain text, all on topic",
        measure="detection / full spaCy",
        value=figures["ours"] / figures["theirs"],
        target=0.3,
        detail=f"{figures['ours']:.2f} / {figures['theirs']:.2f} s CPU, {figures['articles']:.0f} articles",
    )


def measure_quality(sizes: Sizes, folder: Path) -> Iterable[Result]:
    """Extraction against trafilatura's defaults on pages whose text is known."""
    figures = _inside("quality", sizes.count(300), 1)
    yield Result(
        row="quality",
        work="extraction quality",
        measure="F1 lost against the defaults",
        value=figures["theirs"] - figures["ours"],
        target=0.005,
        detail=f"F1 of 4-grams {figures['ours']:.4f}, defaults {figures['theirs']:.4f}",
    )
    # The defaults lose by the comments, which they take for text: without them they are harder to match.
    yield Result(
        row="quality",
        work="  the same without comments",
        measure="F1 lost",
        value=figures["without comments"] - figures["ours"],
        detail=f"F1 of 4-grams {figures['ours']:.4f}, theirs {figures['without comments']:.4f}",
    )


def measure_workers(sizes: Sizes, folder: Path) -> Iterable[Result]:
    """Wall time of one worker against that of two, over several archives of one crawl."""
    count = sizes.count(40_000) // 8
    archives = [
        write_archive(folder / f"crawl-{i}.warc.gz", Mix(pages=count, on_topic=0.02, first=i * count, seed=7))
        for i in range(8)
    ]
    commands = {"one": ours(*archives), "two": ours(*archives, workers=2)}
    rounds = run_in_turns(commands, sizes.rounds)
    one, two = middle(rounds, "one", "wall"), middle(rounds, "two", "wall")
    yield Result(
        row="workers",
        work="two workers",
        measure="wall of one / of two",
        value=one / two,
        target=1.7,
        at_least=True,
        detail=f"{one:.1f} / {two:.1f} s, {8 * count:,} pages in 8 archives, 2 % on topic",
    )


def measure_memory(sizes: Sizes, folder: Path) -> Iterable[Result]:
    """Peak memory of a run over a large archive against that over a small one."""
    peaks = {}
    for gigabytes in sizes.gigabytes:
        pages = round(gigabytes * 1e9 / 35_000)
        archive = write_archive(folder / "memory.warc.gz", Mix(pages=pages, on_topic=0.002))
        size = archive.stat().st_size / 1e9
        peaks[size] = run_once(ours(archive)).peak / 1e6
        archive.unlink()
    (small, low), (large, high) = sorted(peaks.items())
    yield Result(
        row="memory",
        work="memory",
        measure="peak over the larger / the smaller",
        value=high / low,
        target=1.1,
        detail=f"{high:.0f} MB over {large:.1f} GB, {low:.0f} MB over {small:.1f} GB",
    )


def measure_start(sizes: Sizes, folder: Path) -> Iterable[Result]:
    """CPU of `--help`."""
    commands = {
        "run": lambda _: [sys.executable, "-m", "pipelines", "--help"],
        "floor": lambda _: [sys.executable, "-c", "pass"],
    }
    rounds = run_in_turns(commands, sizes.rounds)
    yield Result(
        row="start",
        work="start",
        measure="CPU s of --help",
        value=middle(rounds, "run"),
        target=0.4,
        detail=f"Python alone {middle(rounds, 'floor'):.2f} s",
    )


def measure_commit(sizes: Sizes, folder: Path) -> Iterable[Result]:
    """Share of a run spent on its tables."""
    count = sizes.count(20_000)
    figures = _inside("commit", count, 1)
    writing = figures["stage"] + figures["commit"]
    yield Result(
        row="commit",
        work="commit",
        measure="share of the run's CPU",
        value=writing / figures["whole"],
        target=0.05,
        detail=f"{writing:.1f} of {figures['whole']:.1f} s CPU, {count:,} documents, 2 % on topic",
    )


def measure_others(sizes: Sizes, folder: Path) -> Iterable[Result]:
    """Pages a CPU second of the project and of what a user would pick instead."""
    count = sizes.count(150)
    archive = write_archive(folder / "others.warc.gz", Mix(pages=count, on_topic=0.02))
    commands = {"project": ours(archive), "script": script(archive)}
    if DATATROVE.exists():
        commands["datatrove"] = work("datatrove", archive, python=str(DATATROVE))
    rounds = run_in_turns(commands, sizes.rounds)
    # The start is most of what so few pages cost.
    larger = 20 * count
    bigger = write_archive(folder / "larger.warc.gz", Mix(pages=larger, on_topic=0.02))
    many = run_in_turns({"project": ours(bigger)}, sizes.rounds)
    for name, words in (
        ("project", "alliance-watch"),
        ("script", "script: trafilatura, full spaCy, Parquet"),
        ("datatrove", "datatrove: WARC reader, trafilatura"),
    ):
        if name in commands:
            rate = count / middle(rounds, name)
            detail = f"{count} pages, 2 % on topic, start included"
            yield Result(row="others", work=words, measure="pages a CPU s", value=rate, detail=detail)
    rate = larger / middle(many, "project")
    yield Result(
        row="others",
        work="alliance-watch, a larger archive",
        measure="pages a CPU s",
        value=rate,
        detail=f"{larger:,} pages, 2 % on topic, start included",
    )


def measure_stages(sizes: Sizes, folder: Path) -> Iterable[Result]:
    """CPU of each step."""
    count = sizes.count(60)
    for name, taken in _inside("stages", count, sizes.rounds).items():
        yield Result(
            row="stages", work=name, measure="CPU ms a page", value=taken, detail=f"{count} pages on topic"
        )


def measure_growth(sizes: Sizes, folder: Path) -> Iterable[Result]:
    """CPU, or wall for workers, as inputs, shares and workers grow."""
    base = sizes.count(2_000)
    tries = [("pages", pages, Mix(pages=pages), 1) for pages in (base, 2 * base, 4 * base, 8 * base)]
    tries += [
        ("share on topic, %", 100 * share, Mix(pages=base, on_topic=share), 1)
        for share in (0.0, 0.01, 0.02, 0.04)
    ]
    for axis, at, mix, workers in tries:
        archive = write_archive(folder / "growth.warc.gz", mix)
        rounds = run_in_turns({"run": ours(archive, workers=workers)}, max(1, sizes.rounds // 2))
        yield Result(
            row=f"growth: {axis}",
            work=f"{at:,g}",
            measure="CPU s",
            value=middle(rounds, "run"),
            detail=f"{mix.pages:,} pages, {100 * mix.on_topic:g} % on topic",
        )
    archives = [
        write_archive(folder / f"growth-{i}.warc.gz", Mix(pages=base, on_topic=0.02, first=i * base, seed=9))
        for i in range(4)
    ]
    for workers in (1, 2):
        rounds = run_in_turns({"run": ours(*archives, workers=workers)}, max(1, sizes.rounds // 2))
        yield Result(
            row="growth: workers",
            work=f"{workers}",
            measure="wall s",
            value=middle(rounds, "run", "wall"),
            detail=f"{4 * base:,} pages in 4 archives, 2 % on topic",
        )


def _inside(name: str, pages: int, rounds: int) -> dict[str, float]:
    arguments = [sys.executable, str(HERE / "insides.py"), name, str(pages), str(rounds)]
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=ROOT, check=False)
    if done.returncode:
        raise FailedWork(f"{name}: {done.stderr[-2_000:]}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


ROWS: dict[str, Callable[[Sizes, Path], Iterable[Result]]] = {
    "warc": partial(measure_archives, rows=("warc",)),
    "warc-2": partial(measure_archives, rows=("warc-2",)),
    "warc-eu": partial(measure_archives, rows=("warc-eu",)),
    "html": measure_folder,
    "detection": measure_text,
    "quality": measure_quality,
    "workers": measure_workers,
    "memory": measure_memory,
    "start": measure_start,
    "commit": measure_commit,
    "others": measure_others,
    "stages": measure_stages,
    "growth": measure_growth,
}
