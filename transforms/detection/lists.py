"""A country's word in what an act is about → all in one list with it: 'Sweden, Finland and Ukraine'.

Rejects cities and people out of office.
"""

import re

from transforms.detection.mentions import Mention
from transforms.detection.parsed import Parsed, Reference
from transforms.detection.references import refer_one
from transforms.detection.roles import reference_to
from transforms.detection.tokens import Token

_LISTED = re.compile(
    r"^(?:'s?)?\s*(?:,|,?\s*(?:and|or|&|as well as|plus|along with|together with|alongside))"
    r"\s*(?:the\s+|both\s+)?$"
)
_AND = re.compile(r"\b(?:and|or|as|plus|along|together|alongside)\b|&")
#: The longest list that is read.
MOST_LISTED = 20


def refer_gainer(parsed: Parsed, token: Token) -> Reference | None:
    """Word → who it stands for by name, as a pronoun or as 'the country', or None."""
    mention = parsed.by_token.get(token.i)
    if mention is not None:
        if not mention.codes or mention.form == "city" or mention.inactive:
            return None
        return reference_to(mention, token.i)
    if token.pos_ == "PRON" or token.lemma_.lower() in parsed.words.pointing.country_nouns:
        return refer_one(parsed, token)
    return None


def list_gainers(parsed: Parsed, token: Token) -> list[Reference]:
    """Word → its reference and those of the words in one list with it, by the parse, then by the text."""
    first = token
    while first.dep_ == "conj" and first.head.i != first.i and first.head.pos_ in ("PROPN", "NOUN", "ADJ"):
        if refer_gainer(parsed, first.head) is None:
            break
        first = first.head
    found: list[Reference] = []
    queue = [first]
    while queue and len(found) < MOST_LISTED:
        current = queue.pop(0)
        reference = refer_gainer(parsed, current)
        if reference is not None:
            found.append(reference)
        queue += [child for child in current.children if child.dep_ == "conj"]
    known = {code for reference in found for code in reference.codes}
    mention = parsed.by_token.get(token.i)
    if mention is not None:
        for other in listed_with(parsed, mention):
            if not set(other.codes) & known and other.form != "city" and not other.inactive:
                found.append(reference_to(other))
    return found


def listed_with(parsed: Parsed, mention: Mention) -> list[Mention]:
    """Mention → the mentions that stand in one list with it ("Finland's and Sweden's").

    Commas alone make a list in headlines only: 'with Ukraine, Poland's premier said' holds none.
    """
    mentions = [m for m in parsed.mentions if m.codes]
    position = mentions.index(mention) if mention in mentions else -1
    if position < 0:
        return []
    found: list[Mention] = []
    text = parsed.doc.text
    listed = parsed.sentence.field == "title"
    for step in (1, -1):
        current = position
        while 0 <= current + step < len(mentions) and len(found) < MOST_LISTED:
            one, two = sorted((mentions[current], mentions[current + step]), key=lambda m: m.start)
            between = text[one.end : two.start]
            if not _LISTED.match(between):
                break
            listed = listed or _AND.search(between) is not None
            current += step
            found.append(mentions[current])
    return found if listed else []
