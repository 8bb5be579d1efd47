"""The shipped gazetteer → checks: every code is real, no word has two owners, every date is in order."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from transforms.codebook import ActorRole
from transforms.knowledge import Alliance, Body, Country, CountryGroup, Leader, Membership, Office, World

Entry = Alliance | Country | CountryGroup | Leader
CONFIGS = Path(__file__).parents[2] / "configs"

#: ISO 3166-1 alpha-3, states of the United Nations and the observers and others listed beside them.
_CODES = """
    AFG AGO ALB AND ARE ARG ARM ATG AUS AUT AZE BDI BEL BEN BFA BGD BGR BHR BHS BIH BLR BLZ BOL BRA BRB
    BRN BTN BWA CAF CAN CHE CHL CHN CIV CMR COD COG COL COM CPV CRI CUB CYP CZE DEU DJI DMA DNK DOM DZA
    ECU EGY ERI ESP EST ETH FIN FJI FRA FSM GAB GBR GEO GHA GIN GMB GNB GNQ GRC GRD GTM GUY HND HRV HTI
    HUN IDN IND IRL IRN IRQ ISL ISR ITA JAM JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA
    LIE LKA LSO LTU LUX LVA MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MOZ MRT MUS MWI MYS NAM
    NER NGA NIC NLD NOR NPL NRU NZL OMN PAK PAN PER PHL PLW PNG POL PRK PRT PRY PSE QAT ROU RUS RWA SAU
    SDN SEN SGP SLB SLE SLV SMR SOM SRB SSD STP SUR SVK SVN SWE SWZ SYC SYR TCD TGO THA TJK TKM TLS TON
    TTO TUN TUR TUV TWN TZA UGA UKR URY USA UZB VAT VCT VEN VNM VUT WSM YEM ZAF ZMB ZWE
"""
ISO_CODES = frozenset(_CODES.split())
#: Kosovo, and two states of the past that articles of the 1990s still speak of.
OTHER_CODES = frozenset({"XKX", "CSK", "YUG"})

#: Words that two countries share on purpose, with the reason. Today there are none.
SHARED_WORDS: frozenset[str] = frozenset()

#: Words too common to stand alone for a country, a person or an alliance.
_WORDS = """
    May Major Hunt Park Moon Key Day Long Fox Hague English Roman Dan Meta Split Nice
    Bar Mary Price Bruce Miller King Cook Straw Lake Pace Case Will Mark Green
"""
EVERYDAY = frozenset(_WORDS.split())


def read_countries(raw: dict[str, Any]) -> tuple[Country, ...]:
    """YAML's plain values → countries, in their dataclass."""
    return tuple(
        Country(**{**row, "bodies": tuple(Body(**body) for body in row.get("bodies", ()))})
        for row in raw["countries"]
    )


def read_alliances(raw: dict[str, Any]) -> tuple[Alliance, ...]:
    """YAML's plain values → alliances, in their dataclass."""
    dated = ("members", "aspirants")
    return tuple(
        Alliance(**{**row, **{key: tuple(Membership(**m) for m in row.get(key, ())) for key in dated}})
        for row in raw["alliances"]
    )


@pytest.fixture(scope="module")
def world() -> World:
    alliances = yaml.load((CONFIGS / "alliances.yaml").read_text("utf-8"), yaml.CSafeLoader)
    actors = yaml.load((CONFIGS / "actors.yaml").read_text("utf-8"), yaml.CSafeLoader)
    return World(
        alliances=read_alliances(alliances),
        countries=read_countries(actors),
        leaders=tuple(Leader(**row) for row in actors["leaders"]),
        offices=tuple(Office(**row) for row in actors["offices"]),
        groups=tuple(CountryGroup(**row) for row in actors["groups"]),
    )


def members_on(world: World, alliance: str, day: date) -> set[str]:
    """An alliance and a day → the codes of its members on that day."""
    [found] = [a for a in world.alliances if a.id == alliance]
    return {m.country for m in found.members if holds_on(m, day)}


def aspirants_on(world: World, alliance: str, day: date) -> set[str]:
    """An alliance and a day → the codes of those who sought membership on that day."""
    [found] = [a for a in world.alliances if a.id == alliance]
    return {m.country for m in found.aspirants if holds_on(m, day)}


def holds_on(entry: Membership | Leader, day: date) -> bool:
    """A dated entry and a day → whether it holds: `since` counts, `until` doesn't."""
    return entry.since <= day and (entry.until is None or day < entry.until)


def speakers_on(world: World, code: str, role: ActorRole, day: date) -> set[str]:
    """A country, a role and a day → the surnames of those who spoke in it."""
    return {x.surname for x in world.leaders if (x.speaks_for, x.role) == (code, role) and holds_on(x, day)}


