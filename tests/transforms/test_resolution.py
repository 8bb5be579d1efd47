"""The row of a cluster: what most newsrooms say, and what some say beside it."""

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from made_rows import at, make_event_row

from transforms.claims import Mention, make_mention
from transforms.derived_tables import RESOLVED_EVENTS
from transforms.resolution import MAX_EVIDENCE, resolve_cluster

DAY = date(2024, 3, 14)


def mention(name: str, day: date | None = DAY, **fields: Any) -> Mention:
    extra = {"copies": fields.pop("copies", 0), "copy_sources": fields.pop("copy_sources", [])}
    shared = {"published_at": at(day or DAY), "source": f"{name}.example"}
    row = make_event_row(name, fields.pop("article", f"of {name}"), event_date=day, **shared | fields)
    return make_mention({**row, "actor": row["actors"][0], "beneficiary": "UKR", **extra})


def conflicts(row: Any) -> list[tuple[str, str, int]]:
    return [(one["field"], one["value"], one["n_sources"]) for one in row["conflicts"]]


def test_a_row_has_exactly_the_columns() -> None:
    for some in ([mention("a")], [mention("a"), mention("b", None, condition="if it can")]):
        row = resolve_cluster(some)
        assert list(row) == RESOLVED_EVENTS.schema.names
        table = pa.Table.from_pylist([row], schema=RESOLVED_EVENTS.schema)
        table.validate(full=True)
        for field in RESOLVED_EVENTS.schema:
            assert field.nullable or table[field.name].null_count == 0


def test_most_newsrooms_decide() -> None:
    row = resolve_cluster(
        [
            mention("a", kind="sign", stance="conditional", ordinal=22),
            mention("b", kind="sign", ordinal=22),
            mention("c", kind="endorse", ordinal=21, confidence=0.99),
        ]
    )
    assert (row["kind"], row["stance"], row["ordinal"], row["cameo"]) == ("sign", "support", 22, "057")
    assert conflicts(row) == [
        ("stance", "conditional", 1), ("kind", "endorse", 1), ("ordinal", "21", 1),
    ]  # fmt: skip
    assert row["agreement"] == pytest.approx(2 / 3)


def test_one_newsroom_has_one_voice() -> None:
    row = resolve_cluster(
        [
            mention("a", source="x.example"),
            mention("b", source="x.example"),
            mention("c", source="y.example", stance="conditional", confidence=0.9),
        ]
    )
    assert (row["stance"], row["n_sources"], row["n_reports"]) == ("conditional", 2, 3)
    assert row["sources"] == ["x.example", "y.example"]


def test_without_an_outlet_the_address_tells_it() -> None:
    some = [
        mention(name, source=None, url=url)
        for name, url in (("a", "https://x.example/1"), ("b", "https://x.example/2"), ("c", None))
    ]
    row = resolve_cluster(some)
    assert (row["n_sources"], row["sources"]) == (2, ["x.example"])


def test_copies_are_reports_and_no_sources() -> None:
    row = resolve_cluster([mention("a", copies=3, copy_sources=["z.example"]), mention("b")])
    assert (row["n_reports"], row["n_sources"]) == (5, 2)
    assert row["sources"] == ["a.example", "b.example", "z.example"]


def test_the_most_exact_date_counts_and_others_that_differ_are_kept() -> None:
    row = resolve_cluster(
        [
            mention("a", DAY + timedelta(days=1), event_date_basis="publication"),
            mention("b", DAY, event_date_basis="relative"),
            mention("c", date(2024, 3, 1), event_date_precision="month"),
            mention("d", DAY - timedelta(days=1), event_date_basis="relative", confidence=0.6),
        ]
    )
    assert (row["event_date"], row["event_date_precision"]) == (DAY, "day")
    assert conflicts(row) == [("date", "2024-03-13", 1)]
    assert row["event_month"] == "2024-03"


def test_wordings_of_one_condition_are_no_conflict() -> None:
    row = resolve_cluster(
        [
            mention("a", condition="once it has reformed its army", confidence=0.9),
            mention("b", condition="provided that the army is reformed"),
            mention("c", condition="unless prisoners are released"),
        ]
    )
    assert row["condition"] == "once it has reformed its army"
    assert conflicts(row) == [("condition", "unless prisoners are released", 1)]


def test_what_was_announced_is_done_once_someone_says_so() -> None:
    announced = [mention(name, DAY, factuality="planned") for name in "abc"]
    row = resolve_cluster([*announced, mention("d", DAY + timedelta(days=1))])
    assert row["factuality"] == "asserted"
    assert ("factuality", "planned", 3) in conflicts(row)
    assert row["first_reported"] == at(DAY)


def test_attributed_only_if_nobody_says_it_himself() -> None:
    told = mention("a", attributed_to="UKR")
    assert resolve_cluster([told])["attributed_to"] == "UKR"
    assert resolve_cluster([told, mention("b")])["attributed_to"] is None


def test_confidence_grows_with_agreement_and_falls_with_dissent() -> None:
    def sure(*stances: str) -> float:
        value = resolve_cluster([mention(f"m{i}", stance=one) for i, one in enumerate(stances)])["confidence"]
        assert isinstance(value, float)
        return value

    assert sure("support") == pytest.approx(0.8)
    assert sure("support", "support") == pytest.approx(0.96)
    assert 0.8 < sure("support", "support", "conditional") < 0.96
    assert sure("support", "conditional") < 0.5
    assert sure(*["support"] * 50) < 1


def test_the_best_report_comes_first_and_evidence_is_bounded() -> None:
    quotes = [{"field": "text", "start": i, "end": i + 4, "text": f"Said {i}."} for i in range(4)]
    some = [
        mention("a", confidence=0.6),
        mention("b", confidence=0.9, evidence=quotes, url="https://b.example"),
    ]
    row = resolve_cluster(some + [mention(f"c{i}") for i in range(9)])
    evidence: Any = row["evidence"]
    assert len(evidence) == MAX_EVIDENCE
    assert [one["text"] for one in evidence][:4] == ["Said 0.", "Said 1.", "Said 2.", "Said 3."]
    assert evidence[0] | {"event_id": "b", "article_id": "of b"} == evidence[0]
    assert (row["url"], row["title"], row["source"]) == ("https://b.example", "Title of of b", "b.example")


def test_who_acted_together() -> None:
    row = resolve_cluster([mention("a", actors=["BGR", "ROU"]), mention("b", actors=["BGR", "GRC"])])
    assert (row["actor"], row["with_actors"]) == ("BGR", ["GRC", "ROU"])


def test_the_id_is_of_the_mention_processed_first_whoever_leads() -> None:
    first = mention("z", first_seen=at(DAY, 1))
    later = mention("a", first_seen=at(DAY, 2))
    ids = {resolve_cluster(some)["resolved_id"] for some in ([first], [first, later], [later, first])}
    assert len(ids) == 1
    assert resolve_cluster([later])["resolved_id"] not in ids
    assert resolve_cluster([later, first])["mentions"] == ["a", "z"]
