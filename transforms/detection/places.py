"""An act in its sentence → where it took place, if the words say so, and that country; never a guess.

A venue is where something is done ('signed in Sofia', 'at a summit in Vilnius', 'on his visit to Kyiv'), or
where the report of an act was filed. A country that is only named, as the one that gains, is no venue.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from transforms.detection.candidate import Candidate
from transforms.detection.datelines import read_dateline
from transforms.detection.gazetteer import Gazetteer, Name
from transforms.detection.parsed import Parsed
from transforms.detection.timing import is_news
from transforms.detection.tokens import Token
from transforms.detection.words import PlaceWords, any_of
from transforms.records import Article

Place = tuple[str, str | None]

_OPENS_WITH_PLACE = re.compile(r"^[\"“']?(?:in|at|from)\s+(?:the\s+)?$", re.IGNORECASE)
_VISITS = re.compile(r"\b(?:visit(?:s|ed|ing)?|tour(?:s|ed|ing)?)\s+(?:the\s+)?$", re.IGNORECASE)
_AT_GATHERING = re.compile(
    r"\b(?:at|during|in|of|after|from|on|with)\s+(?:(?:the|a|his|her|its|their|this|last|surprise|"
    r"final)\s+)*(?:[\w-]+\s+){0,2}$",
    re.IGNORECASE,
)
_AHEAD = re.compile(
    r"\b(?:ahead of|before|until|upcoming|since)\b[^.;,]{0,45}$|\b(?:for|next)\b[^.;,]{0,30}$",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^\s*([A-Z][\w .,'’-]{3,70})\n+\s*\d{1,2}[:.]\d{2}\s*[AaPp]\.?[Mm]\b")
_CAPITAL_OF = re.compile(r"^\s+capital\b", re.IGNORECASE)
_PRECISE = ("capital", "city", "seat", "alliance_seat")
_STEPS = 8


@dataclass(frozen=True, slots=True)
class _VenuePatterns:
    """What stands before and after a place where something is done."""

    #: before it: '… summit in', 'speaking in the', 'on a visit to the'
    leads_there: re.Pattern[str]
    #: after it: 'Vilnius summit', 'Munich security conference', 'White House visit'
    names_gathering: re.Pattern[str]
    #: at the end of a seat's name
    gathering_behind: re.Pattern[str]


@cache
def _venue_patterns(words: PlaceWords) -> _VenuePatterns:
    gathering = any_of(words.gatherings)
    there = any_of((*words.gatherings, *words.done_there))
    return _VenuePatterns(
        re.compile(
            rf"\b(?:{there}\b[^.;:,]{{0,45}}?\b(?:in|at)|(?:visit|trip|journey|travel(?:s|led|ed|ling|ing)?|"
            rf"flew|flown|head(?:s|ed|ing)?)\b[^.;:,]{{0,25}}?\bto)\s+"
            r"(?:the\s+)?(?:[\w-]+\s+city\s+of\s+)?$",
            re.IGNORECASE,
        ),
        re.compile(rf"^(?:['’]s)?\s+(?:[\w-]+\s+){{0,2}}?{gathering}\b", re.IGNORECASE),
        re.compile(rf"\s+{gathering}$", re.IGNORECASE),
    )


def place_event(members: Sequence[Candidate], article: Article) -> Place | None:
    """Candidates of one event → its venue: in their words, else where the report was filed."""
    for member in members:
        place = find_place(member.parsed, member.act.token)
        if place is not None:
            return place
    document = members[0].parsed.document
    lead = next((sentence for sentence in document.sentences if sentence.field == "text"), None)
    if lead is None or members[0].factuality != "asserted":
        return None
    heading = find_heading(article.text, document.gazetteer)
    if heading is not None:
        return heading
    told = {member.parsed.sentence.index for member in members}
    filed = find_dateline(lead.text, document.gazetteer)
    if (
        filed is None
        or not told & {0, lead.index, lead.index + 1}
        or not any(is_news(member, None) for member in members)
    ):
        return None
    at_home = filed[1] in {code for member in members for code in member.actors}
    acts_together = any(code.split(":")[0] in document.gazetteer.alliances for code in members[0].actors)
    return filed if at_home or acts_together else None


def find_place(parsed: Parsed, act: Token) -> Place | None:
    """Sentence of an act → its venue and that venue's country, or None."""
    text = parsed.sentence.text
    gazetteer = parsed.document.gazetteer
    patterns = _venue_patterns(parsed.words.places)
    for name in gazetteer.find_names(text, parsed.document.day):
        if name.reading.form not in (*_PRECISE, "country", "demonym") or not _is_venue(
            parsed, name, act, patterns
        ):
            continue
        words = patterns.gathering_behind.sub("", name.text)
        country = locate(words, gazetteer)
        if country is None:
            country = next((code for code in name.reading.codes if code in gazetteer.countries), None)
        if name.reading.form != "demonym":
            return words, country
        capital = _CAPITAL_OF.match(text[name.end :])
        if capital:
            return words + capital.group(), country
    return None


