"""An act in a parsed sentence → who does it: by the frame's slots, by who asks, else by the words around.

Rejects places, people out of office and, for an accession, anyone but an alliance as its owner.
"""

from dataclasses import replace

from transforms.detection.acts import Act
from transforms.detection.auxiliaries import says_none
from transforms.detection.composition import Composition
from transforms.detection.lexicon import Slot
from transforms.detection.mentions import Mention
from transforms.detection.parsed import MEMBERS, Parsed, Reference
from transforms.detection.references import refer
from transforms.detection.roles import NOBODY, Role, may_act, reference_to
from transforms.detection.subjects import find_subject, light_verb_subject, subject_role
from transforms.detection.tokens import Token

#: Where an act named by a noun has its actor, the surest first.
_ORDER_OF_NOUNS: tuple[Slot, ...] = ("possessor", "from", "by", "subject", "of", "in")
#: Edges of verbs that may leave their subject to the words around.
_NON_FINITE = frozenset({"acl", "advcl", "pcomp", "xcomp", "csubj", "dep", "ccomp", "relcl", "conj"})
#: Frames whose actor is never taken from above: they name it, or do without.
_NAME_THEIR_ACTOR = frozenset({"aid-noun", "future-in", "receive", "condition"})


def choose_actor(parsed: Parsed, act: Act, composition: Composition) -> Role:
    """Act → who acts: the one who asks or wishes for it, where someone does, else by its own slots."""
    asker = composition.asker
    if asker is not None:
        owner = _asking_owner(parsed, asker)
        if owner is not None:
            return owner
        role = subject_role(parsed, asker)
        return Role(role.references, "asker_" + role.how if role.how != "none" else "none")
    if composition.wished and composition.saying is not None:
        subject, _ = find_subject(parsed, composition.saying)
        references = refer(parsed, subject) if subject is not None else []
        if references:
            return Role(tuple(references), "wisher")
    return find_actor(parsed, act)


def _asking_owner(parsed: Parsed, asker: Token) -> Role | None:
    """'Kyiv's plea to send' → Kyiv."""
    if asker.pos_ != "NOUN":
        return None
    owner = next((child for child in asker.children if child.dep_ in ("poss", "amod", "compound")), None)
    references = refer(parsed, owner) if owner is not None else []
    return Role(tuple(references), "asker_owner") if references else None


def find_actor(parsed: Parsed, act: Act) -> Role:
    """Act → who acts, by the frame's slots in order."""
    slots = act.frame.actor
    if act.part != "noun" and not act.frame.reversed:
        slots = ("subject",)
    if act.part == "noun":
        slots = tuple(sorted(slots, key=_ORDER_OF_NOUNS.index))
    for slot in slots:
        role = _actor_in(parsed, act, slot)
        if role.references:
            return role
    return NOBODY


def _actor_in(parsed: Parsed, act: Act, slot: Slot) -> Role:
    token = act.token
    if slot == "possessor":
        return _owner_of_act(parsed, act)
    if slot != "subject":
        return _behind(parsed, token, slot)
    if act.part == "verb":
        return subject_role(parsed, token)
    if act.part == "adjective":
        return subject_role(parsed, token.head if token.dep_ in ("acomp", "attr", "prep", "oprd") else token)
    return light_verb_subject(parsed, token)


def _owner_of_act(parsed: Parsed, act: Act) -> Role:
    """'Hungary's veto', 'German weapons' → the owner; of an accession only an alliance."""
    comes_in = act.frame.id in ("admit", "join")
    for child in act.token.children:
        if child.dep_ not in ("poss", "compound", "amod", "nmod"):
            continue
        mention = parsed.by_token.get(child.i)
        if mention is not None and mention.codes and not mention.inactive and mention.form != "city":
            if comes_in and mention.codes[0] not in parsed.document.gazetteer.alliances:
                continue
            return Role(tuple(owner_references(parsed, child)), "possessor")
        if child.dep_ == "poss" and not comes_in:
            return Role(tuple(refer(parsed, child)), "possessor")
    return NOBODY


def _behind(parsed: Parsed, token: Token, preposition: Slot) -> Role:
    """'Opposition from Austria', 'aid by Norway' → who stands behind the preposition."""
    for child in token.children:
        if child.dep_ in ("prep", "agent") and child.lower_ == preposition:
            for pobj in child.children:
                references = refer(parsed, pobj) if pobj.dep_ == "pobj" else []
                if references:
                    return Role(tuple(references), preposition)
    return NOBODY


def owner_references(parsed: Parsed, token: Token) -> list[Reference]:
    """Owner in front of a noun → its references, with those coordinated with it."""
    mention = parsed.by_token[token.i]
    found = [reference_to(mention, token.i)] if mention.codes else []
    for child in token.children:
        other = parsed.by_token.get(child.i) if child.dep_ == "conj" else None
        if other is not None and other.codes:
            found.append(reference_to(other, child.i))
    return found


# ---- where the slots leave it open ----


