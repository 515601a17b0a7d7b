"""One way to a destination: what proves it, and that nothing else is changed by looking."""

from collections.abc import Sequence

import pytest

from agent.delivery.connection import Connection, Proof
from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused, ServerTime, Verdict
from agent.sinks.base import Message, Outgoing
from agent.sinks.capture import Capture
from agent.sinks.kaltura.sessions import SessionState
from tests.support.collecting import STARTED
from tests.support.playback import stored
from tests.support.pumping import Batching

MESSAGE = Message("g-1-0", "PLAY", {}, 1.0)
OK = Delivered()
NO = Refused("BAD", "BAD: no")
BUSY = Later(Cause.SERVER, "INTERNAL: no", answered=True)
BLOCKED = Later(Cause.THROTTLED, "ACTION_BLOCKED", answered=True)
RENEWED = Later(Cause.SESSION, "INVALID_KS", answered=True, mended=True)
AWAY = Later(Cause.NETWORK, "refused", answered=False)
PORTAL = Later(Cause.NOT_KALTURA, "a page", answered=False)
NOT_FOUND = Held(Cause.CONFIGURATION, "HTTP 404", answered=False)
NO_SESSION = Held(Cause.SESSION, "INVALID_KS: EXPIRED", answered=True)


def proof_after(verdicts: Sequence[Verdict]) -> tuple[bool, bool]:
    """Whether it is up, and works."""
    connection = Connection(Capture(verdicts))
    for _ in verdicts:
        connection.send(MESSAGE, attempt=0)
    return connection.proof.is_up, connection.proof.works


@pytest.mark.parametrize(
    ("expected", "verdicts"),
    [
        ((False, False), []),
        ((True, True), [OK]),
        ((True, True), [NO]),
        ((False, True), [BUSY]),
        ((False, True), [BLOCKED]),
        ((False, False), [RENEWED]),
        ((True, True), [RENEWED, OK]),
        ((False, False), [AWAY]),
        ((False, False), [PORTAL]),
        ((False, False), [NOT_FOUND]),
        ((False, False), [NO_SESSION]),
        ((True, False), [OK, AWAY]),
        ((True, True), [OK, BUSY]),
        ((True, True), [AWAY, OK]),
    ],
)
def test_only_the_services_own_answer_proves_a_connection(
    expected: tuple[bool, bool], verdicts: Sequence[Verdict]
) -> None:
    """A change is kept or taken back by this; a portal that answers everything must not have it kept."""
    assert expected == proof_after(verdicts)


@pytest.mark.parametrize(
    ("expected", "sink"),
    [
        ((True, True), Batching([OK, OK])),
        ((True, False), Batching([OK, AWAY])),
        ((False, False), Batching(whole=[PORTAL])),
        ((False, False), Batching(whole=[NO])),
    ],
)
def test_batch_proves_what_its_messages_prove(expected: tuple[bool, bool], sink: Batching) -> None:
    """One that is not taken as a whole says nothing yet: its messages go otherwise, and are answered then."""
    connection = Connection(sink)
    connection.send_all([Outgoing(MESSAGE, 0), Outgoing(MESSAGE, 0)])
    assert expected == (connection.proof.is_up, connection.proof.works)


@pytest.mark.parametrize("answer", [True, False])
def test_probe_proves_as_it_is_answered(answer: bool) -> None:
    """With nothing to send, this is all there is to judge a change by."""
    connection = Connection(Capture(), probe=lambda: answer)
    assert answer == connection.probe()
    assert (answer, answer) == (connection.proof.is_up, connection.proof.works)


def test_failed_probe_takes_nothing_back() -> None:
    """The service has answered since the change, and that was the question; what it does now is an outage."""
    connection = Connection(Capture(), proof=Proof(is_up=True, works=True))
    assert not connection.probe()
    assert (True, False) == (connection.proof.is_up, connection.proof.works)


def test_time_proves_nothing() -> None:
    """Every portal has a clock."""
    sink = Capture()
    sink.time = ServerTime(5.0)
    connection = Connection(sink)
    assert ServerTime(5.0) == connection.ask_time()
    assert not connection.proof.is_up


def test_all_else_is_the_sinks() -> None:
    """The pump must not notice that anybody listens."""
    sink = Batching(limit=7)
    connection = Connection(sink)
    assert (sink.name, 7) == (connection.name, connection.batch)
    found = connection.project("", stored(STARTED), time=5.0, age=None)
    assert sink.project("", stored(STARTED), time=5.0, age=None) == found
    assert SessionState.NONE is connection.source.status().state
    connection.close()
    assert sink.is_closed
