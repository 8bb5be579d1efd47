"""The detector, loaded once, and sentences parsed with it."""

from collections.abc import Callable
from datetime import date

import pytest
from claims import DAY

from pipelines.settings import load_settings
from transforms.detection.detector import Detector, load_detector
from transforms.detection.document import read_document
from transforms.detection.parsed import Parsed
from transforms.detection.parsing import parse_texts
from transforms.detection.references import link_mentions
from transforms.detection.sentences import respell


@pytest.fixture(scope="session")
def detector() -> Detector:
    settings = load_settings(None, {}).settings
    return load_detector(settings.build_world(), settings.lexicon, settings.detection.model, {}, 0.0)


@pytest.fixture(scope="session")
def parse(detector) -> Callable[..., list[Parsed]]:
    """(text, title, published) → its sentences, parsed; that of the title first."""

    def parse(text: str, title: str = "", published: date | None = DAY) -> list[Parsed]:
        document = read_document(title, text, published, detector.gazetteer, detector.offices)
        docs = parse_texts([respell(sentence.text) for sentence in document.sentences], detector.parser)
        return [
            link_mentions(sentence, doc, document, detector.lexicon)
            for sentence, doc in zip(document.sentences, docs, strict=True)
        ]

    return parse
