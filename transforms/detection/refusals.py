"""An act in its sentence → why its words name no act of anyone: an order, a need, long past; or ''.

Each reason is a small question of its own; the first that holds is the answer that `why` shows.
"""

import re
from collections.abc import Callable

from transforms.codebook import NEGATIVE_KINDS
from transforms.detection.about import joins_alliance, moves_member, objects_behind
from transforms.detection.acts import Act
from transforms.detection.parsed import Parsed
from transforms.detection.roles import Role
from transforms.detection.tokens import Token

_YEARS_AGO = re.compile(
    r"\b(\d{2,3}|(?:twenty|thirty|forty|fifty)(?:-\w+)?|fifteen|a century|(?:two|three|four|five) decades)"
    r"\s*(?:years? )?ago\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:in|since|of|from|after)\s+(1[89]\d\d|20[0-4]\d)\b")
#: Acts longer ago than this are background, by the codebook.
HISTORY_YEARS = 10
#: Ways of standing for someone that name who demands.
_NAMED = frozenset({"alliance", "leader", "office", "country"})


def why_no_act(parsed: Parsed, act: Act, actor: Role) -> str:
    """Act and who would do it → why the words name no act of anyone, or ''."""
    words = next((words for holds, words in _REASONS if holds(parsed, act, actor)), "")
    return words.format(object=_object_lemma(act))


def _is_nobodys(parsed: Parsed, act: Act, actor: Role) -> bool:
    """'The accession would help …': the subject can't act."""
    return not actor.codes and actor.how.removeprefix("asker_").removeprefix("light_") == "nobody"


def _is_order(parsed: Parsed, act: Act, actor: Role) -> bool:
    """'Support Ukraine!'."""
    token = act.token
    return (
        act.part == "verb"
        and token.tag_ == "VB"
        and not _has_child(token, "aux", "nsubj", "nsubjpass", "mark")
        and token.dep_ in ("ROOT", "ccomp", "parataxis", "appos", "acl")
        and not act.governors
    )


def _is_expected(parsed: Parsed, act: Act, actor: Role) -> bool:
    """'The expected talks'."""
    return act.frame.id == "apply" and act.token.tag_ == "VBN" and not _has_child(act.token, "nsubj", "aux")


def _is_thought_of(parsed: Parsed, act: Act, actor: Role) -> bool:
    """'Without joining', 'the idea of sending'."""
    preposition = act.token.head
    if act.token.dep_ != "pcomp" or preposition.dep_ not in ("prep", "mark", "advcl"):
        return False
    if preposition.lower_ == "of":
        return preposition.head.lower_ in parsed.words.refusals.thoughts
    return preposition.lower_ in ("before", "without", "after", "than")


def _is_needed(parsed: Parsed, act: Act, actor: Role) -> bool:
    """'Support is required'."""
    is_subject = act.part == "noun" and act.token.dep_ in ("nsubj", "nsubjpass")
    return is_subject and act.token.head.lemma_.lower() in parsed.words.refusals.needing


def _sustains_no_aid(parsed: Parsed, act: Act, actor: Role) -> bool:
    """'Kept up pressure'."""
    direct = _direct_object(act)
    if act.frame.id != "sustain" or act.part != "verb" or direct is None:
        return False
    return not any(cue.token <= direct.i <= cue.last for cue in parsed.cues)


def _is_thing_that_requires(parsed: Parsed, act: Act, actor: Role) -> bool:
    """'The treaty requires': no one's demand."""
    requires = act.frame.id == "condition" and act.token.lemma_.lower() == "require"
    return requires and any(reference.how not in _NAMED for reference in actor.references)


def _leaves_nothing(parsed: Parsed, act: Act, actor: Role) -> bool:
    """'Cut taxes': neither aid nor a bid nor an alliance is withdrawn, cut or left."""
    token = act.token
    if act.frame.id != "withdraw" or act.part != "verb" or act.multiword:
        return False
    if token.dep_ in ("acl", "relcl") or _has_child(token, "nsubjpass"):
        return False
    heads = [child for child in token.children if child.dep_ in ("dobj", "pobj")]
    heads += objects_behind(token, ("from", "of", "on", "to"))
    near = {
        word.i
        for head in heads
        for word in (head, *head.children, *(below for child in head.children for below in child.children))
    }
    cues = parsed.cues_within(act.theme)
    if any(i in near for cue in cues for i in range(cue.token, cue.last + 1)):
        return False
    return not joins_alliance(parsed, act, must=True) and not moves_member(parsed, act)