def test_countries_are_all_states_once(world: World) -> None:
    codes = [c.code for c in world.countries]
    assert len(codes) == len(set(codes))
    assert set(codes) == ISO_CODES | OTHER_CODES


def test_every_code_used_is_a_country(world: World) -> None:
    known = ISO_CODES | OTHER_CODES
    used = {m.country for a in world.alliances for m in (*a.members, *a.aspirants)}
    used |= {code for group in world.groups for code in group.countries}
    assert used <= known
    spoken_for = {leader.speaks_for for leader in world.leaders}
    assert spoken_for <= known | {a.id for a in world.alliances}


def test_no_word_belongs_to_two_countries(world: World) -> None:
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for c in world.countries:
        own = (c.name, *c.aliases, *c.demonyms, *c.capitals, *c.seats, *c.cities, *c.parliaments)
        for word in (*own, *(body.name for body in c.bodies)):
            owners[word.casefold()].add(c.code)
    shared = {word: codes for word, codes in owners.items() if len(codes) > 1}
    assert shared.keys() <= SHARED_WORDS, shared


def test_no_proper_name_belongs_to_two_alliances_or_to_a_country(world: World) -> None:
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for a in world.alliances:
        for word in (a.name, *a.aliases, *a.bodies):
            owners[word].add(a.id)
    for c in world.countries:
        for word in (c.name, *c.aliases, *c.demonyms, *(body.name for body in c.bodies)):
            owners[word].add(c.code)
    for group in world.groups:
        for word in (group.name, *group.aliases):
            owners[word].add(group.name)
    shared = {word: ids for word, ids in owners.items() if len(ids) > 1}
    assert not shared


def words_of(entry: Entry) -> list[list[str]]:
    """An entry → its lists of words."""
    if isinstance(entry, Alliance):
        lists = [entry.aliases, entry.generic, entry.bodies, entry.offices, entry.seats]
    elif isinstance(entry, Country):
        bodies = tuple(body.name for body in entry.bodies)
        places = (entry.capitals, entry.seats, entry.cities, entry.parliaments)
        lists = [entry.aliases, entry.demonyms, *places, bodies]
    else:
        lists = [entry.aliases]
    return [list(words) for words in lists]


def test_lists_hold_no_word_twice_and_no_stray_space(world: World) -> None:
    for words in all_word_lists(world):
        assert not [w for w, n in Counter(words).items() if n > 1]
        assert all(w and w == w.strip() for w in words), words


def test_apostrophes_are_written_both_ways(world: World) -> None:
    for words in all_word_lists(world):
        assert {w.replace("'", "’") for w in words if "'" in w} <= set(words)


def all_word_lists(world: World) -> Iterator[list[str]]:
    """The world → every list of words in it."""
    entries: list[Entry] = [*world.alliances, *world.countries, *world.groups, *world.leaders]
    for entry in entries:
        yield from words_of(entry)


def test_everyday_words_never_stand_alone(world: World) -> None:
    words = {w for c in world.countries for w in (c.name, *c.aliases, *c.capitals, *c.seats, *c.cities)}
    words |= {w for leader in world.leaders for w in (leader.surname, *leader.aliases)}
    assert not words & EVERYDAY
    assert "Turk" not in {w for leader in world.leaders for w in (leader.surname, *leader.aliases)}


def test_names_are_spelled_without_accents_too(world: World) -> None:
    marks = str.maketrans("áéíóúčšžćñöüşğç", "aeiouczscnousgc".replace("czsc", "cszc"))
    for leader in world.leaders:
        if any(ch in "áéíóúčšžć" for ch in leader.name) and leader.name.translate(marks).isascii():
            assert leader.name.translate(marks) in leader.aliases, leader.name


def test_dates_are_dates_and_in_order(world: World) -> None:
    dated = [m for a in world.alliances for m in (*a.members, *a.aspirants)]
    entries: list[Membership | Leader] = [*dated, *world.leaders]
    for entry in entries:
        assert type(entry.since) is date, entry
        assert entry.until is None or (type(entry.until) is date and entry.since < entry.until), entry


def test_one_country_has_one_membership_at_a_time(world: World) -> None:
    for a in world.alliances:
        for entries in (a.members, a.aspirants):
            spans = sorted((m.country, m.since, m.until or date.max) for m in entries)
            for (country, _, until), (following, since, _) in pairwise(spans):
                assert country != following or until <= since, (a.id, country)


