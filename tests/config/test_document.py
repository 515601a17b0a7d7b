"""A document of the broker, judged by itself."""

import json
from typing import Any

import pytest

from agent.config.document import check_document, media_of
from agent.config.problems import MOST_PROBLEMS, place_text


def places(tree: Any, *allow: str) -> list[str]:
    return [place_text(problem.place) for problem in check_document(tree, allow)]


def told(tree: Any, *allow: str) -> list[str]:
    return [str(problem) for problem in check_document(tree, allow)]


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"player": {"volume": 40, "playlist": [{"uri": "/srv/media/a.mp4", "options": [":no-audio"]}]}},
        {"kaltura": {"enabled": True, "backlog": {"rate": 0}}},
        {"player": {"volume": None, "playlist": None}, "log": {"level": None}, "kaltura": {"backlog": None}},
        {"player": {"playlist": [{"uri": "http://any.example.com/", "entry_id": None, "audio_device": None}]}},
    ],
)
def test_document_without_fault_has_no_problem(tree: Any) -> None:
    """What only a whole configuration needs is not missed here, and a null may stand wherever a key may."""
    assert [] == told(tree)


def test_each_kind_of_fault_is_told_at_once() -> None:
    """One push, one list of all that is to be mended."""
    item = {"uri": 5, "stop_s": 1, "start_s": 2, "options": [":sout=x"], "volume": -1, "nonsense": None}
    tree = {
        "player": {"volum": 40, "playlist": [item, {"uri": "screen://"}, {}, None]},
        "kaltura": {"service_url": "http://evil/", "backlog": {"rate": 0.01}},
        "loop": None,
    }
    assert {
        *("player.volum", "player.playlist[0].uri", "player.playlist[0].stop_s", "player.playlist[0].options[0]"),
        *("player.playlist[0].volume", "player.playlist[0].nonsense", "player.playlist[1].uri"),
        *("player.playlist[2].uri", "player.playlist[3]", "kaltura.service_url", "kaltura.backlog.rate", "loop"),
    } == set(places(tree))
    assert "player.volum: is not a setting. Did you mean volume?" in told(tree)
    assert "loop: is not a setting here. Did you mean loop in [player]?" in told(tree)


def test_what_the_machines_allow_is_given_to_the_check() -> None:
    """The operator knows what the fleet's files permit."""
    tree = {"kaltura": {"service_url": "http://other.example.com/"}, "player": {"vlc_options": ["--x"]}}
    assert ["kaltura.service_url", "player.vlc_options"] == places(tree)
    assert ["player.vlc_options"] == places(tree, "kaltura")
    assert [] == places(tree, "kaltura.service_url", "player")
    device = {"player": {"playlist": [{"uri": "screen://"}]}}
    assert ["player.playlist[0].uri"] == places(device)
    assert [] == places(device, "player.playlist.uri")


@pytest.mark.parametrize("tree", [None, 5, "x", [], [{}], True])
def test_document_that_is_no_table_is_refused(tree: Any) -> None:
    """It is the whole document that is wrong."""
    found = check_document(tree)
    assert [()] == [problem.place for problem in found]
    assert str(found[0]).endswith("allowed: a table.")


def test_thousands_of_problems_are_the_first_hundred_and_a_word() -> None:
    """Nobody reads more, and telling thirty thousand keys what they were meant to be takes a Raspberry Pi minutes."""
    found = told({"player": {f"k{number}": None for number in range(30_000)}})
    assert MOST_PROBLEMS + 1 == len(found)
    assert f"has more than {MOST_PROBLEMS} problems, of which these are the first." == found[-1]


def test_document_of_a_thousand_brackets_is_refused_for_what_it_is() -> None:
    """JSON as deep as Python reads it."""
    deep: Any = 5
    for _ in range(50_000):
        deep = {"player": deep}
    assert ["player.player"] == places(deep)
    listed = json.loads("[" * 900 + "]" * 900)
    assert ["player.playlist[0]", "player.volume"] == sorted(places({"player": {"playlist": listed, "volume": listed}}))


@pytest.mark.parametrize("value", [10**400, -(10**400), float("nan"), float("inf"), "\ud800", "a://" + "x:" * 100_000])
def test_value_that_json_can_hold_and_little_else_is_refused(value: Any) -> None:
    """Each of these ended, or held up for minutes, some program that was not ready for it."""
    tree = {"player": {"image_duration_s": value, "playlist": [{"uri": value}], value if value == "\ud800" else "k": 1}}
    found = told(tree)
    assert 3 == len(found)
    assert all(text.encode() and len(text) < 1000 for text in found)


def test_media_are_found_in_any_tree() -> None:
    """The whole configuration's playlist is judged where it is known on which machine it will play."""
    items = [{"uri": "a"}, 5, {"uri": 5}, {"uri": "b", "role": "overlay"}, {}]
    assert [(0, "a", False), (3, "b", True)] == list(media_of({"player": {"playlist": items}}))
    assert [] == [*media_of({}), *media_of({"player": 5}), *media_of({"player": {"playlist": 5}})]
