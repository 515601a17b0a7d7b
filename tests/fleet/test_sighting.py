"""One device, as what it retains at the broker shows it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.fleet.sighting import Roll, Sighting, Standing
from tests.support.fleet import TOPICS, birth, state, will


def seen(*messages: tuple[str, Any]) -> Sighting:
    """The device `a` after these presences and states."""
    roll = Roll(TOPICS)
    for part, said in messages:
        roll.take(f"kiosk/v1/device/a/{part}", said if isinstance(said, bytes) else json.dumps(said).encode())
    return roll.devices["a"]


@pytest.mark.parametrize(
    ("standing", "messages"),
    [
        (Standing.ONLINE, [("presence", birth())]),
        (Standing.LOST, [("presence", will()), ("state", state("a"))]),
        (Standing.STOPPED, [("presence", will(reason="stopped"))]),
        (Standing.UNKNOWN, [("state", state("a"))]),
        (Standing.UNKNOWN, [("presence", b"nonsense")]),
    ],
)
def test_presence_says_whether_a_device_is_there(standing: Standing, messages: list[tuple[str, Any]]) -> None:
    """The first question of whoever looks at the table."""
    assert standing is seen(*messages).standing


def test_late_will_of_an_earlier_session_marks_nobody_dead() -> None:
    """A broker publishes the will of a hung connection minutes after the device has come back on another."""
    assert Standing.ONLINE is seen(("state", state("a", session=13)), ("presence", will(session=12))).standing
    assert Standing.LOST is seen(("state", state("a", session=12)), ("presence", will(session=12))).standing


def test_session_that_goes_back_is_a_duplicate_identity() -> None:
    """A device's sessions only rise, across reboots too: a smaller one is another device with a copied card."""
    found = seen(("presence", birth(12)), ("presence", birth(7)))
    assert found.duplicate is not None
    assert "from 12 back to 7" in found.duplicate


def test_boot_ids_that_take_turns_are_a_duplicate_identity() -> None:
    """Two clones count the same sessions; the kernel's boot id tells them apart."""
    one, other = state("a", boot_id="one"), state("a", boot_id="other")
    assert seen(("state", one), ("state", other)).duplicate is None  # a reboot
    assert "two machines report in turn" == seen(("state", one), ("state", other), ("state", one)).duplicate


def test_connection_after_connection_is_a_duplicate_identity() -> None:
    """Two devices that push each other out connect every few seconds, for ever."""
    assert seen(*[("presence", birth(each)) for each in (1, 2, 3)]).duplicate is None
    assert "4 connections while we looked" == seen(*[("presence", birth(each)) for each in (1, 2, 3, 4)]).duplicate


def test_same_birth_again_is_no_connection() -> None:
    """A device repeats its birth where a late will had replaced it, and a broker repeats what is retained."""
    assert seen(*[("presence", birth(3))] * 9).duplicate is None


def test_connection_that_was_taken_over_is_a_duplicate_identity() -> None:
    """The broker told the device so (0x8E); nothing else of it may be seen at this moment."""
    found = seen(("presence", birth()), ("state", state("a", counters={"broker-taken-over": 3})))
    assert "its connection was taken over 3 times since it started" == found.duplicate


def test_births_of_another_machine_are_a_duplicate_identity() -> None:
    """Mosquitto tells neither of the two that its connection was taken over; they find each other's births."""
    found = seen(("presence", birth()), ("state", state("a", counters={"duplicate-identity": 3})))
    assert "it has heard 3 births of another machine under its id" == found.duplicate


def test_removed_presence_and_state_are_forgotten() -> None:
    """`remove` clears them while somebody watches."""
    found = seen(("presence", birth()), ("state", state("a")), ("presence", b""), ("state", b""))
    assert (None, {}) == (found.presence, dict(found.state))


def test_topics_of_others_are_nobodys() -> None:
    """A foreign base, a group's document, an id that no device can have."""
    roll = Roll(TOPICS)
    for topic in ("other/v1/device/a/state", "kiosk/v1/group/a/desired", "kiosk/v1/device/A%/state", "kiosk/v1/fleet"):
        assert roll.take(topic, b"{}") is None
    assert {} == roll.devices


@given(st.lists(st.tuples(st.sampled_from(["presence", "state"]), st.binary(max_size=40)), min_size=1, max_size=8))
def test_any_soup_of_payloads_gives_a_standing(messages: list[tuple[str, bytes]]) -> None:
    """One hostile device must not take the table from the others."""
    found = seen(*messages)
    assert isinstance(found.standing, Standing)
    assert isinstance(found.duplicate, str | None)
