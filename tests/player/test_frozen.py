"""What a frozen picture is, and what is tried against it."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.player.frozen import HOLD_S, LONGEST_HOLD_S, QUIET_TIMES, Cause, Ladder, Step, View
from agent.player.wire import Pictures

AFTER = 15.0


class Kiosk:
    """A ladder, a clock, and a screen that goes wrong as told. A step is obeyed: it makes another load."""

    def __init__(self, **view: object) -> None:
        self.ladder = Ladder(AFTER)
        self.taken: list[tuple[float, Step]] = []
        self.view = View(at=1000.0, token=1, key="a", plays=True, time=0.0, pictures=Pictures(0.0, 1, 0, 0, True, None))
        self.view = replace(self.view, **view)  # type: ignore[arg-type]

    def run(
        self, seconds: float, *, moves: bool = True, decodes: bool = True, shows: bool = True, step: float = 1.0
    ) -> "Kiosk":
        """So long of a playhead that moves or not, over pictures that are decoded and shown or not."""
        until = self.view.at + seconds
        while self.view.at < until:
            view, said = self.view, self.view.pictures
            if said is not None:
                said = replace(
                    said, at=view.at, decoded=said.decoded + 25 * decodes, displayed=said.displayed + 25 * shows
                )
            time = (view.time or 0.0) + step if moves else view.time
            self.view = replace(view, at=view.at + step, time=time, pictures=said)
            taken = self.ladder.look(self.view)
            if taken is not None:
                self.taken.append((self.view.at, taken))
                self.load("a" if taken is Step.AGAIN or self.view.alone else "b" if view.key == "a" else "a")
        return self

    def load(self, key: str) -> None:
        """Another load."""
        assert self.view.token is not None
        self.view = replace(self.view, token=self.view.token + 1, key=key, time=0.0)

    @property
    def steps(self) -> list[Step]:
        return [step for _, step in self.taken]

    @property
    def cause(self) -> Cause | None:
        return self.ladder.standing(self.view.at).cause


SEEN = [
    ({}, {}, 3600, []),
    ({}, {"moves": False}, 14, []),
    ({}, {"moves": False}, 16, [Step.AGAIN]),
    ({}, {"shows": False}, 14, []),
    ({}, {"shows": False}, 16, [Step.AGAIN]),
    ({}, {"shows": False, "decodes": False}, 59, []),
    ({}, {"shows": False, "decodes": False}, 62, [Step.AGAIN]),
    # Sound, an image, a host that counts nothing, a pause.
    ({"pictures": Pictures(0.0, 1, 0, 0, False, None)}, {"shows": False}, 3600, []),
    ({"image": True}, {"shows": False}, 3600, []),
    ({"pictures": None}, {"shows": False}, 3600, []),
    ({"plays": False}, {"moves": False}, 3600, []),
    # The network is away: nothing that we could restart brings it back.
    ({"local": False}, {"moves": False, "shows": False, "decodes": False}, 7200, []),
    ({"local": False, "alone": True}, {"moves": False, "shows": False, "decodes": False}, 7200, []),
    # Nothing has come of it at all yet.
    ({"time": None}, {"moves": False}, 16, [Step.AGAIN]),
]


@pytest.mark.parametrize(("view", "how", "seconds", "steps"), SEEN)
def test_what_is_seen_calls_for_these_steps(
    view: dict[str, object], how: dict[str, bool], seconds: float, steps: list[Step]
) -> None:
    """A wrong alarm interrupts a good film; a missed one is a dead screen for months."""
    assert steps == Kiosk(**view).run(seconds, **how).steps


def test_ladder_climbs_from_the_item_to_the_next_to_the_player() -> None:
    """The smallest step that may help comes first; each has the whole time to help."""
    kiosk = Kiosk().run(50, shows=False)
    assert [Step.AGAIN, Step.NEXT, Step.PLAYER] == kiosk.steps
    assert all(later - earlier >= AFTER for (earlier, _), (later, _) in pairwise(kiosk.taken))
    assert Cause.BLIND is kiosk.cause


def test_list_of_one_item_has_no_next_one() -> None:
    """Most kiosks loop one film."""
    assert [Step.AGAIN, Step.PLAYER] == Kiosk(alone=True).run(34, moves=False).steps


def test_picture_that_moves_for_a_while_is_mended() -> None:
    """The next fault, a week later, begins with the smallest step again."""
    kiosk = Kiosk().run(34, moves=False).run(33)
    assert kiosk.cause is None
    kiosk.run(17, moves=False)
    assert [Step.AGAIN, Step.NEXT, Step.AGAIN] == kiosk.steps


def test_broken_item_of_a_good_list_never_costs_the_player() -> None:
    """One bad file among good ones is that file's fault; from its second time on it is gone on from at once."""
    kiosk = Kiosk()
    for _ in range(20):
        kiosk.run(40 if not kiosk.taken else 16, shows=False)
        kiosk.run(10)
        kiosk.load("a")
    assert Step.PLAYER not in kiosk.steps
    assert 1 == kiosk.steps.count(Step.AGAIN)


