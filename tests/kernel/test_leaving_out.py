"""Plays that no destination is told of."""

from dataclasses import replace

from agent.kernel.events import Opened, Playhead
from agent.kernel.leaving_out import is_left_out
from agent.kernel.media import Media
from tests.support.outbox import an_owner


def test_play_whose_owner_lost_its_entry_is_left_out() -> None:
    """The ledger must tell it from a medium that never had an entry, which is a mistake of somebody's list."""
    owner = replace(an_owner(), entry_id=None)
    opened = Opened(1.0, 1, Playhead(), media=Media(key="a", uri="file:///a", entry_id="0_aaaa"))
    assert is_left_out(opened, owner)
    assert not is_left_out(opened, replace(owner, entry_id="0_aaaa"))
    assert not is_left_out(replace(opened, media=replace(opened.media, entry_id=None)), owner)
