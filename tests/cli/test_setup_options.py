"""Answers on the command line."""

from pathlib import Path

import click
import pytest

from agent.cli.setup_options import drafted, question_options
from agent.runtime.setup.draft import APP_TOKEN, KS, MODE, PASSWORD, PLAYLIST, Draft
from agent.runtime.setup.questions import QUESTIONS
from tests.support.setups import a_machine


def test_each_question_is_an_option_that_explains_itself() -> None:
    """What can be asked can be scripted."""

    @click.command()
    @question_options
    def command(**_options: object) -> None:
        """For the test."""

    found = {name: each for each in command.params for name in each.opts if isinstance(each, click.Option)}
    assert [each.option for each in QUESTIONS] == list(found)
    assert all(each.help for each in found.values() if isinstance(each, click.Option))


def test_answers_lie_over_what_is_there(tmp_path: Path) -> None:
    """What is not answered stays; a number is a number; several media are a list."""
    there = Draft({"device": {"name": "Lobby"}, "kaltura": {"partner_id": 7}})
    options = {"partner": "102", "play": ("/srv/a.mp4 0_abcd1234", "/srv/b.mp4"), "site": None}
    draft, asked = drafted(there, options, a_machine(tmp_path), demo="0_abcd1235")
    assert ("Lobby", 102) == (draft.value(("device", "name")), draft.value(("kaltura", "partner_id")))
    assert (("kaltura", "partner_id"), PLAYLIST) == asked
    demo = {"uri": str(tmp_path / "srv/media/kiosk-agent-demo.png"), "entry_id": "0_abcd1235"}
    assert [{"uri": "/srv/a.mp4", "entry_id": "0_abcd1234"}, {"uri": "/srv/b.mp4"}, demo] == draft.value(PLAYLIST)


@pytest.mark.parametrize(
    ("options", "mode"),
    [({"app_token_file": ""}, "app-token"), ({"ks_file": ""}, "ks-file"), ({"secret_file": ""}, "secret"), ({}, None)],
)
def test_a_secret_says_how_the_kiosk_logs_in(tmp_path: Path, options: dict[str, str], mode: str | None) -> None:
    """Nobody has to say it twice."""
    (tmp_path / "file").write_text("0123456789abcdef\n")
    places = a_machine(tmp_path / "machine")
    draft, asked = drafted(Draft(), {name: str(tmp_path / "file") for name in options}, places)
    assert (mode, mode is not None) == (draft.value(MODE), MODE in asked)
    assert (["0123456789abcdef"] if mode else []) == list(draft.secrets.values())
    told, _ = drafted(Draft(), {"session": "none", "ks_file": str(tmp_path / "file")}, places)
    assert ("none", True) == (told.value(MODE), told.has(KS))


def test_secrets_of_the_same_run_are_kept_apart(tmp_path: Path) -> None:
    """One for Kaltura, one for the broker."""
    for name in ("a", "b"):
        (tmp_path / name).write_text(f"secret-of-{name}")
    files = {"app_token_file": str(tmp_path / "a"), "broker_password_file": str(tmp_path / "b")}
    draft, _ = drafted(Draft(), files, a_machine(tmp_path / "machine"))
    assert {"app-token": "secret-of-a", "broker-password": "secret-of-b"} == draft.secrets
    assert (draft.has(APP_TOKEN), draft.has(PASSWORD)) == (True, True)


def test_nothing_on_standard_input_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe whose other end failed."""
    monkeypatch.setattr("sys.stdin", (tmp_path / "empty").open("w+"))
    with pytest.raises(click.UsageError, match="--ks-file: nothing came"):
        drafted(Draft(), {"ks_file": "-"}, a_machine(tmp_path / "machine"))
