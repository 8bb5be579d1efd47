"""One function for each command: parsed arguments → exit code; results go to standard output."""

import json
import os
import shutil
import sys
from argparse import Namespace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipelines.command import BAD_USAGE, DONE, NOTHING_PROCESSED
from pipelines.sql_text import quoted

if TYPE_CHECKING:
    from pipelines.why import Stored


def handle_run(options: Namespace) -> int:
    """`run`: documents in, rows out."""
    from pipelines.session import run_session

    return run_session(options)


def handle_watch(options: Namespace) -> int:
    """`watch`: feeds in, rows out, for weeks; on this machine, or as a job of a cluster."""
    from pipelines.engine import choose_engine

    engine = choose_engine(options.beam_flags)
    if engine.runner is not None:
        from pipelines.live_session import run_live_session

        return run_live_session(options, engine)
    from pipelines.watch_session import run_watch_session

    return run_watch_session(options)


def handle_feeds(options: Namespace) -> int:
    """`feeds check|import|export|status`: lists of feeds, and how the followed ones are doing."""
    from pipelines.feed_commands import check_feeds, export_feeds, import_feeds, list_status

    if options.action == "import":
        return import_feeds(options)
    if options.action == "export":
        return export_feeds(options)
    result, code = check_feeds(options) if options.action == "check" else (list_status(options), DONE)
    _show(result, options.format)
    return code


def handle_query(options: Namespace) -> int:
    """`query`: a named query or SQL over the tables."""
    from pipelines.query import list_queries, run_query

    if options.question is None:
        return _show(list_queries(), options.format)
    if options.data is None:
        print("alliance-watch query: --data DIR is required", file=sys.stderr)
        return BAD_USAGE
    return _show(run_query(options.data, options.question), options.format)


def handle_report(options: Namespace) -> int:
    """`report`: the tables as one page."""
    from pipelines.report_session import write_report

    return write_report(options)


def handle_serve(options: Namespace) -> int:
    """`serve`: the same page live."""
    from pipelines.serve import serve_tables

    return serve_tables(options)


def handle_export(options: Namespace) -> int:
    """`export`: the tables as files that other programs read, or what is in them."""
    from pipelines.export import describe_export
    from pipelines.export_command import run_export

    return _show(describe_export(options.form), options.format) if options.describe else run_export(options)


def handle_rejects(options: Namespace) -> int:
    """`rejects list|show|retry`: what could not be used."""
    if options.action == "retry":
        from pipelines.retry_session import run_retry_session

        return run_retry_session(options)
    from pipelines.query import run_query

    if options.action == "list":
        where = f"WHERE reason = {quoted(options.reason)}" if options.reason else ""
        sql = (
            "SELECT left(key, 12) AS key, stage, reason, "
            "coalesce(nullif(title, ''), url, origin) AS document, "
            f"split_part(rtrim(detail, chr(10)), chr(10), -1) AS detail FROM rejects {where} "
            f"ORDER BY first_seen DESC, origin, key LIMIT {int(options.limit)}"
        )
        return _show(run_query(options.data, sql), options.format)
    sql = f"SELECT * FROM rejects WHERE starts_with(key, {quoted(options.key)}) ORDER BY key LIMIT 20"
    found = run_query(options.data, sql)
    for row in found.rows:
        for name, value in zip(found.columns, row, strict=True):
            print(f"{name:11} {value if value is not None else ''}")
        print()
    if not found.rows:
        print(f"alliance-watch: no reject has a key that begins with {options.key}", file=sys.stderr)
        return NOTHING_PROCESSED
    return DONE


def handle_maintain(options: Namespace) -> int:
    """`maintain`: fewer, larger files."""
    from pipelines.resolving import resolve_events
    from transforms.commit import recover
    from transforms.compaction import maintain
    from transforms.data_folder import MissingData, write_lock
    from transforms.storage import folder_exists

    if not folder_exists(options.data):
        raise MissingData(options.data)
    now = datetime.now(UTC)
    with write_lock(options.data):
        recover(options.data)
        # First, as joined files no longer say which of them are new.
        resolve_events(options.data, now)
        for upkeep in maintain(options.data, now):
            files = f"{upkeep.files_before} files → {upkeep.files_after}"
            print(f"{upkeep.table}: {files}, {upkeep.removed} removed")
    return DONE


