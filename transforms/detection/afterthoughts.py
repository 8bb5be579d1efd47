"""The sentence right after an act → the condition it attaches: 'However, it must first …'; no parse needed.

Rejected is a sentence that does not speak of the one who gains.
"""

import re
from collections.abc import Collection

from transforms.detection.conditions import MUST_FIRST, opens_condition, tidy_condition
from transforms.detection.words import ConditionWords

_CONNECTIVE = re.compile(
    r"^[\"“'‘]?(?:but|however|yet|still|nevertheless|nonetheless|even so|that said|first|before that|"
    r"in return),?\s+",
    re.I,
)
_SETS_TERMS = re.compile(
    r"\b(?:attach(?:ed|es)?|set|sets|laid down|imposed?s?|named|listed|lists)\b[^.;]*?\b(?:conditions?|"
    r"terms|requirements|preconditions?|criteria)\b",
    re.I,
)
_POINTS_BACK = re.compile(
    r"^(?:it|they|he|she|that|this|these|those|such|(?:the|its|their|his|her|any|both|"
    r"full) (?:\w+ )?(?:country|countries|nation|move|step|"
    r"membership|accession|admission|aid|money|loan|guarantee|package|support|backing|offer|promise|"
    r"pledge|invitation|decision|two|three|deal|"
    r"candidate|applicant|government|talks|bloc|alliance|sum|arms|weapons|tanks|jets|help|assistance))\b",
    re.I,
)
_STILL_TO_COME = r"\b(?:will|would|can|could|may|must|is to|are to|depends?|only|conditional|subject)\b"


def find_condition_after(
    text: str, names: Collection[str], words: ConditionWords, may_point_back: bool = True
) -> str | None:
    """Sentence right after an act → its condition: 'But it must first …', 'However, the aid depends on …'.

    Args:
        text: the sentence.
        names: words of the sentence that stand for who gains.
        words: which words open a condition.
        may_point_back: whether 'it' or 'the country' at its start can be who gains.
    """
    connective = _CONNECTIVE.match(text)
    body = text[connective.end() :] if connective else text
    if not (may_point_back and _POINTS_BACK.match(body)) and not names:
        return None
    if MUST_FIRST.search(body):
        return tidy_condition(body)
    if connective and _SETS_TERMS.search(body):
        return tidy_condition(body)
    if not connective and not _POINTS_BACK.match(body):
        return None
    lowered = body.lower()
    for opener in words.strong:
        match = re.search(rf"(?<![\w-]){re.escape(opener)}(?![\w-])", lowered)
        if (
            match
            and opens_condition(lowered, match.start(), match.end(), opener, words)
            and re.search(_STILL_TO_COME, lowered)
        ):
            return tidy_condition(body[match.start() :])
    return None
