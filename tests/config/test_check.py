"""A tree of plain values, accepted as a whole or refused with all its faults."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.check import MOST_TABLES, check, misfits
from agent.config.kaltura import EventSemantics
from agent.config.model import Settings
from agent.config.player import Headless, Rotation
from agent.config.problems import Problem
from agent.config.setting import walk

KALTURA = {"service_url": "http://127.0.0.1:8911", "partner_id": 102}


def told(tree: dict[str, Any]) -> list[str]:
    found = check(tree)
    return [] if isinstance(found, Settings) else [str(problem) for problem in found]


def test_smallest_tree_is_accepted_with_defaults() -> None:
    """The README promises that this is enough."""
    settings = check({"kaltura": KALTURA, "player": {"playlist": [{"uri": "a.mp4"}]}})
    assert isinstance(settings, Settings)
    assert "http://127.0.0.1:8911/api_v3" == settings.kaltura.service_url
    assert EventSemantics.GUIDE is settings.kaltura.event_semantics
    assert Headless.AUTO is settings.player.headless
    assert settings.player.loop
    assert ("a.mp4",) == tuple(item.uri for item in settings.player.playlist)


def test_every_kind_of_value_reaches_its_attribute() -> None:
    """What is written is what the rooms of the agent work with."""
    item = {"uri": "a", "rotation": 90, "hours": "08:00-20:00", "options": [":no-audio"], "duration_s": 5}
    settings = check({"kaltura": {"enabled": False}, "player": {"headless": True, "playlist": [item]}})
    assert isinstance(settings, Settings)
    assert Headless.ALWAYS is settings.player.headless
    taken = settings.player.playlist[0]
    assert (Rotation.RIGHT, (":no-audio",), 5.0) == (taken.rotation, taken.options, taken.duration_s)
    assert ["08:00-20:00"] == [str(hours) for hours in taken.window.openings]


TABLES = "device, kaltura, track_event, xapi, player, display, intake, visits, remote, queue, ledger, log, metrics"


@pytest.mark.parametrize(
    ("expected", "tree"),
    [
        (
            [
                "banana: is not a setting; allowed: device, kaltura, track_event, xapi, player, display, intake, "
                "visits, remote, queue, ledger, log, metrics."
            ],
            {"banana": 1},
        ),
        (["kaltura.enabeld: is not a setting. Did you mean enabled?"], {"kaltura": KALTURA | {"enabeld": True}}),
        (
            ["player.partner_id: is not a setting here. Did you mean partner_id in [kaltura]?"],
            {"player": {"partner_id": 1}},
        ),
        (["loop: is not a setting here. Did you mean loop in [player]?"], {"loop": True}),
        (
            ["kaltura.session.ks: is not a setting. Did you mean ks_file?"],
            {"kaltura": KALTURA | {"session": {"ks": "djJ8"}}},
        ),
        (["kaltura: found 5; allowed: a table."], {"kaltura": 5}),
        (["log: found a list; allowed: a table."], {"log": [{"level": "info"}]}),
        (
            [
                "player.playlist: found a table; allowed: an array of tables, each under a header "
                "in [[double brackets]]."
            ],
            {"player": {"playlist": {"uri": "a"}}},
        ),
        (['player.playlist[1]: found "b.mp4"; allowed: a table.'], {"player": {"playlist": [{"uri": "a"}, "b.mp4"]}}),
        (
            [
                f"player.playlist: found {MOST_TABLES + 1} of them; allowed: at most {MOST_TABLES}. "
                "Name a folder or an M3U list."
            ],
            {"player": {"playlist": [{"uri": "a"}] * (MOST_TABLES + 1)}},
        ),
        (
            ["player.playlist[0].uri: is missing; allowed: the path of a file, folder or M3U list, or a URL."],
            {"player": {"playlist": [{"live": True}]}},
        ),
        (
            ['log.level: found "debgu"; allowed: "debug", "info", "warning" or "error". Did you mean "debug"?'],
            {"log": {"level": "debgu"}},
        ),
        (["player.volume: found 201; allowed: a whole number from 0 to 200."], {"player": {"volume": 201}}),
        (
            [
                'player.playlist[0].hours[1]: found "9-17": not hours; allowed: hours as '
                '"08:00-20:00" or "Mon-Fri 08:00-20:00".',
                'player.playlist[0].hours[2]: found 3; allowed: hours as "08:00-20:00" or "Mon-Fri 08:00-20:00".',
            ],
            {"player": {"playlist": [{"uri": "a", "hours": ["09:00-17:00", "9-17", 3]}]}},
        ),
    ],
)
def test_fault_is_told_in_full(expected: list[str], tree: dict[str, Any]) -> None:
    """The exact words, since they are what a person has to work with."""
    assert expected == told({"kaltura": KALTURA} | tree)


def test_all_faults_are_told_at_once() -> None:
    """Nobody wants to mend a kiosk one fault a restart."""
    tree = {
        "device": {"id": "A"},
        "kaltura": {"enabled": 1, "partnerid": 5},
        "player": {"playlist": [{}, {"uri": 1, "volume": -1}]},
        "log": {"level": 3},
        "x": None,
    }
    found = check(tree)
    assert isinstance(found, tuple)
    places = {problem.place for problem in found}
    assert {
        ("device", "id"),
        ("kaltura", "enabled"),
        ("kaltura", "partnerid"),
        ("player", "playlist", 0, "uri"),
        ("player", "playlist", 1, "uri"),
        ("player", "playlist", 1, "volume"),
        ("log", "level"),
        ("x",),
    } == places


def test_misspelt_key_is_not_missing_as_well() -> None:
    """One fault, one message."""
    assert ["kaltura.partnerid: is not a setting. Did you mean partner_id?"] == told(
        {"kaltura": {"service_url": "http://h", "partnerid": 5}}
    )


def test_unknown_keys_value_is_never_told() -> None:
    """It may be a secret under a misspelt name."""
    tree = {"kaltura": KALTURA | {"secret": "hunter2", "session": {"token": "hunter2"}}, "hunter": {"x": "hunter2"}}
    assert "hunter2" not in "".join(told(tree))
    assert 3 == len(told(tree))


names = st.sampled_from(sorted({path[-1] for path, _, _ in walk(Settings)})) | st.text(max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(names, values, max_size=5))
def test_any_tree_is_accepted_or_refused_with_reasons(tree: dict[str, Any]) -> None:
    """Documents will come from a broker; none may end the agent."""
    found = check(tree)
    if not isinstance(found, Settings):
        assert found
        assert all(isinstance(problem, Problem) and str(problem) for problem in found)


def test_misfits_are_told_without_what_is_missing() -> None:
    """One layer of several needs neither an address nor a partner."""
    assert () == misfits({"kaltura": {"enabled": True}})
    assert [("kaltura", "enabled"), ("player", "playlist", 0, "uri")] == [
        problem.place for problem in misfits({"kaltura": {"enabled": 1}, "player": {"playlist": [{}]}})
    ]
