"""Settings → the plan that the graph runs by, and the same steps in a row for a single document."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import partial
from typing import TYPE_CHECKING

from pipelines import __version__
from pipelines.evaluation import Detected
from pipelines.inquiry import find_model
from pipelines.monitor import MonitorPlan
from pipelines.settings import DetectionSettings, Loaded, Settings, SettingsError
from transforms.articles import ArticleSettings, make_article
from transforms.detection.lexicon import Lexicon
from transforms.gate import compile_matcher, digest_names, reject_off_topic
from transforms.identity import document_key
from transforms.knowledge import World
from transforms.records import Article, ClassifiedArticle, RawDocument, Rejection
from transforms.stages import Detect, add_events, add_stance
from transforms.topics import classify_topics, compile_topics

if TYPE_CHECKING:
    from transforms.detection.detector import Detector


def build_plan(loaded: Loaded) -> MonitorPlan:
    """Loaded settings → plan: plain values that travel to the workers."""
    settings: Settings = loaded.settings
    digest = digest_settings(loaded)
    check_model(settings.detection.model)
    return MonitorPlan(
        reading=settings.reading,
        articles=ArticleSettings(
            furniture=settings.furniture, languages=settings.languages, limits=settings.pages
        ),
        world=settings.build_world(),
        duplicate_threshold=settings.duplicates.threshold,
        topics=settings.topics,
        model=settings.detection.model,
        load_detect=partial(_load_detect, settings.build_world(), settings.lexicon, settings.detection),
        detector=f"alliance-watch {__version__}, {settings.detection.model}, settings {digest[:8]}",
        digest=digest,
        gate=digest_names(settings.build_world()),
    )


#: sections that no row depends on
_NOT_JUDGED = ("run", "fetch", "data_files")


def digest_settings(loaded: Loaded) -> str:
    """Loaded settings → a name for all that a row may depend on: the same settings, the same name."""
    judged = {name: value for name, value in loaded.values.items() if name not in _NOT_JUDGED}
    return hashlib.sha256(json.dumps(judged, sort_keys=True, default=str).encode()).hexdigest()[:16]


def check_model(model: str) -> None:
    """Name of a spaCy pipeline → nothing, where it can be loaded; spaCy itself is not.

    Raises:
        SettingsError: it is neither installed nor a folder.
    """
    if find_model(model) is None:
        raise SettingsError(f"detection.model: no spaCy pipeline named {model!r} is installed")


def load_detector(world: World, lexicon: Lexicon, detection: DetectionSettings) -> "Detector":
    """World, lexicon and settings → the detector itself, for those who ask it for more than events."""
    # Imported here, where it runs: it brings spaCy and its model.
    from transforms.detection import detector

    return detector.load_detector(
        world, lexicon, detection.model, dict(detection.weights), detection.min_confidence
    )


def _load_detect(world: World, lexicon: Lexicon, detection: DetectionSettings) -> Detect:
    from transforms.detection.detector import detect_events

    detector = load_detector(world, lexicon, detection)
    return lambda article: detect_events(article, detector)


def accept_documents(plan: MonitorPlan) -> Callable[[RawDocument], Article | Rejection]:
    """Plan → a function that takes a document to where detection begins: cleaned, and past the gate."""
    matcher = compile_matcher(plan.world)

    def accept(document: RawDocument) -> Article | Rejection:
        article = make_article(document, plan.articles)
        if isinstance(article, Rejection):
            return article
        return reject_off_topic(article, matcher) or article

    return accept


def follow_document(plan: MonitorPlan) -> Callable[[RawDocument], ClassifiedArticle | Rejection]:
    """Plan → a function that takes one document through all steps but the duplicates'."""
    accept = accept_documents(plan)
    topics = compile_topics(plan.topics)
    detect = plan.load_detect()

    def follow(document: RawDocument) -> ClassifiedArticle | Rejection:
        article = accept(document)
        if isinstance(article, Rejection):
            return article
        named = classify_topics(article.title, article.text, topics)
        classified = add_events(ClassifiedArticle(article=article, topics=named), detect)
        return add_stance(classified, plan.topics)

    return follow


def as_document(title: str, text: str, published: date | None) -> RawDocument:
    """Title, text and day of a labelled article → the document as the pipeline would read it."""
    return RawDocument(
        key=document_key("evaluation", 0, title + text),
        order=0,
        origin="evaluation",
        format="text",
        content=text,
        title=title,
        published_at=datetime.combine(published, time(), UTC) if published else None,
    )


def detect_with(plan: MonitorPlan) -> Callable[[str, str, date | None], Detected]:
    """Plan → what the evaluation asks: (title, text, published) → topics, stance, events or a rejection."""
    follow = follow_document(plan)
    return lambda title, text, published: as_detected(follow(as_document(title, text, published)))


def as_detected(ended: ClassifiedArticle | Rejection) -> Detected:
    """Where a document ended → the same as the evaluation reads it."""
    if isinstance(ended, Rejection):
        return Detected(rejection=f"{ended.stage}: {ended.reason}")
    return Detected(
        topics=tuple(topic.name for topic in ended.topics), stance=ended.stance, events=ended.events
    )
