"""A word of a parsed sentence → who it stands for: by name, office, group, modifier, or by what came before.

Rejects words that stand for nobody who can act: things, places, people out of office.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from spacy.tokens import Doc, Token

from transforms.codebook import ActorRole
from transforms.detection.document import Document
from transforms.detection.lexicon import CompiledLexicon
from transforms.detection.mentions import Mention
from transforms.detection.sentences import Sentence

MEMBERS = ":members"

_PART_WORDS = frozenset("some several most many few other certain individual various numerous".split())
_PERSON_PRONOUNS = frozenset({"he", "she", "him", "her", "his"})
_THING_PRONOUNS = frozenset({"it", "its"})
_PLURAL_PRONOUNS = frozenset({"they", "them", "their"})
_SPEAKER_PRONOUNS = frozenset({"i", "we", "us", "our", "my", "me"})


@dataclass(frozen=True, slots=True)
class Reference:
    """Who a word stands for, and how that was found out."""

    codes: tuple[str, ...]
    role: ActorRole
    #: name, leader, office, members, modifier, pronoun, generic, speaker …
    how: str
    token: int


@dataclass(slots=True)
class Parsed:
    """A sentence with its parse and its mentions by word."""

    sentence: Sentence
    doc: Doc
    mentions: list[Mention]
    document: Document
    lexicon: CompiledLexicon
    by_token: dict[int, Mention]


def link_mentions(sentence: Sentence, doc: Doc, document: Document, lexicon: CompiledLexicon) -> Parsed:
    """Sentence and parse → Parsed: each word knows the mention it belongs to."""
    by_token: dict[int, Mention] = {}
    mentions = document.mentions[sentence.index]
    for mention in mentions:
        for token in doc:
            if token.idx < mention.end and mention.start < token.idx + len(token):
                by_token.setdefault(token.i, mention)
    return Parsed(sentence, doc, mentions, document, lexicon, by_token)


def refer(parsed: Parsed, token: Token) -> list[Reference]:
    """Word → references of it and of the words coordinated with it ('Poland, Hungary and the Czech Republic')."""
    found: list[Reference] = []
    for word in coordinated(token):
        reference = refer_one(parsed, word)
        if reference is not None:
            found.append(reference)
    return found


def coordinated(token: Token) -> Iterator[Token]:
    """Word → itself and its conjuncts, appositions left out. Bounded by the sentence."""
    yield token
    for child in token.children:
        if child.dep_ == "conj" and child.pos_ in ("NOUN", "PROPN", "PRON", "ADJ", "NUM"):
            yield from coordinated(child)


def refer_one(parsed: Parsed, token: Token) -> Reference | None:
    """Word → who it stands for, or None."""
    mention = parsed.by_token.get(token.i)
    if mention is not None and mention.form != "demonym":
        return _refer_mention(parsed, token, mention)
    lower = token.lower_
    if token.pos_ == "PRON" or lower in _PERSON_PRONOUNS | _THING_PRONOUNS | _PLURAL_PRONOUNS | _SPEAKER_PRONOUNS:
        return _refer_pronoun(parsed, token)
    lemma = token.lemma_.lower()
    if lemma in parsed.lexicon.lexicon.member_nouns:
        members = _refer_members(parsed, token)
        if members is not None:
            return members
    generic = _refer_generic(parsed, token, lemma)
    if generic is not None:
        return generic
    if mention is not None and token.tag_ in ("NNS", "NNPS", "NN", "NNP") and token.pos_ != "ADJ":
        return Reference(mention.codes, mention.role, "people", token.i)
    return _refer_modifier(parsed, token)


def _refer_mention(parsed: Parsed, token: Token, mention: Mention) -> Reference | None:
    if mention.inactive or mention.form == "city":
        return None
    if mention.vague:
        return _refer_vague(parsed, token, mention)
    if mention.form == "alliance" and token.dep_ in ("compound", "poss", "nmod", "amod"):
        pass
    codes = mention.codes
    if mention.form in ("office", "office_again") and codes and codes[0] in parsed.document.gazetteer.alliances:
        if _is_member_title(mention):
            codes = (codes[0] + MEMBERS,) if not _is_whole(parsed, token) else codes
    return Reference(codes, mention.role, str(mention.form), token.i)


def _is_member_title(mention: Mention) -> bool:
    return mention.title in ("ambassadors", "diplomats", "ministers", "foreign ministers", "defence ministers", "defense ministers")


def _refer_vague(parsed: Parsed, token: Token, mention: Mention) -> Reference | None:
    """'The president': the country of a name in apposition, else the country spoken of last."""
    for other in token.children:
        if other.dep_ in ("appos", "compound", "nmod"):
            named = parsed.by_token.get(other.i)
            if named is not None and named is not mention and named.codes and not named.inactive:
                return Reference(named.codes, named.role, "office", token.i)
    if mention.role in ("HEAD", "GOV", "LEG", "MIL", "OPP") and mention.title:
        code = _last_country(parsed, token)
        if code is not None:
            return Reference((code,), mention.role, "vague_office", token.i)
    return None


def _refer_members(parsed: Parsed, token: Token) -> Reference | None:
    """'most allies', 'NATO members', 'EU leaders' → the alliance's members, or the alliance where all are meant."""
    owner: str | None = None
    for child in _modifiers(token):
        if child.dep_ in ("compound", "poss", "nmod", "amod"):
            mention = parsed.by_token.get(child.i)
            if mention is not None and mention.codes and mention.codes[0] in parsed.document.gazetteer.alliances:
                owner = mention.codes[0]
            elif child.lower_ in ("european", "europe"):
                owner = "EU"
            elif mention is not None and mention.codes:
                return None
    for child in token.children:
        if child.dep_ == "prep" and child.lower_ in ("of", "in", "from"):
            for pobj in child.children:
                mention = parsed.by_token.get(pobj.i)
                if mention is not None and mention.codes and mention.codes[0] in parsed.document.gazetteer.alliances:
                    owner = mention.codes[0]
    how = "members"
    lemma = token.lemma_.lower()
    if owner is None and token.tag_ in ("NNS", "NNPS") and lemma in ("ally", "member"):
        owner = parsed.document.main_alliance
        how = "members_guess"
    if owner is None or owner not in parsed.document.gazetteer.alliances:
        return None
    european = any(child.lower_ in ("european", "europe") for child in token.children)
    if token.tag_ in ("NN", "NNP"):
        return Reference((owner + MEMBERS,), "GOV", how, token.i) if lemma in ("country", "state", "nation", "member") else None
    part = any(child.lower_ in _PART_WORDS or child.dep_ == "nummod" for child in token.children)
    if owner == "EU" and not european and not part:
        return Reference((owner,), "HEAD" if lemma == "leader" else "IGO", how, token.i)
    if not european and (_is_whole(parsed, token) or lemma in ("leader", "minister")):
        return Reference((owner,), "HEAD" if lemma == "leader" else "IGO", how, token.i)
    return Reference((owner + MEMBERS,), "HEAD" if lemma == "leader" else "GOV", how, token.i)


