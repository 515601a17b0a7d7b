"""Is the screen on: the rule."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.display.drm import Connector, Link, Power
from agent.display.rule import elsewhere, judge, of_connector
from agent.display.tv import Tv
from agent.kernel.display import Display

LIT = Connector("card1", "HDMI-A-1", Link.CONNECTED, True, Power.ON, "vc4-drm")
EMPTY = Connector("card1", "HDMI-A-2", Link.DISCONNECTED, False, Power.OFF, "vc4-drm")
BLANKED = replace(LIT, is_enabled=False, power=Power.OFF)
SILENT = Connector("card1", "HDMI-A-1", Link.CONNECTED)

CONNECTORS = st.builds(
    Connector,
    card=st.sampled_from(["card0", "card1"]),
    name=st.sampled_from(["HDMI-A-1", "HDMI-A-2", "DP-1", "Composite-1", "Virtual-1", "Writeback-1"]),
    link=st.sampled_from(Link),
    is_enabled=st.sampled_from([True, False, None]),
    power=st.sampled_from(Power),
    driver=st.sampled_from(["vc4-drm", "i915", "nvidia", None]),
)
SEVERAL = st.lists(CONNECTORS, max_size=6)
TVS = st.sampled_from([Tv.ON, Tv.STANDBY, None])
NAMES = st.sampled_from([None, "HDMI-A-1", "card1-DP-1", "Virtual-1", "VGA-1"])


@pytest.mark.parametrize(
    ("connectors", "display", "why"),
    [
        ([], Display.UNKNOWN, "this machine has no connector for a screen"),
        ([LIT, EMPTY], Display.ON, "HDMI-A-1 is on"),
        ([EMPTY], Display.OFF, "HDMI-A-2 has no monitor"),
        ([BLANKED, EMPTY], Display.OFF, "HDMI-A-1 is switched off; HDMI-A-2 has no monitor"),
        ([SILENT, EMPTY], Display.UNKNOWN, "the kernel does not tell whether HDMI-A-1 is on"),
        ([replace(LIT, name="Virtual-1")], Display.UNKNOWN, "this machine has no connector for a screen"),
        ([EMPTY, replace(LIT, name="Writeback-1")], Display.OFF, "HDMI-A-2 has no monitor"),
        # A Pi's composite socket cannot feel a cable; nothing is drawn on it.
        ([EMPTY, Connector("card1", "Composite-1", Link.UNKNOWN, False)], Display.OFF, None),
        ([replace(LIT, link=Link.UNKNOWN)], Display.UNKNOWN, None),
        # NVIDIA's own driver says "disabled" of a screen that is lit.
        (
            [replace(BLANKED, driver="nvidia")],
            Display.UNKNOWN,
            "the driver nvidia does not tell whether HDMI-A-1 is on",
        ),
        ([replace(EMPTY, driver="nvidia")], Display.OFF, "HDMI-A-2 has no monitor"),
    ],
)
def test_machines_as_they_are_found(connectors: list[Connector], display: Display, why: str | None) -> None:
    """Each is a kiosk that somebody has."""
    found = judge(connectors)
    assert display is found.display
    assert why in (None, found.why)


def test_named_connector_counts_alone() -> None:
    """A laptop's own panel is lit; the television of the shop window is what counts."""
    panel = replace(LIT, name="eDP-1")
    assert Display.ON is judge([panel, BLANKED]).display
    assert Display.OFF is judge([panel, BLANKED], wanted="HDMI-A-1").display
    assert Display.ON is judge([replace(LIT, name="Virtual-1")], wanted="Virtual-1").display
    assert "this machine has no connector VGA-1" == judge([panel], wanted="VGA-1").why


def test_television_in_standby_is_dark_whatever_is_sent_to_it() -> None:
    """Many televisions keep the line up in standby: the kernel sends a picture that nobody sees."""
    assert Display.OFF is judge([LIT], Tv.STANDBY).display
    assert Display.ON is judge([LIT], Tv.ON).display
    assert Display.OFF is judge([BLANKED], Tv.ON).display, "it may show another input"
    assert Display.UNKNOWN is judge([], Tv.ON).display


@given(SEVERAL, TVS, NAMES)
def test_off_is_said_only_where_something_says_off(several: list[Connector], tv: Tv | None, wanted: str | None) -> None:
    """A play is left out of all reports by it."""
    found = judge(several, tv, wanted=wanted)
    assert found.why
    if found.display is Display.OFF:
        counted = [each for each in several if wanted is None or each.is_called(wanted)]
        assert tv is Tv.STANDBY or any(
            each.link is Link.DISCONNECTED or each.is_enabled is False or each.power is Power.OFF for each in counted
        )
    if found.display is Display.ON:
        assert any(each.link is Link.CONNECTED and each.power is Power.ON for each in several)


@given(SEVERAL, st.randoms(use_true_random=False), NAMES)
def test_order_of_connectors_does_not_matter(several: list[Connector], chance: object, wanted: str | None) -> None:
    """The numbers of cards change from boot to boot."""
    mixed = list(several)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert judge(several, wanted=wanted).display is judge(mixed, wanted=wanted).display


@given(SEVERAL, TVS)
def test_another_lit_screen_never_makes_it_dark(several: list[Connector], tv: Tv | None) -> None:
    """And a television that answers only ever darkens."""
    lit = judge([*several, LIT], tv).display
    assert (Display.OFF if tv is Tv.STANDBY else Display.ON) is lit
    assert judge(several, Tv.ON) == judge(several, None)


@given(CONNECTORS)
def test_connector_of_which_nothing_is_told_is_unknown(connector: Connector) -> None:
    """Unknown is said as unknown."""
    blank = replace(connector, link=Link.UNKNOWN, is_enabled=None, power=Power.UNKNOWN)
    assert Display.UNKNOWN is of_connector(blank).display


@pytest.mark.parametrize(
    ("environment", "is_elsewhere"),
    [
        ({}, False),
        ({"DISPLAY": ":0"}, False),
        ({"DISPLAY": "unix:0.0"}, False),
        ({"DISPLAY": "localhost:10.0"}, True),
        ({"DISPLAY": "wall.example:0"}, True),
        ({"DISPLAY": "wall.example:0", "WAYLAND_DISPLAY": "wayland-1"}, False),
    ],
)
def test_picture_on_another_machine_is_told(environment: dict[str, str], is_elsewhere: bool) -> None:
    """This machine's own monitor says nothing about it."""
    assert is_elsewhere == (elsewhere(environment) is not None)
