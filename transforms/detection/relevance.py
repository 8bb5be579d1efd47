"""A sentence as it stands, unparsed → whether it can hold an act, so that only such sentences are parsed.

It must name somebody, or point back to a sentence that does; have a word that may be an act; and tell, or
follow a sentence that tells, what acts may be about: words for membership or aid, an alliance, a country at
war. Words are compared with and without their endings: what a parser would call their lemma is not known yet.
"""

import re
from collections.abc import Iterator

from transforms.detection.document import Document
from transforms.detection.lexicon import CompiledLexicon
from transforms.detection.sentences import Sentence

#: Shorter cues than this are too common to look for in another sentence.
_SHORTEST_ELSEWHERE = 4
_WORD = re.compile(r"[\w'-]+")
#: Endings of English verbs and nouns, each with what it may stand in for: 'denied' → 'deny'.
_ENDINGS = (
    ("s", ("",)), ("es", ("", "e")), ("ies", ("y",)), ("ed", ("", "e")), ("ied", ("y",)), ("ing", ("", "e")),
)  # fmt: skip


def can_matter(sentence: Sentence, document: Document, lexicon: CompiledLexicon) -> bool:
    """Whether a sentence is worth a parse."""
    words = _WORD.findall(sentence.text.lower())
    mentions = document.mentions[sentence.index]
    points_back = (
        sentence.index > 0
        and document.mentions.get(sentence.index - 1)
        and not lexicon.lexicon.pointing.back.isdisjoint(words)
    )
    if not mentions and not points_back:
        return False
    named = {code.partition(":")[0] for mention in mentions for code in mention.codes}
    names_alliance = not named.isdisjoint(document.gazetteer.alliances)
    if not _may_act(words, lexicon):
        return names_alliance and not lexicon.lexicon.acts.light.isdisjoint(words)
    return (
        names_alliance
        or not named.isdisjoint(document.at_war)
        or _may_tell_object(words, lexicon)
        or any(told_in(earlier, document, lexicon) for earlier in earlier_sentences(sentence, document))
    )


def earlier_sentences(sentence: Sentence, document: Document) -> Iterator[Sentence]:
    """Sentence → where what it is about may have been told: the sentence before, then the opening."""
    for earlier in (document.sentences[max(0, sentence.index - 1)], document.sentences[0]):
        if earlier.index < sentence.index:
            yield earlier


def told_in(sentence: Sentence, document: Document, lexicon: CompiledLexicon) -> tuple[str, ...]:
    """Sentence → the strong cues in it that are long enough to count for other sentences; found once."""
    known = document.told.get(sentence.index)
    if known is None:
        words = sentence.text.lower()
        known = tuple(
            phrase
            for phrase in lexicon.strong
            if len(phrase) >= _SHORTEST_ELSEWHERE and phrase in words and _holds(words, phrase)
        )
        document.told[sentence.index] = known
    return known


def _holds(words: str, phrase: str) -> bool:
    """Whether a text holds a phrase as words of its own, in the plural too: 'army' holds no 'arm'."""
    start = words.find(phrase)
    while start >= 0:
        end = start + len(phrase)
        end += words[end : end + 1] == "s"
        if not words[max(0, start - 1) : start].isalnum() and not words[end : end + 1].isalnum():
            return True
        start = words.find(phrase, start + 1)
    return False


def _may_act(words: list[str], lexicon: CompiledLexicon) -> bool:
    irregular = lexicon.lexicon.irregular_forms
    return any(word in irregular or any(base in lexicon.act_words for base in _bases(word)) for word in words)


def _may_tell_object(words: list[str], lexicon: CompiledLexicon) -> bool:
    """Words → whether an object cue may be among them: its first word, and the others after it."""
    for position, word in enumerate(words):
        for base in _bases(word):
            for rest in lexicon.rest_of_cue.get(base, ()):
                following = words[position + 1 : position + 1 + len(rest)]
                if len(following) == len(rest) and all(map(_may_be, following, rest)):
                    return True
    return False


def _may_be(word: str, wanted: str) -> bool:
    return any(base == wanted for base in _bases(word))


def _bases(word: str) -> Iterator[str]:
    """Word → itself, and what it may be without its ending: 'denied' → 'deny', 'admitted' → 'admit'."""
    yield word
    for ending, replacements in _ENDINGS:
        if not word.endswith(ending):
            continue
        stem = word[: -len(ending)]
        for new in replacements:
            yield stem + new
        if len(stem) > 2 and stem[-1] == stem[-2]:
            yield stem[:-1]
