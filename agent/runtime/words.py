"""What happened to the store at the start, in words for a person.

Contract: `opening_text` answers None where there is nothing to tell.
"""

from typing import assert_never

from agent.outbox.generation import NewGeneration
from agent.outbox.opening import Created, Opened, Opening
from agent.outbox.salvage import Salvaged


def opening_text(opening: Opening) -> str | None:
    """What was more than "as we left it", a sentence each."""
    said = [text for text in (_how_text(opening), _generation_text(opening.new_generation)) if text is not None]
    return " ".join(said) or None


def _how_text(opening: Opening) -> str | None:
    match opening.how:
        case Salvaged(aside, why, events, lost, _):
            return (
                f"The store was damaged ({why}): set aside as {aside.name}, {events} events saved, {lost} known lost."
            )
        case Opened(int(schema)):
            return f"The store was brought up to date from schema {schema}."
        case Created() | Opened():
            return None
        case _:
            assert_never(opening.how)


def _generation_text(reason: NewGeneration | None) -> str | None:
    match reason:
        case NewGeneration.DEVICE_CHANGED:
            return "The device id has changed, so the store has begun a new generation."
        case NewGeneration.HARDWARE_CHANGED:
            return "The board has changed (a cloned card?), so the store has begun a new generation."
        case None | NewGeneration.CREATED | NewGeneration.SALVAGED:
            return None
        case _:
            assert_never(reason)
