"""What the README says of columns and commands is what there is."""

import argparse
import re
from pathlib import Path

import pytest

from pipelines.command import build_parser
from transforms.data_dictionary import data_dictionary

README = Path(__file__).parents[1] / "README.md"


def part(name: str) -> str:
    return re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", README.read_text(encoding="utf-8"), re.S)[1]


def describe_commands() -> str:
    actions = build_parser()._actions
    (commands,) = (action for action in actions if isinstance(action, argparse._SubParsersAction))
    width = max(len(choice.dest) for choice in commands._choices_actions)
    lines = [f"alliance-watch {choice.dest:{width}}  {choice.help}\n" for choice in commands._choices_actions]
    return f"```\n{''.join(lines)}```\n"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("dictionary", data_dictionary().strip() + "\n"), ("commands", describe_commands())],
)
def test_readme(name: str, expected: str, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        text = README.read_text(encoding="utf-8")
        README.write_text(
            text.replace(part(name), expected)
            if part(name)
            else text.replace(f"<!-- {name} -->\n", f"<!-- {name} -->\n{expected}"),
            encoding="utf-8",
        )
    assert part(name) == expected
