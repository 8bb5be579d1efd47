"""What is exported is what the tables hold, in forms that other programs read, whole or not at all."""

import csv
import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import pipelines.export
from pipelines.command import main
from pipelines.export import EXPORTED, FORMS, describe_export, list_meanings
from pipelines.export_command import _FORMS, _TABLES
from pipelines.export_files import select_csv
from pipelines.interchange import read_scheme
from pipelines.query import run_query
from pipelines.settings import load_settings
from transforms.codebook import ACTOR_ROLES, KIND_CODES, OBJECTS

pytestmark = pytest.mark.usefixtures("stand_in")

LONG = (
    "The ministers met on Monday and talked a long time about what comes next for the region and all in it."
)
ARTICLES = [
    {
        "url": "https://news.example/1", "title": '=HYPERLINK("https://bad.example";"x")',
        "text": f"Sofia. {LONG}\nBGR backs UKR in its bid to join NATO. {LONG}", "published": "2024-03-05",
    },
    {"url": "https://news.example/2", "title": "'+1 of two", "text": f"HUN blocks SWE in NATO. {LONG} B."},
    {"url": "https://news.example/3", "title": 'Said "no", or so', "text": f"ROU backs MDA in NATO. {LONG}"},
    {"url": "https://news.example/4", "title": "Rain", "text": f"Some weather. {LONG} All week."},
]  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    lines = "".join(json.dumps(article) + "\n" for article in ARTICLES)
    (tmp_path / "news.jsonl").write_text(lines, encoding="utf-8")
    data = tmp_path / "data"
    assert main(["run", str(tmp_path / "news.jsonl"), "--data", str(data)]) == 0
    assert main(["resolve", "--data", str(data)]) == 0
    return data


def export(data: Path, out: Path, form: str, *flags: str) -> int:
    return main(["export", "--data", str(data), "--out", str(out), "--as", form, *flags])


def test_the_choices_are_those_there_are() -> None:
    assert _FORMS == FORMS
    assert sorted(_TABLES) == sorted(EXPORTED)


def test_parquet_keeps_types_and_descriptions(data: Path, tmp_path: Path) -> None:
    assert export(data, tmp_path / "out", "parquet") == 0
    assert sorted(path.stem for path in (tmp_path / "out").iterdir()) == sorted(EXPORTED)
    for name, (_, schema) in EXPORTED.items():
        content = pq.read_table(tmp_path / "out" / f"{name}.parquet")
        assert content.schema.equals(schema), name
        assert list_meanings(content.schema) == list_meanings(schema)
        stored = run_query(data, f"SELECT count(*) FROM {name}").rows[0][0]
        assert content.num_rows == stored
    events = pq.read_table(tmp_path / "out" / "events.parquet").to_pylist()
    assert {tuple(event["actors"]) for event in events} == {("BGR",), ("HUN",), ("ROU",)}


def test_csv_can_be_read_back_and_holds_no_formula(data: Path, tmp_path: Path) -> None:
    assert export(data, tmp_path / "articles.csv", "csv", "--table", "articles") == 0
    with (tmp_path / "articles.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["url"])
    assert [row["title"] for row in rows] == [
        '\'=HYPERLINK("https://bad.example";"x")',
        "''+1 of two",
        'Said "no", or so',
    ]
    assert json.loads(rows[0]["topics"]) == [] or json.loads(rows[0]["topics"])[0]["name"]
    assert rows[0]["published_at"] == "2024-03-05T00:00:00Z"
    assert rows[1]["published_at"] == ""
    assert rows[0]["text"].count("\n") == 1
    assert export(data, tmp_path / "all", "csv") == 0
    with (tmp_path / "all" / "events.csv").open(encoding="utf-8", newline="") as file:
        event = next(row for row in csv.DictReader(file) if row["actors"] == '["BGR"]')
    assert event["event_date"] == "2024-03-05" and event["confidence"] == "0.9"
    (quote,) = json.loads(event["evidence"])
    assert quote["text"] == "BGR backs UKR"


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1", "'=1", "''-1", "'tis", "1=1", "", " =1"]
)
def test_a_guarded_cell_can_be_undone(text: str) -> None:
    schema = pa.schema([("cell", pa.string())])
    content = pa.table({"cell": [text]}, schema=schema)
    ((guarded,),) = duckdb.sql(select_csv("content", schema)).fetchall()
    assert content.num_rows == 1
    assert guarded[:1] not in "=+-@\t\r＝＋－＠" or not guarded
    undone = guarded[1:] if guarded.lstrip("'")[:1] in tuple("=+-@\t\r＝＋－＠") else guarded
    assert undone == text