def _is_chance(parsed: Parsed, act: Act, actor: Role) -> bool:
    """'A path to join'."""
    token = act.token
    return (
        act.frame.id == "join"
        and token.dep_ == "acl"
        and token.head.lemma_.lower() in parsed.words.refusals.chances
        and not _has_child(token, "nsubj")
    )


def _is_purpose(parsed: Parsed, act: Act, actor: Role) -> bool:
    """'A plan designed to help'."""
    above = act.token.head
    below = act.token.dep_ in ("xcomp", "advcl") and above.tag_ == "VBN"
    return below and above.lemma_.lower() in parsed.words.refusals.purposes


def _is_subject_clause(parsed: Parsed, act: Act, actor: Role) -> bool:
    """'Joining would take years'."""
    token = act.token
    return bool(token.dep_ == "csubj") or (token.dep_ == "pcomp" and token.head.dep_ == "csubj")


def _is_discussed(parsed: Parsed, act: Act, actor: Role) -> bool:
    """'Talks on how to help', unless they agreed on how."""
    token = act.token
    how = any(child.dep_ == "advmod" and child.lower_ == "how" for child in token.children)
    discussed = how and token.dep_ in ("csubj", "csubjpass", "pcomp")
    return bool(discussed) and not any(governor.effect == "agree" for governor, _ in act.governors)


def _is_no_aid(parsed: Parsed, act: Act, actor: Role) -> bool:
    """'Supports the protesters'."""
    near = {act.token.i, *(child.i for child in act.token.children)}
    return any(
        parsed.doc[i].lemma_.lower() in parsed.words.refusals.not_aid and parsed.doc[i].head.i in near
        for i in act.theme
    )


def _joins_no_alliance(parsed: Parsed, act: Act, actor: Role) -> bool:
    """'Joined the talks'."""
    return act.frame.id == "join" and not joins_alliance(parsed, act)


def _is_under_denied_existence(parsed: Parsed, act: Act, actor: Role) -> bool:
    """'There is no barrier to the decisions that would invite …': nothing is said to happen."""
    current = act.token
    for _ in range(8):
        if current.dep_ == "ROOT" or current.head.i == current.i:
            break
        current = current.head
        denied = any(child.dep_ == "det" and child.lower_ == "no" for child in current.children)
        if denied and _has_child(current.head, "expl"):
            return True
    return False


def _is_long_past(parsed: Parsed, act: Act, actor: Role) -> bool:
    """'In 1952 Turkey joined', 'thirty years ago'."""
    match = _YEARS_AGO.search(parsed.sentence.text)
    if match and not (match.group(1).isdigit() and int(match.group(1)) <= HISTORY_YEARS):
        return True
    day = parsed.document.day
    years = [int(year) for year in _YEAR.findall(parsed.sentence.text)]
    return day is not None and bool(years) and max(years) < day.year - HISTORY_YEARS


def _is_against_someone(parsed: Parsed, act: Act, actor: Role) -> bool:
    """'Stepped up its opposition'."""
    if act.frame.id not in ("sustain", "give", "promote"):
        return False
    return any(frame.kind in NEGATIVE_KINDS for frame, _ in parsed.lexicon.nouns.get(_object_lemma(act), ()))


#: In the order in which they are asked; the words are what `why` shows.
_REASONS: tuple[tuple[Callable[[Parsed, Act, Role], bool], str], ...] = (
    (_is_nobodys, "the subject stands for nobody who can act"),
    (_is_order, "an order, not an act"),
    (_is_expected, "expected by nobody named"),
    (_is_thought_of, "only spoken of"),
    (_is_needed, "spoken of as needed, not as given"),
    (_sustains_no_aid, "what it is about is {object}"),
    (_is_thing_that_requires, "a thing that requires, no one's demand"),
    (_leaves_nothing, "nothing that is given or belonged to"),
    (_is_chance, "only spoken of"),
    (_is_purpose, "a purpose, not an act"),
    (_is_subject_clause, "only spoken of"),
    (_is_discussed, "only discussed"),
    (_is_no_aid, "no aid and no membership"),
    (_joins_no_alliance, "what is joined is no alliance"),
    (_is_under_denied_existence, "only spoken of"),
    (_is_long_past, "more than ten years before the text"),
    (_is_against_someone, "what it is about is {object}"),
)


def _direct_object(act: Act) -> Token | None:
    return next((child for child in act.token.children if child.dep_ == "dobj"), None)


def _object_lemma(act: Act) -> str:
    direct = _direct_object(act)
    return str(direct.lemma_).lower() if direct is not None else ""


def _has_child(token: Token, *edges: str) -> bool:
    return any(child.dep_ in edges for child in token.children)
