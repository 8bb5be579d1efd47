"""An act in its sentence → when it took place: the date of its own clause, else the publication day.

Rejected are dates of other clauses ('since the February invasion'), deadlines of acts done, and history.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from transforms.detection.candidate import Candidate
from transforms.detection.dates import DateMention, EventDate, find_dates
from transforms.detection.parsed import Parsed
from transforms.detection.tokens import Token

#: Older acts are history given as background.
HISTORY_YEARS = 10
_FAR = frozenset({"before", "ahead of", "prior to", "until", "till", "within"})
_STEPS = 12


def date_event(candidates: Sequence[Candidate], published: date | None) -> EventDate | None:
    """Candidates of one event, in order → its date: a day named, that of its news, a month or year."""
    named = [
        when
        for candidate in candidates
        if (
            when := find_date(
                candidate.parsed, candidate.act.token, published, candidate.factuality != "asserted"
            )
        )
    ]
    for when in named:
        if when.precision == "day":
            return when
    fresh = published is not None and any(is_news(candidate, published) for candidate in candidates)
    if (
        fresh
        and published is not None
        and any(candidate.parsed.sentence.field == "title" for candidate in candidates)
    ):
        return EventDate(published, "day", "publication")
    if named:
        return min(named, key=lambda when: when.precision == "year")
    return EventDate(published, "day", "publication") if fresh and published is not None else None


def find_date(parsed: Parsed, act: Token, published: date | None, open_ended: bool) -> EventDate | None:
    """Act → the date its own clause names, else that of the statement it is made in.

    Args:
        parsed: the sentence.
        act: the word that names the act.
        published: the publication day.
        open_ended: whether the act is still to come or uncertain: only then 'by July' is its date.
    """
    best: tuple[int, int, DateMention] | None = None
    text = parsed.sentence.text
    for mention in find_dates(text, published, lambda start: _speaks_of_future(parsed, start)):
        if (
            mention.bound in _FAR
            or (mention.bound == "by" and not open_ended)
            or _only_describes(text, mention)
        ):
            continue
        if published is not None and not open_ended and mention.when.day > published + timedelta(days=7):
            continue
        distance = _distance(parsed, act, mention)
        if distance is None or (
            open_ended and distance > 0 and not _speaks_of_future(parsed, mention.end - 1)
        ):
            continue
        rank = (distance, abs(mention.start - act.idx), mention)
        if best is None or rank[:2] < best[:2]:
            best = rank
    return best[2].when if best else None


def _only_describes(text: str, mention: DateMention) -> bool:
    """'This week's summit', 'today's newsletter': a day's own vote is dated by it, a week's is not."""
    owned = text[mention.end :].startswith(("'s", "’s"))
    return owned and (mention.when.precision != "day" or text[mention.start : mention.end].lower() == "today")


def is_history(candidates: Sequence[Candidate], published: date | None) -> bool:
    """Whether every sentence of an event dates it more than ten years before publication."""
    if published is None:
        return False
    limit = date(published.year - HISTORY_YEARS, published.month, min(published.day, 28))
    dates = [find_date(candidate.parsed, candidate.act.token, published, False) for candidate in candidates]
    return all(when is not None and when.day < limit and when.basis != "publication" for when in dates)


def is_news(candidate: Candidate, published: date | None) -> bool:
    """Whether an act is reported as happening about when the text was published."""
    if candidate.factuality != "asserted":
        return False
    if _tells_the_past(candidate.act.token):
        return False
    if published is None:
        return True
    elsewhere = find_dates(candidate.parsed.sentence.text, published)
    return not any(
        mention.when.day < published - timedelta(days=31) and mention.when.precision != "year"
        for mention in elsewhere
    )


def _tells_the_past(act: Token) -> bool:
    """'Had vowed', 'which gave', 'while it backs': told beside the news, not as the news."""
    current = act
    for _ in range(_STEPS):
        if any(child.dep_ == "aux" and child.lower_ == "had" for child in current.children):
            return True
        if _is_beside(current):
            return True
        if current.head.i == current.i:
            return False
        current = current.head
    return False


def _is_beside(verb: Token) -> bool:
    """Whether a clause stands beside the statement; '…, saying', '… to show its support' belong to it."""
    if verb.dep_ in ("relcl", "csubj"):
        return not _is_infinitive(verb)
    if verb.dep_ != "advcl":
        return False
    simultaneous = any(child.dep_ == "mark" and child.lower_ == "as" for child in verb.children)
    return not (simultaneous or _is_infinitive(verb) or verb.tag_ == "VBG")


def _is_infinitive(verb: Token) -> bool:
    return verb.tag_ == "VB" and any(child.dep_ == "aux" and child.lower_ == "to" for child in verb.children)


def _speaks_of_future(parsed: Parsed, start: int) -> bool:
    token = parsed.doc.find_token(start)
    if token is None:
        return False
    verb = _host_of(token)
    auxiliaries = {child.lower_ for child in verb.children if child.dep_ in ("aux", "auxpass")}
    if auxiliaries & _TO_COME:
        return True
    return _is_infinitive(verb) and not _is_past(verb.head)


def _host_of(token: Token, act: Token | None = None) -> Token:
    """Word of a date → the verb it goes with: the one right before it, else the parse's."""
    host = token
    for _ in range(_STEPS):
        if host.pos_ in ("VERB", "AUX") or host.head.i == host.i or (act is not None and host.i == act.i):
            break
        first = min(host.left_edge.i, host.i)
        if first > 0 and host.doc[first - 1].tag_ in ("VBD", "VBZ", "VBP"):
            return host.doc[first - 1]
        host = host.head
    return host


_TO_COME = frozenset("will shall 'll wo may might could would should must can".split())


def _is_past(token: Token) -> bool:
    current = token
    for _ in range(_STEPS):
        if current.pos_ in ("VERB", "AUX") and not _is_infinitive(current):
            auxiliaries = {child.lower_ for child in current.children if child.dep_ in ("aux", "auxpass")}
            return bool(current.tag_ == "VBD" or auxiliaries & {"was", "were", "had"})
        if current.head.i == current.i:
            return False
        current = current.head
    return False


def _distance(parsed: Parsed, act: Token, mention: DateMention) -> int | None:
    """0 for a date of the act's own clause, 1 of the statement above it, None of another clause."""
    token = parsed.doc.find_token(mention.end - 1)
    if token is None:
        return None
    host = _host_of(token, act)
    if host.i == act.i:
        return 0
    current = act
    for step in range(_STEPS):
        if current.i == host.i:
            return 0 if step <= 1 and act.pos_ not in ("VERB", "AUX") else 1
        if current.head.i == current.i or _is_beside(current):
            break
        current = current.head
    return 0 if _within(host, act) else None


def _within(host: Token, act: Token) -> bool:
    """Whether a verb is part of what the act is about, not a clause of its own."""
    current = host
    for _ in range(_STEPS):
        if current.i == act.i:
            return True
        if (
            current.dep_ in ("relcl", "advcl", "ccomp", "acl", "parataxis", "conj")
            or current.head.i == current.i
        ):
            return False
        current = current.head
    return False