def _modifiers(token: Token) -> list[Token]:
    """Words before a noun that describe it, and those that describe them ('EU member states')."""
    near = [child for child in token.children if child.i < token.i]
    return near + [grandchild for child in near if child.dep_ in ("compound", "amod", "nmod") for grandchild in child.children]


def _is_whole(parsed: Parsed, token: Token) -> bool:
    return any(child.lower_ in parsed.lexicon.lexicon.all_words for child in token.children)


def _refer_generic(parsed: Parsed, token: Token, lemma: str) -> Reference | None:
    """'the alliance', 'the bloc', 'the country' → the one the document speaks of."""
    definite = any(child.lower_ in ("the", "this", "that", "his", "her", "its", "their", "our", "my") for child in token.children)
    if not definite and not parsed.sentence.field == "title":
        return None
    for code in parsed.document.alliances[:2]:
        if lemma in parsed.document.gazetteer.alliances[code].generic:
            return Reference((code,), "IGO", "generic", token.i)
    if lemma in parsed.lexicon.lexicon.country_nouns:
        country = _last_country(parsed, token)
        if country is not None:
            return Reference((country,), "GOV", "generic", token.i)
    return None


def _refer_pronoun(parsed: Parsed, token: Token) -> Reference | None:
    lower = token.lower_
    if lower in _SPEAKER_PRONOUNS:
        mention = _speaker(parsed, token)
        return Reference(mention.codes, mention.role, "speaker", token.i) if mention is not None else None
    if lower in _PERSON_PRONOUNS:
        mention = _last_mention(parsed, token, persons=True)
        return Reference(mention.codes, mention.role, "pronoun", token.i) if mention is not None else None
    if lower in _THING_PRONOUNS:
        mention = _last_mention(parsed, token, persons=False)
        return Reference(mention.codes, mention.role, "pronoun", token.i) if mention is not None else None
    if lower in _PLURAL_PRONOUNS:
        mention = _last_mention(parsed, token, persons=None)
        return Reference(mention.codes, mention.role, "pronoun", token.i) if mention is not None else None
    return None


