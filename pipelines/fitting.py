r"""Labelled documents → trained weights of the confidence, and how far they hold on other documents.

Offline: scikit-learn is needed here and nowhere at run time. Reproducible, from the project's root:

    python -m pipelines.fitting GOLD.jsonl … --also OWN.jsonl … --folds 5 --halves \
        --out configs/confidence.yaml

prints the scores of weights that never saw the documents they are judged on, then writes the weights fitted
on all of them. Run it again after a change of the detector or of `configs/lexicon.yaml`. Rejects labels
outside the codebook (`BadGold`).
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from pipelines.evaluation import Judged, judge_document, report_on
from pipelines.gold import LabelledDocument, choose_half, read_background, read_gold
from pipelines.plan import accept_documents, as_detected, as_document, build_plan, load_detector
from pipelines.scoreboard import Report, render
from pipelines.scoring import Claim, ObjectClass, relaxed_claims
from pipelines.settings import Loaded, Settings, load_settings
from pipelines.training import train_model
from transforms.codebook import MEMBERSHIP_OBJECTS
from transforms.detection.candidates import Candidate, choose_alternatives
from transforms.detection.confidence import candidate_features, count_repeats, score
from transforms.detection.detector import find_all_candidates
from transforms.detection.merging import merge_candidates
from transforms.records import ClassifiedArticle, Rejection
from transforms.stages import add_stance
from transforms.topics import CompiledTopics, TopicModel, classify_topics

#: Inverse strength of the L2 penalty: weaker ones learn the words of the sample.
STRENGTH = 0.1
#: Weights nearer to zero than this are left out of the file.
LEAST_WEIGHT = 0.02
#: Thresholds that are tried.
THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
SEED = 20240229

Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A labelled document, read once: its candidates are scored anew with each set of weights."""

    document: LabelledDocument
    #: as it stands before detection; topics are given where it is judged, by weights of other documents
    ended: ClassifiedArticle | Rejection
    candidates: tuple[Candidate, ...] = ()
    features: tuple[dict[str, float], ...] = ()
    #: whether each candidate is right; None where readers may disagree or it claims nothing
    right: tuple[bool | None, ...] = ()


def judge_unlabelled(candidate: Candidate) -> bool | None:
    """Candidate of an unfiltered article that nobody labelled → False, or None, not to learn from.

    Most of what such articles seem to say is no event. What they say of a country at war may well be one,
    unless the country is only guessed from the document.
    """
    at_war = set(candidate.beneficiaries) & candidate.parsed.document.at_war
    return None if at_war and candidate.how["beneficiary"] != "document" else False


def read_documents(
    documents: Sequence[LabelledDocument], loaded: Loaded, labelled: bool = True
) -> list[Reading]:
    """Labelled documents, or unlabelled ones without events → their candidates: the slow part, done once."""
    settings, plan = loaded.settings, build_plan(loaded)
    accept = accept_documents(plan)
    detector = load_detector(plan.world, settings.lexicon, settings.detection)
    readings = []
    for document in documents:
        article = accept(as_document(document.title, document.text, document.published))
        if isinstance(article, Rejection):
            readings.append(Reading(document=document, ended=article))
            continue
        found = find_all_candidates(article, detector)
        readings.append(
            Reading(
                document=document,
                ended=ClassifiedArticle(article=article, topics=()),
                candidates=tuple(found),
                features=tuple(map(candidate_features, found, count_repeats(found))),
                right=tuple(
                    judge_candidate(candidate, document) if labelled else judge_unlabelled(candidate)
                    for candidate in found
                ),
            )
        )
    return readings


def read_unlabelled(path: Path) -> list[LabelledDocument]:
    """File of unfiltered articles → documents without events: learning from them costs a little recall.

    A few do hold events. Held out, false events in such articles fell to a fifth, F1 by one to two points.
    """
    return [
        LabelledDocument(
            id=f"{path.name} {number}",
            title=title,
            text=text,
            published=published,
            topics=(),
            stance="neutral",
        )
        for number, (title, text, published) in enumerate(read_background(path))
    ]