def find_dateline(text: str, gazetteer: Gazetteer) -> Place | None:
    """Sentence that opens an article → where it was filed ('BRUSSELS, July 11 - ') and the country."""
    dateline = read_dateline(text)
    if dateline is None:
        return None
    country = locate(dateline.place.title(), gazetteer) or locate(dateline.place, gazetteer)
    if country is None and dateline.region:
        country = next(
            (
                code
                for code, known in gazetteer.countries.items()
                if dateline.region in (known.name, *known.aliases)
            ),
            None,
        )
    return (dateline.place, country) if country else None


def find_heading(text: str, gazetteer: Gazetteer) -> Place | None:
    """Text of a transcript → the place above its first clock time ('Rose Garden', '10:45 A.M. EDT')."""
    match = _HEADING.match(text)
    if match is None:
        return None
    words = match.group(1).strip()
    parts = [words, *(part.strip() for part in words.split(","))]
    country = next((code for part in parts if (code := locate(part, gazetteer))), None)
    if country is None:
        found = gazetteer.find_names(words, None)
        country = next(
            (code for name in found for code in name.reading.codes if code in gazetteer.countries), None
        )
    return words, country


def locate(name: str, gazetteer: Gazetteer) -> str | None:
    """Name of a city or seat → its country; capitals before other cities of that name."""
    countries = gazetteer.countries.items()
    capital = next((code for code, country in countries if name in country.capitals), None)
    return capital or next(
        (code for code, country in countries if name in (*country.seats, *country.cities)), None
    )


def _is_venue(parsed: Parsed, name: Name, act: Token, patterns: _VenuePatterns) -> bool:
    text = parsed.sentence.text
    before, behind = text[: name.start], text[name.end :]
    token = parsed.doc.find_token(name.end - 1)
    if token is None or _in_other_clause(token, act) or _AHEAD.search(before):
        return False
    if patterns.leads_there.search(before) or _VISITS.search(before):
        return True
    if (
        name.reading.form in _PRECISE
        and patterns.names_gathering.match(behind)
        and (not before or _AT_GATHERING.search(before))
    ):
        return True
    if name.reading.form in ("country", "demonym") and not _CAPITAL_OF.match(behind):
        return False
    return bool(_OPENS_WITH_PLACE.match(before)) or _goes_with_act(token, act)


def _goes_with_act(token: Token, act: Token) -> bool:
    """'… was signed in Sofia': the preposition of the place hangs on the act or on a verb above it."""
    head = token
    while head.dep_ in ("compound", "nmod", "amod") and head.head.i != head.i:
        head = head.head
    if head.dep_ != "pobj" or head.head.lower_ not in ("in", "at"):
        return False
    host = head.head.head
    current = act
    for _ in range(_STEPS):
        if current.i == host.i:
            return host.pos_ in ("VERB", "AUX")
        if current.head.i == current.i or current.dep_ in ("relcl", "advcl"):
            return False
        current = current.head
    return False


def _in_other_clause(token: Token, act: Token) -> bool:
    """Whether a place stands in a clause that tells of something else ('since the revolution in Kiev')."""
    top = act
    for _ in range(_STEPS * 2):
        if top.dep_ in ("relcl", "advcl") or top.head.i == top.i:
            break
        top = top.head
    current = token
    for _ in range(_STEPS * 2):
        if current.i in (act.i, top.i):
            return False
        beside = current.dep_ in ("relcl", "acl") or (current.dep_ == "advcl" and current.tag_ != "VBG")
        if beside and act.i not in {below.i for below in current.subtree}:
            return True
        if current.head.i == current.i:
            return True
        current = current.head
    return False
