"""What happened to the store, in words."""

from pathlib import Path

import pytest

from agent.outbox.generation import NewGeneration
from agent.outbox.opening import Created, Opened, Opening
from agent.outbox.salvage import Salvaged
from agent.runtime.words import opening_text

SALVAGED = Salvaged(Path("/var/lib/kiosk-agent/store.damaged-1.db"), "malformed", 41, 2, 0)


@pytest.mark.parametrize(
    ("how", "reason"),
    [(Created(), NewGeneration.CREATED), (Opened(None), None), (Created(), None)],
)
def test_store_as_we_left_it_says_nothing(how: Created | Opened, reason: NewGeneration | None) -> None:
    """A status that always has news hides the news."""
    assert opening_text(Opening(how, "g", reason)) is None


def test_damaged_store_names_the_file_and_both_numbers() -> None:
    """Somebody will ask what was lost, and where the rest is."""
    text = opening_text(Opening(SALVAGED, "g", NewGeneration.SALVAGED)) or ""
    assert [] == [part for part in ("store.damaged-1.db", "malformed", "41", "2") if part not in text]


@pytest.mark.parametrize("reason", [NewGeneration.DEVICE_CHANGED, NewGeneration.HARDWARE_CHANGED])
def test_new_generation_is_told_beside_everything_else(reason: NewGeneration) -> None:
    """An upgrade on a cloned card is two pieces of news."""
    alone = opening_text(Opening(Opened(None), "g", reason))
    both = opening_text(Opening(Opened(1), "g", reason)) or ""
    assert alone is not None
    assert both.endswith(alone)
    assert "schema 1" in both


def test_card_on_another_board_is_told_at_every_start_with_both_ways_out() -> None:
    """Nobody but a person knows whether the first board still runs."""
    text = opening_text(Opening(Opened(None), "g", None), "device-001") or ""
    assert [] == [part for part in ("used as device-001", "--device-id", "--replace device-001") if part not in text]
