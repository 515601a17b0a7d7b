"""Sessions of a real agent: nothing shows them, nothing is lost to them, and whoever mends one need not wait."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, quote_plus

import pytest

from agent.sinks.kaltura.login import Session
from tests.support import media
from tests.support.kiosks import PATIENCE_S, PLAYED, Clip, Kiosk, is_over, kiosk, stories, tokens
from tests.support.sessions import COLLECT, SECRET, app_token, called, secret_login
from tools.standin import fixtures
from tools.standin.faults import Page, Refuse
from tools.standin.server import Collector

ENTRY = "0_abcd1234"
ECHO = "what-a-server-calls-a-session-4711"
TWO_HOURS = 7200.0
# Of a film that still has something to tell when we have seen that it began.
LONG_S = 8.0

# As the agent's own process, but that a request of one kind ends in a bug whose message holds all of the request.
CRASHING = """
import sys
from agent.cli.main import main
from agent.sinks.http.client import Wire

where = sys.argv.pop(1)
exchange = Wire._exchange

def broken(self, method, url, body, headers):
    if where in url:
        raise RuntimeError(f"provoked: {method} {url} {body!r} {headers}")
    return exchange(self, method, url, body, headers)

Wire._exchange = broken
main()
"""


class Service:
    """A collector whose clock and tokens a test changes."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.fixtures = fixtures.load()
        self.collector = Collector(clock=lambda: time.time() + self.ahead, fixtures=self.fixtures)

    def delete(self, name: str, *, is_deleted: bool = True) -> None:
        token = app_token(name)
        self.fixtures.tokens[token.ident] = replace(token, is_deleted=is_deleted)


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()
    with found.collector:
        yield found


def with_session(agent: Kiosk, mode: str, *, name: str = "sha256") -> Path:
    """Give the configuration a session table; the file that holds the token or the secret."""
    token = app_token(name)
    file = agent.folder / "held"
    file.write_text(token.token if mode == "app-token" else SECRET)
    file.chmod(0o600)
    setting = {"app-token": "app_token_file", "secret": "secret_file"}[mode]
    lines = f'app_token_id = "{token.ident}"\napp_token_hash = "{token.hash_type}"\n' if mode == "app-token" else ""
    text = f'[kaltura.session]\nmode = "{mode}"\n{setting} = "{file}"\n{lines}'
    agent.config.write_text(f"{agent.config.read_text()}\n{text}")
    return file


def program(*arguments: str, code: Sequence[str] = ("-m", "agent.cli.main")) -> str:
    """Everything that a command says."""
    done = subprocess.run(
        [sys.executable, *code, *arguments],
        capture_output=True,
        timeout=PATIENCE_S,
        env={**os.environ, "DISPLAY": "", "WAYLAND_DISPLAY": ""},
        check=False,
    )
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def everything_said(agent: Kiosk) -> Iterator[tuple[str, str]]:
    """(what, its words) of every command that shows something, with the agent running or not."""
    config, state = ("--config", str(agent.config)), ("--state-dir", str(agent.state))
    for command in (
        ("status", *state),
        ("status", "--long", *state),
        ("status", "--json", *state),
        ("config", "show", *config),
        ("config", "show", "--json", "--origin", *config),
        ("config", "check", str(agent.config)),
        ("doctor", *config, *state),
        ("doctor", "--json", *config, *state),
        ("queue", "stats", *state),
        ("queue", "list", "--json", *state),
        ("queue", "show", "1", *state),
        ("queue", "dead", "list", "--json", *state),
        ("queue", "dead", "show", "1", *state),
    ):
        yield " ".join(command[:2]), program(*command)


def everything_kept(agent: Kiosk) -> Iterator[tuple[str, str]]:
    """(file, content) of all that the agent left behind."""
    for path in [agent.log, *agent.state.rglob("*")]:
        if path.is_file():
            yield str(path), path.read_bytes().decode("latin-1")


