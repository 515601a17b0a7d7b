"""What a change of settings means to each destination: another pace, other words, another road, or nothing."""

from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from agent.config.kaltura import Backlog, EventSemantics, RequestStyle
from agent.config.model import Settings
from agent.config.session import Session, SessionMode
from agent.config.setting import Effect, Setting, entries
from agent.config.track_event import MaxAge
from agent.config.xapi import Authentication, Login, Profile
from agent.delivery.connection import Proof
from agent.runtime.connections import account_of, connection, plans, stats_collect
from agent.sinks.kaltura.batch import LARGEST
from agent.sinks.kaltura.sessions import NoSession
from agent.sinks.xapi.sink import LARGEST as MOST
from agent.sinks.xapi.sink import NAME as LRS
from tests.support.serving import COLLECT, TRACK, settings, tracking

TOKEN = Session(mode=SessionMode.APP_TOKEN, app_token_id="1_a", app_token_file="/etc/token")


@pytest.fixture
def before(tmp_path: Path) -> Settings:
    """Both are on."""
    return settings(tmp_path, "http://127.0.0.1:1/api_v3", tracking("http://127.0.0.1:2/api_v3"))


def changed(before: Settings, after: Settings) -> dict[str, set[str]]:
    """What of each destination's plan differs."""
    old, new = plans(before), plans(after)
    parts = ("is_on", "pace", "road", "words")
    found = {name: {part for part in parts if getattr(old[name], part) != getattr(new[name], part)} for name in old}
    return {name: which for name, which in found.items() if which}


@pytest.mark.parametrize(
    ("expected", "kaltura"),
    [
        ({COLLECT: {"is_on"}}, {"enabled": False}),
        ({COLLECT: {"road"}}, {"service_url": "http://127.0.0.1:3"}),
        ({COLLECT: {"road"}}, {"request_style": RequestStyle.BEACON}),
        ({COLLECT: {"words"}}, {"event_semantics": EventSemantics.PLAYER}),
        ({COLLECT: {"pace"}, TRACK: {"pace"}, LRS: {"pace"}}, {"backlog": Backlog(rate=7.0)}),
        ({COLLECT: {"pace"}}, {"backlog": Backlog(rate=0.0, batch_size=20, coalesce_s=3.0)}),
        ({COLLECT: {"road"}, TRACK: {"road"}, LRS: {"road"}}, {"proxy": "http://proxy:3128"}),
        ({COLLECT: {"road"}, TRACK: {"road"}, LRS: {"road"}}, {"connect_timeout_s": 7.0}),
        ({COLLECT: {"road"}, TRACK: {"road"}, LRS: {"road"}}, {"read_timeout_s": 7.0}),
        ({COLLECT: {"road"}, TRACK: {"road"}, LRS: {"road"}}, {"total_timeout_s": 7.0}),
        ({COLLECT: {"road"}, TRACK: {"road"}}, {"session": TOKEN}),
        ({}, {"referrer": "kiosk://elsewhere", "uiconf_id": 5}),
    ],
)
def test_each_setting_of_the_account_concerns_whom_it_should(
    before: Settings, expected: dict[str, set[str]], kaltura: dict[str, Any]
) -> None:
    """Too few and a change has no effect; too many and a trial depends on what was not touched."""
    assert expected == changed(before, evolve(before, kaltura=evolve(before.kaltura, **kaltura)))


@pytest.mark.parametrize(
    ("expected", "track"),
    [
        ({"is_on"}, {"enabled": False}),
        ({"road"}, {"url": "http://127.0.0.1:3"}),
        ({"words"}, {"player_events": False}),
        ({"words"}, {"application": "lobby"}),
        ({"words"}, {"max_age": MaxAge(play_s=5.0)}),
    ],
)
def test_settings_of_the_analytics_server_concern_it_alone(
    before: Settings, expected: set[str], track: dict[str, Any]
) -> None:
    """stats.collect goes on with the connection that it has."""
    assert {TRACK: expected} == changed(before, evolve(before, track_event=evolve(before.track_event, **track)))


@pytest.mark.parametrize(
    ("expected", "xapi"),
    [
        ({"is_on"}, {"enabled": True}),
        ({"road"}, {"endpoint": "http://127.0.0.1:3"}),
        ({"road"}, {"authentication": Authentication(mode=Login.BASIC, user="a", password_file="b")}),
        ({"words"}, {"profile": Profile.VIDEO}),
        ({"words"}, {"templates_file": "/etc/statements.json"}),
        ({"pace"}, {"batch_size": 7}),
        ({"pace"}, {"coalesce_s": 7.0}),
    ],
)
def test_settings_of_the_lrs_concern_it_alone(before: Settings, expected: set[str], xapi: dict[str, Any]) -> None:
    """A new password there is no new connection to Kaltura."""
    assert {LRS: expected} == changed(before, evolve(before, xapi=evolve(before.xapi, **xapi)))


def another(value: Any) -> Any:
    """Any other value of the same kind."""
    match value:
        case Enum():
            return next(each for each in type(value) if each is not value)
        case None:
            return "another"
        case str():
            return f"{value}x"
        case _:
            return value + 1


@pytest.mark.parametrize(
    "table",
    [
        ("kaltura",),
        ("kaltura", "session"),
        ("track_event",),
        ("track_event", "max_age"),
        ("xapi",),
        ("xapi", "authentication"),
    ],
    ids=".".join,
)
def test_every_setting_that_restarts_delivery_is_in_a_plan(before: Settings, table: tuple[str, ...]) -> None:
    """One that nobody compares would take effect with the next start of the agent, and nobody would know."""
    before = evolve(before, kaltura=evolve(before.kaltura, session=TOKEN))
    owners: list[Any] = [before]
    for name in table:
        owners.append(getattr(owners[-1], name))
    for name, described in entries(type(owners[-1])):
        if not isinstance(described, Setting) or described.effect is not Effect.DELIVERY:
            continue
        after = evolve(owners[-1], **{name: another(getattr(owners[-1], name))})
        for owner, key in zip(reversed(owners[:-1]), reversed(table), strict=True):
            after = evolve(owner, **{key: after})
        assert changed(before, after), name


def test_address_of_the_api_is_the_accounts_only_where_sessions_are_started_there(before: Settings) -> None:
    """A session in a file is the same wherever the events go; the analytics server does not care."""
    for mode, expected in ((SessionMode.NONE, True), (SessionMode.KS_FILE, True), (SessionMode.APP_TOKEN, False)):
        session = Session(mode=mode, ks_file="/etc/ks", app_token_id="1_a", app_token_file="/etc/token")
        here = evolve(before.kaltura, session=session)
        assert expected == (account_of(here) == account_of(evolve(here, service_url="http://127.0.0.1:3")))


def test_connection_is_the_destinations_own_and_goes_with_what_is_known_of_its_road(before: Settings) -> None:
    """Each name gives its sink; how many messages go together is the pace's matter."""
    proof, source = Proof(is_up=True), NoSession()
    made = [connection(name, before, source, proof) for name in (COLLECT, TRACK, LRS)]
    assert [(COLLECT, LARGEST), (TRACK, 1), (LRS, MOST)] == [(each.name, each.batch) for each in made]
    assert all(each.proof is proof and each.source is source for each in made)
    assert COLLECT == stats_collect(before.kaltura, source).name
    for each in made:
        each.close()
