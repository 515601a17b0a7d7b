"""A parcel on its way."""

from collections.abc import Sequence
from pathlib import Path

from agent.delivery.carrier import UNANSWERED, Carrier
from agent.delivery.look import look, start_of
from agent.delivery.road import Carried, Parcel
from agent.kernel.release import BUILD_EPOCH
from agent.kernel.verdict import Delivered, Refused
from agent.outbox.freezing import Freezing
from agent.outbox.store import Outbox
from agent.outbox.trials import Tried
from tests.support.delivery import open_store, record
from tests.support.playback import NOW, WALL
from tests.support.pumping import AWAY, LOST, Batching


def waiting(folder: Path, sink: Batching) -> tuple[Outbox, Sequence[Carried]]:
    """A store with four events of a clock that is not synchronised; the third was accepted already."""
    store = open_store(folder)
    store.register(sink.name)
    store.append([record(name, at=float(at), synced=False) for at, name in enumerate("abcd", start=1)])
    store.settle(sink.name, store.position(sink.name)[0], projection="", tried={(3, 0): Tried(accepted=True)})
    return store, look(store, sink, 4, start=start_of(store, sink, None), now=NOW).found


def test_a_batch_is_frozen_before_it_leaves_and_skips_what_was_accepted(tmp_path: Path) -> None:
    """Decision 6; and nothing is sent that is known to have arrived."""
    sink = Batching(whole=[LOST])
    store, found = waiting(tmp_path, sink)
    carrier, parcel = Carrier(store, sink), Parcel(found, batched=True)
    assert carrier.dates(parcel)
    assert [] == sink.requests
    assert [LOST] * 3 == carrier.ship(parcel)
    assert [(["a", "b", "d"], True)] == sink.requests
    assert [WALL + 1.0, WALL + 2.0, None, WALL + 4.0] == [event.frozen_time for event in store.events()]
    store.close()


def test_a_parcel_is_not_dated_where_another_destination_was_first(tmp_path: Path) -> None:
    """Sent all the same, it would be sent again with the other one's time: two stories under one name."""
    sink = Batching()
    store, found = waiting(tmp_path, sink)
    store.freeze([Freezing(2, WALL + 2.5)])
    assert not Carrier(store, sink).dates(Parcel(found, batched=True))
    assert [None, WALL + 2.5, None, None] == [event.frozen_time for event in store.events()]
    again = look(store, sink, 4, start=start_of(store, sink, None), now=NOW).found
    assert Carrier(store, sink).dates(Parcel(again, batched=True))
    assert [WALL + 1.0, WALL + 2.5, None, WALL + 4.0] == [event.frozen_time for event in store.events()]
    store.close()


def test_a_time_from_before_a_newer_build_is_no_other_destinations(tmp_path: Path) -> None:
    """It stays in the store and is never sent any more; to look again would find it again, for ever."""
    sink = Batching()
    store, _ = waiting(tmp_path, sink)
    store.freeze([Freezing(1, BUILD_EPOCH - 1.0)])
    found = look(store, sink, 4, start=start_of(store, sink, None), now=NOW).found
    assert Carrier(store, sink).dates(Parcel(found, batched=True))
    assert [BUILD_EPOCH - 1.0, WALL + 2.0, None, WALL + 4.0] == [event.frozen_time for event in store.events()]
    store.close()


def test_each_message_has_an_answer_or_counts_as_unanswered(tmp_path: Path) -> None:
    """An answer that is shorter than the request must not settle what it does not mention."""

    class Short(Batching):
        def send_all(self, messages: object) -> list[Delivered]:
            return [Delivered()]

    sink = Short()
    store, found = waiting(tmp_path, sink)
    assert [Delivered(), UNANSWERED, UNANSWERED] == Carrier(store, sink).ship(Parcel(found, batched=True))
    store.close()


def test_alone_a_message_goes_by_its_own_request_and_a_refused_batch_says_so(tmp_path: Path) -> None:
    """The two roads have different names in the service's cache."""
    sink = Batching([AWAY], unbatchable=frozenset("b"))
    store, found = waiting(tmp_path, sink)
    carrier = Carrier(store, sink)
    assert [AWAY] == carrier.ship(Parcel(found[:1], batched=False))
    assert isinstance(carrier.ship(Parcel(found, batched=True)), Refused)
    assert [False, True] == [batched for _, batched in sink.requests]
    store.close()
