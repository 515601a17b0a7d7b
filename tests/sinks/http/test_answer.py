"""What came back over the wire, and what of it may be shown. The judge's tests hold the rest."""

import pytest

from agent.sinks.http.answer import RETRY_AFTER_CEILING, TEXT_LENGTH, Answer, redact

DATE = "Sat, 21 Nov 2026 12:00:00 GMT"
LATER = "Sat, 21 Nov 2026 12:02:00 GMT"


@pytest.mark.parametrize(
    ("expected", "header"),
    [(None, None), (5.0, "5"), (120.0, LATER), (RETRY_AFTER_CEILING, "99999999999"), (None, "soon"), (0.0, DATE)],
)
def test_retry_after_is_read_by_the_servers_own_clock(expected: float | None, header: str | None) -> None:
    """A device without a right clock must still wait as long as the server asked, and never for a day."""
    assert expected == Answer(503, "text/html", b"", date=DATE, retry_after=header).retry_after_s


def test_answer_tells_the_time_at_which_its_request_began() -> None:
    """A slow answer's Date must not move the device's idea of the time."""
    late = Answer(200, "", b"", date=DATE, seconds=10.0)
    assert (late.server_time or 0.0) + 10.0 == Answer(200, "", b"", date=DATE).server_time


def test_secrets_logins_and_sessions_never_come_through() -> None:
    """Texts of verdicts reach logs, `status` and dead letters."""
    shown = redact(f"hunter2 at http://me:pw@host/ {'A1b2' * 20}\nend" + "x" * 400, ["hunter2"])
    assert "hunter2" not in shown
    assert "pw" not in shown
    assert "A1b2A1b2" not in shown
    assert len(shown) <= TEXT_LENGTH
