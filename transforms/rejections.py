"""What a step was working on and why it gave up → a Rejection that names the document."""

import hashlib
import traceback

from transforms.identity import document_key
from transforms.records import Article, ClassifiedArticle, InputSlice, RawDocument, Rejection

#: Reason of what nobody expected; its detail is the traceback.
ERROR = "error"
MAX_DETAIL = 8_000

Station = InputSlice | RawDocument | Article | ClassifiedArticle


def reject_input(
    part: InputSlice,
    position: int,
    reason: str,
    detail: str,
    raw: str = "",
    *,
    url: str | None = None,
    title: str | None = None,
    stage: str = "read",
) -> Rejection:
    """Slice, place in it and hash of the raw bytes there → Rejection of what could not be used."""
    return Rejection(
        key=document_key(part.name, part.first + position, raw),
        stage=stage,
        reason=reason,
        detail=detail,
        origin=part.path,
        order=part.order + position,
        url=url,
        title=title,
    )


def reject_document(
    document: RawDocument | Article, stage: str, reason: str, detail: str, title: str | None = None
) -> Rejection:
    """Document, why it can't be used, and its title if a better one is known → its Rejection."""
    return Rejection(
        key=document.key,
        stage=stage,
        reason=reason,
        detail=detail,
        origin=document.origin,
        order=document.order,
        url=document.url,
        title=title or document.title,
    )


def error_key(name: str, start: int) -> str:
    """Name of a file and where a slice of it begins → key of the error that ended its reading."""
    return hashlib.sha256(f"{name} {start}".encode()).hexdigest()[:32]


def reject_error(station: Station, stage: str, error: Exception) -> Rejection:
    """Station and the exception that nobody expected there → Rejection with the end of its traceback."""
    detail = "".join(traceback.format_exception(error))[-MAX_DETAIL:]
    if isinstance(station, InputSlice):
        return Rejection(
            # Parts of an archive are told apart by where they begin.
            key=error_key(station.name, station.first or station.offset),
            stage=stage,
            reason=ERROR,
            detail=detail,
            origin=station.path,
            order=station.order,
        )
    document = station.article if isinstance(station, ClassifiedArticle) else station
    return reject_document(document, stage, ERROR, detail)
