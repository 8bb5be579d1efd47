"""Arguments → exit code: what the command line understands. The work is done in `pipelines.handlers`.

Nothing heavy is imported before it is known what to do, so that `--help` answers at once.
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from pipelines import __version__
from pipelines.arguments import (
    add_config,
    add_data,
    add_format,
    add_log_level,
    read_count,
    read_moment,
    read_place,
)
from pipelines.layers import suggest
from pipelines.places import check_places

DONE, WITH_ERRORS, BAD_USAGE, NOTHING_PROCESSED, INTERRUPTED = 0, 1, 2, 3, 130

_EPILOG = """exit codes: 0 done (documents may have been rejected, with reasons), 1 finished with errors,
2 bad usage or configuration, 3 nothing could be processed, 130 interrupted.
Results go to standard output, everything else to standard error."""


class _Parser(argparse.ArgumentParser):
    """A parser that keeps the examples' line breaks and takes no abbreviations."""

    def __init__(self, *, examples: str = "", **arguments: object) -> None:
        if examples:
            arguments["epilog"] = "examples:\n" + "\n".join(f"  {line}" for line in examples.splitlines())
        super().__init__(
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            **arguments,  # type: ignore[arg-type]
        )


def build_parser() -> argparse.ArgumentParser:
    """The command line as it is documented."""
    from pipelines.export_command import add_export
    from pipelines.rejects_command import add_rejects
    from pipelines.report_command import add_report, add_serve
    from pipelines.watch_command import add_feeds, add_watch

    parser = _Parser(
        prog="alliance-watch",
        description="Finds in news articles who supports, conditions or opposes whose place in an alliance.",
        epilog=_EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"alliance-watch {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    _add_run(commands)
    add_watch(commands)
    add_feeds(commands)
    _add_resolve(commands)
    _add_query(commands)
    add_report(commands)
    add_serve(commands)
    add_export(commands)
    add_rejects(commands)
    _add_maintain(commands)
    _add_why(commands)
    _add_evaluate(commands)
    _add_config(commands)
    return parser


def _add_run(commands: "argparse._SubParsersAction[_Parser]") -> None:
    run = commands.add_parser(
        "run",
        help="read articles, write the events found in them",
        description="Reads files, folders and globs of .txt, .html, .jsonl and saved feeds, also gzipped, "
        "and writes the tables events, articles and rejects. The same input run twice adds nothing.",
        usage="alliance-watch run INPUT... --data DIR [options] [-- BEAM_FLAGS]",
        examples="alliance-watch run seeds --data data\n"
        "alliance-watch run 'news/*.jsonl.gz' --data data --workers 4\n"
        "alliance-watch run news --data data --dry-run --limit 100\n"
        "alliance-watch run s3://bucket/news --data s3://bucket/tables",
    )
    run.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="file, folder (searched to the bottom) or glob, also s3://…",
    )
    add_data(run, "folder of the tables, also s3://BUCKET/FOLDER; made if there is none")
    add_config(run)
    run.add_argument("--workers", type=read_count, metavar="N", help="processes (default: run.workers)")
    run.add_argument("--limit", type=read_count, metavar="N", help="read at most N documents")
    run.add_argument(
        "--dry-run", action="store_true", help="write nothing; print the events that would be added"
    )
    run.add_argument("--now", type=read_moment, metavar="TIME", help="what to write as first_seen (ISO 8601)")
    add_log_level(run)


def _add_resolve(commands: "argparse._SubParsersAction[_Parser]") -> None:
    resolve = commands.add_parser(
        "resolve",
        help="find which articles report the same event",
        description="Brings the table resolved_events up to date with events. run and watch do it by "
        "themselves; needed for a folder of an older version, or to start anew.",
        examples="alliance-watch resolve --data data\nalliance-watch resolve --data data --rebuild",
    )
    add_data(resolve, "folder of the tables, also s3://…")
    resolve.add_argument("--rebuild", action="store_true", help="make all rows anew")


def _add_query(commands: "argparse._SubParsersAction[_Parser]") -> None:
    query = commands.add_parser(
        "query",
        help="ask the tables: a named query or SQL",
        description="Without a question, lists the named queries. Reading is possible while a run writes.",
        examples="alliance-watch query events --data data\n"
        "alliance-watch query supporters --data data --format csv > supporters.csv\n"
        'alliance-watch query "SELECT kind, count(*) FROM events GROUP BY kind" --data data',
    )
    query.add_argument("question", nargs="?", metavar="NAME | SQL", help="name of a query, or one SELECT")
    query.add_argument("--data", type=read_place, metavar="DIR", help="folder of the tables, also s3://…")
    add_format(query)


def _add_maintain(commands: "argparse._SubParsersAction[_Parser]") -> None:
    maintain = commands.add_parser(
        "maintain",
        help="join small files and remove what no table needs",
        examples="alliance-watch maintain --data data",
    )
    add_data(maintain, "folder of the tables, also s3://…")


def _add_why(commands: "argparse._SubParsersAction[_Parser]") -> None:
    why = commands.add_parser(
        "why",
        help="one article: its evidence, the steps to each event, what stopped the rest",
        description="Reads the article from the tables and runs the detector over it again, with the "
        "settings of now. Evidence is marked in colour on a terminal, with [[…]] elsewhere.",
        examples="alliance-watch why https://example.org/news/1 --data data\n"
        "alliance-watch why 1556c942ea997f5c --data data\n"
        "alliance-watch why https://example.org/news/1 --data data --raw > page.html",
    )
    why.add_argument(
        "name", metavar="URL", help="its address, its article_id or how that begins, or its file"
    )
    why.add_argument(
        "--raw", action="store_true", help="only the page as it was read, from its archive or file"
    )
    add_data(why, "folder of the tables, also s3://…")
    add_config(why)


