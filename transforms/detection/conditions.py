"""An act in its sentence → the words of a condition attached to it; rejects clauses of time.

'As soon as Kyiv can meet the prerequisites' is a condition; 'once it had joined', 'until Friday',
'for as long as it takes' and 'even if' are none.
"""

import re
from functools import cache

from transforms.detection.parsed import Parsed
from transforms.detection.tokens import Token
from transforms.detection.words import ConditionWords

#: Openers of a clause that may as well tell a time: they count only before something still to come.
_TIMELY = frozenset({"once", "as soon as", "after", "when", "before", "until", "if and when"})
_UNREAL = frozenset({
    "will", "would", "shall", "'ll", "wo", "can", "could", "may", "might", "should", "must", "to",
})  # fmt: skip
_PAST = frozenset({"VBD"})
#: What has to come first: a condition without an opener.
MUST_FIRST = re.compile(
    r"(?:\bmust|\b(?:has|have|had|needs?|will have|would have) (?:still )?to|"
    r"\bwill need to)\b[^.;!?]*?\bfirst\b[^.;!?,”\"]*",
    re.I,
)
_SAID_BEHIND = re.compile(
    r",?\s+(?:[\w.’'-]+\s+){0,8}?(?:said|says|added|adds|told|warned|announced|cautioned|stated|"
    r"explained|insisted|replied|according to)\b.*$",
    re.S,
)
_CLAUSE = frozenset({"advcl", "ccomp", "pcomp", "acl", "relcl", "csubj", "conj", "parataxis", "ROOT"})
#: What a clause that opens with an adverb ('once', 'when') may be to its host.
_HOSTED = frozenset({"advcl", "ccomp"})
_MAX_STEPS = 12


def find_condition(parsed: Parsed, act: Token, negative: bool = False) -> str | None:
    """Act → the words of the condition attached to it in its sentence, the longest opener first, or None.

    Args:
        parsed: the sentence.
        act: the word that names the act.
        negative: whether the act refuses or holds up: only then 'until' and 'before' set a condition.
    """
    lowered = parsed.sentence.text.lower()
    for opener in _longest_first(parsed.words.conditions.openers):
        if opener not in lowered:
            continue
        for match in re.finditer(rf"(?<![\w-]){re.escape(opener)}(?![\w-])", lowered):
            root = _clause_root(parsed, match.start(), match.end(), opener)
            if root is not None and _holds(parsed, act, root, opener, match.start(), negative):
                words = _words_of(parsed, root, match.start())
                if len(words) > len(opener) + 2:
                    return words
    return _inverted_should(parsed, act) or _must_first(parsed)


@cache
def _longest_first(openers: tuple[str, ...]) -> list[str]:
    return sorted({*openers, *_TIMELY}, key=lambda words: (-len(words), words))


def _clause_root(parsed: Parsed, start: int, end: int, opener: str) -> Token | None:
    """Place of an opener → the word its clause or phrase hangs on, or None where it opens neither."""
    if not opens_condition(parsed.sentence.text.lower(), start, end, opener, parsed.words.conditions):
        return None
    words = [token for token in parsed.doc if start <= token.idx < end]
    if not words:
        return None
    last = words[-1]
    if words[0].lower_ in ("provided", "providing", "assuming", "depending") and words[0].pos_ in (
        "VERB",
        "SCONJ",
        "ADP",
    ):
        behind = parsed.doc[last.i + 1] if last.i + 1 < len(parsed.doc) else None
        after_comma = (
            words[0].i > 0 and parsed.doc[words[0].i - 1].text == "," and words[0].lower_ == "provided"
        )
        if len(words) == 1 and (
            behind is None or behind.lower_ == "by" or not (after_comma or _opens_clause(words[0]))
        ):
            return None
        return words[0] if words[0].dep_ not in ("mark",) else words[0].head
    if opener in ("must first",):
        return None
    mark = next(
        (word for word in reversed(words) if word.dep_ in ("mark", "advmod") and word.head.i > word.i), None
    )
    if mark is not None and mark.head.dep_ in _CLAUSE and mark.head.pos_ in ("VERB", "AUX", "ADJ", "NOUN"):
        if mark.dep_ == "advmod" and (mark.head.dep_ not in _HOSTED or not _is_first_of(mark.head, words[0])):
            return None
        return None if mark.head.dep_ == "ccomp" and opener == "if" else mark.head
    if last.dep_ in ("prep", "pcomp") or words[0].dep_ == "prep" or words[0].pos_ in ("ADJ", "VERB"):
        return (
            words[0]
            if words[0].i == last.i
            or words[0].dep_ in ("prep", "acomp", "amod", "oprd", "advcl", "acl", "ROOT", "ccomp", "conj")
            else last
        )
    return None


def opens_condition(lowered: str, start: int, end: int, opener: str, words: ConditionWords) -> bool:
    """Sentence in lower case and an opener's place → whether its neighbours allow it (not 'even if')."""
    behind = lowered[end:].lstrip()
    before = re.findall(r"[\w’']+", lowered[max(0, start - 24) : start])
    if any(re.match(rf"{re.escape(word)}\b", behind) for word in words.not_after.get(opener, ())):
        return False
    return not (before and before[-1] in words.not_before.get(opener, ()))


def _opens_clause(token: Token) -> bool:
    return any(child.dep_ in ("ccomp", "nsubj") and child.i > token.i for child in token.children)


def _is_first_of(clause: Token, word: Token) -> bool:
    return bool(min(token.i for token in clause.subtree) >= word.i)


