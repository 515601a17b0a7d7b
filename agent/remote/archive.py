"""The desired state as JSON.

Contract: `dump` and `load` are inverse, less what is found out anew by judging (`settling.settle`): the problems.
Each document is there once, since what is wanted, applied and good is mostly the same. Pure.
Raises: `load` ValueError where the text is no such state, and nothing else.
"""

from collections.abc import Mapping
from typing import Any

from agent.remote.desired import Desired, Home, Returned
from agent.remote.documents import Document, document, fingerprint
from agent.remote.shelf import Shelf
from agent.remote.topics import Level, level_of_text

_KEPT = ("wanted", "applied", "good")


def dump(desired: Desired) -> dict[str, Any]:
    """The state as plain values."""
    places: dict[tuple[Level, int, str], int] = {}
    # A fingerprint reads all of a document, and mostly the very same one is wanted, applied and good.
    seen: dict[int, int] = {}
    documents: list[dict[str, Any]] = []

    def place(document: Document | None) -> int | None:
        if document is None:
            return None
        if id(document) not in seen:
            key = (document.level, document.revision, fingerprint(document))
            if key not in places:
                places[key] = len(documents)
                documents.append(_document(document))
            seen[id(document)] = places[key]
        return seen[id(document)]

    shelves = [
        {
            "level": str(level),
            **{name: place(getattr(shelf, name)) for name in _KEPT},
            "floor": shelf.floor,
            "known": shelf.known,
            "condemned": shelf.condemned,
        }
        for level, shelf in desired.shelves.items()
    ]
    home, back = desired.home, desired.returned
    return {
        "home": {"device": home.device, "groups": list(home.groups), "broker": home.broker},
        "documents": documents,
        "shelves": shelves,
        "returned": back and {"revisions": dict(back.revisions), "reason": back.reason, "at": back.at},
    }


def load(plain: Any) -> Desired:
    """The state that `dump` gave. Raises ValueError."""
    try:
        documents = [_read(each) for each in plain["documents"]]
        shelves = dict(_shelf(each, documents) for each in plain["shelves"])
        home, back = plain["home"], plain["returned"]
        return Desired(
            Home(_text(home["device"]), tuple(_text(each) for each in home["groups"]), _text(home["broker"])),
            shelves,
            back and Returned(_revisions(back["revisions"]), _text(back["reason"]), float(back["at"])),
        )
    except (KeyError, TypeError, IndexError, AttributeError, OverflowError) as error:
        raise ValueError(f"no desired state: {error!r}") from error


def _document(document: Document) -> dict[str, Any]:
    plain = {
        "level": str(document.level),
        "revision": document.revision,
        "config": document.tree,
        "groups": None if document.groups is None else list(document.groups),
        "note": document.note,
        "by": document.by,
    }
    return {name: value for name, value in plain.items() if value is not None}


def _read(plain: Mapping[str, Any]) -> Document:
    found = document(_level(plain["level"]), {name: value for name, value in plain.items() if name != "level"})
    if isinstance(found, Document):
        return found
    raise ValueError(f"no document: {found[0]}")


def _shelf(plain: Mapping[str, Any], documents: list[Document]) -> tuple[Level, Shelf]:
    level = _level(plain["level"])
    wanted, applied, good = (None if plain[name] is None else documents[_number(plain[name])] for name in _KEPT)
    known, condemned = (None if plain[name] is None else _text(plain[name]) for name in ("known", "condemned"))
    refused = () if condemned is None else (condemned,)
    floor = _number(plain["floor"])
    return level, Shelf(wanted, applied, good, floor, known=known, condemned=condemned, refused=refused)


def _revisions(plain: Mapping[str, Any]) -> dict[str, int | None]:
    return {_text(name): None if number is None else _number(number) for name, number in plain.items()}


def _level(text: Any) -> Level:
    level = level_of_text(_text(text))
    if level is None:
        raise ValueError("no level")
    return level


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise ValueError("no text")


def _number(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError("no number")