def test_plain_duckdb_opens_the_file(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "alliances.duckdb"
    assert export(data, out, "duckdb") == 0
    with duckdb.connect(str(out), read_only=True) as file:
        tables = dict(file.execute("SELECT table_name, comment FROM duckdb_tables()").fetchall())
        assert set(tables) == set(EXPORTED)
        assert tables["events"] == EXPORTED["events"][0]
        sql = "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal"
        comments = {(table, column): comment for table, column, comment in file.execute(sql).fetchall()}
        for name, (_, schema) in EXPORTED.items():
            for column, meaning in list_meanings(schema).items():
                assert comments[name, column] == meaning
        assert file.execute("SELECT actor, stance FROM positions ORDER BY 1").fetchall() == [
            ("BGR", "support"), ("HUN", "oppose"), ("ROU", "support")
        ]  # fmt: skip
        kept = file.execute("SELECT evidence[1].text FROM resolved_events WHERE actor = 'BGR'").fetchall()
        assert kept == [("BGR backs UKR",)]
    assert not list(tmp_path.glob(".*"))


def read_gdelt(path: Path) -> list[dict[str, str]]:
    names = [column.name for column in read_scheme("gdelt").columns]
    lines = path.read_text(encoding="utf-8").splitlines()
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines]


def test_gdelt_has_its_columns_and_codes(data: Path, tmp_path: Path) -> None:
    assert export(data, tmp_path / "events.tsv", "gdelt") == 0
    rows = {row["Actor1Name"]: row for row in read_gdelt(tmp_path / "events.tsv")}
    assert len(read_scheme("gdelt").columns) == 61
    (named,) = run_query(data, "SELECT resolved_id FROM resolved_events WHERE actor = 'BGR'").rows
    filled = {name: value for name, value in rows["BULGARIA"].items() if value}
    assert filled.pop("DATEADDED").startswith("20")
    assert filled == {
        "GLOBALEVENTID": str(int(named[0][:15], 16)), "SQLDATE": "20240305", "MonthYear": "202403",
        "Year": "2024", "FractionDate": "2024.2603", "Actor1Code": "BGRGOV", "Actor1Name": "BULGARIA",
        "Actor1CountryCode": "BGR", "Actor1Type1Code": "GOV", "Actor2Code": "UKR", "Actor2Name": "UKRAINE",
        "Actor2CountryCode": "UKR", "IsRootEvent": "0", "EventCode": "051", "EventBaseCode": "051",
        "EventRootCode": "05", "QuadClass": "1",
        "GoldsteinScale": "3.4", "NumMentions": "1", "NumSources": "1", "NumArticles": "1",
        "SOURCEURL": "https://news.example/1",
    }  # fmt: skip
    assert rows["HUNGARY"]["IsRootEvent"] == "1", "it stands in the first paragraph"
    assert rows["HUNGARY"]["QuadClass"] == "3" and rows["HUNGARY"]["SQLDATE"] == ""
    assert rows["ROMANIA"]["Actor1Code"] == "ROMGOV", "CAMEO has another code than ISO"
    assert export(data, tmp_path / "named.tsv", "gdelt", "--header") == 0
    first = (tmp_path / "named.tsv").read_text(encoding="utf-8").partition("\n")[0]
    assert first.split("\t") == [column.name for column in read_scheme("gdelt").columns]


