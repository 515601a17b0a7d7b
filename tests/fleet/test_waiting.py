"""Waiting until the devices have said what became of a document."""

from collections.abc import Mapping
from typing import Any

from agent.fleet.outcomes import Outcome, Verdict
from agent.fleet.survey import survey
from agent.fleet.waiting import WENT_AWAY, wait
from agent.remote.letters import Arrived
from agent.remote.topics import Fleet, Group, Level
from tests.support.fleet import TOPICS, Exchange, Kiosk, MemoryDesk, birth, will


class Later(MemoryDesk):
    """A desk at which something happens each time that nothing else does."""

    def __init__(self, exchange: Exchange, *happenings: Any) -> None:
        super().__init__(exchange)
        exchange._desks.append(self)
        self._happenings = list(happenings)

    def receive(self, timeout: float) -> Arrived | None:
        if not self._queue and self._happenings:
            self._happenings.pop(0)()
            return super().receive(0)
        return super().receive(timeout)


def waited(
    exchange: Exchange, *happenings: Any, level: Level | None = None, seconds: float = 60.0
) -> tuple[dict[str, Outcome], list[Mapping[str, Outcome]]]:
    told: list[Mapping[str, Outcome]] = []
    found = survey(exchange.desk(), TOPICS, level or Fleet())
    outcomes = wait(
        Later(exchange, *happenings),
        TOPICS,
        found,
        revision=1,
        seconds=seconds,
        on_change=lambda now: told.append(dict(now)),
    )
    return {each.device: each for each in outcomes}, told


def test_wait_ends_as_soon_as_all_have_told() -> None:
    """A push to a healthy fleet takes seconds, not its whole timeout."""
    exchange = Exchange()
    kiosks = [Kiosk(exchange, "dev-a"), Kiosk(exchange, "dev-b", manner="refuses")]
    found, told = waited(exchange, *(lambda each=each: each.take("fleet", 1) for each in kiosks))
    assert {"dev-a": Verdict.APPLIED, "dev-b": Verdict.REFUSED} == {id: each.verdict for id, each in found.items()}
    assert 3 == len(told)
    assert exchange.clock < 1010


def test_device_that_was_away_is_not_waited_for() -> None:
    """It applies the document when it is back, be it next week."""
    exchange = Exchange()
    Kiosk(exchange, "dev-a", online=False)
    found, _ = waited(exchange)
    assert Verdict.OFFLINE is found["dev-a"].verdict
    assert exchange.clock < 1010


def test_device_that_goes_away_with_the_document_is_waited_for() -> None:
    """A changed broker connection breaks off; if it does not come back, that is no "offline" but a failure."""
    exchange = Exchange()
    kiosk = Kiosk(exchange, "dev-a")
    away = lambda: exchange.tell(TOPICS.presence("dev-a"), will())  # noqa: E731
    found, _ = waited(exchange, away)
    assert Outcome("dev-a", Verdict.SILENT, (WENT_AWAY,)) == found["dev-a"]
    exchange.tell(TOPICS.presence("dev-a"), birth())
    found, _ = waited(
        exchange, away, lambda: exchange.tell(TOPICS.presence("dev-a"), birth(13)), lambda: kiosk.take("fleet", 1)
    )
    assert Verdict.APPLIED is found["dev-a"].verdict


def test_device_that_comes_back_meanwhile_counts() -> None:
    """The operator sees it apply, instead of being told that it will."""
    exchange = Exchange()
    kiosk = Kiosk(exchange, "dev-a", online=False)
    Kiosk(exchange, "dev-b", manner="ignores")

    def back() -> None:
        exchange.tell(TOPICS.presence("dev-a"), birth(13))
        kiosk.take("fleet", 1)

    found, _ = waited(exchange, back, seconds=20)
    assert (Verdict.APPLIED, Verdict.SILENT) == (found["dev-a"].verdict, found["dev-b"].verdict)


def test_trial_is_waited_for_until_it_ends() -> None:
    """ "On trial" may still become "went back"."""
    exchange = Exchange()
    kiosk = Kiosk(exchange, "dev-a", manner="trial")

    def ends() -> None:
        kiosk.manner = "returns"
        kiosk.take("fleet", 1)

    found, _ = waited(exchange, lambda: kiosk.take("fleet", 1), ends)
    assert Outcome("dev-a", Verdict.RETURNED, ("stats.collect is gone",)) == found["dev-a"]


def test_devices_of_other_groups_are_not_waited_for() -> None:
    """They never get the document."""
    exchange = Exchange()
    kiosk = Kiosk(exchange, "dev-a", groups=["lobby"])
    Kiosk(exchange, "dev-b", groups=["cellar"])
    found, _ = waited(exchange, lambda: kiosk.take("group/lobby", 1), level=Group("lobby"))
    assert ["dev-a"] == list(found)


def test_report_that_the_broker_dropped_is_read_again() -> None:
    """A thousand devices report within a second; a broker drops what a subscriber cannot take as quickly."""
    exchange = Exchange()
    kiosk = Kiosk(exchange, "dev-a")

    def unheard() -> None:
        desks, exchange._desks = exchange._desks, []
        kiosk.take("fleet", 1)
        exchange._desks = desks

    found, _ = waited(exchange, unheard)
    assert Verdict.APPLIED is found["dev-a"].verdict
    assert exchange.clock < 1015


def test_level_without_devices_is_not_waited_for() -> None:
    """A document may be there before the first device is."""
    assert {} == waited(Exchange())[0]
