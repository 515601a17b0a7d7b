"""No event is lost to a session: a real store, the real pump, real logins and the collector, on one clock by hand."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from agent.delivery.status import SinkState
from agent.kernel.verdict import Cause, Held, Later
from agent.sinks.kaltura import api
from agent.sinks.kaltura.login import Login, Session
from agent.sinks.kaltura.sessions import SessionState
from tests.support.accounts import EVENTS, World, each_once, kiosk
from tests.support.sessions import COLLECT, TOKEN, WIDGET, app_token, called, secret_login, token_login
from tests.support.wires import PATIENT, QUICK, wire
from tools.standin.faults import Fault, Hang, Page, Refuse, Reset, http_error
from tools.standin.php import Value

YEARS = 5 * 365 * 86_400.0


@pytest.mark.parametrize("wrong", [0.0, YEARS, -YEARS], ids=["right", "years ahead", "years behind"])
def test_session_is_renewed_ahead_of_its_end_whatever_the_kiosks_clock_says(tmp_path: Path, wrong: float) -> None:
    """A kiosk has no clock of its own: by its wall clock every session would have ended, or would never end."""
    with kiosk(tmp_path, World(wrong=wrong)) as agent:
        agent.drain(seconds=10.0)
        each_once(agent)
        actions = called(agent.collector)
        assert EVENTS == actions.count("collect"), "one that was refused for its session would have come twice"
        assert 6 <= actions.count("startSession") <= 12, "400 s with sessions of 120 s"
        expires = agent.source.status().expires_wall
        assert expires is not None
        assert 0.0 < expires - agent.world.server() <= 120.0


@pytest.mark.parametrize("batch", [1, 7])
def test_session_that_ends_in_mid_drain_costs_no_event(tmp_path: Path, batch: int) -> None:
    """The kiosk takes it for longer-lived than it is; the service refuses, and the same events go out again."""
    world = World()
    late: list[Login] = []

    def overrated() -> Session | Later | Held:
        found = late[0]()
        return replace(found, life=86_400.0) if isinstance(found, Session) else found

    with kiosk(tmp_path, world, batch=batch, login=overrated) as agent:
        late.append(token_login(agent.collector, "short"))
        agent.drain(seconds=10.0 * batch)
        each_once(agent)
        assert 3 <= agent.source.status().renewals <= 5
        assert (batch > 1) == any(request.target.endswith("multirequest") for request in agent.collector.requests)


@pytest.mark.parametrize("batch", [1, 7])
@pytest.mark.parametrize("where", [WIDGET, TOKEN], ids=["widget", "token"])
@pytest.mark.parametrize(
    "fault",
    [http_error(503), http_error(429, retry_after_s=30), Hang(), Page(), Reset(), Refuse("INTERNAL_DATABASE_ERROR")],
    ids=["503", "429", "hang", "portal", "reset", "error that is cached"],
)
def test_trouble_in_mid_renewal_costs_no_event(
    tmp_path: Path, batch: int, where: dict[str, Value], fault: Fault
) -> None:
    """Renewal fails, the old session serves while it lives, then the queue waits; afterwards each event once."""
    with kiosk(tmp_path, World(), batch=batch, timeouts=QUICK if isinstance(fault, Hang) else PATIENT) as agent:
        agent.collector.fault(fault, times=1, where=where)
        agent.drain(until=SinkState.WAITING)
        assert agent.pump.status().text.startswith("no session: ")
        assert [] == agent.arrived, "without a session it would count for nobody"
        agent.deliver(seconds=10.0)
        agent.collector.fault(fault, times=3, where=where)
        agent.drain(seconds=10.0 * batch)
        each_once(agent)


def test_services_own_error_is_not_asked_for_again(tmp_path: Path) -> None:
    """Kaltura keeps an error for 120 s: an equal login would get it again, although the database is back."""
    with kiosk(tmp_path, World()) as agent:
        agent.collector.fault(Refuse("INTERNAL_DATABASE_ERROR"), times=1, where=WIDGET)
        began = agent.world.boottime
        agent.drain(until=SinkState.WAITING)
        agent.drain()
        each_once(agent)
        assert agent.world.boottime - began < 30.0


@pytest.mark.parametrize("batch", [1, 7])
def test_token_deleted_in_mid_drain_holds_the_queue_until_it_is_back(tmp_path: Path, batch: int) -> None:
    """Its sessions live on for a while; then nothing goes out, status says why, and nothing is lost."""
    world = World()
    with kiosk(tmp_path, world, batch=batch) as agent:
        agent.deliver()
        world.token("short", is_deleted=True)
        agent.drain(seconds=10.0 * batch, until=SinkState.HELD)
        before = len(agent.arrived)
        assert 0 < before < EVENTS
        status = agent.pump.status()
        assert Cause.SESSION is status.cause
        assert "APP_TOKEN_ID_NOT_FOUND" in status.text
        assert "it was deleted" in status.text
        assert SessionState.REFUSED is agent.source.status().state
        tries = called(agent.collector).count("startSession")
        for _ in range(10):
            world.boottime = agent.pump.step(world.now()).next_due or world.boottime
        assert before == len(agent.arrived)
        assert called(agent.collector).count("startSession") - tries <= 6, "slowly: somebody must act"
        world.token("short")
        agent.drain(seconds=1.0)
        each_once(agent)


def test_token_that_is_replaced_goes_on_at_once(tmp_path: Path) -> None:
    """A new value in the token's file: forget and kick, as the watch does."""
    world = World()
    values = ["mistyped"]
    logins: list[Login] = []
    with kiosk(tmp_path, world, login=lambda: logins[0]()) as agent:
        logins.append(token_login(agent.collector, "short", token=lambda: values[0]))
        agent.drain(until=SinkState.HELD)
        assert "INVALID_APP_TOKEN_HASH" in agent.pump.status().text
        values[0] = app_token("short").token
        began = world.boottime
        agent.source.forget()
        agent.pump.kick()
        agent.drain()
        assert began == world.boottime, "nobody waits three minutes for a token that is right now"
        each_once(agent)