def actors_around(parsed: Parsed, act: Act, primary: Role) -> list[Role]:
    """Act without an actor → others in its sentence who may be meant, nearest before it first."""
    passive = any(child.dep_ == "nsubjpass" for child in act.token.children)
    if act.frame.id in ("join", "condition") or act.part == "noun" or passive:
        return []
    if act.token.dep_ not in _NON_FINITE:
        return []
    theme = set(act.theme)
    within = [m for m in parsed.mentions if may_act(m) and _in_theme(parsed, m, theme)]
    outside = [m for m in parsed.mentions if may_act(m) and not _in_theme(parsed, m, theme)]
    outside = [m for m in outside if m.form != "demonym"]
    before = [m for m in outside if m.end <= act.token.idx]
    after = [m for m in outside if m.start > act.token.idx]
    ordered = [(m, "before") for m in reversed(before)]
    ordered += [(m, "after") for m in after] + [(m, "within") for m in within]
    found: list[Role] = []
    seen = {primary.codes}
    for mention, how in ordered:
        if mention.codes not in seen:
            seen.add(mention.codes)
            found.append(Role((reference_to(mention),), how))
    return found


def _in_theme(parsed: Parsed, mention: Mention, theme: set[int]) -> bool:
    return any(token.i in theme for token in parsed.doc if mention.start <= token.idx < mention.end)


def default_actor(parsed: Parsed, act: Act, actor: Role, alliance: str | None, membership: bool) -> Role:
    """Actor, if any → the same, else the alliance that lets in, else the subject of the verb above."""
    if actor.codes:
        return actor
    passive = any(child.dep_ == "nsubjpass" for child in act.token.children)
    comes_in = act.frame.id in ("join", "admit")
    decided = passive and membership and act.frame.id in ("support", "lift-objection", "approve")
    if (comes_in or decided) and alliance is not None:
        return Role((Reference((alliance,), "IGO", "default", -1),), "alliance")
    if act.frame.id == "aid-noun" and says_none(act.token):
        return headline_speaker(parsed)
    if act.frame.id in _NAME_THEIR_ACTOR or act.part == "noun":
        return actor
    saying = act.governors[-1][1] if act.governors else act.token
    subject, _ = find_subject(parsed, saying)
    references = refer(parsed, subject) if subject is not None else []
    return Role(tuple(references), "above") if references else actor


def find_sayer(parsed: Parsed, composition: Composition) -> Role:
    """Composition → who says what is said: 'Tallinn said Georgia should join'."""
    if composition.saying is None:
        return NOBODY
    subject, _ = find_subject(parsed, composition.saying)
    return Role(tuple(refer(parsed, subject)), "sayer") if subject is not None else NOBODY


def find_author(parsed: Parsed) -> Role:
    """Sentence of a statement → whose statement it is."""
    author = parsed.document.authors.get(parsed.sentence.index, ())
    return Role((Reference(author, "HEAD", "author", -1),), "sayer") if author else NOBODY


def headline_speaker(parsed: Parsed) -> Role:
    """'Sandu: Moldova must join' → who stands before the colon of a headline."""
    colon = parsed.sentence.text.find(":")
    if parsed.sentence.field != "title" or colon < 0:
        return NOBODY
    before = [mention for mention in parsed.mentions if mention.end <= colon and may_act(mention)]
    return Role((reference_to(before[-1]),), "sayer") if before else NOBODY


def giver_in_theme(parsed: Parsed, act: Act, gainer: Role) -> Role:
    """'Received Polish tanks', 'thanked for help from Norway' → who gives, in what was received."""
    for i in act.theme:
        mention = parsed.by_token.get(i)
        if mention is None or not mention.codes or mention.inactive or mention.form == "city":
            continue
        if set(mention.codes) & set(gainer.codes):
            continue
        token = parsed.doc[i]
        behind = token.dep_ == "pobj" and token.head.lower_ in ("from", "by", "of")
        if behind or token.dep_ in ("poss", "compound", "amod"):
            references = refer(parsed, token) if behind else []
            return Role(tuple(references or [reference_to(mention, i)]), "giver")
    return NOBODY


# ---- who is meant by those named ----


def other_signers(parsed: Parsed, signers: Role, aid: bool) -> Role:
    """Who signs with the one that gains ('signed by Zelensky and the Bulgarian premier') is the actor."""
    gainer = parsed.document.likely_gainers(aid)[:1]
    others = tuple(reference for reference in signers.references if not set(reference.codes) & set(gainer))
    return Role(others, signers.how) if others else signers


def as_alliance(role: Role) -> Role:
    """Letting in is done by all together: 'NATO foreign ministers invited' is the alliance's act."""
    return Role(
        tuple(
            replace(reference, codes=tuple(code.removesuffix(MEMBERS) for code in reference.codes))
            if reference.how in ("office", "office_again")
            else reference
            for reference in role.references
        ),
        role.how,
    )


def as_members(parsed: Parsed, role: Role) -> Role:
    """Ratifying is done by each member for itself: 'all 30 allies have ratified' is the members' act."""
    alliances = parsed.document.gazetteer.alliances
    return Role(
        tuple(
            replace(
                reference,
                codes=tuple(code + MEMBERS if code in alliances else code for code in reference.codes),
            )
            for reference in role.references
        ),
        role.how,
    )
