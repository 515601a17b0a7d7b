"""Stored events as people read them."""

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest

from agent.kernel.attribution import Attribution
from agent.runtime.views import event_view
from tests.support.stores import store_with_story


def test_view_is_json_and_holds_the_facts_in_words(tmp_path: Path) -> None:
    """Enumerations and tuples must not stop a report."""
    outbox = store_with_story(tmp_path)
    views = [event_view(event) for event in outbox.events()]
    outbox.close()
    assert "completed" == json.loads(json.dumps(views[-1]))["fact"]["ending"]
    assert "play" == views[0]["priority"]
    assert "local" == views[0]["origin"]


def test_view_hides_nothing_that_is_sent(tmp_path: Path) -> None:
    """Who asks what a kiosk says of a visitor must find the visit and the pseudonym in the queue."""
    outbox = store_with_story(tmp_path)
    (event,) = outbox.events(limit=1)
    outbox.close()
    assert {field.name for field in fields(Attribution)} <= set(event_view(event))


@pytest.mark.parametrize(
    ("kind", "body", "fact"),
    [("of-a-later-version", '{"x":1}', {"x": 1}), ("opened", '{"nothing":1}', {"nothing": 1}), ("opened", "}", "}")],
)
def test_event_that_cannot_be_decoded_is_shown_as_it_stands(tmp_path: Path, kind: str, body: str, fact: object) -> None:
    """An imported event of a later version must not make the queue unreadable."""
    outbox = store_with_story(tmp_path)
    (event,) = outbox.events(limit=1)
    outbox.close()
    assert fact == event_view(replace(event, kind=kind, body=body))["fact"]
