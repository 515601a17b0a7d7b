"""A power cut at any write of the queue: what it had acknowledged is there, in order, once."""

import pytest

from tests.crash import recording
from tests.crash.stores import LIFE, MIGRATION, REPAIR, explored

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(recording.COMPILER is None, reason=recording.WHY_SKIPPED),
]


def test_power_cuts_here_and_there_lose_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever changes the queue learns in seconds that it no longer keeps its word."""
    found = explored(LIFE, states=5, share=0.02)
    with capsys.disabled():
        print(f"\n{found}")
    assert not found.bad, found


@pytest.mark.all
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("acts", "states", "share"),
    [(LIFE, 8, 0.2), (LIFE, 1, 1.0), (REPAIR, 6, 0.3), (MIGRATION, 6, 0.7)],
    ids=["life", "each prefix of a life", "repair", "migration"],
)
def test_power_cuts_at_thousands_of_moments_lose_nothing(
    acts: tuple[str, ...], states: int, share: float, capsys: pytest.CaptureFixture[str]
) -> None:
    """A kiosk is unplugged every evening, and a card's cache writes in whatever order it likes."""
    found = explored(acts, states=states, share=share)
    with capsys.disabled():
        print(f"\n{found}")
    assert not found.bad, found
