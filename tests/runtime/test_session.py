"""Which session requests are sent with, as the settings say."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from agent.config.kaltura import Kaltura
from agent.config.session import Session, SessionMode, TokenHash
from agent.delivery.patience import HELD_RETRY, HELD_SPREAD
from agent.kernel.verdict import Cause, Held
from agent.runtime import logs
from agent.runtime.session import LOOK_EVERY_S, REFUSED_FOR_S, KeptSession, Sessions, SessionWatch, sessions
from agent.sinks.kaltura.sessions import SessionState
from tests.support.delivery import HandClock
from tests.support.sessions import SECRET, app_token, called
from tests.support.wires import QUICK, wire
from tools.standin.faults import http_error
from tools.standin.server import Collector

OLD, NEW = "djJ8MTAyfOLDSESSION0123456789", "djJ8MTAyfNEWSESSION0123456789"


@pytest.fixture
def service() -> Iterator[Collector]:
    with Collector() as running:
        yield running


def made(service: Collector, folder: Path, mode: SessionMode, name: str = "sha256", **more: Any) -> Sessions:
    """A source as the agent makes it, with its files in `folder`."""
    token = app_token(name)
    for file, text in (("ks", OLD), ("token", token.token), ("secret", SECRET)):
        (folder / file).write_text(f"{text}\n")
    given: dict[str, Any] = {
        "mode": mode,
        "ks_file": str(folder / "ks"),
        "app_token_file": str(folder / "token"),
        "secret_file": str(folder / "secret"),
        "app_token_id": token.ident,
        "app_token_hash": TokenHash(token.hash_type),
    }
    settings = Kaltura(
        service_url=service.url,
        partner_id=102,
        user_id="lobby",
        session=Session(**given | more),
    )
    return sessions(settings, lambda: wire(QUICK), HandClock(), chance=lambda: 0.5)


def test_each_mode_gives_its_source(service: Collector, tmp_path: Path) -> None:
    """One of four, from one table of settings."""
    found = {mode.value: made(service, tmp_path, mode) for mode in SessionMode}
    assert {mode.value: mode.value for mode in SessionMode} == {
        name: each.source.status().mode for name, each in found.items()
    }
    assert {"none": None, "ks-file": "ks", "app-token": "token", "secret": "secret"} == {
        name: None if each.file is None else each.file.name for name, each in found.items()
    }
    assert found["none"].source.current() is None
    assert OLD == found["ks-file"].source.current()
    assert [] == called(service), "nothing is asked for before it is needed"
    for name in ("app-token", "secret"):
        assert isinstance(found[name].source.current(), str)
        found[name].source.close()


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha512"])
def test_each_hash_type_of_the_settings_works(service: Collector, tmp_path: Path, name: str) -> None:
    """The setting's words are the service's."""
    assert isinstance(made(service, tmp_path, SessionMode.APP_TOKEN, name=name).source.current(), str)


@pytest.mark.parametrize(("expected", "more"), [("lobby", {}), ("kiosk-001", {"user_id": "kiosk-001"})])
def test_sessions_user_is_its_own_or_everybodys(
    service: Collector, tmp_path: Path, expected: str, more: dict[str, Any]
) -> None:
    """kaltura.session.user_id falls back on kaltura.user_id."""
    made(service, tmp_path, SessionMode.SECRET, app_id="fleet", lifetime_s=600, **more).source.current()
    body = service.requests[-1].body.decode()
    assert f"userId={expected}" in body
    assert "privileges=appId%3Afleet" in body
    assert "expiry=600" in body


def test_secret_on_a_machine_is_warned_of_once_and_not_shown(
    service: Collector, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It can do anything in the account; an app token can do what it was made for."""
    made(service, tmp_path, SessionMode.SECRET).source.current()
    made(service, tmp_path, SessionMode.APP_TOKEN).source.current()
    log = capsys.readouterr().out
    assert 1 == log.count("whoever reads it may do anything in the account")
    assert SECRET not in log


def test_started_session_is_hidden_in_every_line_from_then_on(service: Collector, tmp_path: Path) -> None:
    """Its looks are the server's business, so no pattern can be sure of it."""
    for mode in (SessionMode.APP_TOKEN, SessionMode.SECRET):
        assert made(service, tmp_path, mode).source.current() in logs._known


def test_news_are_told_in_fixed_phrases(service: Collector, tmp_path: Path) -> None:
    """One line for the first session, one for a refused one; none shows a session, even before it is redacted."""
    found = made(service, tmp_path, SessionMode.APP_TOKEN).source
    with capture_logs() as entries:
        ks = found.current()
        assert isinstance(ks, str)
        assert found.refused(ks)
        newer = found.current()
    assert ["session started", "session refused before its end, another is started", "session renewed"] == [
        entry["event"] for entry in entries
    ]
    assert ["info", "warning", "debug"] == [entry["log_level"] for entry in entries]
    assert ks not in repr(entries)
    assert str(newer) not in repr(entries)