def processes() -> Iterator[tuple[str, str]]:
    """What the machine's process list shows to everybody."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            yield str(path), path.read_bytes().decode("latin-1")


def secrets(service: Service) -> set[str]:
    """Whatever nobody may see: tokens, secrets, proofs, and every session that was handed out."""
    bodies = [parse_qs(request.body.decode("latin-1")) for request in service.collector.requests]
    proofs = {proof for body in bodies for proof in body.get("tokenHash", [])}
    known = {app_token("sha256").token, SECRET, ECHO, *proofs, *service.collector.sessions}
    assert all(len(each) >= len(SECRET) for each in known)
    return known | {quote_plus(each) for each in known}


def leaks(said: Iterable[tuple[str, str]], hidden: set[str]) -> list[str]:
    """Where one of them shows."""
    return [f"{what}: {secret}" for what, words in said for secret in hidden if secret in words]


@pytest.mark.all
@pytest.mark.parametrize("mode", ["app-token", "secret"])
def test_nothing_shows_a_session_a_token_or_a_secret(tmp_path: Path, service: Service, mode: str) -> None:
    """Logs are sent to support, status goes to a dashboard, doctor's output into a ticket."""
    collector = service.collector
    secret = app_token("sha256").token if mode == "app-token" else SECRET
    echo = f'{{"code": "NEWS", "message": "{secret}", "objectType": "KalturaAPIException", "args": []}}'
    login = {"service": "session"}
    collector.fault(Page(200, echo, "application/json"), times=1, where=login)
    collector.fault(Page(302, "", headers=(("Location", f"http://127.0.0.1/{secret}"),)), times=1, where=login)
    collector.fault(Refuse("INVALID_KS", (("KSID", ECHO),)), times=1, where={**COLLECT, "eventType": 3})
    collector.fault(Refuse("INVALID_ENUM_VALUE"), times=1, where={**COLLECT, "eventType": 4})
    with kiosk(tmp_path, collector, [Clip(media.silent_clip(2.0), ENTRY)]) as agent:
        held = with_session(agent, mode)
        agent.start()
        agent.wait_log("delivery held")
        agent.wait(lambda status: "redirected to" in (status["session"]["text"] or ""))
        said = [*everything_said(agent), *processes()]
        held.touch()
        agent.wait_idle()
        said += [*everything_said(agent), *processes()]
        assert 0 == agent.end()
        assert [] == leaks([*said, *everything_kept(agent)], secrets(service))
        assert [number for number in PLAYED if number != 4] == stories(collector.events)[0][1]
        log = agent.log.read_text()
        assert (mode == "secret") == ("the account's secret is on this machine" in log)
    assert len(collector.sessions) > 2, "there was something to be found"
    assert "end" not in called(collector)


@pytest.mark.parametrize(
    ("mode", "where"),
    [
        ("app-token", "/service/appToken/"),
        ("app-token", "/service/stats/"),
        ("secret", "/service/session/"),
        ("secret", "/service/stats/"),
    ],
)
def test_crash_with_all_of_a_request_in_its_message_shows_no_secret(
    tmp_path: Path, service: Service, mode: str, where: str
) -> None:
    """A bug ends the process with its traceback, and that goes into a public issue."""
    with kiosk(tmp_path, service.collector, [Clip(media.silent_clip(1.0), ENTRY)]) as agent:
        with_session(agent, mode)
        run = ("run", "--config", str(agent.config), "--state-dir", str(agent.state))
        report = program(where, *run, code=("-c", CRASHING))
        agent.log.write_text(report)
        assert "thread crashed" in report
        assert "provoked: POST" in report
        assert "=***" in report, "there was something to be hidden"
        assert [] == leaks(everything_kept(agent), secrets(service))


