"""Troubles between a kiosk's queue and a real Learning Record Store (Ralph): real pumps and command line, no player."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from agent.delivery.status import SinkState
from agent.sinks.xapi.authority import Basic
from agent.sinks.xapi.sink import NAME, Xapi, XapiSettings
from agent.sinks.xapi.unready import Unready
from tests.e2e.test_xapi import command, table
from tests.support.learned import TOLD, after, delivering, logged, play
from tests.support.pumping import run
from tests.support.ralph import PASSWORD, USER, Ralph
from tests.support.statements import rules
from tests.support.wires import wire

pytestmark = [pytest.mark.all, pytest.mark.timeout(900)]


def kiosk_sink(ralph: Ralph, *, changes: str | None = None, password: str = PASSWORD) -> Xapi:
    """As settings make it, for a pump that is stepped by hand."""
    return Xapi(XapiSettings(ralph.url, rules(changes=changes)), wire(), Basic(USER, lambda: password))


def dead(folder: Path) -> list[dict[str, Any]]:
    """What `queue dead list` tells of a store at rest."""
    found: list[dict[str, Any]] = json.loads(command("queue", "dead", "list", "--json", "--state-dir", str(folder)))[
        "letters"
    ]
    return found


def test_statement_that_the_store_refuses_is_found_among_the_others_and_set_aside(tmp_path: Path, ralph: Ralph) -> None:
    """A template that the store does not take: the others arrive, and an operator reads why this one did not."""
    bad = '{"playProgress": {"actor": {"objectType": "Agent", "mbox": "mailto:nobody"}}}'
    with delivering(tmp_path, kiosk_sink(ralph, changes=bad)) as kiosk:
        kiosk.store.append(logged(play(1), play(2)))
        run(kiosk.pumps[NAME], now=after(24))
    assert ["played"] * 2 == [each["verb"]["id"].rpartition("/")[2] for each in ralph.statements]
    letters = dead(tmp_path)
    assert (2 * (TOLD - 1), {"playProgress"}) == (len(letters), {each["message"] for each in letters})
    assert {("xapi", "HTTP_422")} == {(each["sink"], each["code"]) for each in letters}
    page = command("queue", "dead", "show", str(letters[0]["number"]), "--state-dir", str(tmp_path))
    assert "mailto:nobody" in page


def test_id_that_the_store_knows_with_other_words_is_a_conflict(tmp_path: Path, ralph: Ralph) -> None:
    """Counted under its own name and set aside, with what the store said; the rest goes on."""
    shutil.copytree(a_log(tmp_path / "first"), tmp_path / "second")
    with delivering(tmp_path / "first", kiosk_sink(ralph)) as kiosk:
        run(kiosk.pumps[NAME], now=after(24))
    before = ralph.statements
    other = '{"playProgress": {"verb": {"display": {"en": "has seen"}}}}'
    with delivering(tmp_path / "second", kiosk_sink(ralph, changes=other)) as kiosk:
        run(kiosk.pumps[NAME], now=after(24))
        assert {"HTTP_409": TOLD - 1} == dict(kiosk.account(NAME).refused)
    assert before == ralph.statements


def a_log(folder: Path) -> Path:
    """A store in which a play waits."""
    with delivering(folder, Unready("not yet")) as kiosk:
        kiosk.store.append(logged(play(1)))
    return folder


def test_wrong_password_holds_and_the_right_one_goes_on(tmp_path: Path, ralph: Ralph) -> None:
    """Whoever changes it at the store costs no statement."""
    folder = a_log(tmp_path / "kiosk")
    with delivering(folder, kiosk_sink(ralph, password="wrong")) as kiosk:
        kiosk.pumps[NAME].step(after(2))
        assert SinkState.HELD is kiosk.pumps[NAME].status().state
    with delivering(folder, kiosk_sink(ralph)) as kiosk:
        run(kiosk.pumps[NAME], now=after(24))
    assert TOLD == len(ralph.statements)


def test_doctor_learns_whether_the_store_takes_us(ralph: Ralph) -> None:
    """By a question that stores nothing."""
    assert kiosk_sink(ralph).asked() is None
    assert "credentials" in (kiosk_sink(ralph, password="wrong").asked() or "")
    assert [] == ralph.statements


def test_stick_brings_the_statements_that_the_kiosk_would_have_sent(tmp_path: Path, ralph: Ralph) -> None:
    """Ids, words and times: whichever way comes first, the store has them once."""
    folder, stick = a_log(tmp_path / "kiosk"), tmp_path / "stick"
    stick.mkdir()
    shutil.copytree(folder, tmp_path / "copy")
    command("queue", "export", "--to", str(stick), "--plain", "--state-dir", str(folder))
    (file,) = stick.glob("*.kioskqueue")
    config = tmp_path / "office.toml"
    nowhere = '[kaltura]\nservice_url = "http://127.0.0.1:9"\npartner_id = 102\nproxy = "none"\n'
    config.write_text(nowhere + table(tmp_path, ralph.url))
    office = str(tmp_path / "office")
    command("queue", "import", str(file), "--config", str(config), "--state-dir", office)
    brought = ralph.statements
    with delivering(tmp_path / "copy", kiosk_sink(ralph)) as kiosk:
        run(kiosk.pumps[NAME], now=after(24))
        assert (TOLD, {}) == (kiosk.account(NAME).delivered, dict(kiosk.account(NAME).refused))
    assert TOLD == len(brought)
    assert brought == ralph.statements
