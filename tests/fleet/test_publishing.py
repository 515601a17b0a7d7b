"""Publishing a document so that no two operators overwrite each other."""

import itertools

import pytest

from agent.fleet import documents
from agent.fleet.desk import DeniedError
from agent.fleet.publishing import KEPT, ConflictError, LostError, publish
from agent.fleet.survey import Survey, survey
from agent.remote.documents import Document
from agent.remote.line import Outgoing
from agent.remote.topics import Fleet
from tests.support.fleet import TOPICS, Exchange, MemoryDesk

DESIRED = TOPICS.desired(Fleet())


def document(revision: int = 1, by: str = "ann") -> Document:
    return Document(Fleet(), revision, {"player": {"volume": 50}}, by=by)


def looked(exchange: Exchange) -> tuple[MemoryDesk, Survey]:
    desk = exchange.desk()
    return desk, survey(desk, TOPICS, Fleet())


def test_document_is_kept_in_the_history_and_then_retained() -> None:
    """A rollback needs the one, devices the other; history first, so that no document is in force that is not in it."""
    exchange = Exchange()
    desk, found = looked(exchange)
    publish(desk, TOPICS, found, document())
    assert [TOPICS.history(Fleet(), 1), DESIRED] == [each.topic for each in exchange.published]
    assert document() == documents.read(Fleet(), exchange.retained[DESIRED])
    assert all(each.retain and each.qos == 1 for each in exchange.published)


def test_document_that_was_changed_meanwhile_is_not_overwritten() -> None:
    """The operator decided by a difference that is no longer true."""
    exchange = Exchange()
    desk, found = looked(exchange)
    exchange.tell(DESIRED, documents.encode(document(1, by="bob")))
    with pytest.raises(ConflictError, match="was changed by bob while you looked at it: revision 1 is in force"):
        publish(desk, TOPICS, found, document(2))
    assert document(1, by="bob") == documents.read(Fleet(), exchange.retained[DESIRED])
    assert TOPICS.history(Fleet(), 2) not in exchange.retained


def test_document_that_was_removed_or_broken_meanwhile_is_a_conflict() -> None:
    """Somebody does something by hand; both must talk first."""
    exchange = Exchange()
    exchange.retained[DESIRED] = documents.encode(document(1))
    desk, found = looked(exchange)
    exchange.retained.pop(DESIRED)
    with pytest.raises(ConflictError, match="was removed while you looked"):
        publish(desk, TOPICS, found, document(2))
    exchange.retained[DESIRED] = b"nonsense"
    with pytest.raises(ConflictError, match="was changed while you looked"):
        publish(desk, TOPICS, found, document(2))


def test_claim_of_another_operator_stops_the_second_one() -> None:
    """Both saw the same and press enter within a second: one revision must not mean two documents."""
    exchange = Exchange()
    desk, found = looked(exchange)
    claim = TOPICS.history(Fleet(), 1)

    def rival(message: Outgoing) -> None:
        if message.topic == claim and b"bob" not in message.payload:
            exchange.tell(claim, documents.encode(document(1, by="bob"), published=2.0))

    exchange.hooks.append(rival)
    with pytest.raises(ConflictError, match="Somebody else publishes revision 1 of fleet"):
        publish(desk, TOPICS, found, document())
    assert DESIRED not in exchange.retained
    assert b"bob" in exchange.retained[claim]


@pytest.mark.parametrize("at", range(1, 9))
def test_two_operators_at_once_never_both_succeed_wherever_they_meet(at: int) -> None:
    """The second one comes in at each step of the first; whoever is told "published" must be in force."""
    exchange = Exchange()
    first, second = looked(exchange), looked(exchange)
    steps = itertools.count(1)
    told: list[str] = []

    def attempt(name: str, pair: tuple[MemoryDesk, Survey]) -> None:
        try:
            publish(pair[0], TOPICS, pair[1], document(1, by=name))
            told.append(name)
        except ConflictError:
            pass

    class Between(MemoryDesk):
        """Lets the second operator do all of theirs before the step `at` of the first."""

        def step(self) -> None:
            if next(steps) == at:
                attempt("second", second)

        def publish(self, *messages: Outgoing) -> None:
            self.step()
            super().publish(*messages)

        def subscribe(self, topics: object) -> None:
            self.step()
            super().subscribe(topics)  # type: ignore[arg-type]

    between = Between(exchange)
    exchange._desks.append(between)
    attempt("first", (between, first[1]))
    winner = documents.read(Fleet(), exchange.retained[DESIRED]) if DESIRED in exchange.retained else None
    assert len(told) <= 1
    assert [] == told or (isinstance(winner, Document) and [winner.by] == told)


def test_broker_that_forbids_it_is_named() -> None:
    """MQTT 5 says so in the acknowledgement."""
    exchange = Exchange()
    desk, found = looked(exchange)
    exchange.forbidden.add(DESIRED)
    with pytest.raises(DeniedError):
        publish(desk, TOPICS, found, document())


def test_broker_that_took_it_and_does_not_have_it_is_named() -> None:
    """MQTT 3.1.1 cannot say that a rule forbids it: the message is acknowledged and dropped."""
    exchange = Exchange()
    exchange.forgets = {DESIRED, TOPICS.history(Fleet(), 1)}
    desk, found = looked(exchange)
    with pytest.raises(LostError, match="does not have the document of fleet"):
        publish(desk, TOPICS, found, document())


def test_history_keeps_the_newest() -> None:
    """A broker is no archive."""
    exchange = Exchange()
    for revision in range(1, KEPT + 3):
        desk, found = looked(exchange)
        publish(desk, TOPICS, found, document(revision))
    _, found = looked(exchange)
    assert list(range(3, KEPT + 3)) == list(found.history)
