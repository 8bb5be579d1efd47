"""The report as a file: what is in it, byte for byte the same, and nothing in it that ends a script."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from made_news import HOSTILE, NOW, make_news

from pipelines.command import main
from pipelines.query import run_query, with_tables
from pipelines.report import Names, Since, find_context, gather_report, with_sentences
from pipelines.report_page import MODULES, as_json, find_earlier, join_script
from pipelines.report_queries import FIGURES, RUNGS, Filters, fill, fold, list_conditions
from pipelines.report_session import find_since, list_names
from pipelines.settings import load_settings
from transforms.commit import open_tables

PAGE = Path(__file__).parents[2] / "pipelines" / "page"


@pytest.fixture(scope="module")
def names() -> Names:
    return list_names(load_settings(None, {}).settings.build_world())


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("news") / "data"
    make_news(folder, 60, hostile=True)
    return folder


def read_data(page: Path) -> dict[str, Any]:
    found = re.search(r'id="data">(.*?)</script>', page.read_text(encoding="utf-8"), re.S)
    return json.loads(found[1])  # type: ignore[no-any-return, index]


def write(data: Path, out: Path, *more: str) -> int:
    return main(["report", "--data", str(data), "--out", str(out), *more])


def test_same_rows_and_moment_give_the_same_bytes(data: Path, tmp_path: Path) -> None:
    pages = []
    for name in ("a", "b"):
        assert write(data, tmp_path / f"{name}.html", "--now", "2025-03-01T12:00Z") == 0
        pages.append((tmp_path / f"{name}.html").read_bytes())
    assert pages[0] == pages[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "b.html"]


def test_changes_are_counted_from_the_report_that_is_overwritten(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.html"
    assert write(data, out, "--now", "2025-01-01") == 0
    assert read_data(out)["since"] == "2024-12-02T00:00:00Z"
    assert find_earlier(out) == datetime(2025, 1, 1, tzinfo=UTC)
    assert write(data, out, "--now", "2025-03-01") == 0
    assert read_data(out)["since"] == "2025-01-01T00:00:00Z"
    assert "the earlier report" in capsys.readouterr().err
    assert write(data, out, "--now", "2025-03-01", "--since", "2024-05-05") == 0
    assert read_data(out)["since"] == "2024-05-05T00:00:00Z"


@pytest.mark.parametrize(
    "text", ["", "<html>", '<script type="application/json" id="data">{"x"</script>', "\udcff"]
)
def test_a_file_that_is_no_report_tells_no_moment(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.html"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert find_earlier(path) is None
    assert find_earlier(tmp_path / "none.html") is None


def test_a_report_of_the_future_counts_for_nothing() -> None:
    assert find_since(None, datetime(2030, 1, 1, tzinfo=UTC), NOW).basis.startswith("no earlier")


def test_text_of_others_ends_no_script(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    assert write(data, out) == 0
    text = out.read_text(encoding="utf-8")
    assert text.count("<script") == 3 and "onerror" not in re.sub(
        r'id="data">.*?</script>', "", text, flags=re.S
    )
    held = read_data(out)
    at = held["events"]["columns"].index("title")
    assert any(row[at].endswith(HOSTILE) for row in held["events"]["rows"])
    assert as_json({"a": "</script>\u2028"}) == '{"a":"\\u003c/script>\\u2028"}'
    # Only these scripts and styles may run, and nothing may be fetched.
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    assert (
        policy[1].startswith("default-src 'none'; script-src 'sha256-") and "connect-src 'none'" in policy[1]
    )
    assert "unsafe" not in policy[1]
    assert "http:" not in (PAGE / "page.html").read_text(encoding="utf-8")


def test_evidence_stands_in_the_words_of_its_article(data: Path, names: Names) -> None:
    since = Since(moment=NOW, basis="as asked")
    report = with_tables(data, lambda ask: gather_report(ask, names, NOW, since, 10))
    assert report["limit"]["events"] == [10, 60]
    columns, rows = report["events"]["columns"], report["events"]["rows"]
    event = dict(zip(columns, rows[0], strict=True))
    _, field, before, text, after = report["sentences"][event["evidence"][0]]
    assert field == "text" and before.startswith("Ministers met") and after.endswith("More is to follow.")
    sql = f"SELECT text FROM articles WHERE article_id = 'a{event['resolved_id'][1:]}'"
    ((whole,),) = run_query(data, sql).rows
    assert before + text + after == whole


def test_a_revised_article_leaves_the_sentence_alone(data: Path, names: Names, tmp_path: Path) -> None:
    other = "{'article_id': 'a0000001', 'field': 'text', 'start': 3, 'end': 9, 'text': 'other'}"
    evidence = f"SELECT [{other}] AS evidence"

    def work(ask: Any) -> Any:
        return with_sentences(ask(f"{evidence} LIMIT 0"), find_context(ask, evidence))

    assert with_tables(data, work)["sentences"] == [[0, "text", "", "other", ""]]


def test_no_tables_make_an_empty_report(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert write(data, tmp_path / "x.html") == 2
    assert not (tmp_path / "x.html").exists()
    open_tables(data)
    assert write(data, tmp_path / "x.html") == 0
    assert (tmp_path / "x.html").stat().st_size < 600_000
    assert read_data(tmp_path / "x.html")["events"]["rows"] == []


def test_a_place_that_cannot_be_written_is_an_error(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert write(data, tmp_path / "none" / "x.html") == 2
    assert "Cannot write to" in capsys.readouterr().err


def test_seeds_show_bulgaria_as_the_22nd(tmp_path: Path) -> None:
    seeds = Path(__file__).parents[2] / "seeds"
    assert main(["run", str(seeds), "--data", str(tmp_path / "data")]) == 0
    assert main(["resolve", "--data", str(tmp_path / "data")]) == 0
    assert write(tmp_path / "data", tmp_path / "report.html") == 0
    report = read_data(tmp_path / "report.html")
    events = [dict(zip(report["events"]["columns"], row, strict=True)) for row in report["events"]["rows"]]
    (bulgaria,) = (event for event in events if event["actor"] == "BGR")
    assert (bulgaria["rung"], bulgaria["ordinal"], bulgaria["alliance"]) == ("conditional", 22, "NATO")
    said = " ".join(report["sentences"][i][3] for i in bulgaria["evidence"])
    assert "22nd country" in said or "as soon as Kyiv can meet the prerequisites" in said
    spells = [dict(zip(report["spells"]["columns"], row, strict=True)) for row in report["spells"]["rows"]]
    assert [spell["rung"] for spell in spells if spell["actor"] == "BGR"] == ["conditional"]


def test_conditions_hold_values_as_text() -> None:
    filters = Filters(
        beneficiary="U'R", alliance="-", stance="oppose", sure=70, search="Ünit' {where} kingdom"
    )
    found = list_conditions(filters, {"GBR": "United Kingdom"}, "words")
    assert found[:4] == [
        "beneficiary = 'U''R'", "alliance IS NOT DISTINCT FROM NULL", "rung = 'oppose'",
        "round(confidence * 100) >= 70",
    ]  # fmt: skip
    assert found[4] == "contains(words, 'unit''')"
    assert "beneficiary IN ('GBR')" in found[6]
    sql = fill(FIGURES["events"], {"events": "t"}, found)
    assert "contains(words, '{where}')" in sql and sql.startswith("SELECT count(*) FROM t WHERE ")
    assert fold("ŠEFČOVIČ  İ\n") == "sefcovic i "
    assert "ratified" in RUNGS


def test_modules_are_joined_in_the_order_they_need_each_other() -> None:
    seen: list[str] = []
    for name in MODULES:
        text = (PAGE / f"{name}.js").read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 300 and text.startswith("// ")
        assert set(re.findall(r'from "\./(\w+)\.js"', text)) <= set(seen)
        seen.append(name)
    assert {path.stem for path in PAGE.glob("*.js")} == set(MODULES)
    script = join_script()
    assert not re.search(r"^(import|export) ", script, re.M) and "</script" not in script.lower()
    ours = "".join((PAGE / f"{name}.js").read_text(encoding="utf-8") for name in MODULES)
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(", ours)


@pytest.mark.skipif(
    shutil.which("node") is None, reason="Node is not installed: the page's syntax is not checked"
)
def test_script_is_sound(tmp_path: Path) -> None:
    (tmp_path / "page.js").write_text(join_script(), encoding="utf-8")
    subprocess.run(["node", "--check", str(tmp_path / "page.js")], check=True, timeout=60)
