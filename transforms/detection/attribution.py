"""An act in its sentence → who claims it, where that is neither the text itself nor the actor.

A government is given by its code, others in the words of the text: 'US media', 'two diplomats', 'Reuters'.
"""

import re
from collections.abc import Iterable

from transforms.detection.candidate import Candidate
from transforms.detection.parsed import Parsed
from transforms.detection.references import refer
from transforms.detection.subjects import find_subject
from transforms.detection.tokens import Token
from transforms.detection.words import any_of

#: Ways of standing for someone that are too weak to name a claimant: often it is the actor's own minister.
_WEAK = frozenset({"vague_office", "generic", "pronoun_modifier", "speaker"})
#: What stands below these in a statement is taken for granted by it, not claimed.
_MENTIONING = frozenset({"relcl", "advcl", "csubj"})
_STEPS = 8


def find_source(parsed: Parsed, candidate: Candidate) -> str | None:
    """Candidate → who claims it: the one who says so, or the one after 'according to'."""
    if candidate.composition.wished:
        return None
    act = candidate.act.token
    verb = _saying_above(parsed, act)
    if verb is not None:
        speaker, _ = find_subject(parsed, verb)
        return _name_source(parsed, speaker, candidate) if speaker is not None else None
    whole = _saying_behind(parsed, act)
    if whole is not None:
        speaker, _ = find_subject(parsed, whole)
        source = _name_source(parsed, speaker, candidate) if speaker is not None else None
        return source if source is not None and not source.isupper() else None
    for token in parsed.doc:
        if token.lower_ == "according" and not _in_other_clause(token, act):
            named = _after_according(token)
            if named is not None:
                return _name_source(parsed, named, candidate)
    return None


def join_sources(sources: Iterable[tuple[str | None, bool]]) -> str | None:
    """Source of each sentence with whether it is in the text → the event's: none where the text says so.

    A headline leaves out who says so; it counts only where there is no other sentence.
    """
    listed = list(sources)
    told = [source for source, in_text in listed if in_text] or [source for source, _ in listed]
    return told[0] if told and all(told) else None


def _saying_above(parsed: Parsed, act: Token) -> Token | None:
    """Act → the verb of saying whose content it is; what a clause within only mentions is not claimed."""
    current = act
    for _ in range(_STEPS):
        if current.head.i == current.i or (current.dep_ in _MENTIONING and current.head.i != current.i):
            return None
        if current.dep_ in ("ccomp", "parataxis") and _is_saying(parsed, current.head):
            return current.head
        current = current.head
    return None


def _saying_behind(parsed: Parsed, act: Token) -> Token | None:
    """'…, US media reported': the verb of saying behind a sentence, all of which is then reported."""
    root = next((token for token in parsed.doc if token.head.i == token.i), None)
    if root is None or not _is_saying(parsed, root):
        return None
    content = [child for child in root.lefts if child.dep_ == "ccomp"]
    return root if content and act.i in {below.i for below in content[-1].subtree} else None


def _is_saying(parsed: Parsed, verb: Token) -> bool:
    return bool(verb.pos_ == "VERB") and verb.lemma_.lower() in parsed.words.sources.saying


def _after_according(token: Token) -> Token | None:
    for child in token.children:
        if child.dep_ == "pobj":
            return child
        for pobj in child.children:
            if pobj.dep_ == "pobj":
                return pobj
    return None


def _in_other_clause(token: Token, act: Token) -> bool:
    """Whether 'according to' belongs to a clause beside the act's own ."""
    current = token
    for _ in range(_STEPS):
        if current.i == act.i or current.head.i == current.i:
            return False
        if current.dep_ in ("relcl", "advcl", "acl"):
            return act.i not in {below.i for below in current.subtree}
        current = current.head
    return False


def _name_source(parsed: Parsed, speaker: Token, candidate: Candidate) -> str | None:
    actors = {actor.split(":")[0] for actor in candidate.actors}
    below = [token for token in speaker.subtree if not _is_clause_of(token, speaker)]
    named = {
        code.split(":")[0]
        for token in below
        if token.i in parsed.by_token
        for code in parsed.by_token[token.i].codes
    }
    told_by_media = speaker.lower_ in parsed.words.sources.media_nouns
    if (named & actors and not told_by_media) or any(
        token.dep_ == "poss" and token.pos_ == "PRON" for token in below
    ):
        return None
    words = _words(below, speaker)
    if speaker.lower_ in parsed.words.sources.unnamed and not _is_government(parsed, below):
        return (
            words[:1].lower() + words[1:]
            if min(token.i for token in below) == 0 and not words[1:2].isupper()
            else words
        )
    if _names_medium(parsed, words):
        return re.sub(r"^the\s+", "", words, flags=re.IGNORECASE)
    references = refer(parsed, speaker)
    if references:
        if (
            references[0].how in _WEAK
            or {code.split(":")[0] for r in references for code in r.codes} & actors
        ):
            return None
        return references[0].codes[0].split(":")[0]
    mention = parsed.by_token.get(speaker.i)
    if mention is not None and mention.inactive and mention.person:
        return mention.person
    if speaker.pos_ == "PROPN" and mention is None and " " in words:
        return words
    return None


def _names_medium(parsed: Parsed, words: str) -> bool:
    """'The Coastal Times', 'News for the North'."""
    pattern = (
        r"^(?:the\s+)?(?:[A-Z][\w.&'’-]*\s+){0,3}"
        + any_of(parsed.words.sources.media)
        + r"(?:\s[A-Z]\w+|\s+for\s+.*)?$"
    )
    return re.match(pattern, words) is not None


def _is_government(parsed: Parsed, tokens: Iterable[Token]) -> bool:
    """'US officials' speak for their country, 'US media' do not."""
    tokens = list(tokens)
    speaks = any(token.lemma_.lower() in ("official", "lawmaker", "diplomat") for token in tokens)
    return speaks and any(token.i in parsed.by_token and parsed.by_token[token.i].codes for token in tokens)


def _is_clause_of(token: Token, speaker: Token) -> bool:
    current = token
    for _ in range(_STEPS):
        if current.i == speaker.i:
            return False
        if current.dep_ in ("relcl", "acl", "appos", "advcl", "punct", "cc"):
            return True
        current = current.head
    return True


def _words(tokens: Iterable[Token], speaker: Token) -> str:
    kept = sorted(
        (
            token
            for token in tokens
            if token.i <= speaker.i or token.dep_ in ("prep", "pobj", "det", "compound")
        ),
        key=lambda t: t.i,
    )
    return "".join(token.text + token.whitespace_ for token in kept).strip(" ,")
