"""Which devices come first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.fleet.rollout_stages import Share, chosen, shares


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5%", (0.05, 1.0)),
        ("5%,25%,100%", (0.05, 0.25, 1.0)),
        ("3, 50%", (3, 0.5, 1.0)),
        ("1", (1, 1.0)),
        ("1,2,100%", (1, 2, 1.0)),
        ("100%", (1.0,)),
        ("0.5%", (0.005, 1.0)),
    ],
)
def test_stages_end_with_all(text: str, expected: tuple[Share, ...]) -> None:
    """A rollout that ends with a part of the fleet would leave documents of devices behind for ever."""
    found = shares(text)
    assert (expected, [type(share) for share in expected]) == (found, [type(share) for share in found])


@pytest.mark.parametrize("text", ["", "0", "0%", "25%,5%", "100%,100%", "a%", "101%", "-1", "1.5", "5%,,10%", "5%,5%"])
def test_stages_that_make_no_sense_are_refused(text: str) -> None:
    """A slip here decides how many screens go dark."""
    with pytest.raises(ValueError, match=r"stage|share"):
        shares(text)


names = st.lists(st.from_regex("[a-z0-9]{1,8}", fullmatch=True), unique=True, max_size=60)
sizes = st.lists(st.integers(1, 99), min_size=0, max_size=4, unique=True).map(
    lambda found: (*(each / 100 for each in sorted(found)), 1.0)
)


@given(names, sizes, st.text(max_size=4))
def test_every_device_comes_once_and_the_choice_is_the_same_again(
    devices: list[str], shares: tuple[Share, ...], rollout: str
) -> None:
    """Whoever takes a rollout up must not begin with other kiosks; and none may be left out."""
    stages = chosen(rollout, devices, shares)
    assert sorted(devices) == sorted(device for stage in stages for device in stage)
    assert stages == chosen(rollout, list(reversed(devices)), shares)
    assert all(stages[:-1])
    for share, number in zip(shares, range(1, len(stages)), strict=False):
        so_far = sum(len(stage) for stage in stages[:number])
        assert so_far <= len(devices) * float(share) + number


def test_small_share_of_few_devices_is_one_device() -> None:
    """5 % of eight kiosks is no canary at all if it is rounded down."""
    assert [1, 7] == [len(stage) for stage in chosen("r", [f"d{number}" for number in range(8)], (0.05, 1.0))]
    assert [7, 93] == [len(stage) for stage in chosen("r", [f"d{number}" for number in range(100)], (0.07, 1.0))]


def test_other_rollout_begins_with_other_devices() -> None:
    """It must not always be the same kiosks that go dark first."""
    devices = [f"d{number}" for number in range(100)]
    assert 1 < len({chosen(f"r{number}", devices, (1, 1.0))[0] for number in range(20)})
