"""A real kiosk and a real Learning Record Store (Ralph): what it keeps, and what its validator says of it.

`ralph validate` knows the video profile. It has no model for the words of Kaltura's guide (watch, and what a portal's
user does), and its models of `interacted` ask for more than the profile does (a screen's size, a caption's language, a
volume of 0 or 1) and know no change of speed; those are judged by its model of any statement of xAPI 1.0.3.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.kernel.activity import PortalDeed
from agent.sinks.xapi.facts import Profile
from agent.sinks.xapi.sink import NAME
from tests.support import media
from tests.support.kiosks import PATIENCE_S, PLAYED, Clip, Kiosk, is_over, stories
from tests.support.ralph import PASSWORD, UNKNOWN, USER, VALID, WRONG, Ralph
from tests.support.relay import Relay
from tests.support.statements import KEY, PORTAL
from tools.standin.server import Collector

pytestmark = [pytest.mark.all, pytest.mark.timeout(900)]

FILM, SHORT = "0_abcd1234", "0_abcd1235"
FILM_S = 180.0
"""Long enough for a slow machine to give all orders before the jump to its end."""
PROGRESS = "https://w3id.org/xapi/cmi5/result/extensions/progress"
WATCH = "http://activitystrea.ms/schema/1.0/watch"
INTERACTED = "http://adlnet.gov/expapi/verbs/interacted"
SPEED = "https://w3id.org/xapi/video/extensions/speed"
STEERED = {
    Profile.KALTURA: ["played", "paused", "played", "seeked"],
    Profile.VIDEO: ["initialized", "played", "paused", "played", "seeked", "terminated"],
}
QUARTERS = ["played", "watch 0", "watch 25", "watch 50", "watch 75", "watch 100"]
PLAYED_WHOLE = {
    Profile.KALTURA: ["played", "watch 0", "watch 20", "watch 40", "watch 60", "watch 80", "watch 100"],
    Profile.VIDEO: ["initialized", "played", "completed", "terminated"],
}


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as running:
        yield running


def table(folder: Path, endpoint: str, profile: Profile = Profile.KALTURA) -> str:
    """The settings of a destination with Ralph's user."""
    for name, secret in (("password", PASSWORD), ("key", KEY.decode())):
        (folder / name).write_text(secret)
        (folder / name).chmod(0o600)
    return (
        f'[xapi]\nenabled = true\nendpoint = "{endpoint}"\nprofile = "{profile.value}"\n'
        f'portal_url = "{PORTAL}"\nportal_name = "Kaltura MediaSpace"\nactor_key_file = "{folder / "key"}"\n'
        f'[xapi.authentication]\nmode = "basic"\nuser = "{USER}"\npassword_file = "{folder / "password"}"\n'
    )


@contextmanager
def learning(folder: Path, collector: Collector, clips: list[Clip], xapi: str) -> Iterator[Kiosk]:
    """A kiosk with both destinations."""
    agent = Kiosk(folder, collector.url, clips, hang_after_s=60.0)
    agent.config.write_text(agent.config.read_text() + xapi)
    try:
        yield agent
    finally:
        agent.close()


