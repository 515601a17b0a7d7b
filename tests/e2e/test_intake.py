"""What the kiosk's application tells a real agent is durable when it is answered, and harms nothing."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.support import media
from tests.support.applications import Application
from tests.support.kiosks import PATIENCE_S, PLAYED, Clip, Kiosk, kiosk, stories, tokens
from tools.standin.server import Collector

NOWHERE = "http://127.0.0.1:9"
FILM, ENTRY = 12.0, "0_abcd1234"
LINES = 60


@contextmanager
def cut_off(folder: Path, more: str = "") -> Iterator[Kiosk]:
    """A kiosk that plays and reaches no service, so that all it keeps stays in its log."""
    found = Kiosk(folder, NOWHERE, [Clip(media.clip(FILM), ENTRY)], player="loop = true")
    found.config.write_text(found.config.read_text() + more)
    try:
        yield found
    finally:
        found.close()


def playing(agent: Kiosk) -> None:
    """Start and wait until the film plays: its first event then stands before all others."""
    agent.start()
    agent.wait(lambda status: (status["player"]["position"] or 0) > 0.2)


def emit(agent: Kiosk, *arguments: str, stdin: str | None = None) -> "subprocess.Popen[str]":
    """`kiosk-agent emit` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "agent.cli.main", "emit", "--state-dir", str(agent.state), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def kept(agent: Kiosk, kind: str) -> list[str]:
    """The identity tokens of the events of `kind` in the log of an agent at rest."""
    return [f"{generation}-{sequence}-0" for name, generation, sequence in agent.committed() if name == kind]


def test_two_processes_that_tell_at_once_are_both_kept_in_their_order(tmp_path: Path) -> None:
    """A page and a card reader: no id is given twice, each line's is durable, and each has its own in order."""
    with cut_off(tmp_path) as agent:
        playing(agent)
        both = [emit(agent, "--stdin") for _ in range(2)]
        for process in both:
            assert process.stdin is not None
        lines = "".join(f'{{"type":"page","page_name":"{number}"}}\n' for number in range(LINES))
        for process in both:
            process.stdin.write(lines)  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
        answered = [process.communicate(timeout=PATIENCE_S)[0].split() for process in both]
        agent.kill()
        assert [LINES, LINES] == [len(each) for each in answered]
        assert sorted(kept(agent, "page")) == sorted(answered[0] + answered[1])
        for each in answered:
            assert each == sorted(each, key=lambda token: int(token.split("-")[-2]))


def test_event_outlives_a_kill_in_the_moment_after_its_answer(tmp_path: Path) -> None:
    """The answer is a promise; and an identity is never given again."""
    promised: list[str] = []
    with cut_off(tmp_path) as agent:
        for _ in range(3):
            agent.start()
            with Application.patient(agent.state) as app:
                for _ in range(4):
                    promised.append(app.say(type="button", button_name="a")["ok"]["id"])
                agent.kill()
                assert app.hung_up()
        assert promised == kept(agent, "button")
        assert len(promised) == len(set(promised))


def test_hostile_neighbours_cost_neither_the_film_nor_the_application(tmp_path: Path) -> None:
    """Garbage, half lines, ten megabytes, many connections: the play is counted exactly, the application is served."""
    with Collector() as collector, kiosk(tmp_path, collector, [Clip(media.silent_clip(3.0), ENTRY)]) as agent:
        agent.start()
        agent.wait(lambda status: status["ready"])
        idle = [Application(agent.state) for _ in range(150)]
        for app in idle[100:130]:
            app.send(b'{"type":"pa')
        for _ in range(5):
            with Application(agent.state) as wild, suppress(OSError):
                wild.send(b"GET / HTTP/1.1\r\n" * 100)
        with Application(agent.state) as huge:
            huge.send(b"x" * (10 << 20) + b"\n")
            assert "oversized" == huge.answer()["error"]["reason"]
        with Application(agent.state) as app:
            assert "ok" in app.say(type="page")
        status = agent.wait_idle()
        for app in idle:
            app.close()
        counters = status["intake"]["counters"]
        assert (1, 1) == (counters["accepted"], counters["oversized"])
        assert counters["malformed"] >= 5
        assert 0 == agent.end()
        assert [(ENTRY, PLAYED)] == stories(collector.events)


