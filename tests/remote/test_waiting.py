"""What waits to be published: bounded, and what is lost is counted."""

from agent.remote.line import Outgoing
from agent.remote.waiting import BYTES, MESSAGES, Waiting

STATE = Outgoing("state", b"one", retain=True)
RESULT = Outgoing("result", b"done")


def opened() -> Waiting:
    """One with a connection."""
    waiting = Waiting()
    waiting.open()
    return waiting


def taken(waiting: Waiting) -> list[bytes]:
    """All that waits."""
    found = []
    while (message := waiting.take()) is not None:
        found.append(message.payload)
    return found


def test_a_state_takes_the_place_of_the_one_before() -> None:
    """Only the last retained message counts; a slow line must not work through a history."""
    waiting = opened()
    for message in (STATE, RESULT, Outgoing("state", b"two", retain=True), Outgoing("other", b"x", retain=True)):
        waiting.put(message)
    assert [b"two", b"done", b"x"] == taken(waiting)


def test_without_a_connection_nothing_is_kept_and_what_is_lost_is_counted() -> None:
    """Whoever owns a state publishes it again; an answer to a command is lost, and must show."""
    waiting = Waiting()
    waiting.put(STATE)
    waiting.put(RESULT)
    assert ([], {"offline": 1, "full": 0}) == (taken(waiting), waiting.dropped)


def test_it_is_bounded_in_messages_and_bytes() -> None:
    """House rule 8."""
    waiting = opened()
    for number in range(MESSAGES + 5):
        waiting.put(Outgoing("result", str(number).encode()))
    assert (MESSAGES, 5) == (len(waiting), waiting.dropped["full"])
    waiting = opened()
    for _ in range(5):
        waiting.put(Outgoing("result", bytes(BYTES // 4)))
    assert (4, 1) == (len(waiting), waiting.dropped["full"])
    waiting.take()
    waiting.put(Outgoing("result", bytes(BYTES // 4)))
    assert 4 == len(waiting)


def test_an_answer_that_was_not_acknowledged_goes_first_the_next_time() -> None:
    """It may have got through or not: twice is better than never, and its id tells."""
    waiting = opened()
    waiting.put(Outgoing("result", b"second"))
    waiting.put(STATE)
    waiting.lose([STATE, Outgoing("result", b"first")])
    waiting.put(RESULT)
    assert [b"first", b"second"] == taken(waiting)
    assert 1 == waiting.dropped["offline"]
