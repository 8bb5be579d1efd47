"""Article → its alliance-support events: read the text, parse what can matter, fill the frames.

This is the front door of detection; `load_detector` is called once for each process.
"""

from collections.abc import Callable
from dataclasses import dataclass

from transforms.detection.acts import Act
from transforms.detection.candidates import Candidate, choose_alternatives, find_candidates
from transforms.detection.confidence import candidate_features, count_repeats, score
from transforms.detection.datelines import read_dateline
from transforms.detection.document import Document, read_document
from transforms.detection.echoes import find_echoes
from transforms.detection.gazetteer import Gazetteer, compile_gazetteer
from transforms.detection.lexicon import CompiledLexicon, Lexicon, compile_lexicon
from transforms.detection.mentions import OfficeFinder
from transforms.detection.merging import merge_candidates
from transforms.detection.misreadings import find_misreadings, put_back, stand_in
from transforms.detection.parsed import Parsed
from transforms.detection.parsing import Parser, load_parser, parse_texts
from transforms.detection.references import link_mentions
from transforms.detection.relevance import can_matter
from transforms.detection.sentences import Sentence, respell, sentence_case
from transforms.knowledge import World
from transforms.records import Article, SupportEvent


@dataclass(slots=True)
class Detector:
    """All that detection needs, loaded once."""

    gazetteer: Gazetteer
    offices: OfficeFinder
    lexicon: CompiledLexicon
    parser: Parser
    weights: dict[str, float]
    min_confidence: float


def load_detector(
    world: World, lexicon: Lexicon, model: str, weights: dict[str, float], min_confidence: float
) -> Detector:
    """Configuration → Detector. Raises OSError where the spaCy pipeline of that name is not installed."""
    gazetteer = compile_gazetteer(world, lexicon)
    alliance_offices = [(title, alliance.id) for alliance in world.alliances for title in alliance.offices]
    return Detector(
        gazetteer,
        OfficeFinder(world.offices, alliance_offices, lexicon.offices),
        compile_lexicon(lexicon),
        load_parser(model),
        weights,
        min_confidence,
    )


def detect_events(article: Article, detector: Detector) -> tuple[SupportEvent, ...]:
    """Article → events, in reading order, each with its evidence, as sure as configured."""
    likely = [c for c in find_all_candidates(article, detector) if c.score >= detector.min_confidence]
    candidates = choose_alternatives(likely)
    return merge_candidates(candidates, article, detector.lexicon.lexicon)


def find_all_candidates(
    article: Article, detector: Detector, note: Callable[[Sentence, str], None] | None = None
) -> list[Candidate]:
    """Article → every scored candidate; `note` is told of each act that gave none, and why."""
    day = article.published_at.date() if article.published_at else None
    document = read_document(article.title, article.text, day, detector.gazetteer, detector.offices)
    found: list[Candidate] = []
    before: list[Candidate] = []
    for parsed in _parse_sentences(document, detector):

        def tell(act: Act, why: str, sentence: Sentence = parsed.sentence) -> None:
            if note is not None:
                note(sentence, f"{act.token.text}: {why}")

        here = find_candidates(parsed, tell)
        here += find_echoes(parsed, [*before, *here])
        found += here
        before = here
    for candidate, repeats in zip(found, count_repeats(found), strict=True):
        candidate.score = score(candidate_features(candidate, repeats), detector.weights)
    return found


def _parse_sentences(document: Document, detector: Detector) -> list[Parsed]:
    chosen = [sentence for sentence in document.sentences if can_matter(sentence, document, detector.lexicon)]
    words = detector.lexicon.lexicon.misread
    spelled = [_spelling(sentence, document) for sentence in chosen]
    misread = [
        find_misreadings(text, {mention.end for mention in document.mentions[sentence.index]}, words)
        for sentence, text in zip(chosen, spelled, strict=True)
    ]
    docs = parse_texts(map(stand_in, spelled, misread), detector.parser)
    return [
        link_mentions(sentence, put_back(doc, found, words), document, detector.lexicon)
        for sentence, doc, found in zip(chosen, docs, misread, strict=True)
    ]


def _spelling(sentence: Sentence, document: Document) -> str:
    keep = [(mention.start, mention.end) for mention in document.mentions[sentence.index]]
    plain = respell(sentence.text)
    dateline = read_dateline(sentence.text) if sentence.field == "text" else None
    if dateline is not None:
        # Blanks keep the offsets; as words, place and day would be taken for the subject.
        plain = " " * dateline.end + plain[dateline.end :]
    return sentence_case(plain, keep) if sentence.field == "title" else plain
