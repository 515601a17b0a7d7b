"""Stored events as people and machines read them.

Contract: pure; an event or a dead letter in, JSON out. Never raises for an event that this program cannot decode (an
imported one of a later version): its body is shown as it stands.
"""

import json
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from agent.kernel import codec
from agent.kernel.records import StoredEvent
from agent.outbox.letters import DeadLetter


def event_view(event: StoredEvent) -> dict[str, Any]:
    """One event with everything that is known about it. Times in seconds."""
    owner = event.attribution
    return {
        "sequence": event.sequence,
        "identity": {"generation": event.identity.generation, "sequence": event.identity.sequence},
        "kind": event.kind,
        "wall": event.instant.wall,
        "synced": event.instant.synced,
        "frozen_time": event.frozen_time,
        "boottime": event.instant.boottime,
        "boot_id": event.instant.boot_id,
        "session_id": owner.session_id,
        "entry_id": owner.entry_id,
        "media_uri": owner.media_uri,
        "device_id": owner.device_id,
        "referrer": owner.referrer,
        "partner_id": owner.partner_id,
        "user_id": owner.user_id,
        "uiconf_id": owner.uiconf_id,
        "client_version": owner.client_version,
        "context_id": owner.context_id,
        "unique_viewer": owner.unique_viewer,
        "widget_id": owner.widget_id,
        "priority": event.priority.name.lower(),
        "origin": event.origin.name.lower(),
        "redelivery": None if event.redelivery is None else event.redelivery.sink,
        "fact": _fact(event),
    }


def letter_view(letter: DeadLetter) -> dict[str, Any]:
    """One refused message with its event. `attempts`: how often the destination answered it with an error."""
    return {
        "number": letter.number,
        "sink": letter.sink,
        "part": letter.part,
        "message": letter.message,
        "code": letter.code,
        "answer": letter.answer,
        "attempts": letter.attempt,
        "fields": dict(letter.fields),
        "event": event_view(letter.event),
    }


def _fact(event: StoredEvent) -> Any:
    try:
        return _plain(codec.decode(event.kind, event.body))
    except (ValueError, TypeError, KeyError):
        return _read(event.body)


def _read(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
