"""'Italy said it would follow', 'Malaysia will do the same' → the act told before, done by another.

Rejects those who did it already, and words that only look alike ('followed the rules').
"""

from collections.abc import Sequence
from dataclasses import replace

from transforms.detection.acts import Act, find_governors, has_below
from transforms.detection.auxiliaries import apply_auxiliaries
from transforms.detection.candidate import Candidate
from transforms.detection.composition import Composition
from transforms.detection.governing import apply_governor
from transforms.detection.objects import object_class
from transforms.detection.parsed import Parsed
from transforms.detection.plausibility import why_implausible
from transforms.detection.roles import Role, countries_only
from transforms.detection.subjects import subject_role
from transforms.detection.tokens import Token


def find_echoes(parsed: Parsed, told: Sequence[Candidate]) -> list[Candidate]:
    """Sentence, with the candidates of it and of the one before → what it says that others do likewise."""
    found: list[Candidate] = []
    for token in parsed.doc:
        if not _says_again(parsed, token):
            continue
        antecedent = _last_before(parsed, token, told)
        candidate = _repeat(parsed, token, antecedent) if antecedent is not None else None
        if candidate is not None and not why_implausible(candidate):
            found.append(candidate)
    return found


def _says_again(parsed: Parsed, verb: Token) -> bool:
    """'Would follow', 'followed suit', 'will do the same'; not 'followed the rules'."""
    if verb.pos_ not in ("VERB", "AUX"):
        return False
    for phrase in parsed.words.acts.echoes:
        head, *rest = phrase.split("+")
        if verb.lemma_.lower() != head:
            continue
        if rest and has_below(verb, tuple(rest)):
            return True
        if not rest and not any(c.dep_ in ("dobj", "prep", "nsubjpass", "ccomp") for c in verb.children):
            return any(child.dep_ == "aux" and child.lower_ != "to" for child in verb.children)
    return False


def _last_before(parsed: Parsed, token: Token, told: Sequence[Candidate]) -> Candidate | None:
    """Candidates in reading order → the first reading of the last act that stands before a word."""
    here = parsed.sentence.index
    before = [
        candidate
        for candidate in told
        if candidate.rank == 0
        and "second" not in candidate.how
        and (candidate.parsed.sentence.index, candidate.act.token.i) < (here, token.i)
        and candidate.parsed.sentence.index >= here - 1
    ]
    return max(before, key=lambda c: (c.parsed.sentence.index, c.act.token.i), default=None)


def _repeat(parsed: Parsed, token: Token, antecedent: Candidate) -> Candidate | None:
    """Antecedent and the word that repeats it → the same with the subject of that word in its place."""
    role = subject_role(parsed, token)
    membership = object_class(antecedent.object) == "membership"
    # In an accession and in what one asks for oneself, it is the one who gains that is another.
    own = membership and (antecedent.act.frame.id == "join" or antecedent.actors == antecedent.beneficiaries)
    role = countries_only(parsed, role) if own else role
    parties = set(antecedent.beneficiaries) | (set() if own else set(antecedent.actors))
    if not role.codes or set(role.codes) & parties:
        return None
    act = Act(antecedent.act.frame, token, "verb", (), False, find_governors(parsed, token))
    composition = Composition(antecedent.kind, steps=[*antecedent.composition.steps[:1], "likewise"])
    apply_auxiliaries(parsed, act, composition, not membership)
    for governor, word in act.governors:
        apply_governor(parsed, act, composition, governor.effect, word, not membership)
    if composition.dropped or composition.asker is not None:
        return None
    return replace(
        antecedent,
        actors=role.codes if not own or antecedent.actors == antecedent.beneficiaries else antecedent.actors,
        actor_role=role.references[0].role if not own else antecedent.actor_role,
        beneficiaries=role.codes if own else antecedent.beneficiaries,
        kind=composition.kind,
        factuality=composition.factuality,
        parsed=parsed,
        act=act,
        composition=composition,
        how={**antecedent.how, **_how(role, own)},
    )


def _how(role: Role, own: bool) -> dict[str, str]:
    slot = "beneficiary" if own else "actor"
    return {slot: "likewise", f"{slot}_ref": role.references[0].how}
