"""An act in a parsed sentence → who gains from it: in what it is about, near it, in the document.

Rejects the one who acts, those spoken to, enemies, places and, for membership, those who are members already.
"""

from collections.abc import Iterable

from transforms.codebook import Object
from transforms.detection.acts import Act
from transforms.detection.lists import list_gainers, listed_with, refer_gainer
from transforms.detection.objects import ObjectCue, object_class
from transforms.detection.parsed import Parsed, Reference
from transforms.detection.references import refer
from transforms.detection.roles import NOBODY, Role, countries_only, reference_to, without
from transforms.detection.tokens import Token

_OWNER_EDGES = ("poss", "compound", "amod", "nmod")
#: Forms of a name that is a place rather than its country.
_PLACES = ("city", "alliance_seat", "seat")
#: Before a country, they say where, or against whom.
_NOT_FOR = frozenset("against between in inside at over near across outside".split())


def find_gainers(parsed: Parsed, act: Act, cues: list[ObjectCue], actor: Role, value: Object) -> list[Role]:
    """Act and a choice of actor → who may gain: in what it is about, near it, in the document."""
    aid = object_class(value) == "aid"
    theme = find_gainer(parsed, act, cues, actor, not aid)
    options = [theme] if theme.codes else []
    passive = [child for child in act.token.children if child.dep_ == "nsubjpass"]
    if passive and not options:
        given = countries_only(parsed, Role(tuple(refer(parsed, passive[0])), "passive"))
        options.append(without(given, actor))
    near = _near(parsed, act, actor, aid)
    if near.codes and near.codes[0] not in theme.codes:
        options.append(near)
    if len(options) < 2:
        other = _from_document(parsed, actor, aid)
        if not any(set(other.codes) & set(option.codes) for option in options):
            options.append(other)
    return [option for option in options if option.codes] or [NOBODY]


def find_gainer(parsed: Parsed, act: Act, cues: Iterable[ObjectCue], actor: Role, membership: bool) -> Role:
    """Act → who gains, ranked by where it stands in what the act is about."""
    excluded = set() if act.frame.own else set(actor.codes)
    ranked: list[tuple[int, int, Token]] = []
    cue_tokens = {i for cue in cues for i in range(cue.token, cue.last + 1)}
    actor_tokens = {reference.token for reference in actor.references}
    for i in act.theme:
        token = parsed.doc[i]
        if i in actor_tokens or _is_addressed(parsed, act, token):
            continue
        if i not in parsed.by_token and token.pos_ not in ("NOUN", "PRON", "PROPN", "NUM", "DET"):
            continue
        reference = refer_gainer(parsed, token)
        if reference is None or set(reference.codes) & excluded:
            continue
        if not _is_country(parsed, reference) or _is_enemy(parsed, token):
            continue
        if membership and not parsed.document.can_join(reference.codes[0]):
            continue
        rank = _rank_for_membership if membership else _rank_for_aid
        # 'Invited Serbia to join its programme': a name comes before a pronoun.
        again = int(token.pos_ == "PRON" and token.dep_ == "poss")
        ranked.append((rank(parsed, token, cue_tokens) + 2 * again, abs(i - act.token.i), token))
    if not ranked:
        return NOBODY
    best_rank, _, best = min(ranked, key=lambda item: (item[0], item[1]))
    best_rank = best_rank - 2 if best.pos_ == "PRON" and best.dep_ == "poss" else best_rank
    references = [
        reference
        for reference in list_gainers(parsed, best)
        if not set(reference.codes) & excluded and _is_country(parsed, reference)
    ]
    return Role(tuple(references), f"theme_{best_rank}")


def _is_addressed(parsed: Parsed, act: Act, token: Token) -> bool:
    """'Warned Russia against', 'call on Germany to': the one spoken to."""
    if act.token.lemma_.lower() not in parsed.words.participants.addressing:
        return False
    if token.dep_ == "dobj" and token.head.i == act.token.i:
        return True
    behind = token.dep_ == "pobj" and token.head.lower_ in ("on", "to", "upon")
    return behind and bool(token.head.head.i == act.token.i)


def _is_country(parsed: Parsed, reference: Reference) -> bool:
    return all(code in parsed.document.gazetteer.countries for code in reference.codes)


