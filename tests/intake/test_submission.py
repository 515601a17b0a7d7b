"""What goes through the mailbox, and what is answered."""

import json
from queue import SimpleQueue

import pytest

from agent.intake.submission import (
    NO_ROOM,
    UNANSWERED,
    VISITS_OFF,
    Answer,
    Declined,
    Kept,
    Misfit,
    Reason,
    Submission,
    VisitCommand,
    plain,
)
from agent.kernel.activity import Deed, Engaged


def test_main_loop_dates_what_was_told() -> None:
    """An application's clock is nobody's business: the order of the log is that of the main loop."""
    reply: SimpleQueue[Answer] = SimpleQueue()
    told = Submission(Engaged(0.0, Deed.SHARE_OPENED), reply, "uid 0 pid 1")
    assert Engaged(12.5, Deed.SHARE_OPENED) == told.dated(12.5)
    assert VisitCommand.END is Submission(VisitCommand.END, reply, "uid 0 pid 1").dated(12.5)


@pytest.mark.parametrize(
    ("answer", "mark", "said"),
    [
        (Kept("g-1-0", "s", None), None, {"ok": {"id": "g-1-0", "session": "s"}}),
        (Kept(visit="v"), 7, {"id": 7, "ok": {"visit": "v"}}),
        (Kept(), None, {"ok": {}}),
        (
            Misfit("page_nam", "no", "page_name", "page_name", "a"),
            "a",
            {
                "id": "a",
                "error": {
                    "reason": "malformed",
                    "field": "page_nam",
                    "text": "no",
                    "allowed": "page_name",
                    "did_you_mean": "page_name",
                },
            },
        ),
        (
            Declined(Reason.THROTTLED, "too many", 0.5),
            None,
            {"error": {"reason": "throttled", "text": "too many", "retry_after_s": 0.5}},
        ),
    ],
)
def test_answer_in_json_says_what_is_known_and_nothing_else(
    answer: Answer, mark: str | int | None, said: object
) -> None:
    """An application in any language reads it; a null in each answer would only be noise."""
    assert said == plain(answer, mark)
    assert said == json.loads(json.dumps(plain(answer, mark)))


def test_each_ready_made_refusal_has_its_own_reason() -> None:
    """`status` counts by reason: two that share one could not be told apart."""
    reasons = [each.reason for each in (VISITS_OFF, NO_ROOM, UNANSWERED)]
    assert len(set(reasons)) == len(reasons)