def _add_evaluate(commands: "argparse._SubParsersAction[_Parser]") -> None:
    evaluate = commands.add_parser(
        "evaluate",
        help="score the detector against labelled articles",
        examples="alliance-watch evaluate tests/evaluation/membership.jsonl\n"
        "alliance-watch evaluate gold.jsonl --half b --json\n"
        "alliance-watch evaluate gold.jsonl --background unfiltered.jsonl.gz --examples 20",
    )
    evaluate.add_argument(
        "gold", type=Path, metavar="GOLD.jsonl", help="labelled articles, one JSON object a line"
    )
    evaluate.add_argument(
        "--half", choices=("a", "b"), help="only half of the documents: tune on a, judge on b"
    )
    evaluate.add_argument(
        "--background",
        type=Path,
        metavar="FILE",
        help="unfiltered articles (JSON lines, also gzipped): counts and lists the events found in them",
    )
    evaluate.add_argument(
        "--examples",
        type=read_count,
        default=3,
        metavar="N",
        help="mistakes shown of each cause (default: 3)",
    )
    evaluate.add_argument("--json", action="store_true", help="plain values instead of tables")
    add_config(evaluate)


def _add_config(commands: "argparse._SubParsersAction[_Parser]") -> None:
    config = commands.add_parser("config", help="check the settings, or show which hold")
    actions = config.add_subparsers(dest="action", metavar="check|show", required=True, parser_class=_Parser)
    for name, words in (
        ("check", "find mistakes in a configuration file"),
        ("show", "every setting, its value and where it came from"),
    ):
        action = actions.add_parser(
            name, help=words, examples=f"alliance-watch config {name} --config mine.yaml"
        )
        add_config(action)
        if name == "show":
            add_format(action)


def main(arguments: Sequence[str]) -> int:
    """Arguments → exit code."""
    parser = build_parser()
    try:
        options = parse_arguments(parser, list(arguments))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else BAD_USAGE
    if options.command is None:
        parser.print_help()
        return BAD_USAGE
    # Beam says on import what it misses; none of it is needed here.
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    handler: Callable[[argparse.Namespace], int] = getattr(
        import_module("pipelines.handlers"), f"handle_{options.command}"
    )
    try:
        check_places(options)
        return handler(options)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        code = _expected(error)
        if code is None:
            raise
        print(f"alliance-watch: {error}", file=sys.stderr)
        return code


def parse_arguments(parser: argparse.ArgumentParser, arguments: list[str]) -> argparse.Namespace:
    """Arguments → options; a wrong name is answered with the nearest right one, and SystemExit."""
    beam_flags: list[str] = []
    if arguments[:1] in (["run"], ["watch"]) and "--" in arguments:
        cut = arguments.index("--")
        arguments, beam_flags = arguments[:cut], arguments[cut + 1 :]
    commands = next(
        action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)
    )
    if arguments and not arguments[0].startswith("-") and arguments[0] not in commands:
        parser.error(f"there is no command {arguments[0]!r}{suggest(arguments[0], commands)}")
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        chosen = commands[options.command] if options.command else parser
        known = [flag for action in chosen._actions for flag in action.option_strings]
        chosen.error(f"unknown argument {unknown[0]!r}{suggest(unknown[0].partition('=')[0], known)}")
    options.beam_flags = tuple(beam_flags)
    return options


def _expected(error: Exception) -> int | None:
    """Error → exit code where it is one that its words explain; None for a mistake of ours."""
    from pipelines.engine import BadRunner
    from pipelines.export import SnapshotGone, TargetInUse
    from pipelines.gold import BadGold
    from pipelines.inquiry import UnfitWorkers
    from pipelines.loopback import UnusablePort
    from pipelines.places import NotInObjectStores
    from pipelines.query import BadQuery, UnknownQuery
    from pipelines.raw_page import NoRawPage
    from pipelines.settings import SettingsError
    from pipelines.why import AmbiguousName, UnknownArticle
    from transforms.data_folder import DataFolderInUse, FullDisk, MissingData, NewerSchema, UnwritableData
    from transforms.feed_list import BadFeedList
    from transforms.inputs import MissingInput
    from transforms.lease import LeaseLost
    from transforms.object_reading import StoreFailure
    from transforms.object_store import MissingExtra, StoreRefusal

    if isinstance(error, FullDisk | LeaseLost | StoreFailure):
        return WITH_ERRORS
    if isinstance(
        error,
        SettingsError
        | MissingInput
        | MissingData
        | UnwritableData
        | UnknownQuery
        | BadQuery
        | BadGold
        | TargetInUse
        | AmbiguousName,
    ):
        return BAD_USAGE
    if isinstance(error, BadFeedList | UnusablePort | BadRunner | UnfitWorkers):
        return BAD_USAGE
    if isinstance(error, MissingExtra | NotInObjectStores | StoreRefusal):
        return BAD_USAGE
    if isinstance(error, DataFolderInUse | NewerSchema | UnknownArticle | NoRawPage | SnapshotGone):
        return NOTHING_PROCESSED
    if isinstance(error, FileNotFoundError | IsADirectoryError | PermissionError) and error.filename:
        return BAD_USAGE
    return None
