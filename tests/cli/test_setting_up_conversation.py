"""Questions on a terminal; on a real one: test_setup.py."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from agent.cli.setting_up_conversation import ask_again, converse, may_replace, media_of
from agent.runtime.setup.draft import PLAYLIST, Draft
from agent.runtime.setup.questions import QUESTIONS
from tests.support.setups import a_machine

ITEM = {"uri": "/srv/a.mp4", "entry_id": "0_abcd1234"}
NOT_MEDIA = tuple(each.place for each in QUESTIONS if each.place != PLAYLIST)


def asked(folder: Path, draft: Draft, typed: str) -> tuple[Draft, Result]:
    """What the question for media makes of what is typed."""
    found: list[Draft] = []

    @click.command()
    def command() -> None:
        found.append(converse(draft, NOT_MEDIA, a_machine(folder)))

    result = CliRunner().invoke(command, input=typed)
    assert found, result.output
    return found[0], result


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("\n", [ITEM]),
        ("-\n", None),
        (
            "/srv/b.mp4 1_abcd1234\n/srv/c.mp4\n\n",
            [{"uri": "/srv/b.mp4", "entry_id": "1_abcd1234"}, {"uri": "/srv/c.mp4"}],
        ),
        ("gopher://a\n\n/srv/b.mp4\n\n", [{"uri": "/srv/b.mp4"}]),
    ],
)
def test_list_is_kept_emptied_or_replaced(tmp_path: Path, typed: str, expected: list[dict[str, str]] | None) -> None:
    """A list is replaced whole; a wrong line has the list asked again."""
    draft, result = asked(tmp_path, Draft({"player": {"playlist": [ITEM], "volume": 3}}), typed)
    assert (expected, 3) == (draft.value(PLAYLIST), draft.value(("player", "volume")))
    assert "[1 as before]" in result.output
    assert ("gopher" in typed) == ("found the scheme" in result.output)


def test_nothing_to_play_is_an_answer(tmp_path: Path) -> None:
    """The list may come from the broker."""
    draft, result = asked(tmp_path, Draft(), "\n")
    assert (None, False) == (draft.value(PLAYLIST), "[]" in result.output)


def test_demo_makes_its_picture(tmp_path: Path) -> None:
    """For who has nothing to play yet."""
    places = a_machine(tmp_path)
    path = tmp_path / "srv/media/kiosk-agent-demo.png"
    assert [{"uri": str(path), "entry_id": "0_abcd1234"}] == media_of(["demo 0_abcd1234"], places)
    assert path.exists()


@pytest.mark.parametrize(
    ("may_go_on", "typed", "expected"), [(True, "g\n", "go on"), (False, "g\ns\n", "stop"), (True, "\n", "correct")]
)
def test_what_may_be_decided_is_what_is_offered(*, may_go_on: bool, typed: str, expected: str) -> None:
    """A configuration that the agent refuses cannot be gone on with."""
    said: list[str] = []

    @click.command()
    def command() -> None:
        said.append(ask_again(may_go_on=may_go_on))

    CliRunner().invoke(command, input=typed)
    assert [expected] == said


def test_replacing_is_agreed_to(tmp_path: Path) -> None:
    """With the path, and with what becomes of the old one."""

    @click.command()
    def command() -> None:
        click.echo(may_replace(tmp_path / "kiosk-agent.toml"))

    result = CliRunner().invoke(command, input="n\n")
    assert [] == [word for word in ("kiosk-agent.toml", ".bak", "False") if word not in result.output]
