"""A word of a parsed sentence → who it stands for: by name, office, group, modifier, or by what came before.

Rejects words that stand for nobody who can act: things, places, people out of office, commentators.
"""

from transforms.detection.document import Document
from transforms.detection.lexicon import CompiledLexicon
from transforms.detection.members import heads_part, is_member_title, refer_members, refer_number, refer_part
from transforms.detection.mentions import Mention, can_act
from transforms.detection.parsed import MEMBERS as MEMBERS
from transforms.detection.parsed import Parsed as Parsed
from transforms.detection.parsed import Reference as Reference
from transforms.detection.parsed import align_mentions
from transforms.detection.parsed import coordinated as coordinated
from transforms.detection.pointers import mark_groups
from transforms.detection.pronouns import ALL_PRONOUNS, last_country, refer_pronoun
from transforms.detection.sentences import Sentence
from transforms.detection.tokens import Doc, Token


def link_mentions(sentence: Sentence, doc: Doc, document: Document, lexicon: CompiledLexicon) -> Parsed:
    """Sentence and parse → Parsed: each word knows the mention it belongs to."""
    parsed = align_mentions(sentence, doc, document, lexicon)
    mark_groups(parsed)
    return parsed


def refer(parsed: Parsed, token: Token) -> list[Reference]:
    """Word → references of it and of the words coordinated with it ('Poland, Hungary and the Czech
    Republic').
    """
    found: list[Reference] = []
    for word in coordinated(token):
        reference = refer_one(parsed, word)
        if reference is not None:
            found.append(reference)
    if not found:
        return found
    known = {code for reference in found for code in reference.codes}
    for reference in _listed_with(parsed, token) + _met_with(parsed, token):
        others = tuple(code for code in reference.codes if code not in known)
        if others:
            found.append(Reference(others, reference.role, reference.how, reference.token))
    return found


def _listed_with(parsed: Parsed, token: Token) -> list[Reference]:
    """'France, Italy sign pact' → France too: headlines list with commas, which parsers take for something
    else.
    """
    mention = parsed.by_token.get(token.i)
    if (
        mention is None
        or token.dep_ not in ("nsubj", "nsubjpass", "ROOT", "appos", "conj")
        or parsed.sentence.field != "title"
    ):
        return []
    for group in parsed.document.groups.get(parsed.sentence.index, []):
        if group.end == mention.end:
            return [Reference(group.codes, mention.role, "listed", token.i)]
    return []


def _met_with(parsed: Parsed, token: Token) -> list[Reference]:
    """'X spoke with allies to …' → the allies too, where the text lists who they were."""
    if (
        token.dep_ != "nsubj"
        or not parsed.document.participants
        or token.head.lemma_ not in parsed.words.pointing.meeting_verbs
    ):
        return []
    for child in token.head.children:
        if child.dep_ == "prep" and child.lower_ == "with":
            for pobj in child.children:
                if pobj.lower_ in parsed.words.pointing.partners:
                    return [Reference(parsed.document.participants, "HEAD", "participants", pobj.i)]
    return []


def refer_one(parsed: Parsed, token: Token) -> Reference | None:
    """Word → who it stands for, or None."""
    mention = parsed.by_token.get(token.i)
    if mention is not None and mention.form != "demonym" and not (mention.vague and not mention.inactive):
        return _refer_mention(parsed, token, mention)
    if token.pos_ == "PRON" or token.lower_ in ALL_PRONOUNS:
        return refer_pronoun(parsed, token, refer)
    part = heads_part(parsed, token)
    if part is not None:
        return refer_part(parsed, token, refer_one(parsed, part))
    numbered = refer_number(parsed, token)
    if numbered is not None:
        return numbered
    lemma = token.lemma_.lower()
    if lemma in parsed.words.members.nouns:
        members = refer_members(parsed, token)
        if members is not None:
            return members
    if mention is not None and mention.vague:
        return _refer_vague(parsed, token, mention)
    generic = _refer_generic(parsed, token, lemma)
    if generic is not None:
        return generic
    if lemma in parsed.words.pointing.outsiders:
        return None
    if mention is not None and token.tag_ in ("NNS", "NNPS", "NN", "NNP") and token.pos_ != "ADJ":
        return Reference(mention.codes, mention.role, "people", token.i)
    return _refer_modifier(parsed, token)


def _refer_mention(parsed: Parsed, token: Token, mention: Mention) -> Reference | None:
    if not can_act(mention):
        return None
    codes = mention.codes
    alliance = codes[0] in parsed.document.gazetteer.alliances
    if alliance and mention.form in ("office", "office_again") and is_member_title(parsed, mention):
        whole = any(child.lower_ in parsed.words.members.all_words for child in token.children)
        codes = codes if whole else (codes[0] + MEMBERS,)
    return Reference(codes, mention.role, str(mention.form), token.i)


