"""Article → the document as the detector sees it: sentences, mentions, main alliance, who may gain.

This is the document state of the design: what a sentence leaves unsaid is looked up here.
"""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from transforms.detection.datelines import read_dateline
from transforms.detection.dating import estimate_day
from transforms.detection.gazetteer import Gazetteer
from transforms.detection.groups import Group, find_authors, find_participants, list_groups
from transforms.detection.mentions import Mention, OfficeFinder, find_mentions
from transforms.detection.sentences import Sentence, recase_capitals, split_sentences
from transforms.detection.words import DocumentWords

#: Mentions in the title weigh as much as this many in the text.
TITLE_WEIGHT = 2


@dataclass(slots=True)
class Document:
    """One article, read once. Offsets of mentions count within their sentence."""

    title: str
    text: str
    day: date | None
    sentences: tuple[Sentence, ...]
    #: mentions by sentence index
    mentions: dict[int, list[Mention]]
    gazetteer: Gazetteer
    #: alliances named, most often first
    alliances: list[str] = field(default_factory=list)
    #: countries named, most often first
    countries: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    #: how often a country stands right beside a word for membership ('Serbia's accession', 'Finland to join')
    near_membership: Counter[str] = field(default_factory=Counter)
    #: countries named together, by sentence index, for 'the two', 'both', 'they'
    groups: dict[int, list[Group]] = field(default_factory=dict)
    #: who took part in the meeting or call that the text reports
    participants: tuple[str, ...] = ()
    #: whose words a sentence is, by index: who says 'we' outside of quotation marks
    authors: dict[int, tuple[str, ...]] = field(default_factory=dict)
    #: countries whose generic support is military aid
    at_war: frozenset[str] = frozenset()
    #: countries that attack them
    adversaries: frozenset[str] = frozenset()
    #: strong object cues by sentence index, as far as they were looked for (`relevance.told_in`)
    told: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def main_alliance(self) -> str | None:
        """The alliance named most often, the earlier one first."""
        return self.alliances[0] if self.alliances else None

    def was_member(self, country: str, alliance: str) -> bool:
        """Whether a country had been a member for more than a year: a text may still speak of a recent
        accession.
        """
        if not self.gazetteer.is_member(country, alliance, self.day):
            return False
        if self.day is None:
            return self.gazetteer.is_member(country, alliance, date(1999, 3, 1))
        return self.gazetteer.is_member(country, alliance, self.day - timedelta(days=400))

    def joined_within(self, country: str, alliance: str, days: int) -> bool:
        """Whether a country's accession lies at most so many days before the document."""
        if self.day is None:
            return False
        long_ago = self.day - timedelta(days=days)
        return self.gazetteer.is_member(country, alliance, self.day) and not self.gazetteer.is_member(
            country, alliance, long_ago
        )

    def can_join(self, country: str) -> bool:
        """Whether a country may be spoken of as one that would join: not long a member of the alliances
        named most.
        """
        named = self.alliances[:2]
        return not named or not all(self.was_member(country, alliance) for alliance in named)

    def likely_gainers(self, aid: bool) -> list[str]:
        """Countries that may gain, the one the document most speaks of as such first."""
        main = self.main_alliance
        scores: dict[str, float] = {}
        enemies = self.adversaries if self.at_war & set(self.countries) else frozenset()
        for code in self.countries:
            if code in enemies:
                continue
            if aid:
                scores[code] = self.counts[code] + (10 if code in self.at_war else -1)
            elif main is None or not self.was_member(code, main):
                aspires = main is not None and self.gazetteer.is_aspirant(code, main, self.day)
                scores[code] = self.counts[code] + (2 if aspires else 0) + 2 * self.near_membership[code]
        return sorted((code for code, score in scores.items() if score > 0), key=lambda code: -scores[code])


def read_document(
    title: str, text: str, day: date | None, gazetteer: Gazetteer, offices: OfficeFinder
) -> Document:
    """Title, text and publication day → Document: names found, offices joined, alliances and countries
    ranked.
    """
    sentences = split_sentences(title, text)
    words = gazetteer.lexicon.documents
    located: dict[int, list[Mention]] = {sentence.index: [] for sentence in sentences}
    if day is None:
        undated = gazetteer.find_names(f"{title}\n{text}", None)
        spoken_of = [code for name in undated if name.reading.form != "leader" for code in name.reading.codes]
        day = estimate_day(undated, spoken_of)
    for part in ("title", "text"):
        of_part = [sentence for sentence in sentences if sentence.field == part]
        if not of_part:
            continue
        source = title if part == "title" else text
        cased = recase_capitals(source, of_part, words.acronyms)
        names = gazetteer.find_names(cased, day)
        for mention in find_mentions(cased, names, offices):
            _locate(mention, of_part, located)
    _share_learned(sentences, located, words)
    document = Document(title, text, day, sentences, located, gazetteer)
    wars = [
        cause
        for cause in gazetteer.world.causes
        if cause.country is not None
        and cause.at_war_since is not None
        and (day is None or day >= cause.at_war_since)
    ]
    document.at_war = frozenset(cause.country for cause in wars if cause.country is not None)
    document.adversaries = frozenset(code for cause in wars for code in cause.adversaries)
    _rank(document)
    _settle_seats(document)
    for sentence in sentences:
        groups = list_groups(sentence.index, sentence.text, located[sentence.index])
        if groups:
            document.groups[sentence.index] = groups
    document.participants = find_participants(sentences, located, words)
    document.authors = find_authors(sentences, located, words)
    return document