def test_wrong_secret_holds_and_shows_nothing_of_it(tmp_path: Path) -> None:
    """Somebody must act; who looks at status must not learn the secret."""
    logins: list[Login] = []
    with kiosk(tmp_path, World(), login=lambda: logins[0]()) as agent:
        logins.append(secret_login(agent.collector, "not-the-secret"))
        agent.drain(until=SinkState.HELD)
        assert "START_SESSION_ERROR" in agent.pump.status().text
        assert "not-the-secret" not in repr((agent.pump.status(), agent.source.status()))
        assert [] == agent.arrived
        logins[0] = secret_login(agent.collector)
        agent.drain()
        each_once(agent)


def test_refused_widget_session_is_made_anew(tmp_path: Path) -> None:
    """The login's own first half is refused: no setting is wrong, so it is tried again soon."""
    with kiosk(tmp_path, World()) as agent:
        agent.collector.fault(Refuse("INVALID_KS", (("KSID", "EXPIRED"),)), times=2, where=TOKEN)
        agent.drain(until=SinkState.WAITING)
        assert "no session: INVALID_KS: EXPIRED" == agent.pump.status().text
        agent.drain()
        each_once(agent)


def test_token_whose_session_somebody_ended_holds_with_a_clear_text(tmp_path: Path) -> None:
    """session.end kills every session of a token for 24 h, new ones too: starting more does not help."""
    world = World()
    with kiosk(tmp_path, world, token="sha256") as agent:
        agent.deliver()
        other = token_login(agent.collector, "sha256")()
        assert isinstance(other, Session)
        api.call(wire(PATIENT), agent.collector.url, "session", "end", {}, ks=other.ks, client_tag="somebody")
        before = called(agent.collector).count("startSession")
        agent.drain(until=SinkState.HELD)
        assert "INVALID_KS: LOGOUT" == agent.pump.status().text
        assert "the service started 3 in a row and refused each" in agent.source.status().text
        assert 4 >= called(agent.collector).count("startSession") - before
        agent.collector.clear()
        world.boottime += 86_400.0
        agent.drain()
        assert list(range(1, EVENTS + 1)) == agent.arrived


def test_session_of_few_actions_drains_all_the_same(tmp_path: Path) -> None:
    """actionslimit counts each event; a token may be made so, whether that is wise or not."""
    world = World()
    world.token("sha256", privileges="actionslimit:12")
    with kiosk(tmp_path, world, token="sha256") as agent:
        agent.drain()
        each_once(agent)
        assert 4 == agent.source.status().renewals


def test_two_destinations_at_once_start_one_session(tmp_path: Path) -> None:
    """They share the account, and the service counts sessions."""
    with kiosk(tmp_path, World(), token="sha256") as agent:
        found: list[object] = []
        threads = [threading.Thread(target=lambda: found.append(agent.source.current())) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert 1 == len(set(map(str, found)))
        assert 1 == called(agent.collector).count("startSession")


def test_live_event_waits_for_no_renewal_that_hangs_twice(tmp_path: Path) -> None:
    """The first event that comes upon a hanging login waits for its timeout; the pause then spares the others."""
    with kiosk(tmp_path, World(), token="sha256", timeouts=QUICK) as agent:
        agent.deliver()
        agent.world.boottime += 3000.0
        agent.collector.fault(Hang(), where=WIDGET)
        agent.drain()
        each_once(agent)
        assert 2 == called(agent.collector).count("startWidgetSession")
        assert EVENTS == [request.target for request in agent.collector.requests].count(
            f"/api_v3/service/{COLLECT['service']}/action/{COLLECT['action']}"
        )
