"""In what portions a backlog is sent, and how fast."""

from hypothesis import given
from hypothesis import strategies as st

from agent.delivery.pace import RATE_SPREAD, Pace, Window


@given(st.integers(1, 500), st.floats(0.1, 100_000), st.floats(0, 1, exclude_max=True))
def test_the_pause_after_a_batch_is_its_share_of_the_rate_give_or_take(sent: int, rate: float, chance: float) -> None:
    """On average the rate; no two kiosks with the same interval."""
    pace = Pace(rate=rate)
    mean = sent / rate
    assert mean * (1 - RATE_SPREAD) <= pace.pause(sent, chance=chance) <= mean * (1 + RATE_SPREAD)
    assert 0.0 == Pace(rate=0.0).pause(sent, chance=chance)


def test_a_failure_makes_the_next_request_light_and_successes_let_it_grow() -> None:
    """A service that has just come back must not get full batches from everybody at once."""
    window, sizes = Window(20, 20).failed(), []
    for _ in range(7):
        sizes.append(window.next)
        window = window.passed(window.next)
    assert [1, 2, 4, 8, 16, 20, 20] == sizes


@given(st.integers(1, 300), st.data())
def test_halving_finds_the_culprit_in_few_batches(number: int, data: st.DataObject) -> None:
    """Wherever it stands, a batch of one that is refused included: else it would be tried for ever."""
    culprit = data.draw(st.integers(0, number - 1))
    window, at, batches = Window(number, number).refused(number), 0, 1
    while not window.is_culprit_found:
        batches += 1
        assert batches <= 2 + number.bit_length()
        if at <= culprit < at + window.next:
            window = window.refused(window.next)
        else:
            at += window.next
            window = window.passed(window.next)
    assert culprit == at
    assert number == window.passed(1).next