def claim_candidate(candidate: Candidate) -> set[Claim]:
    """Candidate → the relaxed claims it would make, none if it is denied."""
    if candidate.factuality == "denied":
        return set()
    group: ObjectClass = "membership" if candidate.object in MEMBERSHIP_OBJECTS else "aid"
    return {
        Claim(actor, beneficiary, group, "-" if candidate.negative else "+")
        for actor in candidate.actors
        for beneficiary in candidate.beneficiaries
    }


def judge_candidate(candidate: Candidate, document: LabelledDocument) -> bool | None:
    """Candidate and its labelled document → whether at least half of its claims are labelled.

    None, not to learn from: it claims nothing, or most of it is labelled as optional or denied.
    """
    claims = claim_candidate(candidate)
    required, optional = set[Claim](), set[Claim]()
    for event in document.events:
        doubtful = event.optional or event.factuality == "denied"
        (optional if doubtful else required).update(relaxed_claims(replace(event, factuality="asserted")))
    if not claims or 2 * len(claims & (optional - required)) > len(claims):
        return None
    return 2 * len(claims & required) >= len(claims)


def fit_weights(readings: Sequence[Reading], strength: float = STRENGTH) -> dict[str, float]:
    """Read documents → weights: logistic regression with an L2 penalty; the same in every run."""
    known = [
        (features, right)
        for reading in readings
        for features, right in zip(reading.features, reading.right, strict=True)
        if right is not None
    ]
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform([features for features, _ in known])
    fitted = LogisticRegression(C=strength, max_iter=2000).fit(matrix, [right for _, right in known])
    named = zip(vectorizer.get_feature_names_out(), fitted.coef_[0], strict=True)
    weights = {str(name): round(float(weight), 3) for name, weight in named if abs(weight) >= LEAST_WEIGHT}
    return {**dict(sorted(weights.items())), "bias": round(float(fitted.intercept_[0]), 3)}


def judge_reading(reading: Reading, weights: Weights, settings: Settings, threshold: float) -> Judged:
    """Read document and weights → what the detector would find with them, compared with the labels."""
    ended = reading.ended
    if not isinstance(ended, Rejection):
        for candidate, features in zip(reading.candidates, reading.features, strict=True):
            candidate.score = score(features, weights)
        likely = choose_alternatives([c for c in reading.candidates if c.score >= threshold])
        events = merge_candidates(likely, ended.article, settings.lexicon)
        ended = add_stance(
            ClassifiedArticle(article=ended.article, topics=ended.topics, events=events), settings.topics
        )
    return judge_document(reading.document, as_detected(ended))


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Documents to judge, with the weights fitted on others."""

    weights: Weights
    test: tuple[Reading, ...]


def split_readings(
    train: Sequence[Reading], test: Sequence[Reading], topics: TopicModel, strength: float
) -> Split:
    """Read documents to learn from and to judge → those to judge, with weights and topics of the others."""
    trained = train_model([r.document for r in train if r.document.topics], topics)
    return Split(
        weights=fit_weights(train, strength), test=tuple(_name_topics(reading, trained) for reading in test)
    )


def _name_topics(reading: Reading, topics: CompiledTopics) -> Reading:
    ended = reading.ended
    if isinstance(ended, Rejection):
        return reading
    named = classify_topics(ended.article.title, ended.article.text, topics)
    return replace(reading, ended=replace(ended, topics=named))


def split_folds(
    gold: Sequence[Reading], also: Sequence[Reading], folds: int, topics: TopicModel, strength: float
) -> list[Split]:
    """Read documents → each fold with weights of the other folds and of the further documents."""
    return [
        split_readings([*(gold[i] for i in train), *also], [gold[i] for i in test], topics, strength)
        for train, test in KFold(folds, shuffle=True, random_state=SEED).split(gold)
    ]


def split_halves(
    gold: Sequence[Reading], also: Sequence[Reading], topics: TopicModel, strength: float
) -> dict[str, Split]:
    """Read documents → each half with weights of the other; the further documents with those of all."""
    halves = {half: [r for r in gold if choose_half([r.document], half)] for half in ("a", "b")}
    splits = {
        f"{train} → {test}": split_readings([*halves[train], *also], halves[test], topics, strength)
        for train, test in (("a", "b"), ("b", "a"))
    }
    if also:
        # Unfiltered articles have no labels to be judged by.
        labelled = [r for r in also if r.document.topics]
        splits["gold → also"] = split_readings(gold, labelled, topics, strength)
    return splits


def report_splits(splits: Sequence[Split], settings: Settings, threshold: float) -> Report:
    """Splits → one report over all their documents."""
    judged = [judge_reading(r, split.weights, settings, threshold) for split in splits for r in split.test]
    return report_on(judged, resamples=200)


def render_row(name: str, report: Report) -> str:
    """Name and report → a line of the table."""
    relaxed, fields = report.relaxed.score, report.fields
    kind = fields["kind"][0] / max(1, fields["kind"][1])
    values = (
        *relaxed, report.strict.score.f1, report.topics.score.f1, report.stance_accuracy,
        report.calibration_error, kind,
    )  # fmt: skip
    return f"{name:14}" + "".join(f"{value:8.3f}" for value in values)


HEAD = f"{'':14}" + "".join(
    f"{name:>8}" for name in ("prec", "recall", "F1", "strict", "topics", "stance", "ECE", "kind")
)


def render_weights(weights: Weights) -> str:
    """Weights → the file's text."""
    lines = (f"  {json.dumps(name)}: {weights[name]}" for name in sorted(weights))
    return (
        "# Weights of the confidence of a detection, fitted on labelled texts: see CONTRIBUTING.md. "
        "Do not edit by hand.\nweights:\n" + "\n".join(lines) + "\n"
    )


