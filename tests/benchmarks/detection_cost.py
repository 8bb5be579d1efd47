"""What detection costs against the full spaCy pipeline over the same texts, in one run.

A row of `make bench`; also run by hand, as a loaded machine makes times worthless in a test. CPU of the
process, median of alternating rounds, on articles that pass the gate: labelled ones, dense with acts, or a
sample of unfiltered ones (`--background`). `--profile` adds where detection spends it.
"""

import argparse
import cProfile
import os
import pstats
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import spacy

from pipelines.gold import read_background, read_gold
from pipelines.plan import accept_documents, as_document, build_plan, load_detector
from pipelines.settings import load_settings
from transforms.detection.detector import detect_events
from transforms.records import Article, RawDocument

HERE = Path(__file__).resolve().parents[1] / "evaluation"
#: Detection may cost this much of the full pipeline.
MOST = 0.3


def measure(work: Callable[[], object]) -> float:
    """Work → seconds of CPU that it takes."""
    before = time.process_time()
    work()
    return time.process_time() - before


def main() -> int:
    """Labelled articles, the project's own by default → exit code 1 where detection costs too much."""
    parser = argparse.ArgumentParser(description=__doc__)
    own = [HERE / "membership.jsonl", HERE / "aid.jsonl"]
    parser.add_argument("gold", nargs="*", type=Path, default=own)
    parser.add_argument("--background", type=Path, help="unfiltered articles instead of labelled ones")
    parser.add_argument("--limit", type=int, default=400, help="articles at most")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true", help="the functions that cost most")
    options = parser.parse_args()
    documents = [(d.title, d.text, d.published) for path in options.gold for d in read_gold(path)]
    if options.background:
        documents = list(read_background(options.background))
    profile = cProfile.Profile() if options.profile else None
    raw = [as_document(*document) for document in documents]
    figures = compare_detection(raw, options.rounds, options.limit, profile)
    ours, theirs, articles = figures["ours"], figures["theirs"], figures["articles"]
    print(f"{articles:.0f} articles past the gate, {os.cpu_count()} cores")
    print(f"detect_events        {ours:7.2f} s CPU  {1000 * ours / articles:7.2f} ms an article")
    print(f"full spaCy pipeline  {theirs:7.2f} s CPU  {1000 * theirs / articles:7.2f} ms an article")
    print(f"ratio                {ours / theirs:7.3f}        at most {MOST:.3f}")
    if profile:
        pstats.Stats(profile, stream=sys.stdout).sort_stats("cumulative").print_stats(45)
    return 0 if ours / theirs <= MOST else 1


def compare_detection(
    documents: Sequence[RawDocument],
    rounds: int,
    limit: int = 400,
    profile: cProfile.Profile | None = None,
) -> dict[str, float]:
    """Documents → CPU of detection (`ours`) and of the full pipeline (`theirs`) over those past the gate."""
    loaded = load_settings()
    settings, plan = loaded.settings, build_plan(loaded)
    accept = accept_documents(plan)
    ended = [accept(document) for document in documents]
    articles = [article for article in ended if isinstance(article, Article)][:limit]
    detector = load_detector(plan.world, settings.lexicon, settings.detection)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"\[W095\]")
        full = spacy.load(settings.detection.model)
    texts = [f"{article.title}\n{article.text}" for article in articles]

    def detect() -> None:
        for article in articles:
            detect_events(article, detector)

    def parse() -> None:
        # One at a time, as detection has them; in batches it costs a sixth to a third less.
        for text in texts:
            full(text)

    taken = [(measure(detect), measure(parse)) for _ in range(rounds)]
    if profile:
        profile.runcall(detect)
    return {
        "ours": median(ours for ours, _ in taken),
        "theirs": median(theirs for _, theirs in taken),
        "articles": len(articles),
    }


if __name__ == "__main__":
    sys.exit(main())
