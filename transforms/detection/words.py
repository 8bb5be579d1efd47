"""Word lists of `configs/lexicon.yaml` → plain values, grouped by the step of detection that reads them.

A list that only asks whether a word is in it is a set; one whose words become a pattern is a tuple.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from transforms.codebook import Object

Words = frozenset[str]


@lru_cache(maxsize=64)
def any_of(words: tuple[str, ...]) -> str:
    """Words → a pattern that matches any of them, the longest first; a space in one matches a hyphen too."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", r"[\s-]") for word in longest_first) + ")"


@dataclass(frozen=True, slots=True, kw_only=True)
class NameWords:
    """How names of countries, alliances and people are told from other words."""

    #: surnames that are words too: 'May' needs 'Theresa' or a title before it
    common_surnames: Words
    #: titles after which a bare surname is a name: 'Mr Brown'
    titles: Words
    #: before a hyphen, they take a name out of the story: 'pro-Russian'
    detaching: Words
    #: after a hyphen, they make a name a description: 'Soviet-era'
    describing: tuple[str, ...]
    #: before a hyphen, they are short for a second country: 'Franco-German'
    joined_countries: dict[str, str]
    #: last words of a group's name, behind its region: 'Nordic countries'
    group_nouns: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeWords:
    """How an office, its holder and its country are put together."""

    #: before an office: out of it, or not yet in it ('former', 'candidate')
    not_in_office: tuple[str, ...]
    #: members of a parliament, who one by one do not speak for it
    single: Words
    #: words that no surname learned from a text can be
    not_surnames: Words
    #: words over which a country does not own the office behind it: 'Poland and its minister'
    gap_stops: Words
    #: words that begin a sentence, not a person's name
    sentence_words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentWords:
    """What a text as a whole tells: who shares an office, who met, whose statement it is."""

    #: stay in capitals in a headline that is all capitals
    acronyms: Words
    #: offices that one country's being named does not make another's: 'officials'
    too_general: Words
    #: before an office, they tie it to someone else: 'his minister'
    own_words: Words
    #: tell that those named in a sentence took part
    taking_part: tuple[str, ...]
    #: tell that those named in a sentence met
    meeting: tuple[str, ...]
    #: kinds of text that are somebody's own words: 'Statement by …'
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointingWords:
    """Words that point back to countries, people and groups named before."""

    #: point back to someone named before: a sentence with one may matter without a name of its own
    back: Words
    #: 'the pair', 'both', 'the three': how many they speak of
    sizes: dict[str, int]
    #: what is counted, if countries are: 'the two neighbours'
    counted_countries: Words
    #: what is counted, if their people are: 'the two leaders'
    counted_persons: Words
    #: plurals that point back to a list without a number: 'the newcomers'
    listed_again: Words
    #: point back to one country: 'the country', 'the republic'
    country_nouns: Words
    #: offices that are a body, so that 'it' goes back to them: 'the foreign ministry'
    bodies: Words
    #: bodies of the EU under their bare names: 'the Commission'
    eu_bodies: Words
    #: people and firms of a country, who do not speak for it: 'German analysts'
    outsiders: Words
    #: with whom one meets: 'spoke with allies'
    partners: Words
    #: verbs of meeting, as lemmas
    meeting_verbs: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberWords:
    """Which members of an alliance are meant: all of them, some of them."""

    #: nouns for members: 'NATO allies', 'EU leaders'
    nouns: Words
    #: quantifiers for all of them: 'every ally'
    all_words: Words
    #: quantifiers for some: 'most allies'
    part_words: Words
    #: nouns for some: 'a majority of the allies'
    part_heads: Words
    #: numbers of members in words: 'the Twelve'
    numbers: dict[str, int]
    #: nouns that a number of members stands before: 'the 27 governments'
    counted: Words
    #: titles that are of the members where an alliance owns them: 'EU ambassadors'
    titles: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class MisreadWords:
    """Verbs that a parser takes for adverbs or adjectives behind their subject."""

    #: each verb with one of the same length that is parsed as a verb: 'back', 'want'
    verbs: dict[str, str]
    #: words in -s that are no plural before them: 'is'
    not_after: Words
    #: words behind them that show an adverb or adjective: 'back to'
    not_before: Words
    #: verbs that take the adverb: 'bring back'
    moving: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ActWords:
    """How far an act reaches in its sentence, and what makes it firm or not."""

    #: prepositions of circumstances, which an act is not about: 'after the war'
    circumstances: Words
    #: prepositions over which a governing word reaches its act: 'agreed to', 'promise of'
    carrying: Words
    #: verbs that reach over 'in': 'take part in arming'
    taking_part: Words
    #: verbs that leave the act to their object: 'express support'
    light_verbs: Words
    #: verbs over what another did, which is an act of its own: 'welcomed Denmark's delivery'
    judging: Words
    #: verbs that make a bid an act: 'submit a bid'
    handing_in: Words
    #: verbs that repeat an act of another, with the words they need: 'do+same'
    echoes: tuple[str, ...]
    #: before a noun, they turn help into its absence: 'stalled aid'
    stalled: Words
    #: say nothing by themselves, but may beside an alliance: 'is a member', 'made an application'
    light: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantWords:
    """Who acts and who gains."""

    #: whose object does what comes after: 'accused Budapest of blocking'
    blaming: Words
    #: whose object does not act in the clause behind it: 'promised Kyiv to send'
    telling: Words
    #: whose object is spoken to, and gains nothing by that: 'warned Russia'
    addressing: Words
    #: whose country is an enemy or a victim: 'war with Russia'
    conflict_nouns: Words
    #: conflict nouns that belong to the one attacked: 'Ukraine's war effort'
    own_conflict: Words
    #: verbs whose subject is who would be a member: 'Georgia becomes'
    joining_verbs: Words
    #: what one gets from those who back, not from those who decide: 'won their backing'
    backing: Words
    #: what a country complains of when it wants in: 'the lack of an invitation'
    wanting: Words
    #: what is turned down when a bid is: 'rejected the invitation'
    offers: Words
    #: what is one's own when it is taken back: 'dropped its application'
    own_papers: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutWords:
    """What an act is about."""

    #: verbs of coming in, over the name of an alliance: 'the wish to enter BRICS'
    entering: Words
    #: verbs of an alliance over a country, of coming in or going out: 'the G7 suspended Russia'
    moving: Words
    #: who gets military aid whatever it is: 'money for the army'
    forces: Words
    #: what was told before: 'hailed the decision'
    told_before: Words
    #: what is passed that only says something: 'a resolution for its membership'
    mere_words: Words
    #: cues that hold as verbs too: 'join', not 'grant'
    verbs_too: Words
    #: nouns that carry what is supported without naming it: 'backed the plan'
    carriers: Words
    #: adjectives of aid, each with its sort: 'budgetary'
    sorts_of_aid: dict[str, Object]
    #: nouns that such adjectives stand before: 'assistance'
    aid_nouns: Words
    #: words of money: EU aid told in them, with no weapon named, is economic
    money: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalWords:
    """Words that name no act of anyone."""

    #: nouns whose 'to join' says what could be: 'a path to join'
    chances: Words
    #: what may be supported without any aid: 'supports democracy'
    not_aid: Words
    #: verbs for what is needed, not given: 'needs support'
    needing: Words
    #: nouns of what is only thought of: 'the idea of joining'
    thoughts: Words
    #: verbs of purpose: 'designed to help'
    purposes: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionWords:
    """Which clauses set a condition."""

    #: words that open one: 'as soon as', 'provided that'
    openers: tuple[str, ...]
    #: openers so strong that they count in the next sentence too: 'But it depends on …'
    strong: tuple[str, ...]
    #: what follows an opener that sets no condition: 'as soon as possible'
    not_after: dict[str, tuple[str, ...]]
    #: what precedes one that sets none: 'even if'
    not_before: dict[str, tuple[str, ...]]
    #: words that make 'when' a condition: 'when the criteria are met'
    fulfilled: Words
    #: what has to end first: 'after the war'
    ends: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceWords:
    """Who claims what a text reports."""

    #: verbs of saying, as lemmas
    saying: Words
    #: nouns for those who are not named: 'diplomats'
    unnamed: Words
    #: those of them that are media: 'newspapers'
    media_nouns: Words
    #: words in the names of media and institutes: 'Times'
    media: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceWords:
    """Where an act took place."""

    #: gatherings, which a place stands beside: 'the Vilnius summit'
    gatherings: tuple[str, ...]
    #: what is done at a place: 'signed in Sofia'
    done_there: tuple[str, ...]
