"""Configuration → the world as the detector knows it: alliances, countries, leaders, offices. Plain values.

`pipelines.settings` fills these from `configs/alliances.yaml` and `configs/actors.yaml` and
rejects what does not fit; here is only their shape. Codes are ISO 3166-1 alpha-3 (`XKX` for Kosovo).
"""

from dataclasses import dataclass
from datetime import date

from transforms.codebook import ActorRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A country in an alliance from a day (inclusive) until a day (exclusive), or still."""

    country: str
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alliance:
    """An alliance or union that is watched."""

    id: str
    name: str
    #: other proper names, matched as written; all-capital ones also in title case ('Nato')
    aliases: tuple[str, ...] = ()
    #: common nouns that refer back to it ('alliance', 'bloc'), without article
    generic: tuple[str, ...] = ()
    #: its organs, which act as itself ('European Commission', 'North Atlantic Council')
    bodies: tuple[str, ...] = ()
    #: its offices, which act as itself ('Secretary General', 'Commission President')
    offices: tuple[str, ...] = ()
    #: cities or buildings that stand for it ('Brussels'); weak: only where nothing else fits
    seats: tuple[str, ...] = ()
    members: tuple[Membership, ...] = ()
    #: countries known to seek membership, with the day they said so
    aspirants: tuple[Membership, ...] = ()
    #: whether a text that names it passes the gate
    watched: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A state with the words that stand for it or its government."""

    code: str
    name: str
    #: other nouns for the country ('Republic of Bulgaria', 'Czechia', 'U.S.')
    aliases: tuple[str, ...] = ()
    #: adjectives and people ('Bulgarian', 'Bulgarians', 'Dutch', 'Briton')
    demonyms: tuple[str, ...] = ()
    capitals: tuple[str, ...] = ()
    #: places that stand for the government ('Kremlin', 'Downing Street', 'White House')
    seats: tuple[str, ...] = ()
    #: other cities: they tell where a place is, and never stand for the government
    cities: tuple[str, ...] = ()
    #: names of its parliament ('Rada', 'Bundestag'): role LEG
    parliaments: tuple[str, ...] = ()
    #: parties, ministries and other bodies with a name of their own, and their role
    bodies: tuple["Body", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A named body of a country ('Pentagon', 'Fidesz') and the role it acts in."""

    name: str
    role: ActorRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Leader:
    """A person who speaks for a country or an alliance during a term of office."""

    #: full name as most used in English
    name: str
    #: other spellings of the full name or of the surname
    aliases: tuple[str, ...] = ()
    #: surname alone identifies the person where the text is of the term's years
    surname: str
    #: ISO alpha-3 code or alliance id
    speaks_for: str
    office: str
    role: ActorRole
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A title that, joined to a country ('Bulgarian prime minister'), speaks for it in a role."""

    title: str
    role: ActorRole
    #: also understood without a country, where the document has one main country
    plural: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryGroup:
    """A region named as a group ('the Baltics'), which stands for its countries."""

    name: str
    aliases: tuple[str, ...] = ()
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Aid that is watched even where the text names no alliance: whom it goes to, and the words for it."""

    id: str
    #: ISO alpha-3 code of whom it helps; None for any country
    country: str | None = None
    #: aid words ('military aid', 'tanks'), in lower case; a text passes where one stands near the country
    words: tuple[str, ...]
    #: where `country` is None: how many different countries must stand near the word
    countries: int = 1
    #: the day the country came under attack: from then on, support for it is military aid unless more is said
    at_war_since: date | None = None
    #: who attacks it: they neither help it nor are helped by it
    adversaries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All of it, as one value that travels to the workers."""

    alliances: tuple[Alliance, ...]
    countries: tuple[Country, ...]
    leaders: tuple[Leader, ...]
    offices: tuple[Office, ...]
    groups: tuple[CountryGroup, ...]
    causes: tuple[Cause, ...] = ()
