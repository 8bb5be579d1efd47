"""Which reports tell of one event: resolved events against clusters made by hand, as B³ (Bagga, Baldwin).

`resolution.jsonl` has one report a line: its text, the event as a reader codes it, now and then with a kind,
stance or date that a detector gets wrong, and the cluster that it belongs to. `-s` prints the scores.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from made_records import make_article
from made_rows import NOW, at, make_article_row, make_event_row

from pipelines.evaluation import Detected
from pipelines.query import run_query
from pipelines.resolving import resolve_events
from transforms.commit import commit_staged
from transforms.records import ClassifiedArticle
from transforms.rows import event_rows
from transforms.staging import stage_batch

REPORTS = Path(__file__).with_name("resolution.jsonl")
FLOOR = 0.9
FLOOR_FROM_TEXTS = 0.85

#: a mention: event, actor, beneficiary
Item = tuple[str, str, str]
Clusters = Mapping[Item, Hashable]


def read_reports() -> list[dict[str, Any]]:
    return [json.loads(line) for line in REPORTS.read_text(encoding="utf-8").splitlines()]


def score_b_cubed(gold: Clusters, found: Clusters) -> tuple[float, float, float]:
    """Two ways to cluster the same items → precision, recall and F1, averaged over the items."""
    sides = []
    for one, other in ((found, gold), (gold, found)):
        members: dict[Hashable, list[Item]] = defaultdict(list)
        for item in gold:
            members[one[item]].append(item)
        shares = [
            sum(other[item] == other[mate] for mate in members[one[item]]) / len(members[one[item]])
            for item in gold
        ]
        sides.append(sum(shares) / len(shares))
    precision, recall = sides
    return precision, recall, 2 * precision * recall / (precision + recall)


def write_reports(data: Path, reports: list[dict[str, Any]], batches: int) -> None:
    plain = ("alliance", "condition", "attributed_to", "ordinal", "event_date_precision", "event_date_basis")
    told = ("actors", "beneficiaries", "actor_role", "object", "kind", "stance", "factuality", "confidence")
    for batch in range(1, batches + 1):
        rows: dict[str, list[Any]] = {"articles": [], "events": []}
        for report in reports[batch - 1 :: batches]:
            article = report["article"]
            shared = {
                "source": report["source"],
                "published_at": at(date.fromisoformat(report["published"])),
            }
            rows["articles"].append(make_article_row(article, **shared))
            rows["articles"] += [
                make_article_row(f"{article}-{i}", duplicate_of=article, source=f"copy{i}.example")
                for i in range(report.get("copies", 0))
            ]
            day = report.get("event_date")
            quote = {"field": "text", "start": 0, "end": len(report["text"]), "text": report["text"]}
            fields = {name: report.get(name) for name in plain} | {name: report[name] for name in told}
            rows["events"].append(
                make_event_row(
                    article, article, event_date=day and date.fromisoformat(day), evidence=[quote],
                    **shared | fields,
                )
            )  # fmt: skip
        stage_batch(data, batch, rows)
        commit_staged(data, batch)
        resolve_events(data, NOW)


def found_clusters(data: Path) -> dict[Item, Hashable]:
    sql = "SELECT resolved_id, actor, beneficiary, mentions FROM resolved_events"
    return {
        (event, actor, beneficiary): resolved_id
        for resolved_id, actor, beneficiary, mentions in run_query(data, sql).rows
        for event in mentions
    }


def keyed(reports: list[dict[str, Any]], key: Callable[[dict[str, Any]], Hashable]) -> dict[Item, Hashable]:
    by_article = {report["article"]: report for report in reports}
    return {item: (key(by_article[item[0]]), item[1:]) for report in reports for item in items_of(report)}


def items_of(report: dict[str, Any]) -> list[Item]:
    pairs = [(a, b) for a in report["actors"] for b in report["beneficiaries"]]
    joint = report["kind"] == "apply"
    return [(report["article"], a, b) for a, b in pairs if not joint or a == b]


@pytest.fixture(scope="module")
def resolved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    write_reports(data, read_reports(), 3)
    return data


def test_reports_of_one_event_are_found_together(resolved: Path) -> None:
    reports = read_reports()
    gold = keyed(reports, lambda r: r["cluster"])
    found = found_clusters(resolved)
    assert set(found) == set(gold)
    ways: dict[str, Clusters] = {
        "resolved events": found,
        "all of the same key": keyed(reports, lambda r: (r.get("alliance"), r["object"], r["kind"])),
        "same key and month": keyed(
            reports, lambda r: (r.get("alliance"), r["object"], r["kind"], r["published"][:7])
        ),
        "same key and day": keyed(
            reports,
            lambda r: (r.get("alliance"), r["object"], r["kind"], r.get("event_date") or r["published"]),
        ),
        "each mention alone": keyed(reports, lambda r: r["article"]),
    }
    print(f"\n{len(set(gold.values()))} clusters of {len(gold)} mentions in {len(reports)} reports")
    print(f"{'B³':22}precision  recall     F1")
    for name, clusters in ways.items():
        print("{:22}    {:.3f}   {:.3f}  {:.3f}".format(name, *score_b_cubed(gold, clusters)))
    for line in list_mistakes(gold, found):
        print(line)
    assert len({report["cluster"] for report in reports}) >= 60
    best = score_b_cubed(gold, found)[2]
    assert best >= FLOOR
    assert all(score_b_cubed(gold, some)[2] < best for name, some in ways.items() if some is not found)


def test_reports_are_found_together_from_their_texts(
    tmp_path: Path, detect: Callable[[str, str, date | None], Detected]
) -> None:
    """The same reports as the detector reads their texts, its mistakes of kind and date included."""
    reports = read_reports()
    rows: dict[str, list[Any]] = {"articles": [], "events": []}
    article_of = {}
    for report in reports:
        day = date.fromisoformat(report["published"])
        found = detect("", report["text"], day)
        article = make_article(
            article_id=report["article"],
            source=report["source"],
            text=report["text"],
            published_at=at(day),
        )
        classified = ClassifiedArticle(article=article, events=found.events)
        for row in event_rows(classified, NOW, "d"):
            # Without an address, ids follow the text: named after the report, they can be looked up.
            name = f"{report['article']} {row['event_id']}"
            article_of[name] = report["article"]
            rows["events"].append({**row, "event_id": name, "article_id": report["article"]})
        rows["articles"].append(make_article_row(report["article"]))
    stage_batch(tmp_path, 1, rows)
    commit_staged(tmp_path, 1)
    resolve_events(tmp_path, NOW)
    gold = keyed(reports, lambda r: r["cluster"])
    labelled, found_in = {}, {}
    for (event, actor, beneficiary), resolved_id in found_clusters(tmp_path).items():
        label = gold.get((article_of[event], actor, beneficiary))
        if label is not None:
            labelled[event, actor, beneficiary] = label
            found_in[event, actor, beneficiary] = resolved_id
    score = score_b_cubed(labelled, found_in)
    print(
        f"\nfrom texts: {len(labelled)} of {len(gold)} mentions are detected; B³ of those "
        "precision {:.3f}, recall {:.3f}, F1 {:.3f}".format(*score)
    )
    alone = score_b_cubed(labelled, {item: item for item in labelled})
    print("each alone: precision {:.3f}, recall {:.3f}, F1 {:.3f}".format(*alone))
    assert len(labelled) > 90
    assert score[2] >= FLOOR_FROM_TEXTS > alone[2]


def list_mistakes(gold: Clusters, found: Clusters) -> list[str]:
    pieces: dict[Hashable, set[Hashable]] = defaultdict(set)
    mixed: dict[Hashable, set[Hashable]] = defaultdict(set)
    for item in gold:
        pieces[gold[item]].add(found[item])
        mixed[found[item]].add(gold[item])
    split = [f"split  {one}: {len(some)}" for one, some in pieces.items() if len(some) > 1]
    joined = [f"joined {sorted(map(str, some))}" for some in mixed.values() if len(some) > 1]
    return sorted(split) + sorted(joined)
