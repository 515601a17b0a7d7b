"""Topics as they are written and read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.remote.topics import Device, Fleet, Group, Level, Topics, level_of_text

TOPICS = Topics("kiosk/berlin")
NAMES = st.from_regex(r"\A[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?\Z")
LEVELS = st.builds(Group, NAMES) | st.builds(Device, NAMES) | st.just(Fleet())


@given(level=LEVELS, revision=st.integers(1, 2**53 - 1))
def test_what_is_written_is_read_again(level: Level, revision: int) -> None:
    """The operator's program and the device must mean the same."""
    assert level == level_of_text(str(level))
    assert (level, "desired") == TOPICS.parse(TOPICS.desired(level))
    assert (level, f"history/{revision}") == TOPICS.parse(TOPICS.history(level, revision))


def test_topics_of_a_device_are_as_documented() -> None:
    """Access rules at the broker are written by hand from these."""
    assert "kiosk/berlin/v1/device/d1/presence" == TOPICS.presence("d1")
    assert "kiosk/berlin/v1/device/d1/state" == TOPICS.state("d1")
    assert "kiosk/berlin/v1/device/d1/command" == TOPICS.command("d1")
    assert "kiosk/berlin/v1/device/d1/result" == TOPICS.result("d1")
    assert "kiosk/berlin/v1/fleet/desired" == TOPICS.desired(Fleet())
    assert "kiosk/berlin/v1/group/lobby/desired" == TOPICS.desired(Group("lobby"))


OTHERS = """
kiosk/v1/fleet/desired
kiosk/berlin/v2/fleet/desired
kiosk/berlin/v1/group/A/desired
kiosk/berlin/v1/device//state
kiosk/berlin/v1/device/+/state
kiosk/berlin/v1/other/a/desired
"""


@pytest.mark.parametrize("topic", ["", *OTHERS.split()])
def test_other_topics_are_nobodys(topic: str) -> None:
    """A message on one is acknowledged and counted, and means nothing."""
    assert TOPICS.parse(topic) is None


@pytest.mark.parametrize("text", ["", "fleet/", "fleet/x", "group/", "group/a/b", "device/#", "Device/a", "site/a"])
def test_text_that_names_no_level_is_refused(text: str) -> None:
    """An operator's slip of the hand must not become a topic."""
    assert level_of_text(text) is None
