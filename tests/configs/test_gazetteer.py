"""The shipped gazetteer → checks: every code is real, no word has two owners, every date is in order."""

from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from transforms.codebook import ActorRole
from transforms.knowledge import Alliance, Body, Country, CountryGroup, Leader, Membership, Office, World

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
