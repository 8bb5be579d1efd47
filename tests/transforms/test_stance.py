from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_records import make_event

from transforms.codebook import ARTICLE_STANCES, FACTUALITIES, KINDS, STANCES
from transforms.records import SupportEvent
from transforms.stance import judge_stance

SUPPORTS = make_event()
CONDITION = replace(SUPPORTS, stance="conditional", kind="condition")
BLOCKS = replace(SUPPORTS, actors=("HUN",), kind="block", stance="oppose")


@pytest.mark.parametrize(
    ("events", "stance"),
    [
        ([], "neutral"),
        ([SUPPORTS], "support"),
        ([CONDITION], "conditional"),
        ([BLOCKS], "oppose"),
        ([SUPPORTS, BLOCKS], "mixed"),
        ([SUPPORTS, CONDITION], "conditional"),
        ([SUPPORTS] * 4 + [BLOCKS], "support"),
        ([replace(BLOCKS, stance="conditional")], "conditional"),
        ([replace(SUPPORTS, kind="apply"), replace(SUPPORTS, kind="admit", factuality="denied")], "mixed"),
        ([replace(BLOCKS, factuality="denied")], "neutral"),
        ([replace(SUPPORTS, confidence=0.4)], "neutral"),
        ([replace(SUPPORTS, confidence=0.46)], "support"),
        ([SUPPORTS, SUPPORTS, replace(BLOCKS, confidence=0.4)], "support"),
    ],
)
def test_what_the_positions_add_up_to(events: list[SupportEvent], stance: str) -> None:
    assert judge_stance(events).stance == stance


def test_the_main_target_is_what_most_is_said_about() -> None:
    other = replace(BLOCKS, beneficiaries=("SWE",))
    judgement = judge_stance([SUPPORTS, other, SUPPORTS])
    assert judgement == ("support", "UKR:NATO", 1.0)


def test_a_target_without_an_alliance_is_the_country_alone() -> None:
    assert judge_stance([replace(SUPPORTS, alliance=None)]).target == "UKR"
    assert judge_stance([]).target is None


@given(
    st.lists(
        st.builds(
            lambda kind, stance, factuality, confidence: replace(
                SUPPORTS, kind=kind, stance=stance, factuality=factuality, confidence=confidence
            ),
            st.sampled_from(KINDS),
            st.sampled_from(STANCES),
            st.sampled_from(FACTUALITIES),
            st.floats(0, 1),
        ),
        max_size=6,
    )
)
def test_any_events_give_a_stance_and_a_balance(events: list[SupportEvent]) -> None:
    judgement = judge_stance(events)
    assert judgement.stance in ARTICLE_STANCES
    assert -1 <= judgement.score <= 1
