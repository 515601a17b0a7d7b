"""The host's backlog: bounded, and edges last."""

from agent.kernel import signals
from agent.player.codec import decode
from agent.player.ring import Ring
from agent.player.wire import Said


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
