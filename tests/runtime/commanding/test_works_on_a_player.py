"""Commands on a real player: each "done" is something that libvlc has said."""

import os
import signal

from agent.config.model import Level
from agent.kernel import signals
from agent.kernel.session import SessionTracker
from agent.remote.commands import Next, Order, Pause, RestartPlayer, Resume
from agent.runtime.clock import boottime
from agent.runtime.commanding.hands import Hands, QueueView, player_view
from agent.runtime.commanding.levels import Levels
from agent.runtime.commanding.works import Done, Ending, Failed, begin
from tests.support import media
from tests.support.players import HASTY, Stage, item, staged


class Screen:
    """A stage with the hands of a commander on it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._tracker = SessionTracker()
        self._fed = 0
        self.hands = Hands(
            obey=stage.obey,
            restart_player=lambda: os.kill(stage.pid, signal.SIGTERM),
            flush=lambda: None,
            refresh=lambda: None,
            diagnostics=dict,
            report=lambda *_: Done(),
            player=lambda: player_view(stage.director, self._heard(), stage.status),
            queue=lambda: QueueView(0, ()),
            levels=Levels(Level.INFO, apply=lambda _: None),
        )

    def _heard(self) -> SessionTracker:
        for told in self.stage.told[self._fed :]:
            self._tracker.feed(told)
        self._fed = len(self.stage.told)
        return self._tracker

    def do(self, order: Order) -> Ending:
        """Execute it, with the main loop's steps going on; how it ended."""
        work = begin(order, self.hands, boottime())
        if isinstance(work, Done | Failed):
            return work
        ended: list[Ending] = []

        def has_ended() -> bool:
            ending = work.look(boottime())
            ended.extend([] if ending is None else [ending])
            return bool(ended)

        self.stage.run_until(has_ended)
        return ended[-1]


def test_real_film_is_paused_goes_on_and_is_given_up() -> None:
    """The whole of what an operator does to a screen, each answered by what the player says.

    But for the volume, of which libvlc tells nothing without a real sound card (tests/facts/vlc.md).
    """
    with staged([item(media.clip(30), "film"), item(media.clip(30), "other")]) as stage:
        screen = Screen(stage)
        stage.run_until_told(signals.TimeChanged)
        assert Done() == screen.do(Pause())
        assert Done() == screen.do(Pause())
        assert Done() == screen.do(Resume())
        assert Done() == screen.do(Resume())
        assert Done() == screen.do(Next())
        assert stage.director.current is not None
        assert "other" == stage.director.current.media.key
        assert Done() == screen.do(Next())


def test_real_player_that_is_ended_is_replaced() -> None:
    """The cure for a decoder that has gone mad."""
    with staged([item(media.clip(30), "film")]) as stage:
        screen = Screen(stage)
        stage.run_until_told(signals.TimeChanged)
        before = stage.pid
        assert Done() == screen.do(RestartPlayer())
        assert before != stage.pid


def test_real_player_that_is_killed_fails_the_command() -> None:
    """A screen that goes black on a command has not done it."""
    with staged([item(media.clip(30), "film")], rules=HASTY) as stage:
        screen = Screen(stage)
        stage.run_until_told(signals.TimeChanged)
        os.kill(stage.pid, signal.SIGSTOP)
        ending = screen.do(Pause())
        assert isinstance(ending, Failed)
        assert "no player is running" in ending.reason
