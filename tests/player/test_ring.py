"""The host's backlog: bounded, and edges last."""

from itertools import pairwise

from agent.kernel import signals
from agent.kernel.signals import Signal
from agent.player.codec import decode
from agent.player.ring import CAPACITY, CROWDED, Ring
from agent.player.wire import MediumFound, MediumSet, Said


def _numbers(ring: Ring) -> list[int]:
    found = []
    while (line := ring.next_line()) is not None:
        said = decode(line)
        assert isinstance(said, Said)
        found.append(said.number)
    return found


def test_new_connection_gets_what_was_not_acknowledged() -> None:
    """Otherwise an agent that restarts in unit mode would miss an end."""
    ring = Ring()
    for at in range(5):
        ring.add(1, signals.Playing(float(at)))
    assert _numbers(ring) == [1, 2, 3, 4, 5]
    ring.acknowledge(2)
    ring.add(1, signals.Paused(9.0))
    assert _numbers(ring) == [6]
    ring.rewind(3)
    assert _numbers(ring) == [4, 5, 6]


def test_full_ring_gives_up_samples_before_edges() -> None:
    """A missing sample is interpolated; a missing pause is a wrong story."""
    ring = Ring(capacity=4)
    ring.add(1, signals.Playing(0.0))
    for at in range(1, 8):
        ring.add(1, signals.TimeChanged(float(at), float(at)))
    ring.add(1, signals.Paused(8.0))
    assert len(ring) == 4
    assert ring.lost == 0
    assert _numbers(ring) == [1, 7, 8, 9]


def _play(ring: Ring, seconds: int, began: float = 0.0) -> None:
    """What a host says of so many seconds of a film: two samples each quarter of a second."""
    for quarter in range(seconds * 4):
        at = began + quarter / 4
        ring.add(1, signals.TimeChanged(at, at))
        ring.add(1, signals.Sampled(at, at, 1.0, False))


def _signals(ring: Ring) -> list[Signal | MediumSet | MediumFound]:
    found = []
    while (line := ring.next_line()) is not None:
        said = decode(line)
        assert isinstance(said, Said)
        found.append(said.signal)
    return found


def test_crowded_ring_keeps_a_sample_of_each_kind_for_each_second() -> None:
    """An agent that was held up for half an hour must not read a stall into the hole that lost samples leave."""
    ring = Ring()
    ring.add(1, signals.Playing(0.0))
    _play(ring, 1800)
    assert (0, True) == (ring.lost, len(ring) < CAPACITY)
    kept = _signals(ring)
    for kind in (signals.TimeChanged, signals.Sampled):
        times = [each.at for each in kept if isinstance(each, kind)]
        assert list(range(1800)) == sorted({int(at) for at in times})
        assert 1.0 >= max(after - before for before, after in pairwise(times))


def test_agent_that_is_away_for_days_costs_the_host_no_memory() -> None:
    """In unit mode the player goes on without an agent; what it remembers of samples given up is bounded, too."""
    ring = Ring(capacity=100)
    _play(ring, 1000)
    assert 100 == len(ring)
    assert max(len(ring._unsent), len(ring._samples)) <= 200


def test_samples_beside_an_edge_stay() -> None:
    """Where the picture stood when it was paused is told by the sample before the pause, not by a later one."""
    ring = Ring()
    _play(ring, CROWDED)
    ring.add(1, signals.TimeChanged(500.1, 500.1))
    ring.add(1, signals.Paused(500.2))
    ring.add(1, signals.TimeChanged(500.3, 500.1))
    ring.add(1, signals.TimeChanged(500.4, 500.2))
    assert [500.1, 500.2, 500.4] == [each.at for each in _signals(ring)[-3:]]


def test_ring_that_is_read_keeps_every_sample() -> None:
    """The tracker judges by consecutive samples: while the agent keeps up it gets all of them."""
    ring = Ring()
    numbers = []
    for second in range(200):
        _play(ring, 1, float(second))
        numbers += _numbers(ring)
        ring.acknowledge(numbers[-1])
    assert list(range(1, 1601)) == numbers


def test_ring_of_nothing_but_edges_loses_the_oldest_and_says_so() -> None:
    """Bounded memory has a price, and the price is counted."""
    ring = Ring(capacity=2)
    for at in range(5):
        ring.add(1, signals.Playing(float(at)))
    assert _numbers(ring) == [4, 5]
    assert ring.lost == 3


def test_acknowledgement_of_what_was_never_said_is_ignored() -> None:
    """A number of another run would throw away signals that nobody has."""
    ring = Ring()
    ring.add(1, signals.Playing(0.0))
    ring.acknowledge(99)
    assert len(ring) == 1