def _tables(
    gold: Sequence[Reading], also: Sequence[Reading], settings: Settings, options: argparse.Namespace
) -> Iterator[str]:
    threshold = settings.detection.min_confidence
    if options.halves:
        yield HEAD
        halves = split_halves(gold, also, settings.topics, options.strength)
        for name, split in halves.items():
            yield render_row(name, report_splits([split], settings, threshold))
        both = [split for name, split in halves.items() if name != "gold → also"]
        yield render_row("both halves", report_splits(both, settings, threshold))
        yield ""
    if options.folds:
        folds = split_folds(gold, also, options.folds, settings.topics, options.strength)
        yield f"{HEAD}   ({options.folds} folds)"
        for tried in sorted({*THRESHOLDS, threshold}):
            yield render_row(f"from {tried:.2f}", report_splits(folds, settings, tried))
        yield ""
        yield render(report_splits(folds, settings, threshold), mistakes=0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line → exit code 0; see the module's text."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.fitting", description=__doc__)
    parser.add_argument(
        "gold", nargs="+", type=Path, help="labelled documents to learn from and be judged on"
    )
    parser.add_argument("--also", nargs="+", type=Path, default=[], help="documents only to learn from")
    parser.add_argument("--background", type=Path, help="unfiltered articles, taken to hold no event")
    parser.add_argument("--folds", type=int, default=0, metavar="N", help="cross-validate over N folds")
    parser.add_argument("--halves", action="store_true", help="learn from one half, judge the other; swap")
    parser.add_argument("--strength", type=float, default=STRENGTH, help="inverse of the penalty")
    parser.add_argument("--out", type=Path, help="where to write the weights; else they are only judged")
    parser.add_argument("--config", type=Path, help="configuration of the detector; else the shipped one")
    options = parser.parse_args(arguments)
    loaded = load_settings(options.config)
    gold, also = (
        read_documents([d for path in paths for d in read_gold(path)], loaded)
        for paths in (options.gold, options.also)
    )
    if options.background:
        also += read_documents(read_unlabelled(options.background), loaded, labelled=False)
    for line in _tables(gold, also, loaded.settings, options):
        print(line, flush=True)
    if options.out:
        weights = fit_weights([*gold, *also], options.strength)
        options.out.write_text(render_weights(weights), encoding="utf-8")
        print(f"{options.out}: {len(weights)} weights", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