def test_a_member_is_no_aspirant(world: World) -> None:
    for a in world.alliances:
        for day in sorted({m.since for m in (*a.members, *a.aspirants)}):
            both = members_on(world, a.id, day) & aspirants_on(world, a.id, day)
            assert not both, (a.id, day, both)


def test_roles_are_the_codebooks(world: World) -> None:
    roles = {leader.role for leader in world.leaders} | {office.role for office in world.offices}
    roles |= {body.role for country in world.countries for body in country.bodies}
    assert roles <= set(get_args(ActorRole))


def test_each_title_stands_once(world: World) -> None:
    titles = Counter(
        word for office in world.offices for word in {office.title, office.plural or office.title}
    )
    assert not [word for word, n in titles.items() if n > 1]


def test_each_alliance_and_leaders_term_stands_once(world: World) -> None:
    assert len({a.id for a in world.alliances}) == len(world.alliances)
    terms = Counter((x.name, x.speaks_for, x.office, x.since) for x in world.leaders)
    assert max(terms.values()) == 1


@pytest.mark.parametrize(
    ("alliance", "day", "count"),
    [
        ("NATO", date(1990, 1, 1), 16),
        ("NATO", date(1999, 3, 12), 19),
        ("NATO", date(2004, 3, 29), 26),
        ("NATO", date(2023, 4, 4), 31),
        ("NATO", date(2024, 3, 6), 31),
        ("NATO", date(2024, 3, 7), 32),
        ("EU", date(1986, 1, 1), 12),
        ("EU", date(1995, 1, 1), 15),
        ("EU", date(2004, 5, 1), 25),
        ("EU", date(2020, 1, 31), 28),
        ("EU", date(2020, 2, 1), 27),
        ("SCO", date(2024, 7, 4), 10),
        ("BRICS", date(2025, 1, 6), 10),
        ("ASEAN", date(2025, 10, 26), 11),
        ("CSTO", date(2020, 1, 1), 6),
        ("EAEU", date(2020, 1, 1), 5),
        ("G7", date(2020, 1, 1), 7),
        ("OECD", date(2022, 1, 1), 38),
    ],
)
def test_members_are_counted_on_a_day(world: World, alliance: str, day: date, count: int) -> None:
    assert len(members_on(world, alliance, day)) == count


def test_sweden_waits_longer_than_finland(world: World) -> None:
    waiting = date(2023, 4, 4)
    assert "FIN" in members_on(world, "NATO", waiting)
    assert "SWE" not in members_on(world, "NATO", waiting)
    assert "SWE" in aspirants_on(world, "NATO", waiting)
    assert "SWE" not in aspirants_on(world, "NATO", date(2024, 3, 7))


@pytest.mark.parametrize("applied", ["UKR", "MDA", "GEO", "SRB", "MNE", "MKD", "ALB", "BIH", "XKX", "TUR"])
def test_the_unions_waiting_room(world: World, applied: str) -> None:
    assert applied in aspirants_on(world, "EU", date(2024, 1, 1))


@pytest.mark.parametrize(
    ("code", "day", "surname"),
    [
        ("USA", date(2022, 5, 18), "Biden"),
        ("USA", date(2018, 7, 11), "Trump"),
        ("FRA", date(2008, 4, 3), "Sarkozy"),
        ("DEU", date(2022, 2, 27), "Scholz"),
        ("TUR", date(2022, 6, 28), "Erdoğan"),
        ("HUN", date(2023, 7, 12), "Orbán"),
        ("FIN", date(2022, 5, 12), "Marin"),
        ("SWE", date(2022, 5, 16), "Andersson"),
        ("SWE", date(2023, 7, 10), "Kristersson"),
        ("BGR", date(2023, 7, 6), "Denkov"),
        ("UKR", date(2023, 7, 6), "Zelensky"),
        ("GBR", date(2022, 9, 20), "Truss"),
    ],
)
def test_who_leads_on_a_day(world: World, code: str, day: date, surname: str) -> None:
    assert surname in speakers_on(world, code, "HEAD", day)


def test_every_member_of_nato_and_the_eu_has_a_leader_since_2000(world: World) -> None:
    """No month from 2000 to 2025 in which a member state has no one who speaks for it."""
    days = [date(year, month, 15) for year in range(2000, 2026) for month in range(1, 13)]
    heads: defaultdict[str, list[Leader]] = defaultdict(list)
    for leader in world.leaders:
        if leader.role == "HEAD":
            heads[leader.speaks_for].append(leader)
    today = date(2025, 1, 1)
    wanted = members_on(world, "NATO", today) | members_on(world, "EU", today)
    gaps = {(code, day) for code in wanted for day in days if not any(holds_on(h, day) for h in heads[code])}
    assert not gaps, sorted(gaps)[:10]
