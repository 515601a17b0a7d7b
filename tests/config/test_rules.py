"""What must hold between settings."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.rules import across, items

OFF: dict[str, Any] = {"kaltura": {"enabled": False}}


def told(tree: dict[str, Any]) -> list[str]:
    return [str(problem) for problem in across(tree)]


def item(**values: Any) -> dict[str, Any]:
    return OFF | {"player": {"playlist": [{"uri": "a"}, {"uri": "b", **values}]}}


def test_reporting_needs_an_address_and_a_partner() -> None:
    """Without them nothing can be sent; without reporting neither is needed."""
    remedy = "To play without reporting, set enabled = false in [kaltura]."
    number = "your Kaltura account's number (KMC: Settings, Integration Settings)"
    address = "an address, as https://www.kaltura.com/api_v3"
    assert [
        f"kaltura.service_url: is missing; allowed: {address}. {remedy}",
        f"kaltura.partner_id: is missing; allowed: {number}. {remedy}",
    ] == told({})
    assert [] == told(OFF)
    assert [] == told({"kaltura": {"service_url": "x", "partner_id": "y"}})


@pytest.mark.parametrize(
    ("expected", "tree"),
    [
        (
            'kaltura.session.ks_file: is missing, which mode = "ks-file" needs; allowed: the path of a file.',
            {"kaltura": {"enabled": False, "session": {"mode": "ks-file"}}},
        ),
        (
            'kaltura.session.ks_file: is set, but mode does not use it. Set mode = "ks-file".',
            {"kaltura": {"enabled": False, "session": {"ks_file": "ks"}}},
        ),
        (
            "remote.key_file: is missing, which remote.certificate_file needs; allowed: the path of a file.",
            OFF | {"remote": {"certificate_file": "device.pem"}},
        ),
        (
            "remote.certificate_file: is missing, which remote.key_file needs; allowed: the path of a file.",
            OFF | {"remote": {"key_file": "device.key"}},
        ),
        (
            "remote.allow[0]: names no setting and no table. Did you mean player?",
            OFF | {"remote": {"allow": ["plaeyr"]}},
        ),
        (
            "player.restart.longest_delay_s: is 2, less than first_delay_s, which is 5",
            OFF | {"player": {"restart": {"first_delay_s": 5, "longest_delay_s": 2}}},
        ),
        (
            'player.playlist[1].at_s: is missing, which role = "midroll" needs; allowed: a number of seconds.',
            item(role="midroll"),
        ),
        (
            'player.playlist[1].duration_s: is missing, which role = "overlay" needs; allowed: a number of seconds.',
            item(role="overlay", at_s=5.0),
        ),
        (
            "player.playlist[1].at_s: is set, but an item of role preroll has no place in another. "
            'Set role = "midroll" or role = "overlay".',
            item(role="preroll", at_s=5.0),
        ),
        (
            "player.playlist[1].at_s: is set, but an item of role content has no place in another. "
            'Set role = "midroll" or role = "overlay".',
            item(at_s=5.0),
        ),
        ("player.playlist[1].stop_s: is 5, not after start_s, which is 5", item(start_s=5, stop_s=5)),
        (
            "player.playlist[1].valid_until: is 2026-12-01, not after valid_from, which is 2026-12-02",
            item(valid_from="2026-12-02", valid_until=date(2026, 12, 1)),
        ),
        (
            "player.playlist[1].valid_until: is 2026-12-02 00:00:00, not after valid_from, which is 2026-12-02",
            item(valid_from=date(2026, 12, 2), valid_until=datetime(2026, 12, 2)),
        ),
    ],
)
def test_contradiction_is_told(expected: str, tree: dict[str, Any]) -> None:
    """Each value is right by itself, and the kiosk would show nothing or send without its session."""
    assert [expected.rstrip(".")] == [text.rstrip(".") for text in told(tree)]


@pytest.mark.parametrize(
    "values",
    [
        {"start_s": 1, "stop_s": 2},
        {"stop_s": 2},
        {"start_s": 5},
        {"valid_from": date(2026, 12, 1), "valid_until": date(2026, 12, 1)},
        {"valid_from": date(2026, 12, 1)},
        {"valid_from": datetime.fromisoformat("2026-12-02T00:00:00Z"), "valid_until": date(2026, 12, 1)},
    ],
)
def test_agreement_is_silent(values: dict[str, Any]) -> None:
    """One day is a whole campaign; a moment with an offset and a local one are not compared."""
    assert [] == told(item(**values))


trees = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["kaltura", "session", "mode", "player", "playlist", "restart", "start_s", "stop_s", "valid_from"]
            ),
            inner,
        )
    ),
)


@given(st.dictionaries(st.sampled_from(["kaltura", "player"]), trees))
def test_tree_of_any_shape_is_judged_without_an_exception(tree: dict[str, Any]) -> None:
    """The rules run before it is known whether the tree has the right shape."""
    assert all(told(tree))
    assert [] == [text for text in told(tree | OFF) if "is missing" in text]


def test_items_are_judged_without_the_whole() -> None:
    """A document that brings a playlist is no whole configuration."""
    tree = {"kaltura": {"enabled": True}, "player": {"playlist": [{"uri": "a", "at_s": 5}]}}
    assert [("player", "playlist", 0, "at_s")] == [problem.place for problem in items(tree)]
    assert [] == [*items({}), *items({"player": {"playlist": [5]}})]
