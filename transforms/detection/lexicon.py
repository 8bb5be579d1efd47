"""`configs/lexicon.yaml` → frames, governors and cue words: what the detector knows of language. Plain values.

`pipelines.settings` fills and validates these; `compile_lexicon` turns them into look-ups.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from transforms.codebook import Factuality, Kind, Object

Slot = Literal["subject", "object", "possessor", "from", "by", "of", "to", "for", "with", "on", "against", "in", "join"]
PartOfSpeech = Literal["verb", "noun", "adjective"]
Effect = Literal[
    "refuse", "threaten", "promise", "urge", "want", "plan", "consider", "agree", "fail", "stop", "try",
    "continue", "say", "doubt", "offer", "seek_votes",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Words that name one act, and where its participants stand."""

    id: str
    #: the act where the object is membership or partnership
    kind: Kind
    #: the act where the object is aid; the same as `kind` if not given
    aid_kind: Kind | None = None
    #: lemmas; 'rule+out' and 'give+light' need the second word below the first
    verbs: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()
    adjectives: tuple[str, ...] = ()
    #: where the actor stands, best first
    actor: tuple[Slot, ...] = ("subject", "by")
    #: where the beneficiary stands when no object phrase names it
    beneficiary: tuple[Slot, ...] = ("object", "for", "to", "with")
    #: what must be there: an object cue; a strong one; or a beneficiary alone
    needs: Literal["cue", "strong", "beneficiary"] = "beneficiary"
    #: the actor is the one who gains: 'receive', 'thank': look for it in 'from'
    reversed: bool = False
    #: the beneficiary itself acts: 'apply', 'join'
    own: bool = False
    #: the classes of object it can have
    objects: tuple[Literal["membership", "aid"], ...] = ("membership", "aid")
    #: sentences that the frame must find something in, and must not
    positive: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Governor:
    """Verbs and adjectives above an act that change what it amounts to ('refused to', 'is expected to')."""

    effect: Effect
    words: tuple[str, ...]
    factuality: Factuality | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectCues:
    """Words that tell what is supported or opposed."""

    object: Object
    #: enough on their own
    strong: tuple[str, ...] = ()
    #: only beside other evidence
    weak: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """All of it, as one value that travels to the workers."""

    frames: tuple[Frame, ...]
    governors: tuple[Governor, ...]
    objects: tuple[ObjectCues, ...]
    #: words that open a condition ('once', 'as soon as', 'provided that')
    conditions: tuple[str, ...]
    #: nouns for part of an alliance ('allies', 'members'), and quantifiers for all of it
    member_nouns: tuple[str, ...]
    all_words: tuple[str, ...]
    #: nouns whose country is an enemy or a victim, not one that gains ('war with Russia')
    conflict_nouns: tuple[str, ...]
    #: verbs that leave the act to their object ('express support')
    light_verbs: tuple[str, ...]
    #: nouns that point back to a country or an alliance ('country', 'nation')
    country_nouns: tuple[str, ...]
    #: before an office: out of office or not yet in it ('former', 'candidate')
    not_in_office: tuple[str, ...]
    modals_possible: tuple[str, ...]
    modals_future: tuple[str, ...]
    hypothetical: tuple[str, ...]


@dataclass(slots=True)
class CompiledLexicon:
    """Lexicon with look-ups by lemma."""

    lexicon: Lexicon
    verbs: dict[str, list[tuple[Frame, tuple[str, ...]]]] = field(default_factory=dict)
    nouns: dict[str, list[tuple[Frame, tuple[str, ...]]]] = field(default_factory=dict)
    adjectives: dict[str, list[tuple[Frame, tuple[str, ...]]]] = field(default_factory=dict)
    governors: dict[str, Governor] = field(default_factory=dict)
    strong: dict[str, Object] = field(default_factory=dict)
    weak: dict[str, Object] = field(default_factory=dict)
    #: every first word of the above: a sentence without any can't hold an act
    cue_words: frozenset[str] = frozenset()


def compile_lexicon(lexicon: Lexicon) -> CompiledLexicon:
    """Lexicon → look-ups: by lemma for frames and governors, by phrase for object cues."""
    compiled = CompiledLexicon(lexicon)
    for frame in lexicon.frames:
        for table, words in (
            (compiled.verbs, frame.verbs),
            (compiled.nouns, frame.nouns),
            (compiled.adjectives, frame.adjectives),
        ):
            for word in words:
                head, *rest = word.split("+")
                table.setdefault(head, []).append((frame, tuple(rest)))
    for table in (compiled.verbs, compiled.nouns, compiled.adjectives):
        for entries in table.values():
            entries.sort(key=lambda entry: -len(entry[1]))
    for governor in lexicon.governors:
        for word in governor.words:
            compiled.governors[word] = governor
    for cues in lexicon.objects:
        compiled.strong.update(dict.fromkeys(cues.strong, cues.object))
        compiled.weak.update(dict.fromkeys(cues.weak, cues.object))
    compiled.cue_words = frozenset(_first_words(compiled))
    return compiled


def _first_words(compiled: CompiledLexicon) -> Iterable[str]:
    for table in (compiled.verbs, compiled.nouns, compiled.adjectives):
        yield from table
    for phrase in (*compiled.strong, *compiled.weak):
        yield phrase.split()[0]
