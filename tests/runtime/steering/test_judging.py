"""What documents make of the machine's file."""

from pathlib import Path
from typing import Any

import pytest

from agent.config.files import Alone, Loaded, alone
from agent.config.layers import Layer
from agent.config.permission import Grant
from agent.config.problems import ConfigurationError
from agent.runtime.steering import judging
from agent.runtime.steering.judging import OPINIONS_KEPT, Judge
from tests.support.configuration import SMALLEST, write
from tests.support.helm import REMOTE


def judge(folder: Path) -> Judge:
    return Judge.of(write(folder, REMOTE + SMALLEST))


def layer(**tree: Any) -> Layer:
    return Layer("fleet@1", tree, {}, remote=True)


def test_documents_count_over_the_file_in_their_order(tmp_path: Path) -> None:
    """The device's own comes last."""
    found = judge(tmp_path)([layer(player={"volume": 20}), layer(player={"volume": 30})])
    assert isinstance(found, Loaded)
    assert 30 == found.settings.player.volume


def test_file_is_read_once(tmp_path: Path) -> None:
    """Somebody who is in the middle of an edit must not have half of it in force by a document that comes then."""
    found = judge(tmp_path)
    write(tmp_path, "half of a")
    assert isinstance(found([layer(player={"volume": 20})]), Loaded)


def test_every_problem_names_the_document(tmp_path: Path) -> None:
    """Three levels may each have said it."""
    found = judge(tmp_path)([layer(player={"volume": 900}, kaltura={"partner_id": 5})])
    assert isinstance(found, ConfigurationError)
    text = " ".join(str(problem) for problem in found.problems)
    assert all(part in text for part in ("player.volume", "kaltura.partner_id", "fleet@1"))


def test_document_cannot_take_the_broker_away(tmp_path: Path) -> None:
    """Even where the machine lets it set the address: nobody could give it back."""
    found = judge(tmp_path)([layer(remote={"url": None})])
    assert isinstance(found, ConfigurationError)
    assert "remote.url" in str(found.problems[0])


def test_judge_that_fails_itself_refuses_the_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours that one document brings to light must not end a thousand kiosks, again and again."""
    found = judge(tmp_path)

    def fails(*_: object, **__: object) -> Loaded:
        raise RecursionError("a fault")

    monkeypatch.setattr(judging, "assemble", fails)
    answer = found([layer(player={"volume": 20})])
    assert isinstance(answer, ConfigurationError)
    assert "RecursionError" in str(answer.problems[0])


def test_document_is_looked_at_once_by_itself_however_often_it_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eighteen playlists of 5,000 items kept the main loop busy for minutes, and the screen without its next item."""
    found = judge(tmp_path)
    looked: list[Layer] = []

    def looks(layer: Layer, grant: Grant) -> Alone:
        looked.append(layer)
        return alone(layer, grant)

    monkeypatch.setattr(judging, "alone", looks)
    bad, good = layer(player={"volume": 900}), layer(player={"volume": 20})
    answers = [found([*others]) for others in ([bad, good], [good], [bad], [bad, good])]
    assert [False, True, False, False] == [isinstance(answer, Loaded) for answer in answers]
    assert [bad, good] == looked
    for number in range(OPINIONS_KEPT):
        found([layer(player={"volume": number})])
    found([good])
    assert good is looked[-1], "what was said of old documents is forgotten"


def test_home_is_what_the_file_says(tmp_path: Path) -> None:
    """Which broker's revisions count, and which groups where the device's document names none."""
    home = judge(tmp_path).home
    assert ("device-001", ("lobby",), "mqtt://broker.example.com/kiosk") == (home.device, home.groups, home.broker)