def _refer_modifier(parsed: Parsed, token: Token) -> Reference | None:
    """'Berlin's decision', 'Turkish objections' → the country that the thing belongs to."""
    for child in token.children:
        if child.dep_ in ("poss", "compound", "amod", "nmod"):
            mention = parsed.by_token.get(child.i)
            if mention is not None and mention.codes and not mention.inactive and mention.form not in ("city",):
                return Reference(mention.codes, mention.role, "modifier", token.i)
            if child.dep_ == "poss" and child.pos_ == "PRON":
                reference = _refer_pronoun(parsed, child)
                if reference is not None:
                    return Reference(reference.codes, reference.role, "pronoun_modifier", token.i)
    return None


def _acts(mention: Mention) -> bool:
    return bool(mention.codes) and not mention.inactive and mention.form not in ("city", "capital_place")


def _last_mention(parsed: Parsed, token: Token, persons: bool | None) -> Mention | None:
    """Pronoun → the mention it most likely stands for: earlier in the sentence, else the subject-like one before."""

    def fits(mention: Mention) -> bool:
        if not _acts(mention):
            return False
        is_person = bool(mention.person) or mention.form in ("leader", "learned", "office", "office_again")
        if persons is True:
            return is_person and mention.role != "LEG"
        if persons is False:
            return not mention.person and mention.form not in ("leader", "learned", "demonym", "alliance_seat")
        return True

    earlier = [mention for mention in parsed.mentions if mention.end <= token.idx and fits(mention)]
    if earlier:
        return earlier[0] if persons else earlier[-1]
    for index in range(parsed.sentence.index - 1, max(-1, parsed.sentence.index - 4), -1):
        before = [mention for mention in parsed.document.mentions[index] if fits(mention)]
        if before:
            return before[0]
    later = [mention for mention in parsed.mentions if mention.start > token.idx and fits(mention)]
    return later[0] if later and persons else None


def _speaker(parsed: Parsed, token: Token) -> Mention | None:
    """'We', 'our' → who speaks: the person named in the sentence outside the quote, else named last before it."""
    persons = [
        mention
        for mention in parsed.mentions
        if _acts(mention) and (mention.person or mention.form in ("office", "leader", "learned", "office_again"))
    ]
    after = [mention for mention in persons if mention.start > token.idx]
    before = [mention for mention in persons if mention.end <= token.idx]
    if before or after:
        return before[0] if before else after[-1]
    recent = range(parsed.sentence.index - 1, max(-1, parsed.sentence.index - 5), -1)
    for index in (*recent, 0):
        for mention in parsed.document.mentions[index]:
            if _acts(mention) and (mention.person or mention.form in ("office", "leader", "learned")):
                return mention
    return None


def _last_country(parsed: Parsed, token: Token) -> str | None:
    def countries(mentions: list[Mention]) -> list[str]:
        known = parsed.document.gazetteer.countries
        return [m.codes[0] for m in mentions if m.codes and m.codes[0] in known and not m.inactive and m.form != "city"]

    earlier = countries([mention for mention in parsed.mentions if mention.end <= token.idx])
    if earlier:
        return earlier[-1]
    for index in range(parsed.sentence.index - 1, max(-1, parsed.sentence.index - 3), -1):
        before = countries(parsed.document.mentions[index])
        if before:
            return before[0]
    return parsed.document.countries[0] if parsed.document.countries else None