def _holds(parsed: Parsed, act: Token, root: Token, opener: str, start: int, negative: bool) -> bool:
    """Whether a clause is a condition, and one of this act."""
    inside = {token.i for token in root.subtree}
    if root.i == act.i and root.pos_ in ("ADJ", "VERB"):
        return opener not in _TIMELY and opener != "if"
    if act.i in inside or root.head.i == root.i:
        return False
    if opener == "unless" and negative and start > act.idx:
        return True  # a refusal is what 'unless' goes with, whatever stands between
    holder = root.head
    while holder.idx >= start and holder.pos_ in ("ADV", "ADJ") and holder.head.i != holder.i:
        holder = holder.head  # 'as soon as' hangs its clause on 'soon'
    if not _attached(act, holder, inside):
        return False
    host = {
        child.lower_
        for verb in (act, root.head, *_verbs_above(act))
        for child in verb.children
        if child.dep_ in ("aux", "neg", "det")
    }
    open_ended = bool(host & _UNREAL)
    past = _is_past(root)
    if opener in ("until", "before"):
        refused = negative or bool(host & {"not", "n't", "never", "no"})
        return refused and _is_clause(root) and not (past and opener == "before")
    if opener == "after":
        return (
            bool(host & {"will", "would", "can", "could", "'ll", "only"})
            and not past
            and (_is_clause(root) or _names_an_end(parsed, root))
        )
    if opener == "when":
        return (
            open_ended
            and not past
            and any(token.lemma_.lower() in parsed.words.conditions.fulfilled for token in root.subtree)
        )
    if opener in _TIMELY:
        return open_ended or not past
    if opener == "if":
        return _is_clause(root) and not (past and not open_ended)
    return True


def _names_an_end(parsed: Parsed, root: Token) -> bool:
    return any(child.lemma_.lower() in parsed.words.conditions.ends for child in root.children)


def _is_clause(root: Token) -> bool:
    return (
        any(child.dep_ in ("nsubj", "nsubjpass", "csubj", "expl") for child in root.children)
        or root.dep_ == "advcl"
    )


def _is_past(root: Token) -> bool:
    """Whether a clause is in the simple past: it tells when, not under what condition."""
    auxiliaries = [child for child in root.children if child.dep_ in ("aux", "auxpass")]
    if auxiliaries:
        return all(child.tag_ in _PAST for child in auxiliaries)
    return root.tag_ in _PAST


def _verbs_above(act: Token) -> list[Token]:
    found = []
    current = act
    for _ in range(4):
        if current.head.i == current.i or current.dep_ in ("relcl", "advcl"):
            break
        current = current.head
        if current.pos_ in ("VERB", "AUX"):
            found.append(current)
    return found


def _attached(act: Token, host: Token, inside: set[int]) -> bool:
    """Whether the word a clause hangs on is the act, above it in its statement, or in what it is about."""
    current = act
    for _ in range(_MAX_STEPS):
        if current.i == host.i:
            return True
        if current.dep_ in ("relcl", "parataxis", "advcl") or current.head.i == current.i:
            break
        current = current.head
    current = host
    for _ in range(_MAX_STEPS):
        if current.i == act.i:
            return True
        if current.dep_ in ("relcl", "parataxis") or current.head.i == current.i or current.i in inside:
            return False
        current = current.head
    return False


def _words_of(parsed: Parsed, root: Token, start: int) -> str:
    text = parsed.sentence.text
    below = [*root.subtree, *(token for child in root.rights for token in child.subtree)]
    if root.pos_ == "ADJ":
        below += [
            token
            for child in root.head.rights
            if child.dep_ == "prep" and child.i > root.i
            for token in child.subtree
        ]
    end = max((token.idx + len(token.text) for token in below if token.idx >= start), default=start)
    return tidy_condition(text[start:end])


def _inverted_should(parsed: Parsed, act: Token) -> str | None:
    """'… should its ships put the deal at risk' → those words."""
    for token in parsed.doc:
        if token.lower_ != "should" or token.dep_ != "aux" or token.head.i < token.i or token.head.i == act.i:
            continue
        subject = next((child for child in token.head.children if child.dep_ in ("nsubj", "nsubjpass")), None)
        opens = token.i == 0 or parsed.doc[token.i - 1].pos_ not in ("PRON", "ADV", "SCONJ", "CCONJ", "PUNCT")
        if subject is None or subject.i < token.i or not opens:
            continue
        words = _words_of(parsed, token.head, token.idx)
        if token.i == 0:
            words = words.split(",")[0]
        if not token.idx <= act.idx < token.idx + len(words):
            return words
    return None


def _must_first(parsed: Parsed) -> str | None:
    """'Paris insists that the union must first mend its rules' → the statement of what has to come first."""
    text = parsed.sentence.text
    match = MUST_FIRST.search(text)
    if match is None:
        return None
    left = re.split(r"[,;:]\s+|\bthat\s+|\bsaid\s+|\b(?:but|and|however)\s+", text[: match.start()])[-1]
    return tidy_condition(text[match.start() - len(left) : match.end()])


def tidy_condition(words: str) -> str:
    """Words of a condition → the same without who said them, closing marks and what follows a full stop."""
    cut = re.split(r"[;!?]|\.(?=\s|$)|[”\"](?=[\s,.]|$)", words.strip())[0]
    said = _SAID_BEHIND.search(cut)
    if said and "," in said.group()[:1]:
        cut = cut[: said.start()]
    return cut.strip(' ,.;:"“”')