def test_share_counts_in_the_session_of_the_film_on_the_screen(tmp_path: Path) -> None:
    """Number 9 of stats.collect, with the identity that the application was told."""
    with Collector() as collector, kiosk(tmp_path, collector, [Clip(media.clip(FILM), ENTRY)]) as agent:
        agent.start()
        agent.wait(lambda status: (status["player"]["position"] or 0) > 0.3)
        with Application(agent.state) as app:
            shared = app.say(type="share-opened")["ok"]
            other = app.say(type="download-opened", entry_id="0_other123")["ok"]
        agent.ask("player.next")
        agent.wait_idle()
        assert 0 == agent.end()
        found = {event["eventType"]: event for event in collector.events}
        assert (shared["session"], ENTRY) == (found[9]["sessionId"], found[9]["entryId"])
        assert found[3]["sessionId"] == found[9]["sessionId"]  # of the play
        assert (other["session"], "0_other123") == (found[10]["sessionId"], found[10]["entryId"])
        assert other["session"] != shared["session"]
        assert {shared["id"], other["id"]} <= set(tokens(collector.events))


def test_visit_binds_pages_and_plays_together_over_a_restart(tmp_path: Path) -> None:
    """The funnel of the guide's 12.2; the agent may crash while the visitor stands there."""
    with cut_off(tmp_path, "[visits]\nenabled = true\n") as agent:
        playing(agent)
        with Application(agent.state) as app:
            visit = app.say(type="visit-start")["ok"]["visit"]
            assert visit == app.say(type="page")["ok"]["visit"]
        agent.kill()
        agent.start()
        with Application.patient(agent.state) as app:
            assert visit == app.say(type="button")["ok"]["visit"]
            assert {"ok": {}} == app.say(type="visit-end")
            assert visit != app.say(type="page")["ok"]["visit"]


def test_application_is_told_when_visits_are_off(tmp_path: Path) -> None:
    """By default no visitor is told apart, and nobody need guess why there is no context."""
    with cut_off(tmp_path) as agent:
        agent.start()
        with Application.patient(agent.state) as app:
            assert "visits-off" == app.say(type="visit-start")["error"]["reason"]
            assert "visit" not in app.say(type="page")["ok"]


RUN = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="intake")
os.execv(sys.executable, [sys.executable, "-m", "agent.cli.main", "run", *sys.argv[2:]])
"""


def test_application_that_speaks_before_the_agent_is_up_is_heard(tmp_path: Path) -> None:
    """systemd holds the socket: an application started first, or while the agent restarts, loses nothing."""
    with cut_off(tmp_path) as agent, socket.socket(socket.AF_UNIX) as handed:
        handed.bind(str(tmp_path / "intake.sock"))
        handed.listen(8)
        options = ["--config", str(agent.config), "--state-dir", str(agent.state)]
        answers: list[dict[str, Any]] = []
        for _ in range(2):
            with Application(tmp_path) as app:
                app.send(b'{"type":"page"}\n')
                with agent.log.open("ab") as log:
                    running = subprocess.Popen(
                        [sys.executable, "-c", RUN, str(handed.fileno()), *options],
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        pass_fds=(handed.fileno(),),
                        env={**os.environ, "DISPLAY": "", "WAYLAND_DISPLAY": ""},
                    )
                try:
                    answers.append(dict(app.answer()))
                finally:
                    running.terminate()
                    assert 0 == running.wait(PATIENCE_S), agent.log.read_text()
        assert 2 == len({answer["ok"]["id"] for answer in answers})
        assert not (agent.state / "intake.sock").exists()
