from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pipelines.gold import LabelledEvent, Span
from pipelines.scoring import (
    Claim,
    Counts,
    bootstrap_score,
    compare_claims,
    compare_fields,
    rate_claims,
    relaxed_claims,
    score_counts,
    score_labels,
    strict_claims,
)
from transforms.codebook import FACTUALITIES, KINDS, OBJECTS, STANCES

BACKS = LabelledEvent(
    actors=("BGR",),
    beneficiaries=("UKR",),
    alliance="NATO",
    object="membership",
    kind="endorse",
    stance="support",
    factuality="asserted",
    evidence=(Span(field="text", start=0, end=10),),
)

events = st.lists(
    st.builds(
        LabelledEvent,
        actors=st.lists(st.sampled_from(["BGR", "HUN", "NATO"]), min_size=1, max_size=2, unique=True).map(
            tuple
        ),
        beneficiaries=st.lists(st.sampled_from(["UKR", "SWE"]), min_size=1, unique=True).map(tuple),
        object=st.sampled_from(OBJECTS),
        kind=st.sampled_from(KINDS),
        stance=st.sampled_from(STANCES),
        factuality=st.sampled_from(FACTUALITIES),
        optional=st.booleans(),
    ),
    max_size=5,
)


def test_events_are_exploded_by_actor_and_beneficiary() -> None:
    event = replace(BACKS, actors=("BGR", "ROU"), beneficiaries=("UKR", "MDA"))
    assert len(relaxed_claims(event)) == len(strict_claims(event)) == 4


def test_a_negative_kind_counts_as_negative_even_with_a_condition() -> None:
    event = replace(BACKS, kind="block", stance="conditional")
    assert relaxed_claims(event) == (Claim("BGR", "UKR", "membership", "-"),)


def test_a_conditional_endorsement_is_positive_and_a_partnership_is_membership() -> None:
    event = replace(BACKS, stance="conditional", object="partnership")
    assert relaxed_claims(event) == relaxed_claims(BACKS)


def test_denied_events_count_in_strict_only() -> None:
    event = replace(BACKS, factuality="denied")
    assert relaxed_claims(event) == ()
    assert len(strict_claims(event)) == 1


def test_an_optional_event_is_neither_missed_nor_false() -> None:
    optional = replace(BACKS, optional=True)
    assert compare_claims([optional], [], relaxed_claims).count() == Counts(0, 0, 0)
    found = compare_claims([optional], [BACKS], relaxed_claims)
    assert found.count() == Counts(0, 0, 0)
    assert len(found.ignored) == 1


def test_a_claim_that_is_also_required_is_not_optional() -> None:
    optional = replace(BACKS, optional=True, kind="sign")
    assert compare_claims([optional, BACKS], [], relaxed_claims).count() == Counts(0, 0, 1)


def test_wrong_sign_is_one_false_and_one_missed() -> None:
    opposes = replace(BACKS, kind="oppose", stance="oppose")
    assert compare_claims([BACKS], [opposes], relaxed_claims).count() == Counts(0, 1, 1)


@given(events)
def test_a_perfect_detector_has_nothing_false_or_missed(labelled: list[LabelledEvent]) -> None:
    for explode in (relaxed_claims, strict_claims):
        counts = compare_claims(labelled, labelled, explode).count()  # type: ignore[arg-type]
        assert counts.false == counts.missed == 0


@given(events, events)
def test_counts_agree_with_the_sets(labelled: list[LabelledEvent], found: list[LabelledEvent]) -> None:
    compared = compare_claims(labelled, found, relaxed_claims)
    required = {c for e in labelled if not e.optional for c in relaxed_claims(e)}
    assert compared.true | compared.missed == required
    assert compared.true | compared.false | compared.ignored == {c for e in found for c in relaxed_claims(e)}
    assert all(len(right) == len(compared.true) for right in compare_fields(labelled, found).values())
    assert sum(right for _, right in rate_claims(found, compared)) == len(compared.true)


def test_scores_of_nothing_are_zero() -> None:
    assert score_counts(Counts(0, 0, 0)) == (0, 0, 0)
    assert bootstrap_score([]).score.f1 == 0
    assert score_labels([]) == (0, 0)


def test_scores_by_hand() -> None:
    assert score_counts(Counts(3, 1, 2)) == (0.75, 0.6, 6 / 9)
    accuracy, macro = score_labels([("support", "support"), ("support", "neutral"), ("neutral", "neutral")])
    assert accuracy == 2 / 3
    assert abs(macro - (2 / 3 + 2 / 3) / 2) < 1e-9


def test_the_bootstrap_is_fixed_and_holds_the_score() -> None:
    counts = [Counts(1, 0, 1), Counts(0, 1, 0), Counts(2, 0, 0), Counts(0, 0, 1)] * 5
    one, two = bootstrap_score(counts, 200), bootstrap_score(counts, 200)
    assert one == two
    assert one.low.f1 < one.score.f1 < one.high.f1


def test_fields_are_compared_on_the_pair_that_agrees_most() -> None:
    signs = replace(BACKS, kind="sign")
    right = compare_fields([signs], [BACKS, replace(signs, alliance="EU")])
    assert right["alliance"] == [True] or right["kind"] == [True]
    assert sum(r == [False] for r in right.values()) == 1
