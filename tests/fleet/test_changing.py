"""Changing a level's document: what is checked before anything is published. The road itself: test_push."""

import pytest

from agent.fleet.changing import allowed, check
from agent.fleet.desk import UnreachableError
from agent.fleet.office import InvalidError
from agent.fleet.survey import survey
from agent.remote.letters import Arrived
from agent.remote.topics import Fleet, Group
from tests.support.fleet import TOPICS, Exchange, Kiosk, MemoryDesk, run


def test_check_without_the_devices_looks_at_everything_but_their_permission() -> None:
    """What a machine permits is known only when its report was read."""
    check({"kaltura": {"service_url": "https://k.example.com"}})
    with pytest.raises(InvalidError, match="1 problem"):
        check({"kaltura": {"service_url": "https://k.example.com"}}, allow=())
    with pytest.raises(InvalidError, match="2 problems"):
        check({"player": {"volume": 900}, "nonsense": 1})
    with pytest.raises(InvalidError):
        check({"remote": {"allow": ["kaltura"]}})


def test_permission_counts_where_a_member_of_the_level_reports_it() -> None:
    """What a device of another group permits is nothing to this one."""
    exchange = Exchange()
    for id, groups, allow in (("dev-a", ["lobby"], ["kaltura.partner_id"]), ("dev-b", [], ["queue"])):
        kiosk = Kiosk(exchange, id, groups=groups)
        kiosk.state["config"]["allow"] = allow
        kiosk.report()
    assert ["kaltura.partner_id", "queue"] == allowed(survey(exchange.desk(), TOPICS, Fleet()))
    assert ["kaltura.partner_id"] == allowed(survey(exchange.desk(), TOPICS, Group("lobby")))


@pytest.mark.parametrize("note", ["x" * 501, "two\nlines"])
def test_note_that_no_device_takes_is_refused(monkeypatch: pytest.MonkeyPatch, note: str) -> None:
    """A device refuses the whole document for it."""
    exchange = Exchange()
    found = run(exchange, monkeypatch, "set", "player.volume=5", "--all", "--yes", "--note", note)
    assert (2, {}) == (found.exit_code, exchange.retained)
    assert "note" in found.stderr


def test_damaged_document_is_shown_and_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """Somebody must be able to put it right with this program."""
    exchange = Exchange()
    exchange.retained[TOPICS.desired(Fleet())] = b"\x1b[2J"
    found = run(exchange, monkeypatch, "push", "/dev/null", "--all", "--yes")
    assert 0 == found.exit_code
    assert "what is there is no document" in found.stderr
    assert "\x1b" not in found.output


class Dying(MemoryDesk):
    """The broker goes away as soon as the document is read back and the devices are waited for."""

    ending: BaseException = UnreachableError("The connection to broker.example.com:8884 is lost.")

    def receive(self, timeout: float) -> Arrived | None:
        if not self._queue and timeout > 2:
            raise self.ending
        return super().receive(timeout)


@pytest.mark.parametrize(("status", "ending"), [(3, Dying.ending), (1, KeyboardInterrupt())])
def test_wait_that_is_interrupted_says_that_the_document_stays(
    monkeypatch: pytest.MonkeyPatch, status: int, ending: BaseException
) -> None:
    """Who believes that nothing happened publishes again, or goes home."""
    exchange = Exchange()
    Kiosk(exchange, "dev-a", manner="ignores")

    def desk() -> MemoryDesk:
        dying = Dying(exchange)
        dying.ending = ending
        exchange._desks.append(dying)
        return dying

    exchange.desk = desk  # type: ignore[method-assign]
    found = run(exchange, monkeypatch, "set", "player.volume=5", "--all", "--yes")
    assert status == found.exit_code
    assert "Revision 1 stays published" in found.stderr
    assert TOPICS.desired(Fleet()) in exchange.retained


def test_level_that_nobody_belongs_to_is_doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slip in a group's name is published all the same, for the devices may come later."""
    found = run(Exchange(), monkeypatch, "set", "player.volume=5", "--group", "loby", "--yes")
    assert 0 == found.exit_code
    assert "No device that is known belongs to group/loby." in found.stderr
