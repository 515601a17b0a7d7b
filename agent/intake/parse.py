"""From an application's line to a submission, or to what is wrong with it.

Contract: pure. `parse` takes a line (bytes, without or with its end) or what `read_json` made of one, and answers a
`Submission` or a `Misfit`; it never raises, whatever it is given.
Rules: a misfit names the field, what was found, what is allowed, and what was probably meant. Nothing is guessed and
nothing passed over: an unknown key, or one given twice, is a mistake that would otherwise show in a report months
later. null counts as not given, since many languages write it for that.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from agent.config.kinds import MisfitError, either
from agent.config.suggest import closest
from agent.intake.schema import ALIASES, LARGEST_NUMBER, MARK, TYPES, Field, readable, shown
from agent.intake.submission import UNDATED, Misfit, Reply, Submission, VisitCommand
from agent.kernel.activity import Activity, ButtonClicked, Custom, Deed, Engaged, PageViewed, PortalDeed, PortalUsed

PORTAL = frozenset(deed.value for deed in PortalDeed)
_EXAMPLE = 'one JSON object, as {"type": "page", "page_type": "lobby", "page_name": "main"}'


class _TwiceError(ValueError):
    """A key stands twice in an object."""


def parse(said: object, *, who: str, reply: Reply) -> Submission | Misfit:
    """What `who` told; the answer to it goes to `reply`."""
    read = _read(said)
    if isinstance(read, Misfit):
        return read
    mark = _mark(read.get("id"))
    try:
        return _submission({name: item for name, item in read.items() if item is not None}, mark, who, reply)
    except _FieldError as wrong:
        return Misfit(wrong.field, wrong.misfit.what, wrong.misfit.allowed or "", wrong.misfit.suggestion, mark)


class _FieldError(Exception):
    """`field` does not hold what it should."""

    def __init__(self, field: str, misfit: MisfitError) -> None:
        super().__init__(field)
        self.field = field
        self.misfit = misfit


def read_json(said: bytes) -> Any | Misfit:
    """What `said` says in strict JSON: UTF-8, each name once in an object, no NaN."""
    try:
        return json.loads(said.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_number)
    except _TwiceError as error:
        return Misfit(readable(str(error)), "found twice in one object", "each name once")
    except UnicodeDecodeError:
        return Misfit(None, "found bytes that are not UTF-8", _EXAMPLE)
    except (ValueError, RecursionError):
        return Misfit(None, "found something that is not JSON", _EXAMPLE)


def _read(said: object) -> dict[str, Any] | Misfit:
    found = read_json(bytes(said)) if isinstance(said, bytes | bytearray) else said
    if isinstance(found, Misfit):
        return found
    return dict(found) if isinstance(found, Mapping) else Misfit(None, f"found {shown(found)}", _EXAMPLE)


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return found


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _mark(value: object) -> str | int | None:
    """The application's own id as it gave it, or None where it is none: a misfit says so, and repeats nothing."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_NUMBER:
        return value
    try:
        return str(MARK.kind.read(value)) if isinstance(value, str | float) else None
    except MisfitError:
        return None


def _submission(read: dict[str, Any], mark: str | int | None, who: str, reply: Reply) -> Submission:
    kind = _type(read.pop("type", None))
    fields = {field.name: field for field in TYPES[kind]}
    _refuse_strangers(read, kind, fields)
    taken = {name: _value(field, read[name]) for name, field in fields.items() if name in read}
    for field in fields.values():
        if field.required and field.name not in taken:
            raise _FieldError(field.name, MisfitError("not given", str(field.kind.allowed)))
    taken.pop("id", None)
    entry_id, user_id = taken.pop("entry_id", None), taken.pop("user_id", None)
    return Submission(_told(kind, taken), reply, who, entry_id, user_id, mark)


def _type(value: object) -> str:
    if isinstance(value, str) and value in TYPES:
        return value
    if value is None:
        raise _FieldError("type", MisfitError("not given", either(TYPES)))
    meant = closest(value[:64], TYPES) if isinstance(value, str) else None
    raise _FieldError("type", MisfitError(f"found {shown(value)}", either(TYPES), suggestion=meant))


def _refuse_strangers(read: Mapping[str, Any], kind: str, fields: Mapping[str, Field]) -> None:
    for name in read:
        if name not in fields:
            known = ("type", *fields)
            meant = ALIASES.get(name.lower()) or closest(name[:64], known)
            misfit = MisfitError(
                f"{kind} has no such field", either(known), suggestion=meant if meant in known else None
            )
            raise _FieldError(readable(name), misfit)


def _value(field: Field, value: object) -> Any:
    try:
        return field.kind.read(value)
    except MisfitError as misfit:
        raise _FieldError(field.name, misfit) from None


def _told(kind: str, taken: dict[str, Any]) -> Activity | VisitCommand:
    match kind:
        case "page":
            return PageViewed(UNDATED, **taken)
        case "button":
            return ButtonClicked(UNDATED, **taken)
        case "custom":
            return Custom(UNDATED, **taken)
        case "visit-start" | "visit-end":
            return VisitCommand(kind)
        case _ if kind in PORTAL:
            return PortalUsed(UNDATED, PortalDeed(kind), **taken)
        case _:
            return Engaged(UNDATED, Deed(kind))