def test_renewal_that_fails_is_told(service: Collector, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing waits yet; whoever reads the log has until the old one's end."""
    clock = HandClock()
    (tmp_path / "secret").write_text(SECRET)
    session = Session(mode=SessionMode.SECRET, secret_file=str(tmp_path / "secret"), lifetime_s=3600)
    settings = Kaltura(service_url=service.url, partner_id=102, session=session)
    source = sessions(settings, lambda: wire(QUICK), clock, chance=lambda: 0.5).source
    ks = source.current()
    service.fault(http_error(503))
    clock.move(3000.0)
    assert ks == source.current() == source.current()
    assert 1 == capsys.readouterr().out.count("session cannot be renewed yet, the old one stays in use")


def test_changed_token_file_forgets_and_tries_at_once(service: Collector, tmp_path: Path) -> None:
    """Delivery is held for minutes after a token was refused; whoever writes a new one does not want to wait."""
    found = made(service, tmp_path, SessionMode.APP_TOKEN)
    kicks: list[str] = []
    (tmp_path / "token").write_text("mistyped")
    look = found.watch(lambda: kicks.append("kick"))
    assert isinstance(found.source.current(), Held)
    look(10.0)
    assert isinstance(found.source.current(), Held)
    assert 2 == len(called(service)), "a login that somebody must mend is not repeated with each event"
    (tmp_path / "token.new").write_text(app_token("sha256").token)
    (tmp_path / "token.new").rename(tmp_path / "token")
    look(10.0 + LOOK_EVERY_S)
    assert ["kick"] == kicks
    assert isinstance(found.source.current(), str)


def test_without_a_file_there_is_nothing_to_watch(service: Collector, tmp_path: Path) -> None:
    """Mode none."""
    look = made(service, tmp_path, SessionMode.NONE).watch(lambda: pytest.fail("nothing has changed"))
    look(10.0)
    look(10.0 + LOOK_EVERY_S)


def test_kept_session_is_read_again_when_it_changed(tmp_path: Path) -> None:
    """A cron job renews it; nobody restarts the kiosk for that."""
    path = tmp_path / "ks"
    path.write_text(f"{OLD}\n")
    session = KeptSession(path)
    assert OLD == session.current() == session.current()
    fresh = tmp_path / "ks.new"
    fresh.write_text(NEW)
    fresh.rename(path)
    assert NEW == session.current()


def test_refused_kept_session_is_another_only_if_the_file_is(tmp_path: Path) -> None:
    """The same one again would be refused again, at once and for ever."""
    path = tmp_path / "ks"
    path.write_text(OLD)
    session = KeptSession(path)
    session.current()
    assert not session.refused(OLD)
    assert SessionState.REFUSED is session.status().state
    path.write_text(NEW)
    os.utime(path, ns=(1, 1))
    assert session.refused(OLD)
    assert SessionState.FRESH is session.status().state
    assert NEW == session.current()
    session.close()


def test_kept_session_that_was_let_in_again_is_refused_no_more(tmp_path: Path) -> None:
    """A kiosk back at an address that the session allows delivers with the same file; status must not deny that."""
    path = tmp_path / "ks"
    path.write_text(OLD)
    clock = HandClock()
    session = KeptSession(path, lambda: clock.instant.boottime)
    session.refused(OLD)
    clock.move(HELD_RETRY * (1.0 + HELD_SPREAD))
    assert SessionState.REFUSED is session.status().state, "until the next try it is all that is known"
    clock.move(REFUSED_FOR_S)
    assert SessionState.FRESH is session.status().state


def test_kept_session_that_never_was_holds(tmp_path: Path) -> None:
    """What is sent without one counts for nobody, and cannot be sent again."""
    session = KeptSession(tmp_path / "none")
    held = session.current()
    assert isinstance(held, Held)
    assert Cause.SESSION is held.cause
    assert not session.refused(OLD)
    assert (SessionState.MISSING, held.text) == (session.status().state, session.status().text)


def test_renewed_file_is_noticed_without_a_send(tmp_path: Path) -> None:
    """Delivery is held for minutes after a refused session; whoever writes a new one does not want to wait."""
    path = tmp_path / "ks"
    path.write_text(OLD)
    kicks: list[float] = []
    watch = SessionWatch(path, lambda: kicks.append(1.0))
    watch.look(10.0)
    path.write_text(NEW * 2)
    watch.look(10.0 + LOOK_EVERY_S / 2)
    assert [] == kicks, "looking at each step would cost a system call twice a second"
    watch.look(10.0 + LOOK_EVERY_S)
    watch.look(10.0 + 2 * LOOK_EVERY_S)
    assert [1.0] == kicks
    path.unlink()
    watch.look(10.0 + 3 * LOOK_EVERY_S)
    assert [1.0, 1.0] == kicks
