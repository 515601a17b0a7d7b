"""A wrong certificate, or a wrong clock."""

import pytest

from agent.kernel.instants import Instant
from agent.kernel.release import BUILD_EPOCH
from agent.kernel.validity import EXPIRED, NOT_YET_VALID, Blame, blame, reading

RIGHT = Instant("boot", 1.0, BUILD_EPOCH + 86_400.0, synced=True)
DOUBTFUL = Instant("boot", 1.0, BUILD_EPOCH + 86_400.0, synced=False)
PAST = Instant("boot", 1.0, 0.0, synced=True)


@pytest.mark.parametrize(
    ("expected", "code", "now"),
    [
        (Blame.CLOCK, NOT_YET_VALID, None),
        (Blame.CLOCK, NOT_YET_VALID, DOUBTFUL),
        (Blame.CLOCK, NOT_YET_VALID, PAST),
        (Blame.CERTIFICATE, NOT_YET_VALID, RIGHT),
        (Blame.EITHER, EXPIRED, None),
        (Blame.CLOCK, EXPIRED, DOUBTFUL),
        (Blame.CERTIFICATE, EXPIRED, RIGHT),
        (None, 18, PAST),
        (None, 62, RIGHT),
    ],
)
def test_clock_is_blamed_unless_it_is_known_to_be_right(expected: Blame | None, code: int, now: Instant | None) -> None:
    """Somebody renews certificates for a day where a flat battery was the fault, or the other way round."""
    assert expected is blame(code, now)


def test_reading_says_what_a_person_must_compare() -> None:
    """With the watch on the wrist."""
    assert "the clock of this device reads 1970-01-01 00:00 UTC and is not synchronised" == reading(PAST)
    assert reading(RIGHT).endswith(" and is synchronised")
    assert "an impossible time" in reading(Instant("boot", 1.0, -1e18, synced=False))
