"""What a rollout tells."""

import click

from agent.fleet.rollout_conduct import Ended
from agent.fleet.rollout_course import Phase
from agent.fleet.rollout_health import Health, Standing
from agent.fleet.rollout_text import conclusion, intent, report
from agent.fleet.survey import survey
from tests.fleet.test_rollout_plan import PLAN
from tests.support.fleet import TOPICS, Exchange, Kiosk

BACK = PLAN.course.turned_back("1 device of 2 failed.").finished()
STANDINGS = {"a": Standing(Health.REFUSED, "player.volume: \x1b[2J"), "b": Standing(Health.HEALTHY)}


def test_intent_names_who_comes_first_and_who_is_away() -> None:
    """Whoever says yes must know whose screens these are."""
    exchange = Exchange()
    for id in ("a", "b", "c", "d"):
        Kiosk(exchange, id, online=id != "d")
    found = intent(survey(exchange.desk(), TOPICS, PLAN.level), PLAN)
    assert ["  + player.volume = 30", "Stages: 2, 1 of 3 devices online; first a, b."] == found[:2]
    assert "Away: 1 device; what is away gets it with the last stage." == found[2]


def test_failure_is_told_with_its_reasons_and_without_their_control_characters() -> None:
    """A device's words must not move the operator's cursor."""
    told = [click.unstyle(line) for line in conclusion(PLAN, Ended(BACK, STANDINGS, ("c",), ("d",)))]
    assert "Everything is put back: 1 device of 2 failed." == told[0]
    assert "  a: refused: player.volume: \\x1b[2J" == told[1]
    assert ("c." in told[2], "d." in told[3]) == (True, True)


def test_report_says_the_same_to_machines() -> None:
    """A script decides by it."""
    found = report(PLAN, Ended(BACK, STANDINGS, (), ()))
    assert (False, None, {"refused": 1, "healthy": 1}) == (found["ok"], found["revision"], found["counts"])
    assert ["a"] == list(found["failed"])
    done = PLAN.course.__class__(2, PLAN.course.terms, Phase.DONE, 1)
    assert (True, 8) == tuple(report(PLAN, Ended(done, {}, (), ()))[key] for key in ("ok", "revision"))
