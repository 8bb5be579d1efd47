"""'Most allies', 'EU leaders', 'the 27', 'two of its members' → the alliance, or some of its members.

A noun for members without an alliance beside it stands for nobody, except 'allies' and 'members' in a text
about one.
"""

from transforms.codebook import ActorRole
from transforms.detection.mentions import Mention
from transforms.detection.parsed import MEMBERS, Parsed, Reference
from transforms.detection.tokens import Token

_WHOLE_HEADS = frozenset({"all", "each", "every", "both"})


def refer_members(parsed: Parsed, token: Token) -> Reference | None:
    """'most allies', 'NATO members', 'EU leaders' → the alliance's members, or the alliance where all are
    meant.
    """
    owner = _owner_of_members(parsed, token)
    how = "members"
    lemma = token.lemma_.lower()
    children = list(token.children)
    if (
        owner is None
        and token.tag_ in ("NNS", "NNPS")
        and lemma in ("ally", "member")
        and not _has_foreign_owner(parsed, token)
    ):
        owner = parsed.document.main_alliance
        how = "members_guess"
    if owner is None or owner not in parsed.document.gazetteer.alliances:
        return None
    european = any(child.lower_ in ("european", "europe") for child in children)
    if token.tag_ in ("NN", "NNP"):
        return (
            Reference((owner + MEMBERS,), "GOV", how, token.i)
            if lemma in ("country", "state", "nation", "member", "ally")
            else None
        )
    role: ActorRole = "HEAD" if lemma == "leader" else "IGO"
    whole = any(child.lower_ in parsed.words.members.all_words for child in children) or _is_full_number(
        parsed, token, owner
    )
    part = any(
        child.lower_ in parsed.words.members.part_words or child.dep_ == "nummod" for child in children
    )
    if whole and not european:
        return Reference((owner,), role, how, token.i)
    if not european and not part and (owner == "EU" or lemma in ("leader", "minister")):
        return Reference((owner,), role, how, token.i)
    return Reference((owner + MEMBERS,), "HEAD" if lemma == "leader" else "GOV", how, token.i)


def _owner_of_members(parsed: Parsed, token: Token) -> str | None:
    owner: str | None = None
    for child in _modifiers(token):
        if child.dep_ in ("compound", "poss", "nmod", "amod"):
            found = _alliance_of(parsed, child)
            if found is not None:
                owner = found
            elif child.lower_ in ("european", "europe"):
                owner = "EU"
            elif child.i in parsed.by_token and parsed.by_token[child.i].codes:
                return None
    for child in token.children:
        if child.dep_ == "prep" and child.lower_ in ("of", "in", "from"):
            for pobj in child.children:
                owner = _alliance_of(parsed, pobj) or owner
    return owner


def _alliance_of(parsed: Parsed, token: Token) -> str | None:
    """Word → the alliance it names, or means by 'the bloc', 'the alliance'."""
    mention = parsed.by_token.get(token.i)
    if mention is not None:
        return (
            mention.codes[0]
            if mention.codes and mention.codes[0] in parsed.document.gazetteer.alliances
            else None
        )
    for code in parsed.document.alliances[:2]:
        if token.lemma_.lower() in parsed.document.gazetteer.alliances[code].generic:
            return code
    return None


def _has_foreign_owner(parsed: Parsed, token: Token) -> bool:
    """'Ukraine's allies', 'members of parliament': not those of an alliance."""
    for child in token.children:
        if child.dep_ in ("poss", "amod", "compound", "nmod") and child.i in parsed.by_token:
            return True
        if child.dep_ == "poss" and child.lower_ in ("his", "her", "my", "your"):
            return True
        if child.dep_ == "prep" and child.lower_ == "of":
            return True
    return False


def _modifiers(token: Token) -> list[Token]:
    """Words before a noun that describe it, and those that describe them ('EU member states')."""
    near = [child for child in token.children if child.i < token.i]
    return near + [
        grandchild
        for child in near
        if child.dep_ in ("compound", "amod", "nmod")
        for grandchild in child.children
    ]


def _is_full_number(parsed: Parsed, token: Token, alliance: str) -> bool:
    size = parsed.document.gazetteer.count_members(alliance, parsed.document.day)
    return any(child.dep_ == "nummod" and _number(parsed, child) == size for child in token.children)


def _number(parsed: Parsed, token: Token) -> int | None:
    lower = token.lower_
    return int(lower) if lower.isdigit() and len(lower) < 4 else parsed.words.members.numbers.get(lower)


def refer_number(parsed: Parsed, token: Token) -> Reference | None:
    """'The 27', 'the Twelve' → the alliance that had so many members then; '26 countries' are some of
    them.
    """
    counted = _number(parsed, token)
    if (
        counted is None
        or counted < 6
        or (token.dep_ == "nummod" and token.head.lemma_.lower() not in parsed.words.members.counted)
    ):
        return None
    if token.dep_ not in ("nsubj", "nsubjpass", "pobj", "dobj", "poss", "conj"):
        return None
    if not any(child.lower_ in ("the", "all", "its") for child in token.children):
        return None
    for code in parsed.document.alliances[:2]:
        if parsed.document.gazetteer.count_members(code, parsed.document.day) == counted:
            return Reference((code,), "IGO", "members", token.i)
    return None


def refer_part(parsed: Parsed, token: Token, whole: Reference | None) -> Reference | None:
    """'Most of the allies', '28 of the 30', 'one of its members' → some members; `whole` is what stands
    after 'of'.
    """
    if whole is None or len(whole.codes) != 1:
        return None
    code = whole.codes[0].removesuffix(MEMBERS)
    if code not in parsed.document.gazetteer.alliances:
        return None
    if token.lower_ in _WHOLE_HEADS:
        return Reference((code,), whole.role, "members", token.i)
    return Reference((code + MEMBERS,), "GOV", "members", token.i)


def heads_part(parsed: Parsed, token: Token) -> Token | None:
    """A quantity ('most', '28', 'a majority') → the word after its 'of', or None where it has none."""
    lemma = token.lemma_.lower()
    if lemma not in parsed.words.members.part_heads | _WHOLE_HEADS and token.pos_ != "NUM":
        return None
    for child in token.children:
        if child.dep_ == "prep" and child.lower_ in ("of", "among"):
            for pobj in child.children:
                if pobj.dep_ == "pobj":
                    return pobj
    return None


def is_member_title(parsed: Parsed, mention: Mention) -> bool:
    """'EU ambassadors', 'NATO foreign ministers': those of the members, not of the alliance."""
    return mention.title in parsed.words.members.titles
