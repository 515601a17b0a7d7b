"""A play as statements: what an LRS of Kaltura's, and one that knows the video profile, would be told."""

from dataclasses import replace

import pytest

from agent.kernel.activity import ButtonClicked, PortalDeed, PortalUsed
from agent.kernel.events import (
    Closed,
    Ended,
    Ending,
    Failed,
    Fault,
    Loaded,
    Opened,
    PausedEvent,
    Playhead,
    Progressed,
    Resumed,
    Seeked,
    Started,
    VolumeSet,
)
from agent.kernel.records import Tombstone
from agent.sinks.xapi.actors import Naming
from agent.sinks.xapi.facts import Profile
from tests.support.playback import MEDIA, owner
from tests.support.statements import PORTAL, Learning, rules
from tests.support.track_event import as_stored

START = Playhead(position=0.0, duration=60.0)
HALF = Playhead(position=30.0, duration=60.0, played=30.0, segments=((0.0, 30.0),))
WHOLE = Playhead(position=60.0, duration=60.0, played=60.0, segments=((0.0, 60.0),))
QUIET = VolumeSet(2.0, 1, START, 0.5, False)
PLAY = (
    Opened(1.0, 1, Playhead(), MEDIA),
    Loaded(1.1, 1, START),
    Started(1.2, 1, START, 0.2),
    Progressed(16.0, 1, HALF, 0.25),
    PausedEvent(17.0, 1, HALF),
    Resumed(18.0, 1, HALF),
    Seeked(19.0, 1, HALF, 30.0, 45.0),
    Ended(61.0, 1, WHOLE, complete=True),
    Closed(61.1, 1, WHOLE, Ending.COMPLETED),
)


def test_play_in_the_guides_words() -> None:
    """The guide's sample, once for each mark, with play, pause and seek between."""
    told = Learning().tell(*PLAY)
    assert ["play", "playProgress", "playProgress", "pause", "play", "seek", "playProgress"] == told.names
    first = told.statements[1]
    assert {"id": "http://activitystrea.ms/schema/1.0/watch", "display": {"en": "watched"}} == first["verb"]
    progress = "https://w3id.org/xapi/cmi5/result/extensions/progress"
    marks = [each["result"]["extensions"][progress] for each in told.statements if "watch" in each["verb"]["id"]]
    assert [0, 25, 100] == marks
    assert f"{PORTAL}/media/t/0_abcd1234" == first["object"]["id"]
    categories = first["context"]["contextActivities"]["category"]
    assert ["http://tincan-definitions.kaltura.com/products/mediaspace/1"] == [each["id"] for each in categories]
    assert PORTAL == first["context"]["contextActivities"]["other"][0]["id"]


def test_play_in_the_profiles_words() -> None:
    """initialized before all, terminated after all, completed once."""
    told = Learning(rules(Profile.VIDEO)).tell(*PLAY)
    assert ["initialized", "played", "paused", "played", "seeked", "completed", "terminated"] == told.names
    extensions = "https://w3id.org/xapi/video/extensions/"
    paused = told.statements[2]["result"]["extensions"]
    assert {f"{extensions}time": 30.0, f"{extensions}progress": 0.5, f"{extensions}played-segments": "0[.]30"} == paused
    context = told.statements[0]["context"]
    assert 60.0 == context["extensions"][f"{extensions}length"]
    assert owner().session_id == context["extensions"][f"{extensions}session-id"]
    assert "https://w3id.org/xapi/video" == context["contextActivities"]["category"][0]["id"]
    completed = told.statements[5]["result"]
    assert (True, "PT60S") == (completed["completion"], completed["duration"])


def test_missing_file_is_nobodys_statement() -> None:
    """It was never initialized (decision 11)."""
    missing = (PLAY[0], Failed(2.0, 1, Playhead(), Fault.UNPLAYABLE, True), Closed(2.1, 1, Playhead(), Ending.FAILED))
    assert [] == Learning(rules(Profile.VIDEO)).tell(*missing).names


def test_play_cut_short_is_terminated_where_it_was() -> None:
    """The reboot tells it: the same state, another process."""
    cut = Learning(rules(Profile.VIDEO)).tell(*PLAY[:4], Closed(17.0, 1, HALF, Ending.INTERRUPTED))
    assert "terminated" == cut.names[-1]
    assert 30.0 == cut.statements[-1]["result"]["extensions"]["https://w3id.org/xapi/video/extensions/time"]