def _refer_vague(parsed: Parsed, token: Token, mention: Mention) -> Reference | None:
    """'The president', 'his defence minister': by a name beside it, by its owner, else by the country
    spoken of last.
    """
    for other in token.children:
        if other.dep_ in ("appos", "compound", "nmod"):
            named = parsed.by_token.get(other.i)
            if named is not None and named is not mention and can_act(named):
                return Reference(named.codes, named.role, "office", token.i)
        if other.dep_ == "prep" and other.lower_ == "in" and _is_body(parsed, mention):
            for pobj in other.children:
                seat = parsed.by_token.get(pobj.i)
                if seat is not None and seat.form in ("capital", "seat") and can_act(seat):
                    return Reference(seat.codes, mention.role, "office", token.i)
    owner = _owner_pronoun(parsed, token)
    if owner is not None:
        return Reference(owner.codes, mention.role, "vague_office", token.i)
    if not mention.person and not _is_definite(parsed, token):
        return None
    author = parsed.document.authors.get(parsed.sentence.index)
    if author and _is_body(parsed, mention) and author[0] in parsed.document.gazetteer.countries:
        return Reference(author[:1], mention.role, "author", token.i)
    if mention.role in ("HEAD", "GOV", "LEG", "MIL", "OPP") and mention.title:
        code = last_country(parsed, token)
        if code is not None:
            return Reference((code,), mention.role, "vague_office", token.i)
    return None


def _is_body(parsed: Parsed, mention: Mention) -> bool:
    """'The foreign ministry', 'parliament': an office that is a body."""
    return bool(mention.title) and mention.title.split()[-1] in parsed.words.pointing.bodies


def _is_definite(parsed: Parsed, token: Token) -> bool:
    """'The minister', 'this government', or any office in a headline; not 'officials', 'a diplomat'."""
    if parsed.sentence.field == "title":
        return token.tag_ not in ("NNS", "NNPS")
    return any(
        child.dep_ in ("det", "poss") and child.lower_ not in ("a", "an", "some", "no", "any")
        for child in token.children
    )


def _owner_pronoun(parsed: Parsed, token: Token) -> Reference | None:
    """'Its prime minister', 'his country' → whom the pronoun stands for."""
    for child in token.children:
        if child.dep_ == "poss" and child.lower_ in ALL_PRONOUNS:
            reference = refer_pronoun(parsed, child, refer)
            if reference is not None and reference.codes[0] in parsed.document.gazetteer.countries:
                return reference
    return None


def _refer_generic(parsed: Parsed, token: Token, lemma: str) -> Reference | None:
    """'the alliance', 'the bloc', 'the country' → the one the document speaks of."""
    definite = any(
        child.lower_ in ("the", "this", "that", "his", "her", "its", "their", "our", "my")
        for child in token.children
    )
    if not definite and parsed.sentence.field != "title":
        return None
    if (
        lemma in parsed.words.pointing.eu_bodies
        and token.text[0].isupper()
        and "EU" in parsed.document.alliances[:2]
    ):
        return Reference(("EU",), "IGO", "body", token.i)
    for code in parsed.document.alliances[:2]:
        if lemma in parsed.document.gazetteer.alliances[code].generic:
            return Reference((code,), "IGO", "generic", token.i)
    if lemma in parsed.words.pointing.country_nouns:
        owner = _owner_pronoun(parsed, token)
        if owner is not None and len(owner.codes) == 1:
            return Reference(owner.codes, "GOV", "generic", token.i)
        country = last_country(parsed, token, _region_of(parsed, token))
        if country is not None:
            return Reference((country,), "GOV", "generic", token.i)
    return None


def _region_of(parsed: Parsed, token: Token) -> frozenset[str] | None:
    for child in token.children:
        if child.dep_ in ("amod", "compound", "nmod") and child.lower_ in parsed.document.gazetteer.regions:
            return parsed.document.gazetteer.regions[child.lower_]
    return None


def _refer_modifier(parsed: Parsed, token: Token) -> Reference | None:
    """'Berlin's decision', 'Turkish objections' → the country that the thing belongs to."""
    for child in token.children:
        if child.dep_ in ("poss", "compound", "amod", "nmod"):
            mention = parsed.by_token.get(child.i)
            if mention is not None and can_act(mention):
                return Reference(mention.codes, mention.role, "modifier", token.i)
            if child.dep_ == "poss" and child.pos_ == "PRON":
                reference = refer_pronoun(parsed, child, refer)
                if reference is not None:
                    return Reference(reference.codes, reference.role, "pronoun_modifier", token.i)
    return None
