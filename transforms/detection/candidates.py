"""A parsed sentence → candidate claims: an act with its slots filled, each with the way it was found.

Rejected here is what can't be: no beneficiary, an actor that gains from its own act, a member that would join.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from spacy.tokens import Token

from transforms.codebook import NEGATIVE_KINDS, ActorRole, Factuality, Kind, Object
from transforms.detection.acts import Act, find_acts, related
from transforms.detection.composition import Composition, compose
from transforms.detection.objects import ObjectCue, find_cues, object_class
from transforms.detection.mentions import Mention
from transforms.detection.references import MEMBERS, Parsed, Reference, refer
from transforms.detection.roles import Role, find_actor, find_beneficiary, find_subject, listed_with, owner_references, subject_role


@dataclass(slots=True)
class Candidate:
    """A claim that a sentence may make."""

    actors: tuple[str, ...]
    actor_role: ActorRole
    beneficiaries: tuple[str, ...]
    alliance: str | None
    object: Object
    kind: Kind
    factuality: Factuality
    parsed: Parsed
    act: Act
    composition: Composition
    attributed_to: str | None = None
    condition: str | None = None
    #: how each slot was found: what confidence is made of
    how: dict[str, str] = field(default_factory=dict)
    #: 0 for the first of an act's alternatives
    rank: int = 0
    score: float = 0.0

    @property
    def negative(self) -> bool:
        """Whether it counts as −."""
        return self.kind in NEGATIVE_KINDS


#: Told of each act that gave nothing, and why.
Note = Callable[[Act, str], None]


def find_candidates(parsed: Parsed, note: Note) -> list[Candidate]:
    """Parsed sentence → candidates; those of one word are alternatives, of which at most one is right."""
    first, second = find_acts(parsed)
    found: list[Candidate] = []
    fruitful: list[Act] = []
    for act in first:
        candidates = _alternatives(parsed, act, note)
        found += candidates
        fruitful += [act] if candidates else []
    for act in second:
        if not any(related(act, other) for other in fruitful):
            candidates = _alternatives(parsed, act, note)
            for candidate in candidates:
                candidate.how["second"] = "yes"
            found += candidates
            fruitful += [act] if candidates else []
    return found


def _alternatives(parsed: Parsed, act: Act, note: Note) -> list[Candidate]:
    """Act → its candidates: for what it is about, who may act and who may gain, best first."""
    around = sorted({act.token.i, *act.theme, *(t.i for t in act.token.lefts if t.dep_ in ("compound", "amod"))})
    cues = find_cues([parsed.doc[i] for i in around], parsed.lexicon)
    value, object_how = _choose_object(parsed, act, cues)
    sure = act.frame.needs != "strong" or object_how in _SURE or object_how == "weak"
    if value is None or not sure:
        note(act, "no word tells what it is about")
        return []
    aid = object_class(value) == "aid"
    found: list[Candidate] = []
    primary = _actor(parsed, act, compose(parsed, act, aid))
    if act.frame.id == "sign":
        primary = _other_signers(parsed, primary, aid)
    problem = _no_act(parsed, act, primary)
    if problem:
        note(act, problem)
        return []
    for actor in [primary] if primary.codes else [primary, *_context_actors(parsed, act, primary)[:2]]:
        for gainer in _gainers(parsed, act, cues, actor, value):
            candidate = _fill(parsed, act, value, object_how, actor, gainer, note)
            if candidate is not None and not any(_same(candidate, other) for other in found):
                candidate.rank = len(found)
                if alone := _sort_of_aid(parsed, act, candidate):
                    candidate = replace(candidate, object=alone)
                found += [each for one in _each_object(parsed, act, candidate) for each in _each_for_itself(one)]
            if len(found) >= MOST_ALTERNATIVES:
                return found
    return found


def _no_act(parsed: Parsed, act: Act, primary: Role) -> str:
    """Why the words name no act of anyone: a subject that is nobody's, an order, long past."""
    if primary.how.removeprefix("asker_").removeprefix("light_") == "nobody" and not primary.codes:
        return "the subject stands for nobody who can act"
    token = act.token
    direct = next((child for child in token.children if child.dep_ == "dobj"), None)
    if act.part == "verb" and token.tag_ == "VB" and not any(child.dep_ in ("aux", "nsubj", "nsubjpass", "mark") for child in token.children):
        if token.dep_ in ("ROOT", "ccomp", "parataxis", "appos", "acl") and not act.governors:
            return "an order, not an act"
    if act.frame.id == "apply" and token.tag_ == "VBN" and not any(child.dep_ in ("nsubj", "aux") for child in token.children):
        return "expected by nobody named"
    if token.dep_ == "pcomp" and token.head.lower_ in ("before", "without", "after", "than", "of") and token.head.dep_ in ("prep", "mark", "advcl"):
        if token.head.lower_ != "of" or token.head.head.lower_ in ("instead", "idea", "prospect", "possibility", "hope", "hopes"):
            return "only spoken of"
    if act.part == "noun" and token.dep_ in ("nsubj", "nsubjpass") and token.head.lemma_.lower() in _NEEDING:
        return "spoken of as needed, not as given"
    if act.frame.id == "sustain" and act.part == "verb":
        cue_words = {i for cue in find_cues(list(parsed.doc), parsed.lexicon) for i in range(cue.token, cue.last + 1)}
        if direct is not None and direct.i not in cue_words:
            return f"what it is about is {direct.lemma_.lower()}"
    if act.frame.id == "condition" and act.token.lemma_.lower() == "require" and any(r.how != "alliance" and r.how != "leader" and r.how != "office" and r.how != "country" for r in primary.references):
        return "a thing that requires, no one's demand"
    if act.frame.id == "withdraw" and act.part == "verb" and not _leaves_something(parsed, act):
        return "nothing that is given or belonged to"
    if act.frame.id == "join" and token.dep_ == "acl" and token.head.lemma_.lower() in _CHANCES and not any(
        child.dep_ == "nsubj" for child in token.children
    ):
        return "only spoken of"
    if token.dep_ in ("xcomp", "advcl") and token.head.tag_ == "VBN" and token.head.lemma_.lower() in ("design", "intend", "mean", "aim"):
        return "a purpose, not an act"
    if token.dep_ == "csubj" or (token.dep_ == "pcomp" and token.head.dep_ == "csubj"):
        return "only spoken of"
    if any(child.dep_ == "advmod" and child.lower_ == "how" for child in token.children) and token.dep_ in ("csubj", "csubjpass", "pcomp"):
        if not any(governor.effect == "agree" for governor, _ in act.governors):
            return "only discussed"
    if any(parsed.doc[i].lemma_.lower() in _NOT_AID and parsed.doc[i].head.i in (token.i, *(c.i for c in token.children)) for i in act.theme):
        return "no aid and no membership"
    if act.frame.id == "join" and not _joins_alliance(parsed, act):
        return "what is joined is no alliance"
    if _under_denied_existence(token):
        return "only spoken of"
    if _is_long_past(parsed):
        return "more than ten years before the text"
    if act.frame.id in ("sustain", "give", "promote") and direct is not None:
        entries = parsed.lexicon.nouns.get(direct.lemma_.lower(), ())
        if any(frame.kind in NEGATIVE_KINDS for frame, _ in entries):
            return f"what it is about is {direct.lemma_.lower()}"
    return ""


