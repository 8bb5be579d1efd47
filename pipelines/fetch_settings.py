"""The section `fetch` of the settings: how feeds and pages are fetched, within which limits."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge

from pipelines import __version__
from pipelines.reading import ReadingLimits
from pipelines.state import ItemRules
from transforms.fetching import FetchLimits
from transforms.polling import PollPolicy

_Count = Annotated[int, Ge(1)]
_Bytes = Annotated[int, Ge(1_000)]
_Seconds = Annotated[float, Ge(0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """How the continuous run goes about its work; none of it changes what a row says."""

    #: an address or URL where a publisher reaches whoever runs this; part of the User-Agent
    contact: str
    allow_hosts: tuple[str, ...]
    seconds: Annotated[float, Ge(0.1)]
    compressed_bytes: _Bytes
    decompressed_bytes: _Bytes
    redirects: Annotated[int, Ge(0)]
    entries: _Count
    read_seconds: _Count
    read_memory_bytes: Annotated[int, Ge(200_000_000)]
    connections: _Count
    host_connections: _Count
    host_pause: _Seconds
    interval_first: Annotated[float, Ge(1)]
    interval_min: Annotated[float, Ge(1)]
    interval_max: Annotated[float, Ge(1)]
    wait_max: _Seconds
    page_below: Annotated[int, Ge(0)]
    page_wait: _Seconds
    robots: bool
    max_revisions: _Count
    linger: _Seconds
    keep_rejected: _Seconds

    @property
    def user_agent(self) -> str:
        """What is said to servers: name, version, and whom to write to."""
        return f"alliance-watch/{__version__}" + (f" (+{self.contact})" if self.contact else "")

    @property
    def limits(self) -> FetchLimits:
        """What one request may cost."""
        return FetchLimits(
            user_agent=self.user_agent,
            allow_hosts=self.allow_hosts,
            compressed_bytes=self.compressed_bytes,
            decompressed_bytes=self.decompressed_bytes,
            redirects=self.redirects,
            seconds=self.seconds,
        )

    @property
    def policy(self) -> PollPolicy:
        """When a feed is polled next."""
        return PollPolicy(
            interval_first=self.interval_first,
            interval_min=self.interval_min,
            interval_max=self.interval_max,
            wait_max=self.wait_max,
        )

    @property
    def reading(self) -> ReadingLimits:
        """What reading one body may cost."""
        return ReadingLimits(
            seconds=self.read_seconds, memory_bytes=self.read_memory_bytes, entries=self.entries
        )

    @property
    def rules(self) -> ItemRules:
        """What is done with a new item."""
        return ItemRules(page_below=self.page_below, max_revisions=self.max_revisions)
