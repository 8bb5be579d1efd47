"""Inputs of several kinds for the stand-in detector, and all rows that a run made of them, to be compared."""

from pathlib import Path

from stand_in import write_articles
from warc_file import join_records, write_record

from pipelines.query import run_query
from transforms.storage import Place

TEXT = "BGR backs UKR in NATO. The ministers met on Monday and talked a long time about what comes next."


def write_inputs(folder: Path, count: int = 60) -> Path:
    """Lines, pages of an archive and files on their own; some of them copies of others far away."""
    folder.mkdir()
    write_articles(folder / "news.jsonl", count)
    records = []
    for number in range(count):
        about = TEXT.replace("UKR", "FIN") if number % 3 else "Rain fell all day."
        story = f"{about} " + f"This is told by witness number {number // 4} of that long autumn day. " * 9
        page = f"<html><head><title>Day</title></head><body><article><p>{story}</p></article></body></html>"
        # In a comment the name passes the bytes, not the text.
        page += "<!-- NATO -->" if number % 2 else ""
        records.append(write_record(f"https://a.example/{number}", page.encode()))
    (folder / "pages.warc.gz").write_bytes(join_records(records, "by_record"))
    (folder / "alone.txt").write_text(f"A headline\n\n{TEXT} BOOM, and nobody knows why.")
    (folder / "alone_too.txt").write_text(f"A headline\n\n{TEXT} That is all.")
    return folder


def dump(data: Place, moved: tuple[str, str] = ("", "")) -> dict[str, list[str]]:
    """Data folder → all rows by table; `moved` says where the inputs lie, and where else they lay."""
    # How the counts of an archive are cut depends on who counted.
    questions = {name: f"SELECT * FROM {name}" for name in ("articles", "events", "rejects")} | {
        "archives": "SELECT origin, gate, outcome, sum(pages) FROM archives GROUP BY ALL"
    }
    return {
        name: sorted(repr(row).replace(*moved) for row in run_query(data, sql).rows)
        for name, sql in questions.items()
    }
