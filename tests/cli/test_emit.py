"""`kiosk-agent emit`: the application's word from a shell."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from queue import SimpleQueue

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from agent.cli.emit import emit
from agent.cli.exits import Exit
from agent.cli.main import kiosk_agent
from agent.intake import place
from agent.intake.server import IntakeServer
from agent.intake.submission import NO_ROOM, VISITS_OFF, Answer, Kept, Submission, VisitCommand
from agent.kernel.activity import ButtonClicked, Custom, Deed, Engaged, PageViewed
from tests.support.applications import Loop, boottime, serving
from tests.support.configuration import SMALLEST, write

ROOT = Path(__file__).parents[2]


def run(folder: Path, *arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(emit, ["--state-dir", str(folder), *arguments], input=stdin)


class Answering:
    """A main loop that always answers the same."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def put(self, submission: Submission) -> None:
        submission.reply.put(self._answer)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["page", "application=lobby-app", "page_type=3"], PageViewed(0.0, application="lobby-app", page_type="3")),
        (["button", "button_name=a=b", "button_type=cta"], ButtonClicked(0.0, button_name="a=b", button_type="cta")),
        (["share-opened"], Engaged(0.0, Deed.SHARE_OPENED)),
        (["visit-end"], VisitCommand.END),
        (["custom", "name=quiz", "number=10005", "fields.a=1"], Custom(0.0, "quiz", 10005, (("a", "1"),))),
    ],
)
def test_words_of_the_command_line_become_what_they_say(tmp_path: Path, arguments: list[str], what: object) -> None:
    """A shell script tells what an application in any language tells."""
    loop = Loop()
    with serving(tmp_path, loop.put):
        result = run(tmp_path, *arguments)
    assert (Exit.OK, "g-1-0\n") == (result.exit_code, result.output)
    assert what == loop.told[0].what


def test_json_shows_the_whole_answer(tmp_path: Path) -> None:
    """For programs, with their own id in it."""
    with serving(tmp_path, Answering(Kept("g-1-0", "s", "v")).put):
        result = run(tmp_path, "page", "id=mine", "--json")
    assert {"id": "mine", "ok": {"id": "g-1-0", "session": "s", "visit": "v"}} == json.loads(result.output)


@pytest.mark.parametrize(("visit", "printed"), [("v", "v\n"), (None, "\n")])
def test_visits_command_prints_the_visit(tmp_path: Path, visit: str | None, printed: str) -> None:
    """It makes no event, so there is no event's id."""
    with serving(tmp_path, Answering(Kept(visit=visit)).put):
        assert printed == run(tmp_path, "visit-start").output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pgae"], 'type: found "pgae"; did you mean page? Allowed: page, button, custom'),
        (["page", "pageName=a"], "pageName: page has no such field; did you mean page_name?"),
        (["page", "page_name="], "page_name: found"),
        (["page", "entry_id=no entry"], "entry_id: found"),
        (["custom", "number=x", "name=a"], 'number: found "x". Allowed: a whole number from 1 to 2147483647.'),
        (["custom"], "name: not given"),
        (["page", "page_name"], "page_name is no FIELD=VALUE"),
        (["page", "page_name=a", "page_name=b"], "page_name is given twice"),
        (["custom", "fields=a", "fields.a=b"], "fields.a is given twice"),
        ([], "Name a TYPE"),
        (["page", "--stdin"], "Name a TYPE"),
        (["page", "--config", "/nowhere/agent.toml"], "/nowhere/agent.toml cannot be used"),
    ],
)
def test_mistake_is_found_before_an_agent_is_asked(tmp_path: Path, arguments: list[str], words: str) -> None:
    """It names the field and the remedy, and no agent need be running to learn it."""
    result = run(tmp_path, *arguments)
    assert (Exit.USAGE, True) == (result.exit_code, words in result.output), result.output


def test_no_agent_is_an_exit_status_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script can wait and try again: nothing was kept. A kiosk-agent of this very machine must not hear of it."""
    monkeypatch.setattr(place, "PACKAGED_RUNTIME_DIR", tmp_path)
    result = run(tmp_path, "page")
    assert Exit.NOT_RUNNING == result.exit_code
    assert "start one with: kiosk-agent run" in result.output


@pytest.mark.parametrize(("answer", "words"), [(NO_ROOM, "disk is full"), (VISITS_OFF, "visits.enabled is false")])
def test_refusal_is_told_in_the_agents_words(tmp_path: Path, answer: Answer, words: str) -> None:
    """Not the script's mistake: another exit status than for one."""
    with serving(tmp_path, Answering(answer).put):
        result = run(tmp_path, "visit-start")
    assert (Exit.FAILED, True) == (result.exit_code, words in result.output), result.output


