"""The course of setup; with real parts: test_setup.py."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.cli import setting_up as module
from agent.cli.exits import Exit
from agent.cli.setting_up import Order, set_up
from agent.config.identity import derived_id, read_machine
from agent.config.problems import Place
from agent.outbox.generation import MOVED, moved_id
from agent.runtime.setup.applying import existing
from agent.runtime.setup.draft import DEVICE_ID, Draft
from agent.runtime.setup.places import Places
from agent.runtime.setup.questions import QUESTIONS
from tests.support.outbox import open_outbox
from tests.support.setups import a_machine

TREE = {"kaltura": {"service_url": "http://127.0.0.1:9/api_v3", "partner_id": 102}, "device": {"id": "device-001"}}


def an_order(places: Places, draft: Draft | None = None, **changes: Any) -> Order:
    """Nobody at the terminal, nothing started, unless a test says so."""
    there = existing(places)
    return replace(
        Order(places, there, draft or Draft(TREE), (), is_manned=False, start=False, checks=False), **changes
    )


def answering(monkeypatch: pytest.MonkeyPatch, *answers: str, replaced: bool = True) -> list[Draft]:
    """Somebody at the terminal, who keeps what is there and decides so; what was asked about."""
    seen: list[Draft] = []
    left = list(answers)

    def converse(draft: Draft, _asked: object, _places: Places) -> Draft:
        seen.append(draft)
        return draft

    monkeypatch.setattr(module, "converse", converse)
    monkeypatch.setattr(module, "ask_again", lambda *, may_go_on: left.pop(0) if may_go_on else "stop")
    monkeypatch.setattr(module, "may_replace", lambda _path: replaced)
    return seen


@pytest.mark.parametrize(
    ("answers", "status", "is_written"),
    [
        (("stop",), Exit.FAILED, False),
        (("correct", "correct", "stop"), Exit.FAILED, False),
        (("go on",), Exit.OK, True),
    ],
)
def test_person_decides_about_what_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: tuple[str, ...], status: Exit, is_written: bool
) -> None:
    """A kiosk may be set up before its network is."""
    places = a_machine(tmp_path)
    asked = answering(monkeypatch, *answers)
    assert status is set_up(an_order(places, is_manned=True, checks=True))
    assert (len(answers), is_written) == (len(asked), places.config.exists())


def test_configuration_that_the_agent_would_refuse_cannot_be_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would only be found again by the service, which does not start."""
    places = a_machine(tmp_path)
    answering(monkeypatch)
    wrong = Draft(TREE).with_value(("queue", "max_bytes"), 1)
    assert Exit.FAILED is set_up(an_order(places, wrong, is_manned=True))
    assert Exit.USAGE is set_up(an_order(places, wrong))
    assert not places.config.exists()


def test_configuration_that_is_there_is_replaced_only_by_agreement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody's work stands in it."""
    places = a_machine(tmp_path)
    set_up(an_order(places))
    before = places.config.read_bytes()
    answering(monkeypatch, replaced=False)
    other = Draft(TREE).with_value(DEVICE_ID, "device-002")
    assert Exit.FAILED is set_up(an_order(places, other, is_manned=True))
    assert before == places.config.read_bytes()
    assert Exit.OK is set_up(an_order(places, other, force=True))
    assert b"device-002" in places.config.read_bytes()


def test_one_thing_changed_is_not_a_reason_to_ask_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`setup --site Bonn` on a kiosk that works."""
    places = a_machine(tmp_path)
    set_up(an_order(places))
    answered: list[int] = []

    def converse(draft: Draft, asked: Collection[Place], _places: Places) -> Draft:
        answered.append(len(asked))
        return draft

    monkeypatch.setattr(module, "converse", converse)
    monkeypatch.setattr(module, "may_replace", lambda _path: True)
    site = (("device", "site"),)
    changed = Draft(TREE).with_value(*site, "Bonn")
    set_up(an_order(places, changed, asked=site, is_manned=True))
    set_up(an_order(places, Draft(changed.tree), is_manned=True))
    assert [len(QUESTIONS), 0] == answered


def test_card_in_a_new_board_is_asked_about_no_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The one step that swaps a dead board: the events that waited stay, the question is answered."""
    places = a_machine(tmp_path)
    open_outbox(places.state, hardware_key="board-1").close()
    assert Exit.OK is set_up(an_order(places, replaces_device=True))
    outbox = open_outbox(places.state, hardware_key=derived_id(read_machine()) or "")
    assert moved_id(outbox.state(MOVED)) is None
    outbox.close()
    assert "unsent events are delivered as its own" in capsys.readouterr().out


def test_store_in_use_cannot_be_taken_over(tmp_path: Path) -> None:
    """An agent that somebody started by hand."""
    places = a_machine(tmp_path)
    outbox = open_outbox(places.state)
    assert Exit.FAILED is set_up(an_order(places, replaces_device=True))
    outbox.close()
