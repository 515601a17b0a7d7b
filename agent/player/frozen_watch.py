"""The watch over the picture: looks at what plays, and takes the steps of the ladder.

Contract: `look` is called by the main loop after each step; `status` is for the status; `counters` count the steps.
Rules: a step is told in the log, and so is that the picture moves again, once. Off, nothing is looked at.
Reasons: agent.player.frozen holds the rules.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any, Final, Protocol, assert_never

import structlog

from agent.config.player_watch import Frozen
from agent.config.redact import masked
from agent.player.conductor import Conductor
from agent.player.frozen import Cause, Ladder, Step, View
from agent.player.kinds import kind_of
from agent.player.operations import Fail, Operation
from agent.player.sources import is_local
from agent.player.surroundings import Phase
from agent.player.wire import Pictures

log = structlog.get_logger()

LOOK_EVERY_S: Final = 1.0


class Keeping(Protocol):
    """What is needed of the host's keeper."""

    pictures: Pictures | None

    def restart(self) -> None:
        """Have the host end, and another come. Never waits."""
        ...


class FrozenWatch:
    """`rules` are asked at each look, since they may change. `obey` has the director do something."""

    def __init__(
        self, director: Conductor, keeper: Keeping, rules: Callable[[], Frozen], obey: Callable[[Operation], object]
    ) -> None:
        self._director = director
        self._keeper = keeper
        self._rules = rules
        self._obey = obey
        self._ladder = Ladder(rules().after_s)
        self._look_at = 0.0
        self._told: tuple[Cause, float] | None = None
        self._source = ("", True)
        self.counters: Counter[str] = Counter()

    def look(self, now: float) -> None:
        """Look, where a second has passed, and do what is to be done."""
        rules = self._rules()
        if not rules.enabled or now < self._look_at:
            return
        self._look_at = now + LOOK_EVERY_S
        self._ladder.after = rules.after_s
        view = self._view(now)
        step = self._ladder.look(view)
        self._tell(view, step)
        if step is not None:
            self.counters[f"frozen-{step.value}"] += 1
            self._do(step)

    def status(self, now: float) -> dict[str, Any]:
        """How the picture stands, as JSON."""
        standing = self._ladder.standing(now)
        return {
            "enabled": self._rules().enabled,
            "cause": None if standing.cause is None else standing.cause.value,
            "for_s": None if standing.since is None else now - standing.since,
            "steps": {step.value: count for step, count in standing.steps.items()},
            "next_restart_s": standing.next_restart_s,
        }

    def _view(self, now: float) -> View:
        turn = self._director.turn
        if turn is None or self._director.phase is not Phase.PLAYING:
            return View(now)
        media = turn.item.media
        if self._source[0] != media.uri:
            # A list of segments may lie here and name what does not.
            self._source = media.uri, is_local(media.uri) and not media.adaptive
        pictures = self._keeper.pictures
        return View(
            now,
            turn.token,
            media.key,
            local=self._source[1],
            image=kind_of(media.uri).image,
            alone=len(self._director.items) == 1,
            plays=not (turn.paused or turn.told_to_pause),
            # Of a short clip that VLC repeats, each look may find the same place.
            time=turn.moved_at if media.repeats and turn.time is not None else turn.time,
            pictures=pictures if pictures is not None and pictures.medium == turn.token else None,
        )

    def _tell(self, view: View, step: Step | None) -> None:
        standing = self._ladder.standing(view.at)
        now = None if standing.cause is None or standing.since is None else (standing.cause, standing.since)
        turn = self._director.turn
        uri = "" if turn is None else masked(turn.item.media.uri)
        if self._told is not None and now is None:
            log.info("picture moves again", was=self._told[0].value, seconds=round(view.at - self._told[1]))
        if step is not None:
            cause = (now or self._told or (Cause.DARK, 0.0))[0].value
            log.warning("picture frozen", cause=cause, step=step.value, uri=uri)
        elif now is not None and now != self._told:
            log.warning("picture frozen", cause=now[0].value, uri=uri)
        self._told = now

    def _do(self, step: Step) -> None:
        match step:
            case Step.AGAIN:
                self._obey(Fail(again=True))
            case Step.NEXT:
                self._obey(Fail(again=False))
            case Step.PLAYER:
                self._keeper.restart()
            case _:
                assert_never(step)