#: Nouns whose 'to join' says what could be, not what is done.
_CHANCES = frozenset(
    "invitation path road chance condition criterion requirement right way process prospect opportunity perspective step".split()
)

#: What may be supported without any aid.
_NOT_AID = frozenset({"integrity", "sovereignty", "independence", "protester", "protest", "democracy", "separatist", "ceasefire", "truce", "resolution", "terrorism"})


def _leaves_something(parsed: Parsed, act: Act) -> bool:
    """Whether what is withdrawn, cut or left is aid, a bid or an alliance."""
    if act.multiword or act.token.dep_ in ("acl", "relcl") or any(child.dep_ == "nsubjpass" for child in act.token.children):
        return True
    heads = [child for child in act.token.children if child.dep_ in ("dobj", "pobj")]
    heads += [
        pobj
        for child in act.token.children
        if child.dep_ == "prep" and child.lower_ in ("from", "of", "on", "to")
        for pobj in child.children
        if pobj.dep_ == "pobj"
    ]
    near = [token for head in heads for token in (head, *head.children, *(c for child in head.children for c in child.children))]
    cues = {i for cue in find_cues([parsed.doc[i] for i in act.theme], parsed.lexicon) for i in range(cue.token, cue.last + 1)}
    return any(token.i in cues for token in near) or _joins_alliance(parsed, act, must=True)


_NEEDING = frozenset("require depend hinge rest need demand necessitate".split())


def _under_denied_existence(token: Token) -> bool:
    """'There is no barrier to the decisions that would invite …': nothing is said to happen."""
    current = token
    for _ in range(8):
        if current.dep_ == "ROOT" or current.head.i == current.i:
            break
        current = current.head
        if any(child.dep_ == "det" and child.lower_ == "no" for child in current.children) and any(
            child.dep_ == "expl" for child in current.head.children
        ):
            return True
    return False


_YEARS_AGO = re.compile(r"\b(\d{2,3}|(?:twenty|thirty|forty|fifty)(?:-\w+)?|fifteen|a century|(?:two|three|four|five) decades)\s*(?:years? )?ago\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:in|since|of|from|after)\s+(1[89]\d\d|20[0-4]\d)\b")


def _is_long_past(parsed: Parsed) -> bool:
    """Whether a sentence tells of something more than ten years before the text's day: background by the codebook."""
    match = _YEARS_AGO.search(parsed.sentence.text)
    if match and not (match.group(1).isdigit() and int(match.group(1)) <= 10):
        return True
    day = parsed.document.day
    years = [int(year) for year in _YEAR.findall(parsed.sentence.text)]
    return day is not None and bool(years) and max(years) < day.year - 10


