"""The mailbox between every other thread and the main loop."""

import threading
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agent.kernel.signals import Playing, Sampled, TimeChanged
from agent.player.reports import Heard
from agent.runtime.loop import sample_kind
from agent.runtime.mailbox import COALESCE_FROM, Mailbox

Item = Playing | TimeChanged | Sampled


def kind_of(item: Item) -> object | None:
    return None if isinstance(item, Playing) else type(item)


def edge(at: float) -> Playing:
    return Playing(at=at)


def sample(at: float) -> TimeChanged:
    return TimeChanged(at=at, time=at)


def polled(at: float) -> Sampled:
    return Sampled(at=at, time=at, rate=1.0, fullscreen=False)


def test_items_come_out_in_the_order_of_putting() -> None:
    """The tracker judges by order."""
    box: Mailbox[Item] = Mailbox(kind_of)
    for at in range(5):
        box.put(edge(at))
    assert [edge(at) for at in range(5)] == box.take(0)
    assert [] == box.take(0)


def test_few_waiting_samples_are_all_kept() -> None:
    """Seeks are seen by comparing consecutive samples."""
    box: Mailbox[Item] = Mailbox(kind_of)
    for at in range(COALESCE_FROM):
        box.put(sample(at))
    assert (COALESCE_FROM, 0) == (len(box), box.coalesced)


def test_many_waiting_samples_coalesce_and_are_counted() -> None:
    """A main loop that was held up wants the newest playhead, not a minute of old ones."""
    box: Mailbox[Item] = Mailbox(kind_of)
    for at in range(COALESCE_FROM):
        box.put(edge(at))
    for at in range(100, 200):
        box.put(sample(at))
    assert [sample(199)] == box.take(0)[COALESCE_FROM:]
    assert box.coalesced == 99


@given(st.lists(st.booleans(), max_size=300))
def test_whatever_the_pressure_no_edge_is_lost_or_overtaken(kinds: list[bool]) -> None:
    """A lost Paused or EndReached makes wrong events; decision 31."""
    box: Mailbox[Item] = Mailbox(kind_of)
    put: list[Item] = [edge(at) if kind else sample(at) for at, kind in enumerate(kinds)]
    for item in put:
        box.put(item)
    taken = box.take(0)
    assert [item for item in put if isinstance(item, Playing)] == [item for item in taken if isinstance(item, Playing)]
    assert all(one.at < other.at for one, other in pairwise(taken))
    assert len(put) == len(taken) + box.coalesced
    assert taken[-1:] == put[-1:]


def test_full_box_makes_the_writer_wait_and_drops_nothing() -> None:
    """Beyond the bound the player link stops reading its socket: pressure goes to the host, whose ring is bounded."""
    box: Mailbox[Item] = Mailbox(kind_of, capacity=2)

    def write() -> None:
        for at in range(6):
            box.put(edge(at))

    writer = threading.Thread(target=write, name="writer")
    writer.start()
    taken: list[Item] = []
    while len(taken) < 6:
        taken += box.take(10)
    writer.join(10)
    assert [edge(at) for at in range(6)] == taken


def test_take_waits_for_the_first_item_only() -> None:
    """The main loop sleeps in `take`; anything new wakes it."""
    box: Mailbox[Item] = Mailbox(kind_of)
    threading.Timer(0.01, box.put, [edge(1)]).start()
    assert [edge(1)] == box.take(None)


def test_closed_box_lets_everybody_go() -> None:
    """The process ends within two seconds even if a writer was waiting."""
    box: Mailbox[Item] = Mailbox(kind_of, capacity=1)
    box.put(edge(1))
    writer = threading.Thread(target=box.put, args=(edge(2),), name="writer")
    writer.start()
    box.close()
    writer.join(10)
    assert not writer.is_alive()
    assert [edge(1)] == box.take(None)
    assert [] == box.take(None)


def test_samples_of_two_kinds_take_turns_at_the_tail() -> None:
    """libvlc's own times and our polls alternate; the newest of each is kept, the older ones go."""
    box: Mailbox[Item] = Mailbox(kind_of)
    for at in range(COALESCE_FROM):
        box.put(edge(at))
    for at in range(100, 110):
        box.put(sample(at))
        box.put(polled(at))
    assert [sample(109), polled(109)] == box.take(0)[COALESCE_FROM:]
    assert 18 == box.coalesced


def test_letters_of_the_main_loop_say_which_of_them_are_samples() -> None:
    """The loop's own letters under pressure: a position of one medium never replaces another's, an edge none."""
    first, second = (
        Heard(run=1, number=number, medium=medium, signal=sample(1.0)) for number, medium in ((1, 7), (2, 8))
    )
    assert sample_kind(first) == sample_kind(Heard(run=1, number=9, medium=7, signal=sample(1.9)))
    assert sample_kind(first) != sample_kind(Heard(run=1, number=9, medium=7, signal=sample(2.0))), "no hole of seconds"
    assert sample_kind(first) != sample_kind(second)
    assert sample_kind(first) is not None
    assert sample_kind(Heard(run=1, number=3, medium=7, signal=edge(1.0))) is None