def test_sessions_that_all_end_in_mid_drain_cost_no_event(tmp_path: Path, service: Service) -> None:
    """The server's clock is two hours on at one blow; the kiosk finds its session ended before its time."""
    collector = service.collector
    clips = [Clip(media.silent_clip(LONG_S), ENTRY), Clip(media.silent_clip(1.0), "0_abcd1235")]
    with kiosk(tmp_path, collector, clips) as agent:
        with_session(agent, "app-token")
        agent.start()
        assert collector.wait_for(lambda events: len(events) >= 3, PATIENCE_S)
        service.ahead = TWO_HOURS
        status = agent.wait_idle()
        assert 0 == agent.end()
        assert [(ENTRY, PLAYED), ("0_abcd1235", PLAYED)] == stories(collector.events)
        assert len(set(tokens(collector.events))) == len(collector.events)
        assert 2 == status["session"]["renewals"]
        assert "fresh" == status["session"]["state"]
        assert 0 < status["session"]["expires_wall"] - collector.now() <= 3600.0
        assert "session refused before its end, another is started" in agent.log.read_text()


@pytest.mark.all
def test_token_deleted_in_mid_drain_holds_and_goes_on_when_it_is_back(tmp_path: Path, service: Service) -> None:
    """Nothing is lost, status and doctor say what to do, and touching the file is enough to be noticed."""
    collector = service.collector
    clips = [Clip(media.silent_clip(LONG_S), ENTRY), Clip(media.silent_clip(1.0), "0_abcd1235")]
    with kiosk(tmp_path, collector, clips) as agent:
        held = with_session(agent, "app-token")
        agent.start()
        assert collector.wait_for(lambda events: len(events) >= 3, PATIENCE_S)
        service.delete("sha256")
        service.ahead = TWO_HOURS
        status = agent.wait(lambda status: is_over(status) and status["sinks"][0]["state"] == "held")
        before = collector.total
        assert ("session", "refused") == (status["sinks"][0]["cause"], status["session"]["state"])
        assert "APP_TOKEN_ID_NOT_FOUND" in status["sinks"][0]["text"]
        assert status["sinks"][0]["depth"] > 0
        assert "it was deleted" in program("status", "--state-dir", str(agent.state))
        assert "make a new app token" in program("doctor", "--config", str(agent.config), "--state-dir", str(tmp_path))
        assert before == collector.total
        service.delete("sha256", is_deleted=False)
        held.with_name("new").write_text(held.read_text())
        held.with_name("new").replace(held)
        agent.wait_idle()
        assert 0 == agent.end()
        assert [(ENTRY, PLAYED), ("0_abcd1235", PLAYED)] == stories(collector.events)
        assert len(set(tokens(collector.events))) == len(collector.events)


@pytest.mark.all
def test_kept_session_that_was_refused_waits_for_another_file(tmp_path: Path, service: Service) -> None:
    """Mode ks-file: whoever renews the session writes the file, and delivery goes on within seconds."""
    collector = service.collector
    good = collector_session(service)
    with kiosk(tmp_path, collector, [Clip(media.silent_clip(1.0), ENTRY)]) as agent:
        file = agent.folder / "ks"
        file.write_text(ECHO)
        file.chmod(0o600)
        agent.config.write_text(
            f'{agent.config.read_text()}\n[kaltura.session]\nmode = "ks-file"\nks_file = "{file}"\n'
        )
        agent.start()
        status = agent.wait(lambda status: status["sinks"][0]["state"] == "held")
        assert "INVALID_KS: not a valid session" == status["sinks"][0]["text"]
        assert "refused" == status["session"]["state"]
        file.write_text(good)
        agent.wait_idle()
        said = list(everything_said(agent))
        assert 0 == agent.end()
        assert [(ENTRY, PLAYED)] == stories(collector.events)
        assert [] == leaks([*said, *everything_kept(agent)], {ECHO, good})


def collector_session(service: Service) -> str:
    """A session as an operator's cron job gets one."""
    found = secret_login(service.collector)()
    assert isinstance(found, Session)
    return found.ks