def _choose_object(parsed: Parsed, act: Act, cues: list[ObjectCue]) -> tuple[Object | None, str]:
    """What an act is about: by its own words, by who gains, by the sentence, by what came before."""
    value, how = _object(parsed, act, cues)
    if value is not None and object_class(value) not in act.frame.objects:
        value, how = None, "none"
    strong_here = {object_class(cue.object) for cue in find_cues(list(parsed.doc), parsed.lexicon) if cue.strong}
    if how == "weak" and value is not None and object_class(value) == "aid" and act.frame.id in ("apply", "promote"):
        if strong_here == {"membership"}:
            return "membership", "sentence"
    if (
        (how == "weak" or (how == "none" and act.frame.id in _PLAIN_SUPPORT))
        and "aid" in act.frame.objects
        and _names_country_at_war(parsed, act)
    ):
        if value is None or object_class(value) == "membership":
            value = "military_aid"
        return value, "at_war"
    if value is None:
        value, how = _object_from_sentence(parsed, act)
    if value is None:
        value, how = _object_of_document(parsed, act)
    return value, how


_SORTS_OF_AID: dict[str, Object] = {
    "military": "military_aid", "security": "military_aid", "lethal": "military_aid", "economic": "economic_aid",
    "financial": "economic_aid", "budgetary": "economic_aid", "fiscal": "economic_aid", "humanitarian": "humanitarian_aid",
}  # fmt: skip
_AID_NOUNS = frozenset({"aid", "assistance", "support", "help"})
_MONEY = frozenset({"€", "euro", "euros", "fund", "funding", "money", "loan", "package", "aid", "billion", "bn"})


def _each_object(parsed: Parsed, act: Act, candidate: Candidate) -> list[Candidate]:
    """'Security, economic and humanitarian assistance' → one candidate for each sort of aid."""
    if object_class(candidate.object) != "aid":
        return [candidate]
    inside = [parsed.doc[i] for i in sorted({*act.theme, act.token.i})]
    sorts = [
        _SORTS_OF_AID[token.lower_]
        for token in inside
        if token.lower_ in _SORTS_OF_AID and token.dep_ in ("amod", "conj") and _top(token).lemma_.lower() in _AID_NOUNS
    ]
    distinct = list(dict.fromkeys(sorts))
    return [replace(candidate, object=sort) for sort in distinct] if len(distinct) > 1 else [candidate]


def _top(token: Token) -> Token:
    current = token
    while current.dep_ == "conj" and current.head.i != current.i:
        current = current.head
    return current.head


def _as_members(parsed: Parsed, role: Role) -> Role:
    """Ratifying is done by each member for itself: 'all 30 allies have ratified' is the members' act."""
    alliances = parsed.document.gazetteer.alliances
    return Role(
        tuple(
            replace(reference, codes=tuple(code + MEMBERS if code in alliances else code for code in reference.codes))
            for reference in role.references
        ),
        role.how,
    )


def _sort_of_aid(parsed: Parsed, act: Act, candidate: Candidate) -> Object | None:
    """An aid package of the EU that names no weapons is economic aid."""
    if candidate.object != "military_aid" or candidate.alliance != "EU":
        return None
    words = {parsed.doc[i].lemma_.lower() for i in act.theme} | {act.token.lemma_.lower()}
    arms = [cue for cue in find_cues(list(parsed.doc), parsed.lexicon) if cue.object == "military_aid" and cue.strong and cue.words != "aid package"]
    return "economic_aid" if words & _MONEY and not arms else None


def _each_for_itself(candidate: Candidate) -> list[Candidate]:
    """Joint applicants pair only with themselves: one candidate for each."""
    own = sorted(set(candidate.actors) & set(candidate.beneficiaries))
    if len(candidate.actors) == 1 or not own:
        return [candidate]
    return [replace(candidate, actors=(code,), beneficiaries=(code,)) for code in own]


#: What one receives from those who support, not from those who decide.
_BACKING = frozenset({"backing", "support", "endorsement", "blessing", "promise", "pledge"})

#: What a country complains of when it wants in.
_WANTING = frozenset({"lack", "absence", "delay", "slowness", "refusal", "hesitation"})

#: Edges of verbs that may leave their subject to the words around.
_NON_FINITE = frozenset({"acl", "advcl", "pcomp", "xcomp", "csubj", "dep", "ccomp", "relcl", "conj"})

#: Ways of knowing what an act is about that a demanding frame accepts.
_SURE = frozenset({"strong", "verb", "weak_alliance", "own", "at_war"})

#: Frames that need no more than a country at war: 'stand with Ukraine', 'help Ukraine'.
_PLAIN_SUPPORT = frozenset({"support", "help"})

#: Alternatives of one act: more cost time and are hardly ever right.
MOST_ALTERNATIVES = 5


def _same(one: Candidate, other: Candidate) -> bool:
    return (one.actors, one.beneficiaries, one.kind, one.object) == (other.actors, other.beneficiaries, other.kind, other.object)


