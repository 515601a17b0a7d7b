"""The document of one level, as operators write and keep it.

Contract: `read` and `read_kept` answer what is retained, `encode` writes it; pure. What a document is, is the devices'
own word (agent.remote.documents).
Rules: something that is no document is `Damaged`, and says what is wrong; the next one that is published takes its
place. The history holds the document as it was published, with the time.
"""

import json
from dataclasses import dataclass
from typing import Any

from agent.config.problems import Problem
from agent.remote import documents
from agent.remote.documents import Document, Removal
from agent.remote.jsontext import read as read_json
from agent.remote.topics import Level

_PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Damaged:
    """Something is retained that is no document."""

    text: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A document of the history. `published`: when, in epoch seconds of the operator's clock."""

    document: Document
    published: float | None


def read(level: Level, payload: bytes) -> Document | Damaged:
    """The document that is retained for `level`."""
    match documents.parse(level, payload):
        case Document() as document:
            return document
        case Removal():
            return Damaged("is empty")
        case problems:
            return _damaged(problems)


def read_kept(level: Level, payload: bytes) -> Kept | Damaged:
    """A document of the level's history."""
    plain = read_json(payload, str(level))
    if not isinstance(plain, dict):
        return _damaged(plain)
    published = plain.pop(_PUBLISHED, None)
    match documents.document(level, plain):
        case Document() as document:
            return Kept(document, float(published) if isinstance(published, int | float) else None)
        case problems:
            return _damaged(problems)


def plain(document: Document) -> dict[str, Any]:
    """The document as an object of JSON; what is not said is left out."""
    said: dict[str, Any] = {"revision": document.revision, "config": document.tree}
    if document.groups is not None:
        said["groups"] = list(document.groups)
    if document.note:
        said["note"] = document.note
    if document.by:
        said["by"] = document.by
    return said


def encode(document: Document, *, published: float | None = None) -> bytes:
    """The document as it is published; with `published` as the history keeps it."""
    said = plain(document)
    if published is not None:
        said[_PUBLISHED] = published
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _damaged(problems: tuple[Problem, ...]) -> Damaged:
    return Damaged("; ".join(str(problem) for problem in problems))
