"""How kiosk-fleet talks with the person or the script that called it."""

import io
import json
import os
import pty
import sys

import pytest

from agent.fleet.console import Console, UnconfirmedError, bad, colour_wanted, doubtful, faint, good, heading, show


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_machine_gets_one_object_and_nothing_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    """`jq` reads standard output, and people look at standard error."""
    console = Console(as_json=True)
    console.tell(["meanwhile"])
    console.answer({"ok": True}, ["for people"])
    out, err = capsys.readouterr()
    assert ({"ok": True}, "") == (json.loads(out), err)


def test_person_gets_lines_without_colours_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """Colours in a file are noise."""
    Console().tell([bad("meanwhile")])
    show([f"{good('a')}{doubtful('b')}{faint('c')}{heading('d')}"])
    assert ("abcd\n", "meanwhile\n") == tuple(capsys.readouterr())


def test_colour_is_for_terminals_and_for_those_who_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """no-color.org."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert colour_wanted(Terminal())
    assert not colour_wanted(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colour_wanted(Terminal())


def test_nobody_is_asked_where_nobody_sits() -> None:
    """A job at night must not hang on a question, nor do what nobody has agreed to."""
    with pytest.raises(UnconfirmedError, match="say --yes") as caught:
        Console().confirm("Really?")
    assert not caught.value.is_asked
    Console(yes=True).confirm("Really?")


@pytest.mark.parametrize(("answer", "goes_on"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_person_at_a_terminal_is_asked(monkeypatch: pytest.MonkeyPatch, answer: str, goes_on: bool) -> None:
    """Enter alone changes nothing."""
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys, "stderr", Terminal())
    if goes_on:
        Console().confirm("Really?")
        return
    with pytest.raises(UnconfirmedError) as caught:
        Console().confirm("Really?")
    assert caught.value.is_asked


def test_something_goes_on_while_the_person_thinks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker ends a connection that says nothing for a minute and a half, and people talk to each other first."""
    leader, follower = pty.openpty()
    calls: list[int] = []

    def meanwhile() -> None:
        calls.append(1)
        if len(calls) == 3:
            os.write(leader, b"yes\n")

    with os.fdopen(follower, encoding="ascii") as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        monkeypatch.setattr(sys, "stderr", Terminal())
        Console().confirm("Really?", meanwhile=meanwhile)
    os.close(leader)
    assert len(calls) >= 3
