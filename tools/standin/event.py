"""KalturaStatsEvent: its fields, how they are cast, and the server's log line.

Contract: `read(params)` makes the fields of one event or raises ApiError; `csv_line(event)` is the line that the real
server's log would hold.

Rules
- Only fields that were sent are there; names are case-sensitive; an unknown name is dropped.
- eventType and featureType are the only validated numbers. Every other number is whatever the cast makes of it.
- The log line escapes nothing: a comma or a line break in a text shifts columns or forges a line, as on the real one.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tools.standin import errors, php
from tools.standin.php import Params, Value

Event = dict[str, Any]

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NULL_MARK = "__null"
_FLOAT_DIGITS = 14  # PHP's `precision`, with which the server's log prints a float

COLUMNS = (
    "clientVer", "eventType", "server_time", "sessionId", "partnerId", "entryId", "uniqueViewer",
    "widgetId", "uiconfId", "userId", "currentPoint", "duration", "remote_ip", "processDuration",
    "controlId", "seek", "newPoint", "referrer", "eventTimestamp",
)  # fmt: skip


def _text(name: str, value: Value) -> str:
    text = php.to_text(value)
    if _CONTROL.search(text):
        raise errors.ApiError("INVALID_PARAMETER_CHAR", {"XML_FIELD": name})
    return text


def _enum(enumeration: str, high: int) -> Callable[[str, Value], int]:
    def cast(name: str, value: Value) -> int:
        number = php.to_number_of(value, 1, high)
        if number is None:
            raise errors.no_enum("N/A" if value is None else php.to_text(value), name, enumeration)
        return number

    return cast


def _int(name: str, value: Value) -> int:
    return php.to_int(value)


def _float(name: str, value: Value) -> float:
    return php.to_float(value)


def _bool(name: str, value: Value) -> bool:
    return php.to_bool(value)


_event_type = _enum("KalturaStatsEventType", 40)
_feature_type = _enum("KalturaStatsFeatureType", 2)

_CASTS: dict[str, Callable[[str, Value], Any]] = {
    "clientVer": _text,
    "eventType": _event_type,
    "eventTimestamp": _float,
    "sessionId": _text,
    "partnerId": _int,
    "entryId": _text,
    "uniqueViewer": _text,
    "widgetId": _text,
    "uiconfId": _int,
    "userId": _text,
    "currentPoint": _int,
    "duration": _int,
    "processDuration": _int,
    "controlId": _text,
    "seek": _bool,
    "newPoint": _int,
    "referrer": _text,
    "isFirstInSession": _bool,  # from here on: accepted, and not in the server's log line
    "applicationId": _text,
    "contextId": _int,
    "featureType": _feature_type,
}
_ENUMS = (_event_type, _feature_type)


def read(params: Mapping[str, Value]) -> Event:
    """Make the event of an expanded request. Raises ApiError where the server refuses it."""
    given = params.get("event")
    if given is None or given == {}:
        raise errors.missing("event")
    if not isinstance(given, dict):
        raise errors.named("PROPERTY_VALIDATION_WRONG_FORMAT")
    kind = given.get("objectType")
    if kind is not None and php.to_text(kind) != "KalturaStatsEvent":
        raise errors.ApiError("INVALID_OBJECT_TYPE", {"OBJECT_TYPE": php.to_text(kind)})
    event: Event = {}
    for name, cast in _CASTS.items():
        if name in given and (given[name] is not None or cast in _ENUMS):
            event[name] = cast(name, given[name])
    if any(name.removesuffix(_NULL_MARK) in _CASTS for name in given if name.endswith(_NULL_MARK)):
        raise errors.named("INTERNAL_SERVERL_ERROR")  # the recorded server breaks on its own null marker
    return event


def unknown_fields(given: Value) -> Params:
    """What the event held beside its fields: the server drops it, a test may look for its own mark in it."""
    return {k: v for k, v in given.items() if k not in _CASTS and k != "objectType"} if isinstance(given, dict) else {}


def csv_line(event: Event) -> str:
    """The server's log line of a logged event, without the line break at its end."""
    return "".join(_printed(event, column) + "," for column in COLUMNS)


def _printed(event: Event, column: str) -> str:
    if column == "server_time":
        return datetime.fromtimestamp(event["received"], UTC).strftime("%Y-%m-%d %H:%M:%S")
    value = event.get(column)
    return php.print_float(value, digits=_FLOAT_DIGITS) if isinstance(value, float) else php.to_text(value)
