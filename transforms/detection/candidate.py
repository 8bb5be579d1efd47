"""The claim that a sentence may make, as a value: an act with its slots filled, and how each was found."""

from dataclasses import dataclass, field

from transforms.codebook import NEGATIVE_KINDS, ActorRole, Factuality, Kind, Object
from transforms.detection.acts import Act
from transforms.detection.composition import Composition
from transforms.detection.parsed import Parsed


@dataclass(slots=True)
class Candidate:
    """A claim that a sentence may make."""

    actors: tuple[str, ...]
    actor_role: ActorRole
    beneficiaries: tuple[str, ...]
    alliance: str | None
    object: Object
    kind: Kind
    factuality: Factuality
    parsed: Parsed
    act: Act
    composition: Composition
    #: how each slot was found: what confidence is made of
    how: dict[str, str] = field(default_factory=dict)
    #: 0 for the first of an act's alternatives
    rank: int = 0
    score: float = 0.0

    @property
    def negative(self) -> bool:
        """Whether it counts as −."""
        return self.kind in NEGATIVE_KINDS
