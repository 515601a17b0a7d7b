"""Drives the player through the list, and tells the tracker what we did ourselves.

Contract: a plain object that the main loop steps. `on_report`, `obey` and `tick` return the signals to feed to the
tracker, in order.
Rules: as the carousel's. Only what is said about the current load counts. A player that we had start again says nothing
about the item that it had: that item begins again, as a session of its own.
Reasons: decisions 11, 12.
"""

from dataclasses import replace
from typing import assert_never

from agent.kernel import signals
from agent.kernel.signals import Signal
from agent.player import wire
from agent.player.operations import Fail, Next, Operation, Play, Previous, Replay
from agent.player.outcomes import Reason
from agent.player.reports import Heard, HostCaughtUp, HostLost, HostReady, Report
from agent.player.resuming import AT_LAST_MOMENT, Resuming
from agent.player.surroundings import Phase
from agent.player.turn import Turn


class Director(Resuming):
    """The list, which may be changed, a player that plays it and an operator who may interfere."""

    def on_report(self, report: Report, now: float) -> list[Signal]:
        """Take in what the player's link says."""
        match report:
            case HostReady(run=run):
                return self._welcome(run, now)
            case HostCaughtUp():
                return self._catch_up(report, now)
            case HostLost(at, _, _, commanded):
                self._host_ready, self._wake = False, None
                return self._mourn(AT_LAST_MOMENT if self.is_behind else at, now, commanded=commanded)
            case Heard(run, number, medium, signal):
                self.taken = run, number
                turn = self._turn
                if turn is None or medium != turn.token:
                    return []
                return self._hear(turn, signal, now)
            case _:
                assert_never(report)

    def _welcome(self, run: int, now: float) -> list[Signal]:
        """There is a player: the one that has our play, or one that is to be given something."""
        self.run, self._host_ready, self._seen = run, True, False
        awaited_run, _ = self.taken
        if run == awaited_run and self._awaited is not None:
            self._adopt_play()
            return []
        told = self._give_up_waiting()
        self.taken = self.taken if run == awaited_run else (run, 0)
        if self.phase is Phase.STOPPED:
            if self._hands_over:
                self._link.send(wire.Stop())
            return told
        waits = self._program if self._turn is None else None
        return [*told, *(self._advance(now) if waits is None else self._proceed(waits, now))]

    def _mourn(self, at: float, now: float, *, commanded: bool) -> list[Signal]:
        """The player is gone, and the item with it; a spot is gone on from."""
        self._adopted = None
        if commanded:
            return self._start_over(at, now)
        turn = self._turn
        if turn is None:
            if self.phase in (Phase.RESTING, Phase.SHUT):
                self.phase = Phase.WAITING
            return []
        if not self._is_content(turn):
            return [signals.PlaybackFailed(at), *self._failed(turn, now)]
        if not turn.moved:
            self.outcomes.gave_up(turn.item, Reason.UNPLAYABLE)
        return [signals.PlayerLost(at), *self._leave(now, played=turn.moved)]

    def _start_over(self, at: float, now: float) -> list[Signal]:
        """We had the player end: what it played, all of it, begins again with the next one."""
        if self._program is None:
            return []
        self._rotation = self._rotation.again()
        self._program = self._turn = None
        return [signals.PlayerLost(at), *self._advance(now)]

    def _hear(self, turn: Turn, signal: Signal | wire.MediumSet | wire.MediumFound, now: float) -> list[Signal]:
        if isinstance(signal, wire.MediumFound):
            return []  # said by hosts of players that are not ours
        if isinstance(signal, wire.MediumSet):
            return [signals.MediaChanged(signal.at, turn.item.media)]
        if turn.begins_again(signal) and (turn.last_pass or self._lies_elsewhere(turn)):
            return [signals.EndReached(signal.at), *self._ended(turn, now)]
        turn.hear(signal)
        if turn.moved:
            self._seen = True
            self._plays(turn, now)
        match signal:
            case signals.EndReached() | signals.Stopped():
                return [signal, *self._ended(turn, now)]
            case signals.PlaybackFailed():
                return [signal, *self._failed(turn, now)]
            case signals.Paused() if turn.item.media.holds_last_frame and not turn.told_to_pause:
                return [signal, *self._ended(turn, now)]
            case signals.TimeChanged() | signals.Sampled() if turn.playing and not (turn.paused or turn.told_to_pause):
                return [signal, *self._watch(turn, signal, now)]
            case _:
                return [signal]

    def _lies_elsewhere(self, turn: Turn) -> bool:
        """Whether what would be repeated for ever has a nearer or newer copy by now; no other item waits for it."""
        uri = turn.item.media.uri
        return len(self._items) == 1 and turn.loaded is not None and self.nearest(uri) != turn.loaded

    def refusal(self, operation: Operation) -> str | None:
        """Why it will not do what an operator asks: it always does."""
        return None

    def obey(self, operation: Operation, now: float) -> list[Signal]:
        """Do what an operator asks."""
        match operation:
            case Next():
                return [*self._give_up_waiting(), *self._go_on(now)]
            case Fail(again):
                return self._fail(now, again=again)
            case Previous():
                told = self._give_up_waiting()
                self._rotation = self._rotation.back(self._may_play)
                return [*told, *self._give_up(now), *self._advance(now)]
            case Replay():
                return [*self._give_up_waiting(), *self._again(now)]
            case Play() | wire.Resume():
                return self._resume_play(now)
            case wire.Stop():
                return [*self._give_up_waiting(), *self._stop(now)]
            case wire.Seek(to):
                return self._seek(to, now)
            case wire.Pause():
                if self._turn is not None:
                    self._turn.pause()
                self._link.send(operation)
            case wire.SetVolume(volume):
                self._screen = replace(self._screen, volume=volume)
                self._link.send(operation)
            case wire.SetFullscreen(on):
                self._screen = replace(self._screen, fullscreen=on)
                self._link.send(operation)
            case wire.SetRate():
                self._link.send(operation)
            case _:
                assert_never(operation)
        return []

    def _go_on(self, now: float) -> list[Signal]:
        if self._rotation.finished:
            self._rotation = self._rotation.restarted()
        elif self.phase is Phase.WAITING and self._program is None:
            # There is no player yet, so the item given up is the one that would come up with it.
            self._rotation, _ = self._rotation.choose(self._may_play)
        return self._skip(now)

    def _fail(self, now: float, *, again: bool) -> list[Signal]:
        """The tracker takes it as the failure that it is, as with a playback that hangs (`tick`)."""
        turn = self._turn
        if turn is None:
            return []
        if not (again and self._is_content(turn)):
            return [signals.PlaybackFailed(now), *self._failed(turn, now)]
        self.outcomes.gave_up(turn.item, Reason.FAILED)
        self._rotation = self._rotation.again()
        self._program = self._turn = None
        return [signals.PlaybackFailed(now), *self._advance(now)]

    def _again(self, now: float) -> list[Signal]:
        self._rotation = self._rotation.again()
        return [*self._give_up(now), *self._advance(now, replay=True)]

    def _resume_play(self, now: float) -> list[Signal]:
        if self._turn is not None:
            self._turn.resume(now)
            self._link.send(wire.Resume())
        if self._program is not None:
            return []
        if self._rotation.finished:
            self._rotation = self._rotation.restarted()
        return self._advance(now)

    def _stop(self, now: float) -> list[Signal]:
        stopped = self._program is not None
        if stopped:
            self._rotation = self._rotation.again()
        self._program = self._turn = self._wake = None
        self.phase = Phase.STOPPED
        self._link.send(wire.Stop())
        return [signals.StopCommanded(now)] if stopped else []

    def _seek(self, to: float, now: float) -> list[Signal]:
        """A seek to the beginning after the end of the list plays its last item again (decision 12)."""
        if self._turn is not None:
            self._turn.sought_at = now
            self._link.send(wire.Seek(to))
            return [signals.SeekCommanded(now, to)]
        return self._again(now) if self._rotation.finished and to <= 0 else []