def _fill(
    parsed: Parsed, act: Act, value: Object | None, object_how: str, actor: Role, gainer: Role, note: Note
) -> Candidate | None:
    """Act with a choice of participants → candidate, or None where they can't be."""
    aid = value is None or object_class(value) == "aid"
    composition = compose(parsed, act, aid)
    if composition.dropped:
        note(act, composition.dropped)
        return None
    actor, beneficiary, how_beneficiary = _settle(parsed, act, composition, actor, gainer, aid, value)
    if not beneficiary.codes:
        note(act, "no beneficiary")
        return None
    if object_how == "weak" and act.frame.needs == "strong" and not act.multiword:
        if beneficiary.how not in ("theme_0", "theme_1") or (object_class(value or "military_aid") == "membership"):
            note(act, "no word tells what it is about")
            return None
    if value is None:
        value, object_how = _object_from_document(parsed, beneficiary)
        if value is None:
            note(act, "no word tells what it is about")
            return None
        composition = compose(parsed, act, object_class(value) == "aid")
    membership = object_class(value) == "membership"
    alliance, alliance_how = _alliance(parsed, [parsed.doc[i] for i in act.theme], actor, beneficiary, membership, value)
    if membership and alliance is None:
        note(act, "no alliance to be a member of")
        return None
    actor = _default_actor(parsed, act, actor, alliance, membership)
    if not actor.codes:
        note(act, "no actor")
        return None
    if not membership and set(actor.codes) & set(beneficiary.codes) and not all(_wants(parsed, code, True) for code in beneficiary.codes):
        note(act, "a giver asks nothing for itself")
        return None
    if composition.kind == "ratify" and membership and actor.references[0].how == "members":
        actor = _as_members(parsed, actor)
    kind = _final_kind(parsed, composition, actor.codes, beneficiary.codes, membership, act)
    if kind is None:
        note(act, "the actor gains from its own act")
        return None
    if kind == "oppose" and act.frame.id == "join" and actor.how == "sayer" and _has_unless(parsed, act):
        kind = "condition"
    if act.part == "noun" and act.frame.id == "admit" and not beneficiary.how.startswith(("theme", "passive", "possessor", "of", "wisher")):
        note(act, "a noun that names nobody who would join")
        return None
    if _about_something_else(parsed, act, beneficiary.how, object_how):
        note(act, "it is about something else")
        return None
    if act.frame.id == "join" and act.part == "noun" and not _joins_now(parsed, beneficiary.codes, alliance):
        note(act, "an accession that has not come")
        return None
    if kind == "condition" and set(actor.codes) & set(parsed.document.likely_gainers(not membership)[:3]) and membership:
        note(act, "who would join sets no condition")
        return None
    if act.frame.id == "apply" and "negated" in composition.steps:
        note(act, "not asked for")
        return None
    if object_how == "weak" and act.multiword and membership and beneficiary.how in ("document", "near") and alliance_how not in ("theme", "actor", "sentence"):
        note(act, "no word tells what it is about")
        return None
    problem = _impossible(parsed, actor.codes, beneficiary.codes, alliance, value, kind)
    if problem:
        note(act, problem)
        return None
    return Candidate(
        actor.codes, actor.references[0].role, beneficiary.codes, alliance, value, kind, composition.factuality,
        parsed, act, composition,
        how={
            "actor": actor.how,
            "actor_ref": actor.references[0].how,
            "beneficiary": beneficiary.how,
            "beneficiary_ref": beneficiary.references[0].how if beneficiary.references else how_beneficiary,
            "object": object_how,
            "alliance": alliance_how,
        },
    )  # fmt: skip


def _other_signers(parsed: Parsed, signers: Role, aid: bool) -> Role:
    """Who signs with the one that gains ('signed by Zelensky and the Bulgarian premier') is the actor."""
    gainer = parsed.document.likely_gainers(aid)[:1]
    others = tuple(reference for reference in signers.references if not set(reference.codes) & set(gainer))
    return Role(others, signers.how) if others else signers


#: Nouns that carry what is supported or opposed without naming it.
_CARRIERS = frozenset(
    "it this that them one move bid plan proposal deal talk negotiation package decision step request idea bill measure agreement "
    "protocol process effort initiative declaration resolution statement law legislation document amendment motion vote".split()
)


def _about_something_else(parsed: Parsed, act: Act, beneficiary_how: str, object_how: str) -> bool:
    """'Commitment to a stable order': the act says what it is about, and that is neither the country nor the cause."""
    if act.frame.id not in ("support", "pledge", "oppose", "threaten", "promote", "apply"):
        return False
    if beneficiary_how not in ("near", "document") or object_how not in ("sentence", "earlier", "weak", "aspirant", "at_war"):
        return False
    heads = [child for child in act.token.children if child.dep_ in ("dobj",)]
    holders = [act.token, act.token.head] if act.part == "noun" and act.token.dep_ == "dobj" else [act.token]
    heads += [
        pobj
        for holder in holders
        for child in holder.children
        if child.dep_ == "prep" and child.lower_ in ("to", "for", "of", "with", "on")
        for pobj in child.children
        if pobj.dep_ == "pobj"
    ]
    return any(head.pos_ in ("NOUN", "PROPN") and head.lemma_.lower() not in _CARRIERS for head in heads)


def _joins_now(parsed: Parsed, codes: tuple[str, ...], alliance: str | None) -> bool:
    """Whether an accession spoken of as a noun is a fact of these months."""
    day = parsed.document.day
    if alliance is None or day is None:
        return False
    soon = day + timedelta(days=120)
    return all(parsed.document.gazetteer.is_member(code, alliance, soon) for code in codes)


