"""The log's vocabulary."""

import typing
from dataclasses import fields, is_dataclass

from agent.kernel import events
from agent.kernel.events import Event, Fact


def test_every_fact_is_an_event_and_frozen() -> None:
    """A kind that the union forgets would pass every `match` unseen."""
    facts = {kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Fact)} - {Fact}
    assert facts == set(typing.get_args(Event))
    for kind in facts:
        assert is_dataclass(kind)
        assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_every_event_begins_with_its_time_session_and_head() -> None:
    """The voice makes them in this order."""
    for kind in typing.get_args(Event):
        assert ["at", "session", "head"] == [field.name for field in fields(kind)][:3]
