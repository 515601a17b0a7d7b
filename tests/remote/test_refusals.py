"""What a broker's reason codes mean for whoever must do something about them."""

import pytest

from agent.remote.letters import Trouble
from agent.remote.refusals import declined, dismissed, fails, refused


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        (0x84, Trouble.REFUSED),
        (0x85, Trouble.CREDENTIALS),
        (0x86, Trouble.CREDENTIALS),
        (0x87, Trouble.CREDENTIALS),
        (0x88, Trouble.UNREACHABLE),
        (0x89, Trouble.UNREACHABLE),
        (0x9F, Trouble.UNREACHABLE),
        (0x8C, Trouble.REFUSED),
    ],
)
def test_an_answer_to_the_greeting_is_sorted_by_who_can_help(code: int, trouble: Trouble) -> None:
    """A busy broker passes by itself; credentials do not."""
    assert trouble is refused(code, "name", "b").trouble
    assert (code == 0x84) is refused(code, "name", "b").is_old_protocol


@pytest.mark.parametrize(
    ("code", "trouble"),
    [(0x8E, Trouble.TAKEN_OVER), (0x87, Trouble.CREDENTIALS), (0x8B, Trouble.LOST), (0x00, Trouble.LOST)],
)
def test_a_farewell_is_sorted_too(code: int, trouble: Trouble) -> None:
    """Two devices with one identity look like a bad network otherwise, for months."""
    assert trouble is dismissed(code, "name", "b").trouble


def test_a_right_that_is_missing_is_called_so() -> None:
    """The broker says "Not authorized"; that it is the ACL, and not the password, is what helps."""
    assert "ACL" in declined(0x87, "Not authorized")
    assert "Quota exceeded" == declined(0x97, "Quota exceeded")


def test_success_is_no_refusal() -> None:
    """16, nobody subscribes, is a success: most states are published to nobody."""
    assert [False, False, True] == [fails(0), fails(0x10), fails(0x80)]