def _gainers(parsed: Parsed, act: Act, cues: list[ObjectCue], actor: Role, value: Object | None) -> list[Role]:
    """Act and a choice of actor → who may gain: in what it is about, near it, in the document."""
    aid = value is None or object_class(value) == "aid"
    theme = find_beneficiary(parsed, act, cues, actor, not aid)
    options = [theme] if theme.codes else []
    passive = [child for child in act.token.children if child.dep_ == "nsubjpass"]
    if passive and not options:
        options.append(_without(_countries_only(parsed, Role(tuple(refer(parsed, passive[0])), "passive")), actor))
    near = _near(parsed, act, actor, aid)
    if near.codes and near.codes[0] not in theme.codes:
        options.append(near)
    if len(options) < 2:
        other = _from_document(parsed, actor, aid, value)
        if not any(set(other.codes) & set(option.codes) for option in options):
            options.append(other)
    return [option for option in options if option.codes] or [Role((), "none")]


def choose_alternatives(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Scored candidates → of each act's alternatives the best one, with those that stand together with it."""
    best: dict[tuple[int, int], Candidate] = {}
    for candidate in candidates:
        key = (candidate.parsed.sentence.index, candidate.act.token.i)
        if key not in best or candidate.score > best[key].score:
            best[key] = candidate
    return [
        candidate
        for candidate in candidates
        if (winner := best[candidate.parsed.sentence.index, candidate.act.token.i]).rank == candidate.rank
        and winner.act.frame.id == candidate.act.frame.id
    ]


def _without(role: Role, other: Role) -> Role:
    return Role(tuple(r for r in role.references if not set(r.codes) & set(other.codes)), role.how)


def _context_actors(parsed: Parsed, act: Act, primary: Role) -> list[Role]:
    """Act → others who may be meant to act: named before it in the sentence, speaking, in the sentence before, in the title."""
    found: list[Role] = []
    seen = {primary.codes}

    def offer(reference: Reference | None, how: str) -> None:
        if reference is not None and reference.codes and reference.codes not in seen:
            seen.add(reference.codes)
            found.append(Role((reference,), how))

    passive = any(child.dep_ == "nsubjpass" for child in act.token.children)
    if act.frame.id in ("join", "condition") or act.part == "noun" or passive:
        return []
    if act.token.dep_ not in _NON_FINITE:
        return []
    theme = set(act.theme)
    inside = [m for m in parsed.mentions if _may_act(parsed, m) and m.form != "demonym"]
    before = [m for m in inside if m.end <= act.token.idx and not _in_theme(parsed, m, theme)]
    after = [m for m in inside if m.start > act.token.idx and not _in_theme(parsed, m, theme)]
    within = [m for m in parsed.mentions if _in_theme(parsed, m, theme) and _may_act(parsed, m)]
    for mention in reversed(before):
        offer(_reference(mention), "before")
    for mention in after:
        offer(_reference(mention), "after")
    for mention in within:
        offer(_reference(mention), "within")
    return found


def _reference(mention: Mention) -> Reference:
    return Reference(mention.codes, mention.role, str(mention.form), -1)


def _in_theme(parsed: Parsed, mention: Mention, theme: set[int]) -> bool:
    return any(token.i in theme for token in parsed.doc if mention.start <= token.idx < mention.end)


def _may_act(parsed: Parsed, mention: Mention) -> bool:
    return bool(mention.codes) and not mention.inactive and mention.form not in ("city", "alliance_seat")


def _names_country_at_war(parsed: Parsed, act: Act) -> bool:
    return any(
        code in parsed.document.at_war
        for i in act.theme
        if (mention := parsed.by_token.get(i)) is not None
        for code in mention.codes
    )


# ---- what it is about -------------------------------------------------------------------------------------------


def _object(parsed: Parsed, act: Act, cues: list[ObjectCue]) -> tuple[Object | None, str]:
    strong = [
        cue
        for cue in cues
        if cue.strong
        and object_class(cue.object) in act.frame.objects
        and (cue.token != act.token.i or act.frame.id == "aid-noun")
    ]
    if strong:
        nearest = min(strong, key=lambda cue: abs(cue.token - act.token.i))
        return nearest.object, "strong"
    if act.frame.id == "join" and _joins_alliance(parsed, act):
        return "membership", "verb"
    if act.frame.id in ("withdraw", "admit") and _joins_alliance(parsed, act, must=True):
        return "membership", "verb"
    own = [cue for cue in cues if cue.strong]
    if own:
        return own[0].object, "own"
    weak = [cue for cue in cues if cue.token != act.token.i]
    alliance_in_theme = any(
        parsed.by_token[i].form in ("alliance",) for i in act.theme if i in parsed.by_token
    )
    for cue in weak:
        if cue.object == "membership" and alliance_in_theme:
            return "membership", "weak_alliance"
    if weak:
        best = min(weak, key=lambda cue: (cue.object == "membership", abs(cue.token - act.token.i)))
        return best.object, "weak"
    return None, "none"


def _joins_alliance(parsed: Parsed, act: Act, must: bool = False) -> bool:
    """Whether what is joined or left is an alliance; joining may also leave it unsaid."""
    objects = [child for child in act.token.children if child.dep_ in ("dobj", "pobj")]
    objects += [
        grandchild
        for child in act.token.children
        if child.dep_ == "prep" and child.lower_ in ("to", "into", "from", "of", "in")
        for grandchild in child.children
        if grandchild.dep_ == "pobj"
    ]
    if act.multiword and not must:
        return True
    if not objects:
        return not must
    for token in objects:
        near = [token, *(child for child in token.children if child.dep_ in ("appos", "compound", "poss", "nmod"))]
        if any((mention := parsed.by_token.get(t.i)) is not None and mention.form in ("alliance", "body") for t in near):
            return True
        named = [code for code in parsed.document.alliances[:2]]
        if any(token.lemma_.lower() in parsed.document.gazetteer.alliances[code].generic for code in named):
            return True
    return False


def _object_from_sentence(parsed: Parsed, act: Act) -> tuple[Object | None, str]:
    cues = [cue for cue in find_cues(list(parsed.doc), parsed.lexicon) if cue.strong]
    cues = [cue for cue in cues if object_class(cue.object) in act.frame.objects]
    if cues:
        return min(cues, key=lambda cue: abs(cue.token - act.token.i)).object, "sentence"
    return None, "none"


def _object_of_document(parsed: Parsed, act: Act) -> tuple[Object | None, str]:
    """What the title, else the sentence before, is about, where the act's own sentence does not say."""
    for sentence in (parsed.document.sentences[max(0, parsed.sentence.index - 1)], parsed.document.sentences[0]):
        if sentence.index >= parsed.sentence.index:
            continue
        words = sentence.text.lower()
        found = [value for phrase, value in parsed.lexicon.strong.items() if len(phrase) > 3 and phrase in words]
        found = [value for value in found if object_class(value) in act.frame.objects]
        if found:
            return Counter(found).most_common(1)[0][0], "earlier"
    return None, "none"


def _object_from_document(parsed: Parsed, beneficiary: Role) -> tuple[Object | None, str]:
    document = parsed.document
    if all(code in document.at_war for code in beneficiary.codes):
        return "military_aid", "at_war"
    alliance = document.main_alliance
    if alliance is not None and all(document.gazetteer.is_aspirant(code, alliance, document.day) for code in beneficiary.codes):
        return "membership", "aspirant"
    return None, "none"




# ---- who ---------------------------------------------------------------------------------------------------------


def _actor(parsed: Parsed, act: Act, composition: Composition) -> Role:
    if composition.asker is not None:
        if composition.asker.pos_ == "NOUN":
            owner = [child for child in composition.asker.children if child.dep_ in ("poss", "amod", "compound")]
            references = refer(parsed, owner[0]) if owner else []
            if references:
                return Role(tuple(references), "asker_owner")
        role = subject_role(parsed, composition.asker)
        return Role(role.references, "asker_" + role.how if role.how != "none" else "none")
    if composition.wished and composition.saying is not None:
        subject, how = find_subject(parsed, composition.saying)
        if subject is not None:
            references = refer(parsed, subject)
            if references:
                return Role(tuple(references), "wisher")
    return find_actor(parsed, act)


def _settle(
    parsed: Parsed, act: Act, composition: Composition, actor: Role, beneficiary: Role, aid: bool, value: Object | None
) -> tuple[Role, Role, str]:
    """Fill what the theme leaves open: the beneficiary from the subject, the sentence or the document."""
    if act.frame.id in ("join", "future-in"):
        subject, how = find_subject(parsed, act.token) if act.part == "verb" else find_subject(parsed, act.token.head)
        joiner = Role(tuple(refer(parsed, subject)), how) if subject is not None else Role((), "none")
        joiner = _countries_only(parsed, joiner)
        if act.part == "noun":
            joiner = beneficiary if beneficiary.codes else _owner(parsed, act.token)
        if composition.kind == "apply" and composition.asker is not None:
            return actor, joiner if joiner.codes else beneficiary, "joiner"
        if composition.kind == "apply":
            return joiner, joiner, "joiner"
        if act.frame.id == "future-in":
            speaker = _sayer(parsed, composition)
            return speaker, joiner, "joiner"
        if joiner.codes and composition.kind in ("withdraw", "oppose", "block") and composition.steps[-1] != "negated":
            if any(step.startswith(("stop", "refuse")) for step in composition.steps):
                composition.kind = "withdraw" if composition.kind == "block" else "oppose"
                return joiner, joiner, "joiner"
        speaker = _sayer(parsed, composition)
        stated = composition.wished or "future" in composition.steps or "negated" in composition.steps
        if joiner.codes and composition.wished and not speaker.codes:
            speaker = _headline_speaker(parsed)
            if not speaker.codes:
                return Role((), "none"), Role((), "none"), "joiner"
        if joiner.codes and speaker.codes and stated:
            if set(speaker.codes) & set(joiner.codes):
                composition.kind = "apply"
                return joiner, joiner, "joiner"
            composition.kind = "oppose" if "negated" in composition.steps else "endorse"
            composition.factuality = "asserted"
            return speaker, joiner, "joiner"
        if joiner.codes:
            return Role((), "alliance"), joiner, "joiner"
        return Role((), "alliance"), beneficiary, "joiner"
    if act.frame.reversed:
        subject, how = find_subject(parsed, act.token)
        gainer = _countries_only(parsed, Role(tuple(refer(parsed, subject)), how)) if subject is not None else Role((), "none")
        if act.token.lemma_ == "thank":
            return _countries_only(parsed, beneficiary, keep_alliances=True), gainer, "reversed"
        giver = actor if actor.codes else _giver_in_theme(parsed, act, gainer)
        return giver, gainer, "reversed"
    if not aid and composition.kind in ("withdraw", "oppose", "threaten") and (
        not beneficiary.codes or beneficiary.how in ("near", "document")
    ):
        own = _countries_only(parsed, actor)
        about_alliance = any(
            parsed.by_token[i].form in ("alliance", "body") for i in act.theme if i in parsed.by_token
        ) or any(parsed.doc[i].lemma_.lower() in ("invitation", "membership", "seat", "offer", "participation") for i in act.theme)
        if own.codes and about_alliance and (composition.kind == "withdraw" or all(parsed.document.can_join(c) for c in own.codes)):
            return own, own, "own"
    wished = composition.wished and composition.saying is not None and actor.how == "wisher"
    if act.frame.own or composition.kind == "apply" or (wished and not beneficiary.codes):
        own = _countries_only(parsed, actor)
        if own.codes and all(_wants(parsed, code, aid) for code in own.codes) and not _names_other_gainer(parsed, own, beneficiary, aid):
            return own, own, "own"
    return actor, beneficiary, beneficiary.how


def _wants(parsed: Parsed, code: str, aid: bool) -> bool:
    """Whether a country may ask for itself: at war, or not yet a member."""
    document = parsed.document
    if aid:
        return code in document.at_war | document.adversaries or not document.at_war & set(document.countries)
    return not any(document.was_member(code, alliance) for alliance in document.alliances[:1])


def _names_other_gainer(parsed: Parsed, own: Role, beneficiary: Role, aid: bool) -> bool:
    """Whether a country asks for another: that one then is named as owner or after 'for' in what is asked."""
    others = set(beneficiary.codes) - set(own.codes)
    return bool(others) and beneficiary.how in ("theme_0",) and all(_wants(parsed, code, aid) for code in others)


def _headline_speaker(parsed: Parsed) -> Role:
    """'Sandu: Moldova must join' → who stands before the colon of a headline."""
    colon = parsed.sentence.text.find(":")
    if parsed.sentence.field != "title" or colon < 0:
        return Role((), "none")
    before = [mention for mention in parsed.mentions if mention.end <= colon and _may_act(parsed, mention)]
    return Role((_reference(before[-1]),), "sayer") if before else Role((), "none")


def _has_unless(parsed: Parsed, act: Act) -> bool:
    return any(
        child.dep_ == "advcl" and any(mark.lower_ in ("unless", "until") for mark in child.children) for child in act.token.children
    )


def _countries_only(parsed: Parsed, role: Role, keep_alliances: bool = False) -> Role:
    countries = parsed.document.gazetteer.countries
    alliances = parsed.document.gazetteer.alliances
    kept = tuple(
        reference
        for reference in role.references
        if all(code in countries or (keep_alliances and code in alliances) for code in reference.codes)
    )
    return Role(kept, role.how)


def _owner(parsed: Parsed, token: Token) -> Role:
    for child in token.children:
        if child.dep_ in ("poss", "compound", "amod", "nmod"):
            mention = parsed.by_token.get(child.i)
            if mention is not None and mention.codes:
                return Role(tuple(owner_references(parsed, child)), "possessor")
    for child in token.children:
        if child.dep_ == "prep" and child.lower_ in ("of", "by"):
            for pobj in child.children:
                role = _countries_only(parsed, Role(tuple(refer(parsed, pobj)), "of"))
                if role.codes:
                    return role
    return Role((), "none")


def _sayer(parsed: Parsed, composition: Composition) -> Role:
    if composition.saying is None:
        return Role((), "none")
    subject, how = find_subject(parsed, composition.saying)
    return Role(tuple(refer(parsed, subject)), "sayer") if subject is not None else Role((), "none")


def _giver_in_theme(parsed: Parsed, act: Act, gainer: Role) -> Role:
    for i in act.theme:
        mention = parsed.by_token.get(i)
        if mention is not None and mention.codes and not set(mention.codes) & set(gainer.codes) and not mention.inactive and mention.form != "city":
            token = parsed.doc[i]
            head = token.head
            if token.dep_ in ("poss", "compound", "amod") or (token.dep_ == "pobj" and head.lower_ in ("from", "by", "of")):
                references = refer(parsed, token) if token.dep_ == "pobj" else []
                if not references:
                                    references = [Reference(mention.codes, mention.role, str(mention.form), i)]
                return Role(tuple(references), "giver")
    return Role((), "none")


def _near(parsed: Parsed, act: Act, actor: Role, aid: bool) -> Role:
    """A country elsewhere in the sentence that may gain and is not the actor: likely gainers of the document first."""
    document = parsed.document
    likely = document.likely_gainers(aid)[:6]
    options = []
    for mention in parsed.mentions:
        if not mention.codes or mention.inactive or mention.form in ("city", "alliance_seat", "seat") or set(mention.codes) & set(actor.codes):
            continue
        if any(code not in likely for code in mention.codes):
            continue
        if aid and not set(mention.codes) <= document.at_war and document.at_war & set(likely):
            continue
        options.append((likely.index(mention.codes[0]) // 2, abs(mention.anchor - act.token.idx), mention))
    if not options:
        return Role((), "none")
    mention = min(options, key=lambda option: option[:2])[2]
    together = [other for other in listed_with(parsed, mention) if set(other.codes) <= set(likely) and not set(other.codes) & set(actor.codes)]
    return Role(tuple(_reference(one) for one in (mention, *together)), "near")


def _from_document(parsed: Parsed, actor: Role, aid: bool, value: Object | None) -> Role:
    document = parsed.document
    options = [code for code in document.likely_gainers(aid) if code not in actor.codes]
    if aid:
        options = [code for code in options if code in document.at_war]
    if not options:
        return Role((), "none")
    return Role((Reference((options[0],), "GOV", "document", -1),), "document")


def _default_actor(parsed: Parsed, act: Act, actor: Role, alliance: str | None, membership: bool) -> Role:
    if actor.codes:
        return actor
    passive = any(child.dep_ == "nsubjpass" for child in act.token.children)
    decides = act.frame.id in ("join", "admit", "support", "lift-objection") or (act.frame.id == "approve" and passive)
    if (act.frame.id in ("join", "admit") or (passive and membership and decides)) and alliance is not None:
        return Role((Reference((alliance,), "IGO", "default", -1),), "alliance")
    if act.frame.id in ("aid-noun", "future-in", "receive", "condition") or act.part == "noun":
        return actor
    saying = act.governors[-1][1] if act.governors else act.token
    subject, how = find_subject(parsed, saying)
    if subject is not None:
        references = refer(parsed, subject)
        if references:
            return Role(tuple(references), "above")
    return actor


# ---- which alliance ----------------------------------------------------------------------------------------------


def _alliance(
    parsed: Parsed, theme: list[Token], actor: Role, beneficiary: Role, membership: bool, value: Object
) -> tuple[str | None, str]:
    alliances = parsed.document.gazetteer.alliances

    def named(tokens: list[Token]) -> list[str]:
        return [
            code
            for token in tokens
            if (mention := parsed.by_token.get(token.i)) is not None and mention.form in ("alliance", "body", "office", "office_again")
            for code in mention.codes
            if code in alliances and alliances[code].watched
        ]

    in_theme = named(theme)
    if in_theme:
        return in_theme[0], "theme"
    for token in theme:
        for code in parsed.document.alliances[:2]:
            if token.lemma_.lower() in alliances[code].generic and token.i not in parsed.by_token:
                return code, "generic"
    acting = [code.removesuffix(MEMBERS) for code in actor.codes if code.removesuffix(MEMBERS) in alliances]
    if acting and (membership or {code.removesuffix(MEMBERS) for code in actor.codes} == {acting[0]}):
        return acting[0], "actor"
    if not membership:
        return None, "none"
    in_sentence = named(list(parsed.doc))
    for code in in_sentence:
        return code, "sentence"
    if value == "partnership":
        return None, "none"
    for code in parsed.document.alliances:
        if all(parsed.document.gazetteer.is_aspirant(b, code, parsed.document.day) for b in beneficiary.codes):
            return code, "aspirant"
    return parsed.document.main_alliance, "document"


# ---- what can't be -----------------------------------------------------------------------------------------------


def _final_kind(
    parsed: Parsed, composition: Composition, actors: tuple[str, ...], beneficiaries: tuple[str, ...], membership: bool, act: Act
) -> Kind | None:
    own = bool(set(actors) & set(beneficiaries))
    kind = composition.kind
    if kind == "apply" and not own:
        return "endorse"
    if kind == "ratify" and membership and all(actor in parsed.document.gazetteer.alliances for actor in actors):
        return "admit"
    if act.frame.id == "receive" and membership and any(word.lemma_.lower() in _BACKING for word in act.token.subtree):
        kind = "endorse"
    if own and membership and kind == "oppose" and any(word.lemma_.lower() in _WANTING for word in act.token.subtree):
        return "apply"
    if own and kind in ("admit", "endorse", "provide_aid", "pledge_aid") and (composition.asker is not None or composition.wished):
        return "apply"
    if own and kind not in ("apply", "withdraw", "threaten", "oppose"):
        return None
    return kind


def _impossible(
    parsed: Parsed, actors: tuple[str, ...], beneficiaries: tuple[str, ...], alliance: str | None, value: Object, kind: Kind
) -> str:
    at_war, adversaries = parsed.document.at_war, parsed.document.adversaries
    alliances = parsed.document.gazetteer.alliances
    if any((known := alliances.get(code.removesuffix(MEMBERS))) is not None and not known.watched for code in actors):
        return "an organisation that is not watched"
    positive = kind not in NEGATIVE_KINDS
    if kind == "threaten" and object_class(value) == "aid" and set(actors) & adversaries and set(beneficiaries) & at_war:
        return "an adversary's threat is war, not a withheld hand"
    if positive and set(actors) & adversaries and set(beneficiaries) & at_war:
        return "an adversary does not help"
    if positive and set(actors) & at_war and set(beneficiaries) & adversaries:
        return "an adversary is not helped"
    if value == "membership" and set(beneficiaries) & adversaries and at_war & set(parsed.document.countries):
        return "an adversary does not join"
    if value == "membership" and alliance is not None:
        members = [code for code in beneficiaries if parsed.document.was_member(code, alliance)]
        if kind == "admit" and all(parsed.document.joined_within(code, alliance, 3650) for code in members):
            members = []
        if members and kind not in ("withdraw", "threaten", "oppose"):
            return f"{', '.join(members)} was a member of {alliance} already"
    return ""
