"""Name of a row and sizes → its figures as JSON: what is measured inside of one process, not from outside.

`python insides.py quality|detection|stages|commit PAGES ROUNDS`. CPU seconds of this process.
"""

import json
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import mean, median
from typing import Any

from corpora import Mix, list_articles, write_lines
from pages import make_page

Figures = dict[str, float]
_SHINGLE = 4


def measure_quality(pages: int, rounds: int) -> Figures:
    """Pages → how much of their known text the project and trafilatura's defaults find."""
    from trafilatura import extract

    from pipelines.plan import build_plan
    from pipelines.settings import load_settings
    from transforms.articles import make_article
    from transforms.records import Article

    settings = build_plan(load_settings()).articles
    scores: dict[str, list[float]] = defaultdict(list)
    for article in list_articles(Mix(pages=pages, on_topic=0.5)):
        page = make_page(1, article)
        made = make_article(as_raw(page), settings)
        known = _shingles(article.text)
        scores["ours"].append(_f1(_shingles(made.text if isinstance(made, Article) else ""), known))
        scores["theirs"].append(_f1(_shingles(extract(page) or ""), known))
        without = extract(page, include_comments=False)
        scores["without comments"].append(_f1(_shingles(without or ""), known))
    return {name: mean(values) for name, values in scores.items()}


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = text.split()
    return Counter(tuple(words[i : i + _SHINGLE]) for i in range(max(1, len(words) - _SHINGLE + 1)))


def _f1(found: Counter[tuple[str, ...]], known: Counter[tuple[str, ...]]) -> float:
    return 2 * (found & known).total() / (found.total() + known.total())


def as_raw(page: str) -> Any:
    """Page → the document that the steps take."""
    from transforms.records import RawDocument

    return RawDocument(key="0" * 32, order=0, origin="bench", format="html", content=page, url=None)


def measure_detection(pages: int, rounds: int) -> Figures:
    """Articles → CPU of detection and of the full spaCy pipeline, in turns."""
    from detection_cost import compare_detection

    from pipelines.plan import as_document

    articles = list_articles(Mix(pages=pages, on_topic=1.0))
    documents = [as_document(one.title, one.text, one.published.date()) for one in articles]
    return compare_detection(documents, rounds)


def measure_stages(pages: int, rounds: int) -> Figures:
    """Pages on topic → CPU ms a page of each step, and of the floors of three of them."""
    from corpora import write_archive
    from fastwarc.warc import ArchiveIterator
    from trafilatura import bare_extraction

    from pipelines.plan import build_plan, load_detector
    from pipelines.settings import load_settings
    from transforms.articles import make_article
    from transforms.byte_gate import compile_byte_gate, may_name_watched
    from transforms.detection.detector import detect_events
    from transforms.encodings import decode_html
    from transforms.gate import compile_matcher, reject_off_topic
    from transforms.near_duplicates import fingerprint
    from transforms.text import extract_html, measure_page
    from transforms.topics import classify_topics, compile_topics

    loaded = load_settings()
    plan = build_plan(loaded)
    gate, matcher, topics = (
        compile_byte_gate(plan.world),
        compile_matcher(plan.world),
        compile_topics(plan.topics),
    )
    detector = load_detector(plan.world, loaded.settings.lexicon, loaded.settings.detection)
    limits = plan.articles.limits
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        archive = write_archive(Path(folder) / "stages.warc.gz", Mix(pages=pages, on_topic=1.0))

        def read() -> list[bytes]:
            with archive.open("rb") as file:
                return [record.reader.read() for record in ArchiveIterator(file, parse_http=True)]

        bodies = read()
        texts = [decode_html(body).text for body in bodies]
        articles: list[Any] = [make_article(as_raw(text), plan.articles) for text in texts]
        steps: dict[str, Callable[[], object]] = {
            "read": read,
            "byte gate": lambda: [may_name_watched(body, gate) for body in bodies],
            "decode": lambda: [decode_html(body) for body in bodies],
            "measure page": lambda: [measure_page(text, limits) for text in texts],
            "extract (with measuring)": lambda: [extract_html(text, None, limits) for text in texts],
            "make article (all of the above)": lambda: [
                make_article(as_raw(text), plan.articles) for text in texts
            ],
            "text gate": lambda: [reject_off_topic(article, matcher) for article in articles],
            "fingerprint": lambda: [fingerprint(article) for article in articles],
            "topics": lambda: [classify_topics(one.title, one.text, topics) for one in articles],
            "detect": lambda: [detect_events(article, detector) for article in articles],
            "floor: trafilatura alone": lambda: [
                bare_extraction(text, fast=True, include_comments=False) for text in texts
            ],
        }
        times = {name: [_time(step) for _ in range(rounds)] for name, step in steps.items()}
    return {name: 1_000 * median(taken) / pages for name, taken in times.items()}


def _time(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def measure_commit(pages: int, rounds: int) -> Figures:
    """Documents → CPU of a run over them, and of writing their tables: staging, committing, the index."""
    import pipelines.batch
    import pipelines.monitor
    import transforms.sinks
    from pipelines.command import main

    spent: Counter[str] = Counter()

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            before = time.process_time()
            try:
                made = function(*arguments)
                # Staging gives its files one by one, as it writes them.
                return (
                    list(made) if isinstance(made, Iterable) and not isinstance(made, (list, str)) else made
                )
            finally:
                spent[name] += time.process_time() - before

        return run

    pipelines.batch.commit_batch = timed("commit", pipelines.batch.commit_batch)
    transforms.sinks.stage_rows = timed("stage", transforms.sinks.stage_rows)
    pipelines.monitor.write_manifest = timed("stage", pipelines.monitor.write_manifest)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        lines = write_lines(Path(folder) / "articles.jsonl", Mix(pages=pages, on_topic=0.02))
        before = time.process_time()
        code = main(["run", str(lines), "--data", str(Path(folder) / "data")])
        whole = time.process_time() - before
    if code:
        raise SystemExit(code)
    return {"whole": whole, **spent}


ROWS: dict[str, Callable[[int, int], Figures]] = {
    "quality": measure_quality,
    "detection": measure_detection,
    "stages": measure_stages,
    "commit": measure_commit,
}

if __name__ == "__main__":
    print(json.dumps(ROWS[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]))))
