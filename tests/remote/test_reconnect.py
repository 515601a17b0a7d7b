"""When the next connection is tried: a fleet must not come in step, and two devices must not fight."""

from hypothesis import given
from hypothesis import strategies as st

from agent.config.remote import Protocol
from agent.remote.failures import Failure, closed_early, lost
from agent.remote.letters import Trouble
from agent.remote.reconnect import AGAIN_S, FIRST_S, STEADY_S, Reconnect

GONE = lost("b", "x")
OLD = closed_early("b", encrypted=True, certified=True)
CHANCE = st.floats(min_value=0.0, max_value=1.0, exclude_max=True)


def waits(reconnect: Reconnect, failure: Failure, count: int, *, chance: float, stood_s: float = 0.0) -> list[float]:
    """The waits after so many failures in a row."""
    return [reconnect.failed(failure, stood_s=stood_s, chance=chance) for _ in range(count)]


def spoken(reconnect: Reconnect) -> Protocol:
    """What the next try speaks."""
    return reconnect.protocol


def test_the_first_tries_are_spread() -> None:
    """Trap: paho's delays have no jitter. A power cut ends for a thousand kiosks in the same second."""
    assert (0.0, FIRST_S / 2) == (Reconnect.first(0.0), Reconnect.first(0.5))
    assert [1.0, AGAIN_S * 0.55] == [waits(Reconnect(Protocol.V5), GONE, 1, chance=chance)[0] for chance in (0, 0.5)]


def test_waits_grow_to_five_minutes() -> None:
    """A broker that is away for a weekend is not asked every second, and is found within five minutes."""
    grown = waits(Reconnect(Protocol.V5), GONE, 12, chance=0.9)
    assert grown == sorted(grown)
    assert grown[-1] <= 300 < grown[-1] * 1.2


def test_a_connection_that_stood_begins_anew() -> None:
    """One hiccup a day must not be waited for as the tenth failure in a row."""
    reconnect = Reconnect(Protocol.V5)
    waits(reconnect, GONE, 10, chance=0.9)
    assert [True] == [each <= AGAIN_S for each in waits(reconnect, GONE, 1, chance=0.9, stood_s=STEADY_S)]


def test_what_waiting_does_not_cure_is_tried_seldom() -> None:
    """Two devices with one identity push each other out at each try."""
    for trouble in (Trouble.TAKEN_OVER, Trouble.CREDENTIALS, Trouble.REFUSED):
        first, second = waits(Reconnect(Protocol.V5), Failure(trouble, ""), 2, chance=0.5)
        assert 30 < first < second <= 300


def test_a_clock_that_will_be_set_is_waited_for_closely() -> None:
    """The network time comes within a minute of the network: five minutes without a broker would be its price."""
    assert max(waits(Reconnect(Protocol.V5), Failure(Trouble.CLOCK, ""), 50, chance=0.99)) <= 30


def test_auto_goes_over_to_311_and_back() -> None:
    """Whichever of the two the broker knows is found, soon the first time, and a nonsense is not asked every second."""
    reconnect = Reconnect(Protocol.AUTO)
    assert Protocol.V5 is spoken(reconnect)
    assert [0.5] == waits(reconnect, OLD, 1, chance=0.5)
    assert Protocol.V311 is spoken(reconnect)
    assert waits(reconnect, OLD, 1, chance=0.5)[0] >= 30
    assert Protocol.V5 is spoken(reconnect)


def test_what_worked_is_kept_through_a_few_bad_answers() -> None:
    """A broker that is overloaded closes early too: 5 must not be lost by that."""
    reconnect = Reconnect(Protocol.AUTO)
    reconnect.succeeded()
    waits(reconnect, OLD, 2, chance=0.5)
    assert Protocol.V5 is spoken(reconnect)
    waits(reconnect, OLD, 1, chance=0.5)
    assert Protocol.V311 is spoken(reconnect)


def test_a_version_that_was_set_is_kept() -> None:
    """Who wrote 5 means 5."""
    for protocol in (Protocol.V5, Protocol.V311):
        reconnect = Reconnect(protocol)
        waits(reconnect, OLD, 5, chance=0.5)
        assert protocol is spoken(reconnect)


@given(st.lists(st.tuples(st.sampled_from(Trouble), st.booleans(), st.floats(0, 1000), CHANCE), max_size=60))
def test_no_story_leads_to_a_wait_out_of_bounds(story: list[tuple[Trouble, bool, float, float]]) -> None:
    """A week of doublings overflows a float; a wait of nothing is a storm."""
    reconnect = Reconnect(Protocol.AUTO)
    for trouble, is_old, stood_s, chance in story:
        wait = reconnect.failed(Failure(trouble, "", is_old_protocol=is_old), stood_s=stood_s, chance=chance)
        assert 0 <= wait <= 300
        assert wait >= 1 or is_old