def handle_resolve(options: Namespace) -> int:
    """`resolve`: which articles report the same event."""
    from pipelines.batch import open_data
    from pipelines.resolving import resolve_events
    from transforms.data_folder import MissingData, write_lock
    from transforms.storage import folder_exists

    if not folder_exists(options.data):
        raise MissingData(options.data)
    with write_lock(options.data):
        open_data(options.data)
        done = resolve_events(options.data, datetime.now(UTC), rebuild=options.rebuild)
    if not done.written and not done.dropped:
        print("resolved_events is up to date")
    else:
        how = "made anew" if done.rebuilt else "brought up to date"
        print(
            f"resolved_events {how}: {done.mentions} mentions read, {done.written} rows written in place "
            f"of {done.dropped}"
        )
    return DONE


def handle_why(options: Namespace) -> int:
    """`why`: one article with its evidence, its events and what stopped the rest."""
    from pipelines.examination import examine_article
    from pipelines.plan import build_plan, load_detector
    from pipelines.settings import load_settings
    from pipelines.why import explain_article, explain_reject, find_stored, restore_article

    loaded = load_settings(options.config, os.environ)
    stored = find_stored(options.data, options.name)
    if options.raw:
        return _show_raw(stored)
    if stored.article is None:
        print("\n".join(explain_reject(stored.reject or {})))
        return DONE
    plan = build_plan(loaded)
    article = restore_article(stored.article)
    detector = load_detector(plan.world, loaded.settings.lexicon, loaded.settings.detection)
    color = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    found = examine_article(article, detector)
    print("\n".join(explain_article(stored, article, found, plan.detector, color)))
    return DONE


def _show_raw(stored: "Stored") -> int:
    from pipelines.raw_page import find_raw_page
    from pipelines.why import plain

    page = find_raw_page(stored)
    if sys.stdout.isatty():
        # A page is foreign: on a terminal its control characters would be obeyed.
        print(plain(page.decode("utf-8", "replace")))
    else:
        sys.stdout.buffer.write(page)
    return DONE


def handle_evaluate(options: Namespace) -> int:
    """`evaluate`: the codebook's scores on labelled articles."""
    from pipelines.cooccurrence import compile_keywords
    from pipelines.evaluation import as_json, evaluate, measure_background, render
    from pipelines.gold import choose_half, read_background, read_gold
    from pipelines.plan import build_plan, detect_with
    from pipelines.settings import load_settings

    loaded = load_settings(options.config, os.environ)
    documents = read_gold(options.gold)
    if options.half:
        documents = choose_half(documents, options.half)
    plan = build_plan(loaded)
    keywords = compile_keywords(plan.world, loaded.settings.baseline)
    detect = detect_with(plan)
    texts = read_background(options.background) if options.background else None
    background = measure_background(texts, detect) if texts is not None else None
    report = evaluate(documents, detect, keywords, background)
    print(json.dumps(as_json(report), indent=1) if options.json else render(report, options.examples))
    return DONE if documents else NOTHING_PROCESSED


def handle_config(options: Namespace) -> int:
    """`config check|show`: the settings."""
    from pipelines.query import Result
    from pipelines.settings import describe_settings, load_settings

    loaded = load_settings(options.config, os.environ)
    if options.action == "check":
        print(f"{options.config or 'the shipped settings'}: no mistakes")
        return DONE
    rows = tuple(describe_settings(loaded))
    return _show(Result(columns=("setting", "value", "source"), rows=rows), options.format)


def _show(result: object, format: str) -> int:
    from pipelines.formats import render

    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else None
    render(result, format, sys.stdout, width=width, color=terminal and "NO_COLOR" not in os.environ)  # type: ignore[arg-type]
    return DONE
