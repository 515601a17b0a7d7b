"""What a document of the broker may set."""

from typing import Any

import pytest

from agent.config.model import Settings
from agent.config.permission import NEVER, Grant, forbidden, grant_of, grant_problems, granted
from agent.config.problems import place_text
from agent.config.setting import Setting, Table, walk

SETTINGS = {path: entry for path, _, entry in walk(Settings) if isinstance(entry, Setting)}
MANY = ("player", "playlist")


def refused(tree: dict[str, Any], *allow: str) -> list[str]:
    return [place_text(problem.place) for problem in forbidden(tree, granted(allow))]


def document(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """A document that sets the one setting at `path`."""
    found: Any = value
    for length in range(len(path) - 1, -1, -1):
        found = {path[length]: found}
        if path[:length] == MANY:
            found = [found]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("path", SETTINGS, ids=".".join)
def test_each_setting_is_permitted_or_refused_as_its_row_says(path: tuple[str, ...]) -> None:
    """The table in config/README.md is a promise, and so is the word of the machine's file."""
    entry, name = SETTINGS[path], ".".join(path)
    value: list[Any] | int = [] if path[-1] == "options" else 1
    assert entry.remote == (refused(document(path, value)) == [])
    assert (path in NEVER) == (refused(document(path, value), name) != [])
    assert (path in NEVER) == (refused(document(path, value), path[0]) != [])


@pytest.mark.parametrize("path", [path for path in SETTINGS if path[:2] != MANY], ids=".".join)
def test_removing_a_setting_needs_the_same_permission_as_setting_it(path: tuple[str, ...]) -> None:
    """Without service_url the agent reports nothing; without remote.url nobody reaches it any more."""
    assert SETTINGS[path].remote == (refused(document(path, None)) == [])


@pytest.mark.parametrize("value", [None, 5, [], "x"])
def test_table_is_removed_only_where_all_in_it_is_permitted(value: Any) -> None:
    """A value in a table's place takes the table away from the layers below, as a null does."""
    assert ["kaltura"] == refused({"kaltura": value})
    assert ["kaltura.session"] == refused({"kaltura": {"session": value}})
    assert [] == refused({"kaltura": {"session": value}}, "kaltura.session")
    assert [] == refused({"kaltura": {"backlog": value}})
    assert ["remote"] == refused({"remote": value}, "remote")
    assert [] == refused({"player": {"playlist": value}})


def test_refusal_says_what_is_refused_and_how_it_could_be_permitted() -> None:
    """The operator reads it at a desk, far from the kiosk."""
    remedy = "in remote.allow of the machine's own file."
    tree = {"kaltura": {"service_url": "http://evil"}, "remote": {"allow": ["kaltura"]}, "log": None}
    assert [
        f"kaltura.service_url: may not be set by the broker. To permit it, name kaltura.service_url {remedy}",
        "remote.allow: may not be set by the broker, whatever remote.allow says.",
        "log: may not be removed by the broker: log.format stands in it. "
        "Name the settings in it that are to be removed.",
    ] == [str(problem) for problem in forbidden(tree, Grant())]


def test_null_in_an_item_is_a_key_that_is_not_there() -> None:
    """The list is written whole: there is nothing of the machine's below it."""
    assert [] == refused({"player": {"playlist": [{"uri": "a", "audio_device": None}, None, 5]}})
    assert ["player.playlist[1].audio_device"] == refused(
        {"player": {"playlist": [{"uri": "a"}, {"audio_device": "hdmi"}]}}
    )


def test_harmful_option_of_a_medium_is_refused_unless_the_machine_permits_all() -> None:
    """`:sout` writes files."""
    tree = {"player": {"playlist": [{"uri": "a", "options": [":no-audio", ":sout=#file{dst=/etc/x}", 5]}]}}
    assert ["player.playlist[0].options[1]"] == refused(tree)
    for allow in ("player.playlist.options", "player.playlist", "player"):
        assert [] == refused(tree, allow)
    assert ["player.playlist[0].options[1]"] == refused(tree, "player.playlist.uri")


def test_unknown_key_is_left_to_the_check() -> None:
    """It has a better word for it: what was probably meant."""
    assert [] == refused({"kaltura": {"service_ulr": 1}, "x": {"y": None}})
    assert [] == list(forbidden([], Grant()))


def test_what_the_machine_grants_is_read_in_its_own_tree() -> None:
    """Also while something else in the file is wrong; what is wrong itself grants nothing."""
    assert Grant(frozenset(), ("/srv/media",), ()) == grant_of({})
    assert Grant(frozenset(), ("/srv/media",), ()) == grant_of({"remote": 5})
    table = {"allow": ["kaltura.service_url"], "media_roots": ["/media/usb"], "media_hosts": ["CDN.example.com"]}
    expected = Grant(frozenset({("kaltura", "service_url")}), ("/media/usb",), ("cdn.example.com",))
    assert expected == grant_of({"remote": table})
    assert Grant() == grant_of({"remote": {"allow": "kaltura", "media_roots": [5], "media_hosts": None}})


def test_entry_of_allow_that_means_nothing_is_a_problem() -> None:
    """Whoever writes it believes that something is permitted now."""
    names = ["kaltura.service_ulr", "banana", "device.id", "remote.base", "remote", "player.playlist.uri", 5]
    assert [
        "remote.allow[0]: names no setting and no table. Did you mean kaltura.service_url?",
        "remote.allow[1]: names no setting and no table.",
        "remote.allow[2]: names device.id, which no document may change. Take it out.",
        "remote.allow[3]: names remote.base, which no document may change. Take it out.",
    ] == [str(problem) for problem in grant_problems({"remote": {"allow": names}})]
    assert [] == [*grant_problems({}), *grant_problems({"remote": 5}), *grant_problems({"remote": {"allow": 5}})]


def test_every_table_has_a_name_that_can_be_allowed() -> None:
    """Semantics are the same for all of them."""
    names = [".".join(path) for path, _, entry in walk(Settings) if isinstance(entry, Table)]
    assert [] == list(grant_problems({"remote": {"allow": names}}))
