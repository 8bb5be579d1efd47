"""Codebook → the closed vocabularies of an event: one place for every value a field may take.

The values follow PLOVER event types and CAMEO codes; CONTRIBUTING.md says how a value is added.
"""

from typing import Final, Literal, NamedTuple, get_args

Object = Literal[
    "membership", "military_aid", "economic_aid", "humanitarian_aid", "security_guarantee", "partnership"
]
Kind = Literal[
    "endorse", "sign", "ratify", "admit", "apply", "pledge_aid",
    "provide_aid", "condition", "oppose", "block", "threaten", "withdraw",
]  # fmt: skip
Stance = Literal["support", "conditional", "oppose", "neutral"]
ArticleStance = Literal["support", "conditional", "oppose", "mixed", "neutral"]
Factuality = Literal["asserted", "planned", "possible", "denied"]
ActorRole = Literal["HEAD", "GOV", "LEG", "MIL", "OPP", "IGO", "OTHER"]
Field = Literal["title", "text"]
DatePrecision = Literal["day", "month", "year"]
DateBasis = Literal["explicit", "relative", "publication"]

OBJECTS: Final = get_args(Object)
KINDS: Final = get_args(Kind)
STANCES: Final = get_args(Stance)
ARTICLE_STANCES: Final = get_args(ArticleStance)
FACTUALITIES: Final = get_args(Factuality)
ACTOR_ROLES: Final = get_args(ActorRole)


class KindCodes(NamedTuple):
    """What a kind stands for in the field's schemes, and the stance it usually carries."""

    plover: str
    cameo: str
    stance: Stance


KIND_CODES: Final[dict[Kind, KindCodes]] = {
    "endorse": KindCodes("SUPPORT", "051", "support"),
    "sign": KindCodes("SUPPORT", "057", "support"),
    "ratify": KindCodes("SUPPORT", "057", "support"),
    "admit": KindCodes("AGREE", "030", "support"),
    "apply": KindCodes("REQUEST", "102", "support"),
    "pledge_aid": KindCodes("AGREE", "033", "support"),
    "provide_aid": KindCodes("AID", "070", "support"),
    "condition": KindCodes("REQUEST", "104", "conditional"),
    "oppose": KindCodes("REJECT", "120", "oppose"),
    "block": KindCodes("REJECT", "129", "oppose"),
    "threaten": KindCodes("THREATEN", "131", "oppose"),
    "withdraw": KindCodes("SANCTION", "160", "oppose"),
}

#: Kinds that count as negative in scoring, whatever their stance.
NEGATIVE_KINDS: Final[frozenset[Kind]] = frozenset({"oppose", "block", "threaten", "withdraw"})

#: Objects of the class *membership*; all others are of the class *aid*.
MEMBERSHIP_OBJECTS: Final[frozenset[Object]] = frozenset({"membership", "partnership"})
