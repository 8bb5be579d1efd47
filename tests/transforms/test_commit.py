"""Staging, commit, recovery, lock and upkeep of the data folder."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from transforms.columns import COMMENT, SCHEMA_VERSION, SCHEMA_VERSION_KEY
from transforms.commit import (
    NothingStaged,
    commit_staged,
    next_batch,
    open_tables,
    read_snapshot,
    recover,
)
from transforms.compaction import maintain
from transforms.data_folder import (
    DataFolderInUse,
    MissingData,
    NewerSchema,
    UnwritableData,
    write_lock,
)
from transforms.rows import Row
from transforms.staging import (
    Manifest,
    StagedFile,
    read_list,
    sort_rows,
    stage_batch,
    stage_rows,
    staging_folder,
    write_list,
    write_manifest,
)
from transforms.tables import TABLES

NOW = datetime(2025, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def reject(key: str, month: str = "2025-01") -> Row:
    return {
        "key": key, "stage": "read", "reason": "empty", "detail": "", "origin": "o",
        "first_seen": NOW, "seen_month": month,
    }  # fmt: skip


def event(key: str, day: date | None, actors: Sequence[str] = ("BGR",), month: str = "2024-05") -> Row:
    return {
        "event_id": key, "article_id": "a", "actors": list(actors), "actor_role": "GOV",
        "beneficiaries": ["UKR"], "object": "membership", "kind": "sign", "plover": "SUPPORT",
        "cameo": "057", "stance": "support", "factuality": "asserted", "event_date": day,
        "evidence": [{"field": "text", "start": 0, "end": 1, "text": "A"}], "confidence": 0.5, "rule": "r",
        "title": "T", "first_seen": NOW, "detector": "d", "event_month": month,
    }  # fmt: skip


def write(data: Path, batch: int, **rows: Sequence[Row]) -> None:
    stage_batch(data, batch, rows)
    commit_staged(data, batch)


def keys(data: Path) -> list[str]:
    return sorted(DeltaTable(str(data / "rejects")).to_pyarrow_table()["key"].to_pylist())


def test_a_batch_becomes_rows(tmp_path: Path) -> None:
    assert next_batch(tmp_path) == 1
    write(tmp_path, 1, rejects=[reject("a"), reject("b", "2025-02")], events=[event("e", None)])
    assert next_batch(tmp_path) == 2
    assert keys(tmp_path) == ["a", "b"]
    assert not (tmp_path / "_staging" / "00000001").exists()
    assert len(read_snapshot(tmp_path)["rejects"]) == 2
    assert read_snapshot(tmp_path)["articles"] == []


def test_the_same_batch_again_adds_nothing(tmp_path: Path) -> None:
    write(tmp_path, 1, rejects=[reject("a")])
    commit_staged(tmp_path, 1)
    write(tmp_path, 1, rejects=[reject("a")])
    assert keys(tmp_path) == ["a"]


def test_an_empty_batch_is_fine(tmp_path: Path) -> None:
    open_tables(tmp_path)
    write(tmp_path, 1, rejects=[])
    assert next_batch(tmp_path) == 1
    assert recover(tmp_path).rolled_forward == ()


def test_workers_stage_side_by_side(tmp_path: Path) -> None:
    files: list[StagedFile] = []
    for some in (["a", "b"], ["c"], ["c"]):
        files += stage_rows(tmp_path, 1, "rejects", [reject(key) for key in some])
    # The third is a retry of the second: the same content is the same file.
    assert files[1] == files[2]
    write_manifest(tmp_path, 1, dict.fromkeys(files))
    commit_staged(tmp_path, 1)
    assert keys(tmp_path) == ["a", "b", "c"]


def test_staged_without_manifest_is_not_committed(tmp_path: Path) -> None:
    stage_rows(tmp_path, 1, "rejects", [reject("a")])
    with pytest.raises(NothingStaged):
        commit_staged(tmp_path, 1)
    report = recover(tmp_path)
    assert (report.rolled_forward, report.dropped) == ((), (1,))
    assert keys(tmp_path) == []


def test_a_list_that_is_not_the_manifest_decides_nothing(tmp_path: Path) -> None:
    files = tuple(stage_rows(tmp_path, 1, "rejects", [reject("a")]))
    write_list(tmp_path, 1, "listed-x.json", files)
    assert read_list(tmp_path, 1, "listed-x.json") == Manifest(files=files)
    assert read_list(tmp_path, 1, "listed-y.json") is None
    assert recover(tmp_path).dropped == (1,) and keys(tmp_path) == []


def test_decided_batches_are_rolled_forward_and_strays_removed(tmp_path: Path) -> None:
    write(tmp_path, 1, rejects=[reject("a")])
    stage_batch(tmp_path, 2, {"rejects": [reject("b")]})
    stray = tmp_path / "rejects" / "seen_month=2025-01" / "stray.parquet"
    stray.write_bytes(b"not ours to read")
    ours = tmp_path / "rejects" / "notes.txt"
    ours.write_text("kept")
    report = recover(tmp_path)
    assert report.rolled_forward == (2,)
    assert report.removed_files == ("rejects/seen_month=2025-01/stray.parquet",)
    assert keys(tmp_path) == ["a", "b"]
    assert ours.exists()


def test_reader_sees_whole_batches_only(tmp_path: Path) -> None:
    write(tmp_path, 1, rejects=[reject("a")], events=[event("e1", None)])
    stage_batch(tmp_path, 2, {"rejects": [reject("b")], "events": [event("e2", None)]})
    # The state after a crash between two tables: events have batch 2, rejects don't.
    manifest = staging_folder(tmp_path, 2) / "manifest.json"
    whole = manifest.read_text()
    listing = json.loads(whole)
    listing["files"] = [file for file in listing["files"] if file["table"] == "events"]
    manifest.write_text(json.dumps(listing))
    saved = staging_folder(tmp_path, 2) / "rejects"
    kept = saved.rename(tmp_path / "kept")
    commit_staged(tmp_path, 2)
    staging_folder(tmp_path, 2).mkdir()
    kept.rename(saved)
    manifest.write_text(whole)
    assert {name: len(files) for name, files in read_snapshot(tmp_path).items()} == {
        "articles": 0,
        "events": 1,
        "rejects": 1,
        "archives": 0,
        "resolved_events": 0,
    }
    recover(tmp_path)
    assert len(read_snapshot(tmp_path)["events"]) == 2
    assert keys(tmp_path) == ["a", "b"]


def test_files_are_sorted_compressed_and_described(tmp_path: Path) -> None:
    days = [None, date(2024, 5, 3), date(2024, 5, 1), date(2024, 5, 1)]
    actors = [["A"], ["A"], ["B"], ["A", "C"]]
    rows = [event(str(i), day, some) for i, (day, some) in enumerate(zip(days, actors, strict=True))]
    write(tmp_path, 1, events=rows)
    (path,) = read_snapshot(tmp_path)["events"]
    file = pq.ParquetFile(path)
    assert file.read()["event_id"].to_pylist() == ["3", "2", "1", "0"]
    assert "event_month" not in file.schema_arrow.names
    assert file.schema_arrow.metadata[SCHEMA_VERSION_KEY.encode()] == str(SCHEMA_VERSION).encode()
    columns = [file.metadata.row_group(0).column(i) for i in range(file.metadata.num_columns)]
    assert {column.compression for column in columns} == {"ZSTD"}
    dictionary = {c.path_in_schema for c in columns if "RLE_DICTIONARY" in c.encodings}
    assert dictionary == set(TABLES["events"].dictionary)
    check_descriptions(tmp_path)


def check_descriptions(data: Path) -> None:
    schema = TABLES["events"].schema
    (path,) = read_snapshot(data)["events"]
    for field in pq.read_schema(path):
        assert field.metadata[COMMENT] == schema.field(field.name).metadata[COMMENT]
        assert field.type == schema.field(field.name).type
    for field in DeltaTable(str(data / "events")).schema().fields:
        assert field.metadata["comment"].encode() == schema.field(field.name).metadata[COMMENT]


def test_statistics_bound_the_values(tmp_path: Path) -> None:
    (file,) = stage_rows(
        tmp_path, 1, "events", [event("a", date(2024, 5, 2)), event("b", date(2024, 5, 9)), event("c", None)]
    )
    stats = json.loads(file.stats)
    assert stats["numRecords"] == 3
    assert stats["minValues"]["event_date"] == "2024-05-02"
    assert stats["maxValues"]["event_date"] == "2024-05-09"
    assert stats["nullCount"] == {"event_date": 1, "published_at": 3, "first_seen": 0}
    assert stats["minValues"]["first_seen"] == "2025-01-02T03:04:05.678Z"
    assert stats["maxValues"]["first_seen"] == "2025-01-02T03:04:05.679Z"


def test_a_row_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    row = {**reject("a"), "reason": None}
    with pytest.raises((pa.ArrowInvalid, ValueError)):
        stage_batch(tmp_path, 1, {"rejects": [row]})
    assert recover(tmp_path).rolled_forward == ()


def test_sorting_an_empty_table_is_fine() -> None:
    layout = TABLES["events"]
    assert sort_rows(layout.file_schema.empty_table(), layout).num_rows == 0


def test_plain_duckdb_reads_the_glob(tmp_path: Path) -> None:
    write(tmp_path, 1, events=[event("a", date(2024, 5, 2)), event("b", None, month="2023-12")])
    found = duckdb.sql(
        f"SELECT event_id, event_month, evidence[1].text FROM "
        f"read_parquet('{tmp_path}/events/event_month=*/*.parquet') ORDER BY 1"
    ).fetchall()
    assert found == [("a", "2024-05", "A"), ("b", "2023-12", "A")]


def test_second_writer_is_told_who_has_the_lock(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    with (
        write_lock(data),
        pytest.raises(DataFolderInUse, match=rf"process {os.getpid()} on .* since 20"),
        write_lock(data),
    ):
        pass
    with write_lock(data):
        pass


def test_lock_goes_with_a_killed_process(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib, time\n"
        "from transforms.data_folder import write_lock\n"
        "with write_lock(pathlib.Path(sys.argv[1])):\n"
        "    print('locked', flush=True); time.sleep(60)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=environment
    ) as other:
        assert other.stdout and other.stdout.readline() == "locked\n"
        with pytest.raises(DataFolderInUse, match=f"process {other.pid}"), write_lock(tmp_path):
            pass
        other.kill()
        other.wait()
    with write_lock(tmp_path):
        pass


def test_table_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    open_tables(tmp_path)
    DeltaTable(str(tmp_path / "rejects")).alter.set_table_properties(
        {SCHEMA_VERSION_KEY: "99"}, raise_if_not_exists=False
    )
    for act in (open_tables, read_snapshot, recover, next_batch):
        with pytest.raises(NewerSchema, match=rf"version 99; .* up to {SCHEMA_VERSION}"):
            act(tmp_path)


def test_unwritable_folder_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    data = file / "data"
    with pytest.raises(UnwritableData, match=r"file/data.*Not a directory"), write_lock(data):
        pass
    with pytest.raises(UnwritableData, match="Not a directory"):
        open_tables(data)
    with pytest.raises(UnwritableData, match="Not a directory"):
        stage_batch(data, 1, {"rejects": [reject("a")]})


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match="nowhere"):
        read_snapshot(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_upkeep_keeps_rows_order_and_descriptions(tmp_path: Path) -> None:
    for batch in range(1, 6):
        day = date(2024, 5, 30 - batch)
        write(
            tmp_path, batch, events=[event(f"{batch}", day), event(f"x{batch}", None, month=f"2023-0{batch}")]
        )
    before = DeltaTable(str(tmp_path / "events")).to_pyarrow_table().sort_by("event_id")
    report = {one.table: one for one in maintain(tmp_path, NOW)}
    assert (report["events"].files_before, report["events"].files_after) == (10, 6)
    assert report["events"].removed == 5
    table = DeltaTable(str(tmp_path / "events"))
    assert table.to_pyarrow_table().sort_by("event_id") == before
    assert len(list(tmp_path.glob("events/*=*/*.parquet"))) == 6
    joined = pq.ParquetFile(next(iter(tmp_path.glob("events/event_month=2024-05/*.parquet"))))
    assert joined.read()["event_id"].to_pylist() == ["5", "4", "3", "2", "1"]
    assert joined.metadata.row_group(0).column(0).compression == "ZSTD"
    for field in joined.schema_arrow:
        assert field.metadata[COMMENT] == TABLES["events"].schema.field(field.name).metadata[COMMENT]
    assert next_batch(tmp_path) == 6
    again = {one.table: one for one in maintain(tmp_path, NOW)}
    assert (again["events"].files_before, again["events"].files_after, again["events"].removed) == (6, 6, 0)


def test_upkeep_leaves_large_files_alone(tmp_path: Path) -> None:
    for batch in (1, 2, 3):
        write(tmp_path, batch, rejects=[reject(str(batch))])
    size = max(path.stat().st_size for path in read_snapshot(tmp_path)["rejects"])
    maintain(tmp_path, NOW, target_bytes=size)
    assert len(read_snapshot(tmp_path)["rejects"]) == 3
    maintain(tmp_path, NOW, target_bytes=2 * size + 1)
    assert len(read_snapshot(tmp_path)["rejects"]) == 2
    assert keys(tmp_path) == ["1", "2", "3"]


def test_log_gets_checkpoints_and_keeps_the_batch_number(tmp_path: Path) -> None:
    for batch in range(1, 53):
        write(tmp_path, batch, rejects=[reject(str(batch))])
    log = tmp_path / "rejects" / "_delta_log"
    assert list(log.glob("*.checkpoint.parquet"))
    for entry in log.glob("*.json"):
        if int(entry.stem) < 49:
            entry.unlink()
    assert next_batch(tmp_path) == 53
    assert len(keys(tmp_path)) == 52
