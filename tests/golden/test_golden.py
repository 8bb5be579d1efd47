"""The whole pipeline over a small folder, compared with what it gave before: events and rejects.

After a change that is meant: python -m pytest tests/golden --update-golden, and read the difference.
"""

import json
from pathlib import Path

import pytest

from pipelines.command import main
from pipelines.query import run_query

HERE = Path(__file__).parent

QUERIES = {
    "events": """
        SELECT parse_filename(a.origin) AS file, actors, actor_role, beneficiaries, e.alliance, object, kind,
            plover, cameo, e.stance, factuality, attributed_to, condition, ordinal, event_date,
            event_date_precision, event_date_basis, place, place_country,
            [q.text FOR q IN evidence] AS evidence, event_id, event_month
        FROM events AS e JOIN articles AS a ON a.article_id = e.article_id ORDER BY file, a.url, event_id
    """,
    "rejects": """
        SELECT parse_filename(origin) AS file, stage, reason, detail, url, title, key, seen_month
        FROM rejects ORDER BY file, key
    """,
    "articles": """
        SELECT parse_filename(origin) AS file, article_id, url, source, title, text, language, published_at,
            published_basis, [t.name FOR t IN topics] AS topics, stance, stance_target, n_events,
            duplicate_of, key, notes, published_month
        FROM articles ORDER BY file, url, key
    """,
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("golden") / "data"
    assert main(["run", str(HERE / "input"), "--data", str(data), "--now", "2024-07-01"]) == 0
    return data


@pytest.mark.parametrize("table", list(QUERIES))
def test_golden(table: str, data: Path, request: pytest.FixtureRequest) -> None:
    found = run_query(data, QUERIES[table])
    lines = [
        json.dumps(dict(zip(found.columns, row, strict=True)), default=str, ensure_ascii=False)
        for row in found.rows
    ]
    golden = HERE / f"{table}.jsonl"
    if request.config.getoption("--update-golden"):
        golden.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    expected = [json.loads(line) for line in golden.read_text(encoding="utf-8").splitlines()]
    assert [json.loads(line) for line in lines] == expected


def test_evidence_is_the_quoted_text(data: Path) -> None:
    sql = """
        SELECT q.field, q."start", q."end", q.text, a.title, a.text
        FROM events AS e JOIN articles AS a ON a.article_id = e.article_id, UNNEST(e.evidence) AS u(q)
    """
    rows = run_query(data, sql).rows
    assert rows
    for field, start, end, quoted, title, text in rows:
        assert (title if field == "title" else text)[start:end] == quoted


def test_readme_shows_what_the_demo_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    readme = HERE.parents[1] / "README.md"
    data = ("--data", str(tmp_path))
    assert main(["run", str(HERE.parents[1] / "seeds"), *data]) == 0
    summary = [line.rstrip() for line in capsys.readouterr().err.splitlines()[1:-1]]
    assert main(["query", "events", *data]) == 0
    table = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    lines = ["```", "$ make demo", "…", "Written to data", *summary, "", *table, "```"]
    expected = "\n".join(lines) + "\n"
    text = readme.read_text(encoding="utf-8")
    before, _, rest = text.partition("<!-- demo -->\n")
    shown, _, after = rest.partition("<!-- /demo -->")
    if request.config.getoption("--update-golden"):
        readme.write_text(f"{before}<!-- demo -->\n{expected}<!-- /demo -->{after}", encoding="utf-8")
        return
    assert shown == expected
