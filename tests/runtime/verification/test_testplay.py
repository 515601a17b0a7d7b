"""The test play, made and sent."""

from collections.abc import Sequence

import pytest

from agent.kernel.attribution import Attribution
from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused, Verdict
from agent.runtime.verification.testplay import LENGTH_S, PAUSES_S, Sent, Unsent, messages, referrer, send
from agent.sinks.base import Message
from agent.sinks.capture import Capture
from agent.sinks.kaltura.semantics import Semantics
from agent.sinks.kaltura.sessions import NoSession
from agent.sinks.kaltura.sink import CollectSettings, StatsCollect
from tests.support.wires import wire

GENERATION = "5f0c0a52-0b0e-4f57-9a40-0d6c1f1f2a22"
OWNER = Attribution("device-001", "a-session", referrer("device-001"), 102, "0_verify01", "")
DOWN = Later(Cause.NETWORK, "no road", answered=False)
LOST = Later(Cause.TIMEOUT, "silence", answered=False, lost=True)
BUSY = Later(Cause.THROTTLED, "slowly", answered=True, retry_after=9.0)
RENEWED = Later(Cause.SESSION, "expired", answered=True, mended=True)


@pytest.mark.parametrize("semantics", Semantics)
def test_play_is_the_seven_events_in_order_under_either_semantics(semantics: Semantics) -> None:
    """Numbers 1 to 7, each once, as a clip that was watched to its end."""
    to = StatsCollect(CollectSettings("http://127.0.0.1:9", "test", semantics), wire(), session=NoSession())
    play = messages(to, OWNER, generation=GENERATION, ended=1000.0)
    assert ["1", "2", "3", "4", "5", "6", "7"] == [message.fields["eventType"] for message in play]
    assert [1000.0 - LENGTH_S] * 3 == [message.time for message in play[:3]]
    assert 1000.0 == play[-1].time
    assert 7 == len({message.token for message in play})
    assert {"kiosk://device-001/verify"} == {message.fields["referrer"] for message in play}


def sent(answers: Sequence[Verdict]) -> tuple[Sent | Unsent, list[int], list[float]]:
    """What comes of it, the attempts of each send, and the pauses."""
    sink, pauses = Capture(answers), list[float]()
    play = [Message(str(number), name, {}, 0.0) for number, name in enumerate(("A", "B"))]
    found = send(sink, play, pauses.append)
    return found, [each.attempt for each in sink.sent], pauses


@pytest.mark.parametrize(
    ("answers", "attempts", "pauses"),
    [
        ([], [0, 0], []),
        ([DOWN], [0, 0, 0], [1.0]),
        ([LOST, LOST], [0, 0, 0, 0], [1.0, 2.0]),
        ([BUSY, DOWN, BUSY], [0, 1, 1, 2, 0], [9.0, 2.0, 9.0]),
        ([Delivered(), RENEWED], [0, 0, 1], []),
    ],
)
def test_failure_is_tried_again_as_the_guide_says(
    answers: list[Verdict], attempts: list[int], pauses: list[float]
) -> None:
    """A repeat of silence is the same request; one of an error is another, past the service's cache."""
    found, tried, waited = sent(answers)
    assert isinstance(found, Sent)
    assert (attempts, pauses) == (tried, waited)


@pytest.mark.parametrize(
    ("answers", "accepted", "why"),
    [
        ([DOWN] * 4, 0, "A: no road"),
        ([Delivered(), Refused("CODE", "CODE: no")], 1, "B: CODE: no"),
        ([Held(Cause.CONFIGURATION, "redirected", answered=False)], 0, "A: redirected"),
        ([RENEWED] * 4, 0, "A: expired"),
    ],
)
def test_what_does_not_get_through_is_named(answers: list[Verdict], accepted: int, why: str) -> None:
    """Then there is no use in waiting for a report."""
    found, tried, _ = sent(answers)
    assert Unsent(accepted, why) == found
    assert len(tried) <= accepted + len(PAUSES_S) + 1


def test_services_clock_at_the_first_event_is_kept() -> None:
    """By it the wait is reckoned."""
    found, _, _ = sent([Delivered(5.0), Delivered(6.0)])
    assert Sent(5.0) == found
