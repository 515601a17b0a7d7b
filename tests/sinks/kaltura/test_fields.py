"""The fields of an event: which, in which order, in which units."""

from dataclasses import replace

import pytest

from agent.kernel.activity import Deed, Engaged
from agent.kernel.attribution import Identity, session_id
from agent.kernel.events import Loaded, Opened, Playhead, Seeked, Started
from agent.sinks.kaltura.clean import CONTROL_ID_LENGTH
from agent.sinks.kaltura.fields import numbered
from tests.support.collecting import PLAYER, projected, told
from tests.support.playback import GENERATION, MEDIA, WALL, owner

HEAD = Playhead(position=12.9, duration=60.4)


def test_a_seek_by_the_guide_has_its_fields_in_order() -> None:
    """Seconds, rounded down; the order is part of the server's cache key."""
    full = replace(owner(), user_id="viewer", uiconf_id=23448255, client_version="kiosk-agent 0.1.0")
    head = replace(HEAD, seeked=True)
    (message,) = projected(Seeked(1.5, 1, head, 3.0, 12.9), attribution=full).messages
    expected = [
        ("partnerId", "102"),
        ("entryId", "0_abcd1234"),
        ("eventType", "17"),
        ("sessionId", session_id(GENERATION, 1)),
        ("eventTimestamp", "1795000001"),
        ("uiconfId", "23448255"),
        ("clientVer", "kiosk-agent 0.1.0"),
        ("referrer", "kiosk://device-001"),
        ("userId", "viewer"),
        ("currentPoint", "12"),
        ("duration", "60"),
        ("seek", "true"),
        ("newPoint", "12"),
    ]
    assert expected == list(message.fields.items())
    assert (f"{GENERATION}-1-0", "SEEK", WALL + 1.5) == (message.token, message.name, message.time)


def test_a_seek_by_the_players_is_in_milliseconds() -> None:
    """Kaltura's players send epoch milliseconds and a position in milliseconds; the duration stays in seconds."""
    opened = projected(Opened(1.0, 1, Playhead(), MEDIA), PLAYER).state
    fields = projected(Seeked(1.5, 1, HEAD, 3.0, 12.9), PLAYER, state=opened).messages[0].fields
    wanted = ("eventTimestamp", "currentPoint", "newPoint", "duration")
    assert [fields[name] for name in wanted] == ["1795000001500", "12900", "12900", "60"]


def test_what_is_unknown_is_left_out_by_the_guide_and_zero_by_the_players() -> None:
    """The guide's optional fields; the recorded player sends zeros before the metadata and for live."""
    event = Opened(1.0, 1, Playhead(), MEDIA)
    assert not {"currentPoint", "duration"} & set(projected(event).messages[0].fields)
    fields = projected(event, PLAYER).messages[0].fields
    assert (fields["currentPoint"], fields["duration"]) == ("0", "0")


def test_texts_are_cleaned_and_empty_ones_left_out() -> None:
    """A comma in a configured name must not shift the columns of Kaltura's log."""
    dirty = replace(owner(), referrer="kiosk://a,b\n", user_id="\x00", client_version="v" * 99)
    fields = projected(Loaded(1.0, 1, HEAD), attribution=dirty).messages[0].fields
    assert (fields["referrer"], fields["clientVer"], "userId" in fields) == ("kiosk://ab", "v" * 31, False)


def test_a_viewer_a_widget_and_a_context_stand_behind_all_that_was_there_before() -> None:
    """An event that waited through an upgrade is still recognised by the server: what it had stays in its place."""
    event = Seeked(1.5, 1, HEAD, 3.0, 12.9)
    (plain,) = projected(event).messages
    full = replace(owner(), unique_viewer="9f2c", widget_id="_102", context_id="visit-7")
    (message,) = projected(event, attribution=full).messages
    added = [("uniqueViewer", "9f2c"), ("widgetId", "_102"), ("contextId", "visit-7")]
    assert [*plain.fields.items(), *added] == list(message.fields.items())


@pytest.mark.parametrize(("name", "length"), [("uniqueViewer", 40), ("widgetId", 31), ("userId", 64)])
def test_a_text_is_no_longer_than_the_servers_log_keeps(name: str, length: int) -> None:
    """The rest would be cut there, and nobody would know."""
    long = replace(owner(), unique_viewer="v" * 99, widget_id="w" * 99, user_id="u" * 99)
    assert length == len(projected(Loaded(1.0, 1, HEAD), attribution=long).messages[0].fields[name])


def test_a_new_point_belongs_to_a_seek_alone() -> None:
    """The quartiles that a jump passed are no jumps."""
    jump = Seeked(1.5, 1, Playhead(40.0, 60.0, seeked=True), 3.0, 40.0)
    messages = told([Opened(0.0, 1, HEAD, MEDIA), Started(0.5, 1, Playhead(0.0, 60.0), 0.1), jump], PLAYER)
    assert [("17", "40000"), ("4", None), ("5", None)] == [
        (message.fields["eventType"], message.fields.get("newPoint")) for message in messages[2:]
    ]


def test_a_deed_tells_where_the_playback_stood_and_nothing_where_there_was_none() -> None:
    """A share at second 12 is worth more than a share; one without a playback must not claim second 0."""
    (message,) = projected(Engaged(1.0, Deed.SHARE_OPENED, HEAD)).messages
    assert ("12", "60") == (message.fields["currentPoint"], message.fields["duration"])
    (message,) = projected(Engaged(1.0, Deed.SHARE_OPENED)).messages
    assert not {"currentPoint", "duration"} & set(message.fields)


def test_number_goes_last_into_what_the_server_keeps() -> None:
    """A reader of the log sees gaps and repeats; another place in the order would be another request for the cache."""
    identity = Identity(GENERATION, 9_999_999_999)
    found = numbered({"eventType": "3"}, identity)
    assert [("eventType", "3"), ("controlId", f"{GENERATION[:4]}-9999999999")] == list(found.items())
    assert CONTROL_ID_LENGTH == len(found["controlId"])


def test_what_was_given_up_stands_behind_the_number_as_far_as_that_fits() -> None:
    """A number that is cut off would be a lie; that some are missing can always be told."""
    told = [
        numbered({}, Identity(GENERATION, sequence), given_up)["controlId"].partition("-")[2]
        for sequence, given_up in [(42, 0), (1_042, 250), (99_999, 9_999), (100_000, 99_999), (99_999_999, 7)]
    ]
    assert ["42", "1042-250", "99999-9999", "100000-+", "99999999-7"] == told
    assert "9999999999" == numbered({}, Identity(GENERATION, 9_999_999_999), 3)["controlId"].partition("-")[2]
