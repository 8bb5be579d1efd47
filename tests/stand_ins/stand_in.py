"""A detector that needs no model, and articles made for it: 'BGR backs UKR', 'HUN blocks SWE'.

Run as a program it is the command line with that detector in place of the real one, for tests to kill.
"""

import json
import os
import random
import re
import sys
import time
from importlib import import_module
from pathlib import Path

import pipelines.plan
from pipelines.command import main
from pipelines.garbage import collect_seldom
from transforms.codebook import Kind
from transforms.identity import event_id
from transforms.records import Article, Evidence, SupportEvent

KINDS: dict[str, Kind] = {"backs": "endorse", "blocks": "block"}
WORDS = (
    "the government said on monday that its ministers would meet again next week to talk about the budget "
    "and the long road ahead while many people in the capital waited for news from the border where trade "
    "had slowed and schools were closed after heavy rain fell across the north and rivers rose fast"
)


def load_stand_in(*_: object):
    """Whatever the real loader takes → `find_backing`, after a pause if the environment asks for one.

    It can be told to fail, and to note each process that loads it.
    """
    if os.environ.get("STAND_IN_BROKEN"):
        raise RuntimeError("there is no model")
    if noted := os.environ.get("STAND_IN_LOADS"):
        with Path(noted).open("a") as file:
            file.write(f"{os.getpid()}\n")
    pause = float(os.environ.get("STAND_IN_PAUSE", "0"))

    def detect(article: Article) -> tuple[SupportEvent, ...]:
        time.sleep(pause)
        return find_backing(article)

    return detect


def find_backing(article: Article) -> tuple[SupportEvent, ...]:
    """Article → an event for each 'BGR backs UKR' in it; an article that says 'BOOM' is one too many."""
    if "BOOM" in article.text:
        raise RuntimeError("nobody expected this")
    events = {}
    for match in re.finditer(r"\b([A-Z]{3}) (backs|blocks) ([A-Z]{3})\b", article.text):
        actor, verb, beneficiary = match.groups()
        kind = KINDS[verb]
        name = event_id(article.article_id, [actor], [beneficiary], "NATO", "membership", kind)
        events[name] = SupportEvent(
            event_id=name,
            article_id=article.article_id,
            actors=(actor,),
            actor_role="GOV",
            beneficiaries=(beneficiary,),
            alliance="NATO",
            object="membership",
            kind=kind,
            stance="support" if kind == "endorse" else "oppose",
            factuality="asserted",
            attributed_to=None,
            condition=None,
            ordinal=None,
            event_date=article.published_at.date() if article.published_at else None,
            event_date_precision="day" if article.published_at else None,
            event_date_basis="publication" if article.published_at else None,
            place=None,
            place_country=None,
            evidence=(Evidence(field="text", start=match.start(), end=match.end(), text=match.group()),),
            confidence=0.9,
            rule="stand-in",
        )
    return tuple(events.values())


def write_articles(path: Path, count: int) -> None:
    """Path and number → a JSONL file of articles: with repeats, copies, other topics, broken lines."""
    chance = random.Random(7)
    texts: list[str] = []
    lines: list[str] = []
    for number in range(count):
        text = " ".join(chance.choices(WORDS.split(), k=80))
        actor, beneficiary = chance.sample(["BGR", "UKR", "SWE", "HUN", "TUR", "FIN"], 2)
        verb = chance.choice(["backs", "blocks"])
        if number % 9 != 8:
            text = f"{actor} {verb} {beneficiary} in its bid to join NATO. {text}."
        if number % 7 == 6:
            text = texts[-3] + " More follows."
        texts.append(text)
        document = {
            "url": f"https://news.example/{number - 4 if number % 10 == 9 else number}",
            "title": f"News of the day, number {number}",
            "text": text,
            "published": f"20{10 + number % 15}-0{1 + number % 9}-11",
        }
        lines.append("{broken" if number % 13 == 12 else json.dumps(document))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    # By the name of its module, where workers find it too.
    pipelines.plan._load_detect = import_module("stand_in").load_stand_in
    collect_seldom()
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)
