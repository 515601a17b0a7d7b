"""What happened to the store at the start, in words for a person.

Contract: `opening_text` answers None where there is nothing to tell; `moved_text` what is to be told at every start
until a person has answered it.
"""

from typing import assert_never

from agent.outbox.generation import NewGeneration
from agent.outbox.opening import Created, Opened, Opening
from agent.outbox.salvage import Salvaged


def opening_text(opening: Opening, moved: str | None = None) -> str | None:
    """What was more than "as we left it", a sentence each. `moved`: the device id that two boards may have."""
    said = (_how_text(opening), _generation_text(opening.new_generation), moved and moved_text(moved))
    return " ".join(text for text in said if text) or None


def moved_text(device_id: str) -> str:
    """What to do about a card that came to another board with its configured id."""
    return (
        f"This card was used as {device_id} on another board. If that board still runs, give one of the two another "
        f"id: sudo kiosk-agent setup --device-id … If this board takes its place: sudo kiosk-agent setup --replace "
        f"{device_id}"
    )


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
