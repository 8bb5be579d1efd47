"""Words and mentions → Role: who fills a slot of an act, and how that was found out."""

from dataclasses import dataclass

from transforms.detection.mentions import Mention
from transforms.detection.parsed import Parsed, Reference


@dataclass(frozen=True, slots=True)
class Role:
    """Who fills a slot, and how that was found out."""

    references: tuple[Reference, ...]
    how: str

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes, each once, in order."""
        return tuple(dict.fromkeys(code for reference in self.references for code in reference.codes))


#: A slot that nothing fills.
NOBODY = Role((), "none")


def reference_to(mention: Mention, token: int = -1) -> Reference:
    """Mention and the position of its word, if known → Reference to whom it names."""
    return Reference(mention.codes, mention.role, str(mention.form), token)


def may_act(mention: Mention) -> bool:
    """Whether a mention can stand for an actor: 'Brussels' as a seat and 'Kharkiv' as a city can't."""
    return bool(mention.codes) and not mention.inactive and mention.form not in ("city", "alliance_seat")


def countries_only(parsed: Parsed, role: Role, keep_alliances: bool = False) -> Role:
    """Role → the same without alliances and their members, which do not gain."""
    countries = parsed.document.gazetteer.countries
    alliances = parsed.document.gazetteer.alliances
    kept = tuple(
        reference
        for reference in role.references
        if all(code in countries or (keep_alliances and code in alliances) for code in reference.codes)
    )
    return Role(kept, role.how)


def without(role: Role, other: Role) -> Role:
    """Role → the same without those who fill another one."""
    return Role(tuple(r for r in role.references if not set(r.codes) & set(other.codes)), role.how)
