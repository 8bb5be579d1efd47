"""`configs/lexicon.yaml` → frames, governors and cue words: what the detector knows of language.

`pipelines.settings` fills and validates these; `compile_lexicon` turns them into look-ups.
"""

from dataclasses import dataclass, field
from typing import Literal

from transforms.codebook import Kind, Object
from transforms.detection.words import (
    AboutWords,
    ActWords,
    ConditionWords,
    DocumentWords,
    MemberWords,
    MisreadWords,
    NameWords,
    OfficeWords,
    ParticipantWords,
    PlaceWords,
    PointingWords,
    RefusalWords,
    SourceWords,
    Words,
)

Slot = Literal["subject", "possessor", "from", "by", "of", "in"]
PartOfSpeech = Literal["verb", "noun", "adjective"]
Effect = Literal[
    "refuse", "threaten", "promise", "urge", "want", "plan", "consider", "agree", "fail", "stop", "try",
    "continue", "say", "doubt",
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
    #: whether a word must tell what the act is about; else what the text is about will do
    needs_cue: bool = False
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
    names: NameWords
    offices: OfficeWords
    documents: DocumentWords
    pointing: PointingWords
    members: MemberWords
    misread: MisreadWords
    acts: ActWords
    participants: ParticipantWords
    about: AboutWords
    refusals: RefusalWords
    conditions: ConditionWords
    sources: SourceWords
    places: PlaceWords
    #: nouns that make a number one in a row: 'the ninth ally'
    ordinal_nouns: tuple[str, ...]
    #: past forms that no ending leads back to their verb: 'gave', 'sought'
    irregular_forms: Words


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
    #: first words of the frames and last ones of echoes: a sentence without any can't hold an act
    act_words: frozenset[str] = frozenset()
    #: object cues by their first word, or its part before a hyphen: the words after it
    rest_of_cue: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)


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
    for phrase in (*compiled.strong, *compiled.weak):
        first, *rest = phrase.split()
        compiled.rest_of_cue.setdefault(first, []).append(tuple(rest))
        if "-" in first:
            compiled.rest_of_cue.setdefault(first.split("-")[0], []).append(())
    compiled.act_words = frozenset(
        (
            *compiled.verbs,
            *compiled.nouns,
            *compiled.adjectives,
            *(phrase.split("+")[-1] for phrase in lexicon.acts.echoes),
        )
    )
    return compiled
