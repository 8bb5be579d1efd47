"""Texts of sentences → their parses, by the spaCy pipeline that the settings name; only here it is known.

Parts of speech and lemmas follow from a word, its tag and its dependency, so spaCy's rules for them are asked
once for each such triple. Only a sentence with a word that, together with the next, may have rules of its own
("let 's") is given to the rules whole.
"""

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import spacy
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc as Parse
from spacy.tokens import Token as ParsedWord
from thinc.api import get_current_ops, use_ops
from threadpoolctl import threadpool_limits

from transforms.detection.tokens import Doc, Form, link_words

#: spaCy's pipes that set parts of speech and lemmas by rules
_RULES = ("attribute_ruler", "lemmatizer")
#: all that may be in a pipeline for its rules to be asked word by word
_KNOWN = frozenset({"tok2vec", "transformer", "tagger", "parser", *_RULES})
#: what a pattern may ask of a word for its answer to hold wherever the word has the same tag and dependency
_OF_A_WORD = frozenset({"LOWER", "IS_SPACE", "TAG", "DEP"})
#: answers kept, about half a kilobyte each
_MOST_ANSWERS = 50_000

Rules = Callable[[Parse], Parse]
#: word, tag and dependency → what the rules make of it; None where they want to see the sentence
Ask = Callable[[int, int, int], Form | None]


@dataclass(frozen=True, slots=True)
class Parser:
    """A spaCy pipeline, its rules apart from the rest."""

    #: tokens, tags and dependencies
    language: Language
    #: sets parts of speech and lemmas of a whole sentence
    apply_rules: Rules
    ask_rules: Ask


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
        # The strings, words of the vectors, are never looked up by their hash; they take most of the loading.
        language = spacy.load(model, exclude=["ner", "senter", "strings"])
    if not {*_RULES} <= {*language.pipe_names} <= _KNOWN:
        return Parser(language, lambda parse: parse, lambda word, tag, dependency: None)
    ruler, lemmatizer = (language.get_pipe(name) for name in _RULES)
    language.select_pipes(disable=_RULES)

    def apply_rules(parse: Parse) -> Parse:
        return lemmatizer(ruler(parse))

    return Parser(language, apply_rules, _compile_rules(language, apply_rules, ruler.patterns))


def parse_texts(texts: Iterable[str], parser: Parser) -> Iterator[Doc]:
    """Texts → their parses, in order: what the whole pipeline would make of them."""
    for parse in parser.language.pipe(texts):
        yield _read_parse(parse, parser)


def _read_parse(parse: Parse, parser: Parser) -> Doc:
    """Parse with tags and dependencies → its words, the rules applied."""
    table = parse.to_array(["ORTH", "TAG", "DEP", "SPACY"]).tolist()
    asked = (parser.ask_rules(word, tag, dependency) for word, tag, dependency, _ in table)
    forms = [form for form in asked if form is not None]
    if len(forms) < len(table):
        forms = list(map(_read_form, parser.apply_rules(parse)))
    heads = parse.to_array("HEAD").astype(np.int64) + np.arange(len(table))
    words = [(form, bool(row[-1])) for form, row in zip(forms, table, strict=True)]
    return link_words(words, heads.tolist())


def _read_form(word: ParsedWord) -> Form:
    return Form(word.text, word.lower_, word.lemma_, word.pos_, word.tag_, word.dep_)


def _compile_rules(language: Language, apply_rules: Rules, rules: Iterable[dict[str, Any]]) -> Ask:
    """Pipeline and the patterns of its rules → what asks them about one word, and keeps the answers."""
    openers = Matcher(language.vocab)
    for number, rule in enumerate(rules):
        first_words = [pattern[:1] for pattern in rule["patterns"] if not _is_of_a_word(pattern)]
        if first_words:
            openers.add(str(number), first_words)

    @lru_cache(_MOST_ANSWERS)
    def ask(word: int, tag: int, dependency: int) -> Form | None:
        alone = Parse(language.vocab, words=[language.vocab.strings[word]])
        alone.from_array(["TAG", "DEP"], np.array([[tag, dependency]], dtype=np.uint64))
        return None if openers(alone, allow_missing=True) else _read_form(apply_rules(alone)[0])

    return ask


def _is_of_a_word(pattern: list[dict[str, Any]]) -> bool:
    return len(pattern) == 1 and pattern[0].keys() <= _OF_A_WORD