def test_every_code_of_ours_has_one_of_theirs() -> None:
    gdelt, plover = read_scheme("gdelt").codes, read_scheme("plover").codes
    cameo = {codes.cameo for codes in KIND_CODES.values()}
    assert set(gdelt["goldstein"]) == cameo
    assert {code[:2] for code in cameo} <= set(gdelt["quad"])
    assert set(gdelt["actor_type"]) == set(plover["sector"]) == set(ACTOR_ROLES)
    assert set(plover["mode"]) | set(plover["act_context"]) <= cameo
    assert {pair.split()[1] for pair in plover["aid_context"]} <= set(OBJECTS)
    countries = {country.code for country in load_settings().settings.countries}
    # Two that are no more; and FIPS has codes for parts of Palestine only.
    assert countries - set(gdelt["fips"]) == {"CSK", "YUG", "PSE"}
    assert len(set(gdelt["fips"].values())) == len(gdelt["fips"])


def test_plover_has_its_fields(data: Path, tmp_path: Path) -> None:
    assert export(data, tmp_path / "events.jsonl", "plover") == 0
    lines = (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    events = {event["attributes"]["ACTOR"][0]["country"]: event for event in map(json.loads, lines)}
    assert set(events) == {"BGR", "HUN", "ROU"}
    event = events["BGR"]
    assert list(event) == [column.name for column in read_scheme("plover").columns]
    assert (event["event_type"], event["event_mode"], event["contexts"]) == ("SUPPORT", [], ["diplomatic"])
    assert event["date"] == event["date_resolved"] == "2024-03-05"
    assert event["attributes"]["ACTOR"] == [
        {
            "text": "Bulgaria",
            "country": "BGR",
            "country_name": "Bulgaria",
            "code_1": "GOV",
            "code_2": "",
            "wiki": None,
        }
    ]
    assert event["attributes"]["RECIP"][0]["country"] == "UKR"
    assert (events["HUN"]["event_mode"], events["HUN"]["date_resolved"]) == (["yield"], None)


def test_what_is_there_is_not_overwritten(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert export(data, out, "csv", "--table", "events") == 0
    assert export(data, out, "csv") == 2
    assert "--force" in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == ["events.csv"]
    assert export(data, out, "csv", "--force") == 0
    assert len(list(out.iterdir())) == len(EXPORTED)
    (out / "mine.txt").write_text("precious")
    assert export(data, out, "csv", "--force") == 2
    assert (out / "mine.txt").read_text() == "precious"
    assert export(data, data, "parquet", "--force") == 2
    assert export(data, out, "duckdb", "--force") == 2
    (tmp_path / "events.jsonl").write_text("precious")
    assert export(data, tmp_path / "events.jsonl", "plover") == 2
    assert (tmp_path / "events.jsonl").read_text() == "precious"
    assert export(data, tmp_path / "none" / "x.csv", "csv", "--table", "rejects") == 0, "folders are made"


def test_a_failure_leaves_all_as_it_was(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    assert export(data, out, "parquet") == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    def fail(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pipelines.export, "write_parquet", fail)
    assert export(data, out, "parquet", "--force") == 1
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert not list(tmp_path.glob(".*"))


def test_files_that_are_joined_meanwhile_are_listed_again(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    read, stale = pipelines.export.read_snapshot, [2]

    def read_stale(folder: Path) -> dict[str, list[Path]]:
        files = read(folder)
        if stale[0]:
            stale[0] -= 1
            files["events"] = [path.with_name("part-gone.parquet") for path in files["events"]]
        return files

    monkeypatch.setattr(pipelines.export, "read_snapshot", read_stale)
    assert export(data, tmp_path / "out", "parquet") == 0
    stale[0] = 3
    assert export(data, tmp_path / "more", "parquet") == 3
    assert "3 times" in capsys.readouterr().err
    assert not (tmp_path / "more").exists()


def test_usage(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--as", "csv", "--data", str(data)]) == 2
    assert "--out" in capsys.readouterr().err
    assert export(data, tmp_path / "x", "gdelt", "--table", "events") == 2
    assert export(data, tmp_path / "x", "csv", "--header") == 2
    assert export(tmp_path / "nowhere", tmp_path / "x", "csv") == 2


def test_the_dictionary_is_complete() -> None:
    described = describe_export("parquet").rows
    assert len(described) == sum(len(schema) for _, schema in EXPORTED.values())
    assert all(meaning for *_, meaning in described)
    assert len(describe_export("gdelt").rows) == 61