def test_answer_in_a_terminal_moves_no_cursor(tmp_path: Path) -> None:
    """What listens there may be anything."""
    with serving(tmp_path, Answering(Kept("x")).put):
        assert "\x1b" not in run(tmp_path, "page", "na\x1b[2Jme=1").output


def test_stream_tells_line_by_line_and_goes_on_after_a_mistake(tmp_path: Path) -> None:
    """A long-lived application pipes its events; one wrong line costs itself alone."""
    loop = Loop()
    lines = '{"type":"page"}\n\n{"type":"pgae"}\n{"type":"share-opened","entry_id":"0_abcd1234"}'
    with serving(tmp_path, loop.put):
        result = CliRunner().invoke(emit, ["--state-dir", str(tmp_path), "--stdin"], input=lines)
    assert ["g-1-0", "g-2-0"] == result.stdout.splitlines()
    assert 'line 3: type: found "pgae"; did you mean page?' in result.stderr
    assert Exit.USAGE == result.exit_code
    assert 2 == len(loop.told)


def test_stream_as_json_has_an_answer_for_each_line(tmp_path: Path) -> None:
    """Programs pair them by their order."""
    with serving(tmp_path, Loop().put):
        result = run(tmp_path, "--stdin", "--json", stdin=b'{"type":"page"}\n\xff\n{"type":"page","id":3}\n')
    assert [["ok"], ["error"], ["id", "ok"]] == [list(json.loads(line)) for line in result.stdout.splitlines()]


def test_who_is_told_to_wait_waits(tmp_path: Path) -> None:
    """More than the rate allows is told all the same, only later."""
    loop, began = Loop(), boottime()
    servers: list[IntakeServer] = []

    def now() -> float:
        """Stands still until somebody was told to wait: on a slow machine too the second line comes too soon."""
        return boottime() if servers and servers[0].counters["throttled"] else began

    with serving(tmp_path, loop.put, rate=100.0, burst=1, now=now) as running:
        servers.append(running)
        result = run(tmp_path, "--stdin", stdin='{"type":"page"}\n' * 8)
        assert 0 < running.counters["throttled"]
    assert (Exit.OK, 8) == (result.exit_code, len(loop.told))


def test_agent_that_ends_in_between_is_told(tmp_path: Path) -> None:
    """Whether that line was kept is not known: no silent success."""
    waiting: SimpleQueue[Submission] = SimpleQueue()
    with serving(tmp_path, waiting.put) as running:
        asking = subprocess.Popen(
            [sys.executable, "-m", "agent.cli.main", "emit", "page", "--state-dir", str(tmp_path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        waiting.get(timeout=60)
        running.close()
        _, words = asking.communicate(timeout=60)
    assert (Exit.FAILED, True) == (asking.returncode, "whether it was kept is not known" in words)


def test_socket_is_found_by_option_and_by_configuration(tmp_path: Path) -> None:
    """A kiosk with a path of its own."""
    path = tmp_path / "intake.sock"
    config = write(tmp_path, SMALLEST + f'[intake]\nsocket = "{path}"\n')
    with serving(tmp_path, Loop().put):
        for option in (["--socket", str(path)], ["--config", str(config)]):
            assert Exit.OK == run(tmp_path / "elsewhere", "page", *option).exit_code


@pytest.mark.skipif(os.geteuid() == 0, reason="root may use every socket")
def test_socket_of_another_user_names_the_remedy(tmp_path: Path) -> None:
    """The usual first mistake: the application's user is in no group yet."""
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(tmp_path / "intake.sock"))
        made.listen(1)
        (tmp_path / "intake.sock").chmod(0)
        assert "intake.group" in run(tmp_path, "page").output


@pytest.mark.parametrize(
    ("arguments", "begun", "found"),
    [([], "sh", {"share-opened"}), (["page"], "page_", {"page_type=", "page_name="}), (["visit-end"], "e", set())],
)
def test_shell_completes_types_and_fields(arguments: list[str], begun: str, found: set[str]) -> None:
    """Nobody remembers fifteen deeds."""
    completer = ShellComplete(kiosk_agent, {}, "kiosk-agent", "_KIOSK_AGENT_COMPLETE")
    assert found == {item.value for item in completer.get_completions(["emit", *arguments], begun)}
