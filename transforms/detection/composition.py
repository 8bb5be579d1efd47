"""What an act amounts to once all around it is read, as a value, and the stance that follows."""

from dataclasses import dataclass, field

from transforms.codebook import KIND_CODES, NEGATIVE_KINDS, Factuality, Kind, Stance
from transforms.detection.tokens import Token

POSITIVE_KINDS = frozenset(KIND_CODES) - NEGATIVE_KINDS


@dataclass(slots=True)
class Composition:
    """What an act amounts to once everything around it is read."""

    kind: Kind
    factuality: Factuality = "asserted"
    #: verb whose subject is the actor instead of the act's own ('urged', 'asked'), if any
    asker: Token | None = None
    #: verb of saying above it, if any
    saying: Token | None = None
    #: 'should', 'must': a wish of whoever says it
    wished: bool = False
    hypothetical: bool = False
    #: what was read, step by step, in words: the first half of a row's `rule`
    steps: list[str] = field(default_factory=list)
    #: why it is no act at all
    dropped: str = ""

    @property
    def positive(self) -> bool:
        """Whether it is so far for something."""
        return self.kind in POSITIVE_KINDS


def stance_of(kind: Kind, factuality: Factuality, conditional: bool) -> Stance:
    """Kind, factuality and whether a condition is attached → stance, by the codebook's table."""
    if factuality == "denied" and kind not in NEGATIVE_KINDS:
        return "neutral"
    if conditional:
        return "conditional"
    return KIND_CODES[kind].stance
