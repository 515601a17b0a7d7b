"""A supervisor that was itself held up, over a real host."""

import pytest

from agent.kernel import signals
from agent.player.link import Closed, Connection, Silence
from agent.player.wire import Message
from tests.support import media
from tests.support.players import load, ready, watched


def test_host_is_not_killed_for_the_supervisors_own_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suspended machine, or a debugger, stops both processes; on waking the host has had no moment to speak."""
    receive, naps = Connection.receive, [Silence()]

    def held_up(self: Connection, timeout: float) -> list[Message] | Silence | Closed:
        # What a process finds that slept through the timeout: it ran out, and it says nothing of how long ago.
        return naps.pop() if naps else receive(self, timeout)

    with watched() as player:
        ready(player)
        monkeypatch.setattr(Connection, "receive", held_up)
        player.supervisor.send(load(media.silent_clip()))
        player.wait_for(signals.EndReached)
        assert (0, []) == (player.supervisor.status.losses, naps)