def _settle_seats(document: Document) -> None:
    """'Brussels' → the alliance that the text speaks of most; datelines → mere places."""
    alliances = document.gazetteer.alliances
    for sentence in document.sentences:
        dateline = read_dateline(sentence.text)
        settled = []
        for mention in document.mentions[sentence.index]:
            if dateline is not None and mention.end <= dateline.end:
                mention = replace(mention, form="city")
            elif mention.form == "alliance_seat":
                seat = sentence.text[mention.start : mention.end]
                owners = [code for code in document.alliances if seat.title() in alliances[code].seats]
                mention = replace(mention, codes=tuple(owners[:1]) or mention.codes)
            settled.append(mention)
        document.mentions[sentence.index] = settled


def _locate(mention: Mention, sentences: list[Sentence], located: dict[int, list[Mention]]) -> None:
    for sentence in sentences:
        if sentence.start <= mention.anchor < sentence.end:
            start = max(mention.start, sentence.start) - sentence.start
            end = min(mention.end, sentence.end) - sentence.start
            located[sentence.index].append(
                Mention(
                    start, end, mention.codes, mention.role, mention.form, mention.anchor - sentence.start,
                    mention.vague, mention.inactive, mention.person, mention.title,
                )
            )  # fmt: skip
            return


def _share_learned(
    sentences: tuple[Sentence, ...], located: dict[int, list[Mention]], words: DocumentWords
) -> None:
    """Fill offices without a country ('the prime minister') from the same office named last before, else
    first after.
    """
    first: dict[str, Mention] = {}
    for sentence in sentences:
        for mention in located[sentence.index]:
            if mention.title and mention.codes and not mention.inactive:
                first.setdefault(mention.title, mention)
    latest: dict[str, Mention] = {}
    for sentence in sentences:
        filled = []
        for mention in located[sentence.index]:
            if mention.title and mention.codes and not mention.inactive:
                latest[mention.title] = mention
            source = latest.get(mention.title) or first.get(mention.title)
            if source is not None and _may_share(mention, sentence.text, words):
                mention = replace(
                    mention, codes=source.codes, role=source.role, form="office_again", vague=False
                )
            filled.append(mention)
        located[sentence.index] = filled


def _may_share(mention: Mention, text: str, words: DocumentWords) -> bool:
    """Whether an office without a country may be one named elsewhere: not 'his minister', not a bare
    'officials'.
    """
    if not mention.vague or mention.role not in ("HEAD", "IGO", "GOV") or mention.title in words.too_general:
        return False
    before = text[: mention.start].lower().split()[-1:]
    return not any(word in words.own_words for word in before)


def _rank(document: Document) -> None:
    alliances: Counter[str] = Counter()
    countries: Counter[str] = Counter()
    for sentence in document.sentences:
        weight = TITLE_WEIGHT if sentence.field == "title" else 1
        for mention in document.mentions[sentence.index]:
            for code in mention.codes:
                if code in document.gazetteer.alliances:
                    strength = 0.4 if mention.form in ("alliance_seat",) else 1
                    if document.gazetteer.alliances[code].watched:
                        alliances[code] += weight * strength  # type: ignore[assignment]
                elif mention.form != "city":
                    countries[code] += weight
    _count_near_membership(document)
    document.alliances = [code for code, _ in alliances.most_common()]
    document.countries = [code for code, _ in countries.most_common()]
    document.counts = alliances + countries


_MEMBERSHIP_NEAR = re.compile(
    r"^(?:['’]s?)?[\s\w'’-]{0,25}?\b(?:membership|accession|bid|joins?|joining|joined|entry|application|"
    r"candidacy|candidate|admission|member|enter|invitation)\b"
    r"|.*\b(?:invite[sd]?|admit(?:ting|s)?|accession of"
    r"|membership (?:for|of)|talks with|entry of|admission of|bring)"
    r"\W+(?:the\W+)?$",
    re.IGNORECASE,
)


def _count_near_membership(document: Document) -> None:
    """Count a country where a word for membership stands beside it with no other country between."""
    countries = document.gazetteer.countries
    for sentence in document.sentences:
        named = [
            mention
            for mention in document.mentions[sentence.index]
            if mention.codes and mention.codes[0] in countries
        ]
        for position, mention in enumerate(named):
            if mention.form == "city":
                continue
            end = mention.end + 50
            if position + 1 < len(named) and not _ADDED.fullmatch(
                sentence.text[mention.end : named[position + 1].start]
            ):
                end = min(end, named[position + 1].start)
            after = sentence.text[mention.end : end]
            before = sentence.text[max(0, mention.start - 30) : mention.start]
            if _MEMBERSHIP_NEAR.match(after) or _MEMBERSHIP_NEAR.match(before):
                for code in mention.codes:
                    document.near_membership[code] += 1


_ADDED = re.compile(r"(?:['’]s?)?\s*(?:,|and|or|,\s*and)\s*(?:the\s+)?")
