"""Texts of sentences → their parses, by the spaCy pipeline that the settings name.

Parts of speech and lemmas follow from a word, its tag and its dependency, so spaCy's rules for them are asked
once for each such triple. Only sentences with a pair of words that has rules of its own ("let 's") are given
to the rules whole.
"""

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import spacy
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab
from thinc.api import get_current_ops, use_ops
from threadpoolctl import threadpool_limits

#: spaCy's pipes that set parts of speech and lemmas by rules
_RULES = ("attribute_ruler", "lemmatizer")
#: what a pattern may ask of a word for its answer to hold wherever the word has the same tag and dependency
_OF_A_WORD = frozenset({"LOWER", "IS_SPACE", "TAG", "DEP"})
_ASKED = ["ORTH", "TAG", "DEP"]
#: the rules set morphology too, which nothing here reads
_ANSWERED = ["TAG", "DEP", "POS", "LEMMA"]
#: answers kept, about half a kilobyte each
_MOST_ANSWERS = 50_000

Answer = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Parser:
    """A spaCy pipeline, its rules apart from the rest."""

    #: tokens, tags and dependencies
    language: Language
    #: sets parts of speech and lemmas of a whole sentence
    apply_rules: Callable[[Doc], Doc]
    #: finds what has rules that look at more than one word
    pairs: Matcher
    #: word, tag and dependency → what the rules make of them
    ask_rules: Callable[[int, int, int], Answer]


def load_parser(model: str) -> Parser:
    """Name of a spaCy pipeline → Parser, its matrices multiplied by numpy on one core.

    spaCy's own multiplication (BLIS) is built without the instructions of newer processors: where it is
    slower than numpy's, it takes three times as long. A second thread costs more than it saves on matrices as
    small as these; `--workers` shares the work better. So the limit holds for the whole process.

    Raises:
        OSError: no pipeline of that name is installed.
    """
    threadpool_limits(limits=1, user_api="blas")
    with warnings.catch_warnings(), use_ops(get_current_ops().name, use_blis=False):
        # The pinned weights name the version they were trained with; the tests cover their parses.
        warnings.filterwarnings("ignore", message=r"\[W095\]")
        language = spacy.load(model, exclude=["ner", "senter"], disable=_RULES)
    ruler, lemmatizer = (language.get_pipe(name) for name in _RULES)
    pairs = Matcher(language.vocab)
    for number, rule in enumerate(ruler.patterns):
        several = [pattern for pattern in rule["patterns"] if not _is_of_a_word(pattern)]
        if several:
            pairs.add(str(number), several)

    def apply_rules(doc: Doc) -> Doc:
        return lemmatizer(ruler(doc))

    ask_rules = lru_cache(_MOST_ANSWERS)(partial(_ask_rules, language.vocab, apply_rules))
    return Parser(language, apply_rules, pairs, ask_rules)


def parse_texts(texts: Iterable[str], parser: Parser) -> Iterator[Doc]:
    """Texts → their parses, in order: each as the whole pipeline would make it, morphology left out."""
    for doc in parser.language.pipe(texts):
        yield name_words(doc, parser)


def name_words(doc: Doc, parser: Parser) -> Doc:
    """Parse with tags and dependencies → the same, with parts of speech and lemmas."""
    if parser.pairs(doc, allow_missing=True):
        return parser.apply_rules(doc)
    answers = [parser.ask_rules(*word) for word in doc.to_array(_ASKED).tolist()]
    return doc.from_array(_ANSWERED, np.array(answers, dtype=np.uint64)) if answers else doc


def _is_of_a_word(pattern: list[dict[str, object]]) -> bool:
    return len(pattern) == 1 and pattern[0].keys() <= _OF_A_WORD


def _ask_rules(
    vocab: Vocab, apply_rules: Callable[[Doc], Doc], word: int, tag: int, dependency: int
) -> Answer:
    alone = Doc(vocab, words=[vocab.strings[word]])
    alone.from_array(["TAG", "DEP"], np.array([[tag, dependency]], dtype=np.uint64))
    return tuple(apply_rules(alone).to_array(_ANSWERED)[0].tolist())
