"""Words of a parsed sentence that point back to a group → mentions: 'the two countries', 'the pair'.

A number without a group of that size stands for nobody; so do numbers of things ('the two tanks').
"""

from transforms.codebook import ActorRole
from transforms.detection.document import Document
from transforms.detection.groups import Group
from transforms.detection.mentions import Mention, can_act
from transforms.detection.parsed import Parsed
from transforms.detection.pronouns import last_country
from transforms.detection.tokens import Token

_DEFINITE = frozenset("the these those all both other its their either neither".split())
#: How many sentences back a group is looked for.
MOST_BACK = 12


def mark_groups(parsed: Parsed) -> None:
    """Parsed → its words that point back to a group are mentions too, and groups for the sentences that
    follow.
    """
    for token in parsed.doc:
        known = parsed.by_token.get(token.i)
        if known is not None and not (known.vague and not known.person) and known.form != "group":
            continue
        mention = _group_mention(parsed, token, known)
        if mention is not None:
            parsed.by_token[token.i] = mention
            parsed.mentions.append(mention)
            groups = parsed.document.groups.setdefault(parsed.sentence.index, [])
            groups.append(Group(parsed.sentence.index, mention.end, mention.codes))
    parsed.mentions.sort(key=lambda mention: mention.start)


def _group_mention(parsed: Parsed, token: Token, known: Mention | None) -> Mention | None:
    size = _size_of(parsed, token)
    lemma = token.lemma_.lower()
    named = known is not None and known.form == "group"
    plain = (
        size is None
        and token.tag_ in ("NNS", "NNPS")
        and lemma in parsed.words.pointing.listed_again
        and any(child.lower_ in ("the", "these", "those") for child in token.children)
        and not any(
            child.dep_ in ("poss", "prep", "relcl") or child.i in parsed.by_token for child in token.children
        )
    )
    if size is None and not plain and not named:
        return None
    persons = lemma in parsed.words.pointing.counted_persons
    codes: tuple[str, ...] = ()
    if named and known is not None:
        noun = token.head
        if (
            token.dep_ in ("compound", "amod", "nmod")
            and noun.tag_ == "NN"
            and noun.lemma_.lower() in parsed.words.pointing.counted_countries
        ):
            country = last_country(parsed, noun, frozenset(known.codes))
            codes = (country,) if country is not None else ()
        else:
            codes = _restrict(parsed.document, known.codes, size)
    elif persons and plain:
        codes = parsed.document.participants
    elif size is not None or plain:
        region = _region_of(parsed, token)
        codes = find_group(parsed, token.idx, size, region)
    if not codes or (named and known is not None and codes == known.codes):
        return None
    role: ActorRole = "HEAD" if persons else "GOV"
    return Mention(token.idx, token.idx + len(token.text), codes, role, "group_again", token.idx)


def _size_of(parsed: Parsed, token: Token) -> int | None:
    """'The two', 'both countries', 'the trio' → how many it speaks of; None for anything else."""
    words = parsed.words.pointing
    lower = token.lower_
    children = list(token.children)
    definite = any(child.lower_ in _DEFINITE for child in children)
    if token.lemma_.lower() in words.counted_countries | words.counted_persons:
        for child in children:
            if child.lower_ in words.sizes and (definite or child.lower_ in ("both", "either", "neither")):
                return words.sizes[child.lower_]
        return None
    if lower not in words.sizes:
        return None
    if lower in ("both", "either", "neither"):
        return (
            2
            if token.dep_ in ("nsubj", "nsubjpass", "dobj", "pobj", "dative", "appos", "conj")
            and token.tag_ != "CC"
            else None
        )
    heads_phrase = token.dep_ in (
        "nsubj",
        "nsubjpass",
        "dobj",
        "pobj",
        "dative",
        "conj",
        "poss",
        "attr",
        "ROOT",
    )
    of_something = any(child.lower_ == "of" and not _of_them(child) for child in children)
    return words.sizes[lower] if heads_phrase and definite and not of_something else None


def _of_them(preposition: Token) -> bool:
    return any(child.lower_ in ("them", "us", "these", "those") for child in preposition.children)


def _region_of(parsed: Parsed, token: Token) -> frozenset[str] | None:
    """'The two Baltic states', 'the Nordic pair' → the countries of the region."""
    for child in token.children:
        region = parsed.document.gazetteer.regions.get(child.lower_)
        if region is not None:
            return region
    return None


def _restrict(document: Document, codes: tuple[str, ...], size: int | None) -> tuple[str, ...]:
    """'The Nordic nations' where the text is about the accession of two of them → those two."""
    joining = tuple(code for code in codes if document.near_membership[code] > 0)
    if size is not None:
        return joining if len(joining) == size else codes
    return joining if 2 <= len(joining) < len(codes) and document.main_alliance is not None else codes


def find_group(
    parsed: Parsed, position: int, size: int | None, region: frozenset[str] | None = None
) -> tuple[str, ...]:
    """Where a word points back → the codes of the latest group of that size before it, else of those about
    to join.

    Args:
        parsed: the sentence.
        position: character of the word within it.
        size: how many countries; None for any number.
        region: countries that the group must be of.
    """
    document = parsed.document
    here = parsed.sentence.index

    def fits(codes: tuple[str, ...]) -> bool:
        known = all(code in document.gazetteer.countries for code in codes)
        return known and (size is None or len(codes) == size) and (region is None or set(codes) <= region)

    for group in reversed([g for g in document.groups.get(here, ()) if g.end <= position]):
        if fits(group.codes):
            return group.codes
    for index in range(here - 1, max(-1, here - MOST_BACK), -1):
        for group in document.groups.get(index, []):
            if fits(group.codes):
                return group.codes
    joining = tuple(
        code
        for code in document.countries
        if document.near_membership[code] > 0
        and document.can_join(code)
        and (region is None or code in region)
    )
    if size is not None and len(joining) == size:
        return joining
    return _last_named(parsed, position) if size == 2 and region is None else ()


def _last_named(parsed: Parsed, position: int) -> tuple[str, ...]:
    """The two countries named last before a word, in one sentence or the one before: 'X met Y. The two
    leaders …'.
    """
    document = parsed.document
    for index in range(parsed.sentence.index, max(-1, parsed.sentence.index - 2), -1):
        codes = tuple(
            dict.fromkeys(
                mention.codes[0]
                for mention in document.mentions[index]
                if can_act(mention)
                and len(mention.codes) == 1
                and mention.codes[0] in document.gazetteer.countries
                and (index < parsed.sentence.index or mention.end <= position)
            )
        )
        if len(codes) == 2:
            return codes
    return ()
