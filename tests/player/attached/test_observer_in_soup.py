"""An observer that is shown anything at all."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.player.attached.state import State, Status
from agent.player.codec import decode, encode
from agent.player.wire import MediumFound, Said
from tests.player.attached.test_observer import A, B, Watch

STATES = st.builds(
    State,
    status=st.sampled_from(Status),
    item=st.sampled_from([None, A, B, replace(A, length=None)]),
    rate=st.sampled_from([0.5, 1.0, 4.0]),
    fullscreen=st.booleans(),
    volume=st.sampled_from([None, 0.5, 1.0]),
    seekable=st.sampled_from([None, True, False]),
)
LOOKS = st.one_of(STATES, st.floats(0.0, 10.0), st.sampled_from(["lose", "tick"]))


@given(st.lists(st.tuples(LOOKS, st.floats(0.0, 5.0)), max_size=25))
def test_whatever_a_player_shows_is_told_in_order(looks: list[tuple[Any, float]]) -> None:
    """Tokens rise by one, each begins with its MediumFound, and all of it can be said on the link and tracked."""
    watch = Watch()
    for look, wait in looks:
        watch.now += wait
        if isinstance(look, State):
            watch.see(look, after=0.0)
        elif isinstance(look, float):
            watch.told += watch.observer.read(look, watch.now, pushed=wait < 1.0)
        elif look == "lose":
            watch.told += watch.observer.lose(watch.now)
        else:
            watch.wait(0.0)
    expected = 0
    for token, each in watch.told:
        expected += isinstance(each, MediumFound)
        assert expected == token
        assert Said(1, token, each) == decode(encode(Said(1, token, each)))
    watch.events()
