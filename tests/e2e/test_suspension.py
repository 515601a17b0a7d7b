"""The agent is stopped for a while, as by a debugger, a swap storm or a card that hangs; the picture runs on."""

import os
import signal
import time
from pathlib import Path

from agent.kernel.events import Seeked, Stalled
from tests.support import media
from tests.support.kiosks import PLAYED, Clip, freeze, kiosk, stories
from tests.support.players import now
from tools.standin.server import Collector

# Far beyond the silence after which a stall is told (1.6 s), and within what the player's link puts up with.
STOPPED_S = 4.0


def test_stopped_agent_tells_no_stall_that_nobody_saw(tmp_path: Path) -> None:
    """The visitor saw an unbroken film, so the story has no break: the host's words of meanwhile are heard first."""
    with (
        Collector() as collector,
        kiosk(tmp_path, collector, [Clip(media.clip(12.0), "0_abcd1234")], player="loop = false") as agent,
    ):
        agent.start()
        pid = agent.wait(lambda status: (status["player"]["position"] or 0) > 1.0)["pid"]
        stopped = now()
        freeze(pid)
        time.sleep(STOPPED_S)  # this is the hold-up
        os.kill(pid, signal.SIGCONT)
        went_on = now()
        agent.wait_idle()
        assert 0 == agent.end()
        facts = agent.facts()
        assert [] == [fact for fact in facts if isinstance(fact, Seeked)]
        # A busy machine may hold the player itself up at any other time, and then it is right to tell it.
        told = [fact.at for fact in facts if isinstance(fact, Stalled)]
        assert [] == [at for at in told if stopped - 1.0 <= at <= went_on + 1.0]
        assert [("0_abcd1234", PLAYED)] == stories(collector.events)
