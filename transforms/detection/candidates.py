"""A parsed sentence → candidate claims: an act with its slots filled, each with the way it was found.

Rejected here is what can't be: no beneficiary, an actor that gains from its own act, a member that would join.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from spacy.tokens import Token

from transforms.codebook import NEGATIVE_KINDS, ActorRole, Factuality, Kind, Object
from transforms.detection.acts import Act, find_acts
from transforms.detection.composition import Composition, compose
from transforms.detection.objects import ObjectCue, find_cues, object_class
from transforms.detection.references import MEMBERS, Parsed, refer
from transforms.detection.roles import Role, find_actor, find_beneficiary, find_subject


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
    score: float = 0.0

    @property
    def negative(self) -> bool:
        """Whether it counts as −."""
        return self.kind in NEGATIVE_KINDS


#: Told of each act that gave nothing, and why.
Note = Callable[[Act, str], None]


def find_candidates(parsed: Parsed, note: Note) -> list[Candidate]:
    """Parsed sentence → candidates, one for each act and frame that holds."""
    found: list[Candidate] = []
    by_token: dict[int, list[Act]] = {}
    for act in find_acts(parsed):
        by_token.setdefault(act.token.i, []).append(act)
    for acts in by_token.values():
        for act in acts:
            candidate = _candidate(parsed, act, note)
            if candidate is not None:
                found.append(candidate)
                break
    return found


def _candidate(parsed: Parsed, act: Act, note: Note) -> Candidate | None:
    document = parsed.document
    theme = [parsed.doc[i] for i in act.theme]
    around = sorted({act.token.i, *act.theme, *(t.i for t in act.token.lefts if t.dep_ in ("compound", "amod"))})
    cues = find_cues([parsed.doc[i] for i in around], parsed.lexicon)
    value, object_how = _object(parsed, act, cues)
    if value is None and act.frame.needs in ("cue", "strong"):
        value, object_how = _object_from_sentence(parsed, act)
    if act.frame.needs == "strong" and object_how in ("weak", "none"):
        note(act, "no word tells what it is about")
        return None
    if act.frame.needs == "cue" and value is None:
        note(act, "no word tells what it is about")
        return None
    aid = value is None or object_class(value) == "aid"
    if value is not None and object_class(value) not in act.frame.objects:
        note(act, f"{act.frame.id} does not go with {value}")
        return None
    composition = compose(parsed, act, aid)
    if composition.dropped:
        note(act, composition.dropped)
        return None
    actor = _actor(parsed, act, composition)
    beneficiary = find_beneficiary(parsed, act, cues, actor, not aid)
    actor, beneficiary, how_beneficiary = _settle(parsed, act, composition, actor, beneficiary, aid, value)
    if not beneficiary.codes:
        note(act, "no beneficiary")
        return None
    if value is None:
        value, object_how = _object_from_document(parsed, beneficiary)
        if value is None:
            note(act, "no word tells what it is about")
            return None
        composition = compose(parsed, act, object_class(value) == "aid")
    membership = object_class(value) == "membership"
    alliance, alliance_how = _alliance(parsed, theme, actor, beneficiary, membership, value)
    if membership and alliance is None:
        note(act, "no alliance to be a member of")
        return None
    actor = _default_actor(parsed, act, actor, alliance, membership)
    if not actor.codes:
        note(act, "no actor")
        return None
    actors = tuple(code for code in actor.codes)
    kind = _final_kind(composition, actors, beneficiary.codes, membership, act)
    if kind is None:
        note(act, "the actor gains from its own act")
        return None
    problem = _impossible(parsed, actors, beneficiary.codes, alliance, value, kind)
    if problem:
        note(act, problem)
        return None
    role = actor.references[0].role if actor.references else "IGO"
    return Candidate(
        actors, role, beneficiary.codes, alliance, value, kind, composition.factuality, parsed, act, composition,
        how={
            "actor": actor.how,
            "actor_ref": actor.references[0].how if actor.references else "default",
            "beneficiary": beneficiary.how,
            "beneficiary_ref": beneficiary.references[0].how if beneficiary.references else how_beneficiary,
            "object": object_how,
            "alliance": alliance_how,
        },
    )  # fmt: skip


# ---- what it is about -------------------------------------------------------------------------------------------


def _object(parsed: Parsed, act: Act, cues: list[ObjectCue]) -> tuple[Object | None, str]:
    strong = [cue for cue in cues if cue.strong and cue.token != act.token.i or cue.strong and act.frame.id == "aid-noun"]
    if strong:
        nearest = min(strong, key=lambda cue: (object_class(cue.object) not in act.frame.objects, _cue_rank(cue), abs(cue.token - act.token.i)))
        return nearest.object, "strong"
    if act.frame.id == "join":
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


def _cue_rank(cue: ObjectCue) -> int:
    return 1 if cue.object == "military_aid" and cue.words in ("member",) else 0


def _object_from_sentence(parsed: Parsed, act: Act) -> tuple[Object | None, str]:
    cues = [cue for cue in find_cues(list(parsed.doc), parsed.lexicon) if cue.strong]
    cues = [cue for cue in cues if object_class(cue.object) in act.frame.objects]
    if cues:
        return min(cues, key=lambda cue: abs(cue.token - act.token.i)).object, "sentence"
    return None, "none"


def _object_from_document(parsed: Parsed, beneficiary: Role) -> tuple[Object | None, str]:
    document = parsed.document
    if all(code in AT_WAR for code in beneficiary.codes):
        return "military_aid", "at_war"
    alliance = document.main_alliance
    if alliance is not None and all(document.gazetteer.is_aspirant(code, alliance, document.day) for code in beneficiary.codes):
        return "membership", "aspirant"
    return None, "none"


AT_WAR = frozenset({"UKR"})


# ---- who ---------------------------------------------------------------------------------------------------------


def _actor(parsed: Parsed, act: Act, composition: Composition) -> Role:
    if composition.asker is not None:
        subject, how = find_subject(parsed, composition.asker)
        if subject is None and composition.asker.pos_ == "NOUN":
            owner = [child for child in composition.asker.children if child.dep_ in ("poss", "amod", "compound")]
            if owner:
                return Role(tuple(refer(parsed, owner[0])), "asker_owner")
        if subject is not None:
            return Role(tuple(refer(parsed, subject)), "asker_" + how)
        return Role((), "none")
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
    if beneficiary.codes:
        return actor, beneficiary, "theme"
    owner = _owner(parsed, act.token) if act.part == "noun" and act.frame.id == "apply" else Role((), "none")
    if act.frame.own:
        own = actor if actor.codes else owner
        return own, _countries_only(parsed, own), "own"
    passive = [child for child in act.token.children if child.dep_ == "nsubjpass"]
    if passive:
        gainer = _countries_only(parsed, Role(tuple(refer(parsed, passive[0])), "passive"))
        if gainer.codes and not set(gainer.codes) & set(actor.codes):
            return actor, gainer, "passive"
    near = _near(parsed, act, actor)
    if near.codes:
        return actor, near, "near"
    return actor, _from_document(parsed, actor, aid, value), "document"


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
                from transforms.detection.roles import _owner_references

                return Role(tuple(_owner_references(parsed, child)), "possessor")
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
                    from transforms.detection.references import Reference

                    references = [Reference(mention.codes, mention.role, str(mention.form), i)]
                return Role(tuple(references), "giver")
    return Role((), "none")


def _near(parsed: Parsed, act: Act, actor: Role) -> Role:
    """A country elsewhere in the sentence that is not the actor: aspirants and countries at war first."""
    document = parsed.document
    main = document.main_alliance
    options = []
    for mention in parsed.mentions:
        if not mention.codes or mention.inactive or mention.form in ("city", "alliance_seat", "seat") or set(mention.codes) & set(actor.codes):
            continue
        if any(code not in document.gazetteer.countries for code in mention.codes):
            continue
        if not all(code in AT_WAR or (main is not None and document.gazetteer.is_aspirant(code, main, document.day)) for code in mention.codes):
            continue
        options.append((abs(mention.anchor - act.token.idx), mention))
    if not options:
        return Role((), "none")
    from transforms.detection.references import Reference

    mention = min(options, key=lambda option: option[0])[1]
    return Role((Reference(mention.codes, mention.role, str(mention.form), -1),), "near")


def _from_document(parsed: Parsed, actor: Role, aid: bool, value: Object | None) -> Role:
    from transforms.detection.references import Reference

    document = parsed.document
    if aid:
        options = [code for code in document.countries if code in AT_WAR and code not in actor.codes]
    else:
        options = [code for code in document.aspirants(document.main_alliance) if code not in actor.codes]
    if not options:
        return Role((), "none")
    return Role((Reference((options[0],), "GOV", "document", -1),), "document")


def _default_actor(parsed: Parsed, act: Act, actor: Role, alliance: str | None, membership: bool) -> Role:
    from transforms.detection.references import Reference

    if actor.codes:
        return actor
    if act.frame.id in ("join", "admit") and alliance is not None:
        return Role((Reference((alliance,), "IGO", "default", -1),), "alliance")
    if act.frame.id in ("aid-noun", "future-in", "receive"):
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
    if acting:
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
    composition: Composition, actors: tuple[str, ...], beneficiaries: tuple[str, ...], membership: bool, act: Act
) -> Kind | None:
    own = bool(set(actors) & set(beneficiaries))
    kind = composition.kind
    if kind == "apply" and not own:
        return "endorse"
    if own and kind in ("admit", "endorse", "provide_aid", "pledge_aid") and (composition.asker is not None or composition.wished):
        return "apply"
    if own and kind not in ("apply", "withdraw", "threaten", "oppose"):
        return None
    return kind


def _impossible(
    parsed: Parsed, actors: tuple[str, ...], beneficiaries: tuple[str, ...], alliance: str | None, value: Object, kind: Kind
) -> str:
    gazetteer, day = parsed.document.gazetteer, parsed.document.day
    if value == "membership" and alliance is not None:
        members = [code for code in beneficiaries if gazetteer.is_member(code, alliance, day)]
        if members and kind not in ("withdraw", "threaten", "oppose") and not _just_joined(parsed, members, alliance):
            return f"{', '.join(members)} was a member of {alliance} already"
    return ""


def _just_joined(parsed: Parsed, codes: list[str], alliance: str) -> bool:
    """Accession days: the text may still speak of the day, or of the months before it."""
    day = parsed.document.day
    if day is None:
        return True
    for membership in parsed.document.gazetteer.alliances[alliance].members:
        if membership.country in codes and (day - membership.since).days > 400:
            return False
    return True