def _is_enemy(parsed: Parsed, token: Token) -> bool:
    """'War with Russia', 'Russian threat': a country that a conflict's noun goes with gains nothing."""
    words = parsed.words.participants
    mention = parsed.by_token.get(token.i)
    behind = token.dep_ == "pobj"
    noun = (token.head.head if behind else token.head).lemma_.lower()
    if token.dep_ == "poss" and mention is not None and set(mention.codes) <= parsed.document.adversaries:
        return noun not in words.own_conflict
    if noun in words.conflict_nouns and (behind or token.dep_ in ("amod", "poss", "compound")):
        return mention is None or not set(mention.codes) & parsed.document.at_war
    return behind and token.head.lower_ in _NOT_FOR


# ---- where it stands, 0 the likeliest ----


def _edge(token: Token, cue_tokens: set[int]) -> tuple[str, Token]:
    """Country's word → the edge and the word it hangs on, over lists and owners of owners."""
    edge, head = token.dep_, token.head
    while edge == "conj" and head.i != head.head.i:
        edge, head = head.dep_, head.head
    if edge == "conj":
        edge, head = head.dep_, head.head
    if edge in _OWNER_EDGES and head.dep_ in ("poss", "compound", "nmod") and head.i not in cue_tokens:
        head = head.head
    return edge, head


def _rank_for_membership(parsed: Parsed, token: Token, cue_tokens: set[int]) -> int:
    """'Georgia's accession' 0, 'invited Georgia' 1, 'the Georgian people' 2, else 3."""
    edge, head = _edge(token, cue_tokens)
    owner = edge in _OWNER_EDGES
    if owner and head.i in cue_tokens:
        return 0
    if edge in ("nsubj", "nsubjpass"):
        return 0 if head.lemma_.lower() in parsed.words.participants.joining_verbs else 1
    if edge in ("dobj", "dative"):
        return 1
    if edge == "pobj":
        return 1 if head.lower_ in ("for", "of", "with", "to", "from") else 3
    return 2 if owner else 3


def _rank_for_aid(parsed: Parsed, token: Token, cue_tokens: set[int]) -> int:
    """'Tanks for Ukraine' 0, 'Ukraine's army' 1, 'Ukraine fights' 2, else 3."""
    edge, head = _edge(token, cue_tokens)
    behind = edge == "pobj" and head.lower_ in (
        "to", "for", "with", "of", "toward", "towards", "behind", "by",
    )  # fmt: skip
    if behind or edge in ("dative", "dobj"):
        return 0
    if edge in _OWNER_EDGES:
        return 1
    return 2 if edge in ("nsubj", "nsubjpass") else 3


# ---- elsewhere ----


def _near(parsed: Parsed, act: Act, actor: Role, aid: bool) -> Role:
    """A country elsewhere in the sentence that may gain: likely gainers of the document first."""
    document = parsed.document
    likely = document.likely_gainers(aid)[:6]
    others_at_war = document.at_war & set(likely) if aid else frozenset()
    options = []
    for mention in parsed.mentions:
        codes = set(mention.codes)
        if not codes or mention.inactive or mention.form in _PLACES or codes & set(actor.codes):
            continue
        if not codes <= set(likely) or (others_at_war and not codes <= document.at_war):
            continue
        distance = abs(mention.anchor - act.token.idx)
        options.append((likely.index(mention.codes[0]) // 2, distance, mention))
    if not options:
        return NOBODY
    mention = min(options, key=lambda option: option[:2])[2]
    together = [
        other
        for other in listed_with(parsed, mention)
        if set(other.codes) <= set(likely) and not set(other.codes) & set(actor.codes)
    ]
    return Role(tuple(reference_to(one) for one in (mention, *together)), "near")


def _from_document(parsed: Parsed, actor: Role, aid: bool) -> Role:
    """The country that the text most speaks of as one that gains; for aid only one at war."""
    document = parsed.document
    options = [code for code in document.likely_gainers(aid) if code not in actor.codes]
    if aid:
        options = [code for code in options if code in document.at_war]
    if not options:
        return NOBODY
    return Role((Reference((options[0],), "GOV", "document", -1),), "document")
