"""Clusters kept up to date are those of all mentions at once, whatever comes in which order."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from made_rows import NOW, at, make_event_row

from transforms.claims import Mention, make_mention
from transforms.clusters import cluster_mentions
from transforms.reclustering import BlockChange, StoredCluster, recluster
from transforms.resolution import resolved_id
from transforms.windows import Window, window_around

START = date(2024, 1, 1)

#: batches: article → its revision and its mentions in that
History = list[dict[int, tuple[int, list[Mention]]]]


def mention(event_id: str, article_id: str, **fields: Any) -> Mention:
    row = make_event_row(event_id, article_id, **fields)
    return make_mention({**row, "actor": "BGR", "beneficiary": "UKR", "copies": 0, "copy_sources": []})


@st.composite
def mentions_of(draw: st.DrawFn, article: int, revision: int) -> list[Mention]:
    """An article's mentions in one of its revisions."""
    reported = START + timedelta(days=draw(st.integers(0, 60)) * draw(st.sampled_from([1, 1, 1, 11])))
    seen = NOW + timedelta(hours=draw(st.integers(0, 50)) + 1000 * revision)
    made = []
    for number in range(draw(st.integers(0, 3))):
        precision = draw(st.sampled_from([None, "day", "day", "day", "month", "year"]))
        day = reported - timedelta(days=draw(st.integers(0, 5))) if precision else None
        if precision in ("month", "year") and day:
            day = day.replace(day=1, month=1 if precision == "year" else day.month)
        made.append(
            mention(
                f"e{article}-{number}",
                f"a{article}",
                kind=draw(st.sampled_from(["endorse", "sign", "ratify", "oppose", "condition", "apply"])),
                alliance=draw(st.sampled_from(["NATO", "NATO", "EU", None])),
                stance=draw(st.sampled_from(["support", "conditional", "neutral"])),
                factuality=draw(st.sampled_from(["asserted", "asserted", "planned", "denied"])),
                event_date=day,
                event_date_precision=precision,
                event_date_basis=precision and draw(st.sampled_from(["explicit", "publication"])),
                published_at=at(reported),
                first_seen=seen,
                revision=revision,
            )
        )
    return made


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Batches: article → its revision and its mentions in that."""
    revisions: dict[int, int] = {}
    batches = []
    for _ in range(draw(st.integers(1, 6))):
        batch = {}
        for article in draw(st.lists(st.integers(0, 15), max_size=6, unique=True)):
            revisions[article] = revisions.get(article, 0) + 1
            batch[article] = (revisions[article], draw(mentions_of(article, revisions[article])))
        batches.append(batch)
    return batches


def shape(clusters: Sequence[Sequence[Mention]]) -> set[tuple[str, frozenset[str]]]:
    return {(some[0].event_id, frozenset(one.event_id for one in some)) for some in clusters}


def stored_of(cluster: Sequence[Mention]) -> StoredCluster:
    first = min(cluster, key=lambda m: (m.first_seen, m.event_id))
    return StoredCluster(
        resolved_id=resolved_id(first), path="", event_ids=tuple(one.event_id for one in cluster)
    )


def hull(mentions: Sequence[Mention]) -> Window:
    first, *rest = [window_around(one) for one in mentions]
    for other in rest:
        first = first.join(other)
    return first


def catch_up(
    now: list[Mention], stored: list[StoredCluster], new: list[Mention], removed: list[Mention]
) -> tuple[list[StoredCluster], int]:
    """The stored clusters brought up to date, seeing no more than it asks for; how many mentions it took."""
    if not new and not removed:
        return stored, 0
    window = hull([*new, *removed])
    for _ in range(20):
        loaded = [one for one in now if window.holds(one)]
        ids = {one.event_id for one in loaded}
        found = recluster(
            BlockChange(
                window=window,
                mentions=loaded,
                stored=[one for one in stored if ids.intersection(one.event_ids)]
                + [one for one in stored if {m.event_id for m in removed}.intersection(one.event_ids)],
                removed=removed,
                new={one.event_id for one in new},
                refreshed=(),
            )
        )
        if found.wider is None:
            gone = {one.resolved_id for one in found.dropped}
            kept = [one for one in stored if one.resolved_id not in gone]
            return kept + [stored_of(one) for one in found.made], len(loaded)
        assert found.wider.join(window) == found.wider != window
        window = found.wider
    raise AssertionError("the window grows without end")


@given(histories())
@settings(max_examples=80, deadline=None)
def test_kept_up_to_date_is_the_same_as_made_anew(history: History) -> None:
    current: dict[int, list[Mention]] = {}
    stored: list[StoredCluster] = []
    for batch in history:
        removed = [one for article in batch for one in current.get(article, ())]
        new = [one for _, some in batch.values() for one in some]
        current.update({article: some for article, (_, some) in batch.items()})
        now = [one for some in current.values() for one in some]
        stored, _ = catch_up(now, stored, new, removed)
        anew = cluster_mentions(now)
        assert {(one.event_ids[0], frozenset(one.event_ids)) for one in stored} == shape(anew)
        assert sorted(one.resolved_id for one in stored) == sorted(stored_of(one).resolved_id for one in anew)