@pytest.mark.parametrize(
    ("of_medium", "entry", "reason"),
    [(None, None, "no-entry"), ("0_a", None, "dark-screen"), ("0_a\n", "0_a\n", "bad-entry-id")],
)
def test_play_without_an_entry_is_passed_over_and_counted_once(
    of_medium: str | None, entry: str | None, reason: str
) -> None:
    """A statement needs something that it is about, and a play somebody who could see it."""
    opened = replace(PLAY[0], media=replace(MEDIA, entry_id=of_medium))
    told = Learning(who=owner(entry_id=entry)).tell(opened, *PLAY[1:])
    assert ([], [reason]) == (told.names, told.passed)


def test_portals_events_have_their_objects() -> None:
    """A category, the portal, an entry."""
    told = Learning().tell(
        PortalUsed(1.0, PortalDeed.CATEGORY_VIEW, category_id="21 2", category_name="Marketing"),
        PortalUsed(2.0, PortalDeed.LOGIN),
        PortalUsed(3.0, PortalDeed.ENTRY_COMMENT, comment="good"),
        PortalUsed(4.0, PortalDeed.CAPTURE_LAUNCH),
    )
    category, login, comment, capture = told.statements
    assert f"{PORTAL}/default/channels/view/channelid/21%202" == category["object"]["id"]
    assert {"en": "Marketing"} == category["object"]["definition"]["name"]
    assert PORTAL == login["object"]["id"]
    assert ({"response": "good"}, f"{PORTAL}/media/t/0_abcd1234") == (comment["result"], comment["object"]["id"])
    assert f"{PORTAL}/kaltura-capture" == capture["object"]["id"]


def test_portals_event_about_no_entry_needs_none() -> None:
    """A login is about the portal; a like without an entry is about nothing, and counted."""
    nothing = Learning(who=owner(entry_id=None))
    nothing.tell(PortalUsed(1.0, PortalDeed.LOGIN), PortalUsed(2.0, PortalDeed.ENTRY_LIKE), ButtonClicked(3.0))
    assert (["login"], ["no-entry"]) == (nothing.names, nothing.passed)


def test_collaborator_and_user_are_as_anonymous_as_the_actor() -> None:
    """No raw id slips out beside the actor."""
    event = PortalUsed(1.0, PortalDeed.ENTRY_COLLABORATOR, collaborator="bob@example.com")
    changes = '{"*": {"context": {"platform": "${user_id}"}}}'
    person = replace(owner(), user_id="ann@example.com")
    told = Learning(rules(changes=changes), who=person).tell(event)
    assert "@" not in told.messages[0].fields["statement"]
    openly = Learning(rules(naming=Naming.ACCOUNT, changes=changes), who=person).tell(event)
    assert "bob@example.com" == openly.statements[0]["context"]["instructor"]["account"]["name"]
    assert "ann@example.com" == openly.statements[0]["context"]["platform"]


def test_gap_is_told_with_the_next_statement_where_a_template_asks() -> None:
    """Who reads an LRS can see that something is missing, and how much."""
    gap = "https://example.com/given-up"
    told = Learning(rules(changes=f'{{"*": {{"context": {{"extensions": {{"{gap}": "${{given_up}}"}}}}}}}}'))
    stone = Tombstone(2, 251, "max-bytes", 0.0, 0.0)
    told.take(replace(as_stored(QUIET, 252), before=(stone,)), QUIET)
    told.tell(PausedEvent(17.0, 1, HALF), Resumed(18.0, 1, HALF))
    assert [250, None] == [each["context"]["extensions"].get(gap) for each in told.statements]


def test_template_that_was_taken_out_is_silence_and_one_that_lacks_its_object_is_counted() -> None:
    """The integrator meant the one; nobody meant the other."""
    silent = Learning(rules(changes='{"categoryView": null}'))
    silent.tell(PortalUsed(1.0, PortalDeed.CATEGORY_VIEW, category_id="7"))
    assert ([], []) == (silent.names, silent.passed)
    lacking = Learning(rules(changes='{"login": {"object": {"id": "${category_url}"}}}'))
    lacking.tell(PortalUsed(1.0, PortalDeed.LOGIN))
    assert ([], ["incomplete"]) == (lacking.names, lacking.passed)