def test_clip_that_always_looks_frozen_costs_one_restart_an_hour() -> None:
    """Whatever we are wrong about must not become a loop of restarts."""
    kiosk = Kiosk(alone=True).run(86_400, shows=False)
    restarts = [at for at, step in kiosk.taken if step is Step.PLAYER]
    apart = [later - earlier for earlier, later in pairwise(restarts)]
    assert 5 <= len(apart)
    assert apart == sorted(apart)
    assert apart[0] >= HOLD_S
    assert apart[-1] >= LONGEST_HOLD_S
    assert 1 == kiosk.steps.count(Step.AGAIN)


def test_stream_whose_pictures_cannot_be_shown_never_costs_the_player() -> None:
    """Packets that get lost on the way leave a decoder without a picture; a new player loses them as well."""
    for alone in (True, False):
        kiosk = Kiosk(local=False, alone=alone).run(86_400, shows=False)
        assert Step.PLAYER not in kiosk.steps
        assert kiosk.steps


def test_screen_that_is_away_is_waited_for_and_then_the_player_restarted() -> None:
    """A television that is off at night is no fault, and no session is broken off for it."""
    lit, dark = Pictures(0.0, 1, 0, 0, True, True), Pictures(0.0, 1, 0, 0, True, False)
    kiosk = Kiosk(pictures=lit).run(60)
    kiosk.view = replace(kiosk.view, pictures=dark)
    kiosk.run(30_000, shows=False, decodes=False)
    assert [] == kiosk.steps
    assert Cause.DARK is kiosk.cause
    kiosk.view = replace(kiosk.view, pictures=lit)
    kiosk.run(60)
    assert [Step.PLAYER] == kiosk.steps
    assert kiosk.cause is None


def test_screen_that_comes_and_goes_restarts_the_player_every_five_minutes_at_most() -> None:
    """A loose plug."""
    kiosk = Kiosk()
    for number in range(600):
        kiosk.view = replace(kiosk.view, pictures=Pictures(0.0, 1, 0, 0, True, number % 2 == 0))
        kiosk.run(5)
    assert len(kiosk.steps) <= 3000 / HOLD_S + 1


def test_machine_that_slept_is_not_frozen() -> None:
    """One look before and one after a night in standby."""
    kiosk = Kiosk().run(5)
    kiosk.run(8 * 3600, moves=False, step=8 * 3600)
    assert [] == kiosk.run(5).steps


LOOKS = st.tuples(
    st.floats(0.1, 200), *[st.booleans()] * 6, st.sampled_from(["a", "b", "c"]), st.sampled_from([None, True, False])
)


@given(st.lists(LOOKS, max_size=60))
def test_whatever_is_seen_restarts_keep_their_distance(looks: list[tuple[float, ...]]) -> None:
    """Of the two reasons for a restart of the player, each keeps its own distance."""
    ladder, now, token, time, counts = Ladder(5.0), 0.0, 1, 0.0, (0, 0)
    restarts: list[float] = []
    for seconds, moves, decodes, shows, plays, local, fresh, key, display in looks:
        until = now + seconds
        token += bool(fresh)
        while now < until:
            now += 1.0
            time += bool(moves)
            counts = counts[0] + bool(decodes), counts[1] + bool(shows)
            said = Pictures(now, token, *counts, True, display)  # type: ignore[arg-type]
            step = ladder.look(
                View(now, token, str(key), local=bool(local), plays=bool(plays), time=time, pictures=said)
            )
            if step is Step.PLAYER:
                restarts.append(now)
            token += step is not None
    assert all(later - earlier >= HOLD_S for earlier, later in zip(restarts, restarts[2:], strict=False))
    standing = ladder.standing(now)
    assert len(restarts) == standing.steps[Step.PLAYER]
    assert QUIET_TIMES > 1
