"""What `status` says of the screen."""

import click
from hypothesis import given
from hypothesis import strategies as st

from agent.cli.display_text import display_lines, screen_word

DARK = {
    "state": "off",
    "why": "HDMI-A-1 has no monitor",
    "for_s": 7200.0,
    "should_be_on": True,
    "left_out": 3,
    "connectors": [
        {"name": "card1-HDMI-A-1", "link": "disconnected", "enabled": False, "power": "off", "driver": "vc4-drm"},
        {"name": "card1-DP-1", "link": "unknown", "enabled": None, "power": "unknown", "driver": None},
    ],
    "television": {"said": None, "trouble": "cec-ctl is missing", "remedy": "sudo apt install v4l-utils"},
}


def test_all_that_is_known_of_the_screen_is_shown() -> None:
    """Whoever stands before a dark one wants to know what the machine believes, and why."""
    assert [
        "off · HDMI-A-1 has no monitor · for 2 h 0 min",
        "card1-HDMI-A-1 · no monitor · not in use · power off · driver vc4-drm",
        "card1-DP-1 · monitor unknown · power unknown",
        "television says nothing · cec-ctl is missing",
        "→ sudo apt install v4l-utils",
        "left out: 3 plays on a dark screen, told to no destination",
    ] == [click.unstyle(line) for line in display_lines(DARK)]


def test_short_word_tells_state_and_since_when() -> None:
    """Ten lines are not many."""
    assert [
        None,
        "display on",
        "display unknown",
        "display off",
        "display off for 2 h 0 min",
        "display off for 2 h 0 min (closed)",
        "display off for 2 h 0 min (hours unknown)",
    ] == [
        None if word is None else click.unstyle(word)
        for word in (
            screen_word({}),
            screen_word({"state": "on", "for_s": 3.0}),
            screen_word({"state": "unknown"}),
            screen_word({"state": "off"}),
            screen_word(DARK),
            screen_word({**DARK, "should_be_on": False}),
            screen_word({**DARK, "should_be_on": None}),
        )
    ]
    assert "outside its hours" in display_lines({**DARK, "should_be_on": False})[0]
    assert "the clock is not synchronised" in display_lines({**DARK, "should_be_on": None})[0]
    assert [] == display_lines({})


@given(st.sets(st.sampled_from(sorted(DARK))))
def test_every_part_may_be_missing(without: set[str]) -> None:
    """A command of one version asks an agent of another."""
    display = {name: each for name, each in DARK.items() if name not in without}
    assert bool(display_lines(display)) is ("state" not in without)