def command(*arguments: str, said: str | None = None) -> str:
    """What a command of the program's prints, which must succeed."""
    program = [sys.executable, "-m", "agent.cli.main", *arguments]
    done = subprocess.run(program, capture_output=True, text=True, input=said, timeout=PATIENCE_S, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


def all_sent(status: dict[str, Any]) -> bool:
    """Whether the list is over and both queues are empty."""
    return is_over(status) and not any(each["depth"] for each in status["sinks"])


def sink(status: dict[str, Any]) -> dict[str, Any]:
    """The LRS's part of a status."""
    return next(each for each in status["sinks"] if each["name"] == NAME)


def words(statements: list[dict[str, Any]], entry: str) -> list[str]:
    """The verbs about an entry's video, in order; progress with its percent."""
    found = []
    for each in statements:
        if each["object"]["id"] == f"{PORTAL}/media/t/{entry}" and "session-id" in str(each["context"]):
            verb = each["verb"]["id"].rpartition("/")[2]
            found.append(f"{verb} {each['result']['extensions'][PROGRESS]}" if verb == "watch" else verb)
    return found


def portal_lines() -> str:
    """What the kiosk's application tells: each of the guide's events that no player knows, with all its fields."""
    entry: dict[str, str] = {"entry_id": FILM, "entry_name": "Welcome", "user_id": "ann@example.com"}
    more: dict[PortalDeed, dict[str, str]] = {
        PortalDeed.CATEGORY_VIEW: {"category_id": "21212121", "category_name": "Marketing"},
        PortalDeed.LOGIN: {"user_id": "ann@example.com"},
        PortalDeed.ENTRY_COMMENT: {**entry, "comment": "good"},
        PortalDeed.ENTRY_PUBLISH: {**entry, "category_id": "21212121", "category_name": "Marketing"},
        PortalDeed.ENTRY_COLLABORATOR: {**entry, "collaborator": "bob@example.com"},
        PortalDeed.CAPTURE_SPACE_LAUNCH: {},
        PortalDeed.CAPTURE_LAUNCH: {},
    }
    return "".join(json.dumps({"type": deed.value, **more.get(deed, entry)}) + "\n" for deed in PortalDeed)


def cause_all(agent: Kiosk, ralph: Ralph) -> None:
    """Everything of the guide's table: by the player, and by the kiosk's application."""

    def order(*arguments: str, told: str) -> None:
        command("player", *arguments, "--state-dir", str(agent.state))
        ralph.wait_for(lambda found: told in words(found, FILM))

    agent.start()
    agent.wait(lambda status: (status["player"]["position"] or 0) > 0.3)
    order("pause", told="paused")
    before = len(words(ralph.statements, FILM))
    command("player", "resume", "--state-dir", str(agent.state))
    ralph.wait_for(lambda found: "played" in words(found, FILM)[before:])
    order("rate", "1.5", told="interacted")
    order("seek", str(FILM_S - 10.0), told="seeked")
    command("emit", "--stdin", "--state-dir", str(agent.state), said=portal_lines())
    agent.wait(all_sent)
    assert 0 == agent.end()


@pytest.mark.parametrize("profile", Profile)
def test_everything_of_the_guides_table_is_kept_once_and_valid(
    tmp_path: Path, collector: Collector, ralph: Ralph, profile: Profile
) -> None:
    """One kiosk, two destinations, each told in its own words; the store gives back what it was told."""
    clips = [Clip(media.clip(FILM_S), FILM), Clip(media.silent_clip(4.0), SHORT)]
    often = table(tmp_path, ralph.url, profile).replace("[xapi]\n", "[xapi]\nprogress_percent = 20\n")
    with learning(tmp_path, collector, clips, often) as agent:
        cause_all(agent, ralph)
    told = ralph.statements
    film = [word for word in words(told, FILM) if not word.startswith(("watch", "interacted"))]
    assert STEERED[profile] == film, "not completed: most of it was skipped"
    assert ["1.5x"] == [each["context"]["extensions"][SPEED] for each in told if SPEED in json.dumps(each)]
    assert PLAYED_WHOLE[profile] == words(told, SHORT)
    portal = [each for each in told if "session-id" not in json.dumps(each["context"])]
    assert len(PortalDeed) == len(portal)
    assert not {"ann@example.com", "bob@example.com", "device-001"} & set(re.findall(r"[\w@.-]+", json.dumps(told)))
    assert [PLAYED] == [numbers for entry, numbers in stories(collector.events) if entry == SHORT]
    assert 17 in next(numbers for entry, numbers in stories(collector.events) if entry == FILM)
    given = {each["id"]: each for each in ralph.told()}
    assert set(given) == {each["id"] for each in told}
    assert all(each.items() <= given[each["id"]].items() for each in told)
    assert len(told) == len(given), "once"
    unknown = [each for each in told if each["verb"]["id"] == WATCH] + portal
    for each, verdict in zip(told, ralph.validated(told), strict=True):
        expected = UNKNOWN if each in unknown else WRONG if SPEED in json.dumps(each) else VALID
        assert expected == verdict or each["verb"]["id"] == INTERACTED, each
    assert [None] * len(told) == ralph.based(told)


def test_answers_that_are_lost_and_a_kill_change_nothing_in_the_store(
    tmp_path: Path, collector: Collector, ralph: Ralph
) -> None:
    """The store has them; the kiosk cannot know, and says the same again."""
    clips = [Clip(media.silent_clip(1.5), f"0_abcd12{number:02}") for number in range(3)]
    with Relay(ralph.url) as relay, learning(tmp_path, collector, clips, table(tmp_path, relay.url)) as agent:
        relay.lose(2)
        relay.keep()
        agent.start()
        relay.wait_unheard(3)
        agent.kill()
        kept = ralph.statements
        agent.start()
        account = sink(agent.wait(all_sent))
        assert 0 == agent.end()
        posts = relay.posts
    assert set() == {(post.status, post.answer) for post in posts if post.status not in (200, 204)}
    again = {each["id"] for post in relay.unheard for each in post.statements}
    assert again == {each["id"] for post in posts if post.is_heard for each in post.statements if each["id"] in again}
    said: dict[str, dict[str, Any]] = {}
    for each in (each for post in posts for each in post.statements):
        assert each == said.setdefault(each["id"], each), "the same words and the same time"
    assert kept == ralph.statements[: len(kept)]
    assert list(said) == [each["id"] for each in ralph.statements], "each once, in order"
    assert (0, True) == (account["dead_letters"], account["resent"] > 0)
    assert QUARTERS == words(ralph.statements, str(clips[-1].entry_id))[-len(QUARTERS) :]
    assert {clip.entry_id for clip in clips} == {entry for entry, _ in stories(collector.events)}
