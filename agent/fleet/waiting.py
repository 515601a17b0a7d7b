"""Waits until the devices have said what became of a document.

Contract: `wait` answers an outcome for each device that the document is for, the worst first.
Rules: a device that was there when the document was published is waited for to the end, even where it goes away
meanwhile (a changed broker connection does that); one that was away is not. Devices that come back meanwhile count.
When it falls silent, those that have not told are read once more: a broker drops what comes too quickly for it.
"""

from collections.abc import Callable, Collection, Mapping

from agent.fleet.desk import Desk
from agent.fleet.levels import belongs
from agent.fleet.outcomes import Outcome, Verdict, final, outcome
from agent.fleet.roster import AT_ONCE, device_topics
from agent.fleet.survey import Survey
from agent.remote.topics import Device, Topics

OnChange = Callable[[Mapping[str, Outcome]], None]

LOOK_AGAIN_S = 5.0
WENT_AWAY = "went offline before it reported"


def wait(
    desk: Desk, topics: Topics, found: Survey, *, revision: int, seconds: float, on_change: OnChange
) -> list[Outcome]:
    """The outcomes of the document `revision`, after at most `seconds`; `on_change` is told each time one changes."""
    awaited, deadline = set(found.online), desk.now() + seconds
    outcomes = {id: outcome(found.roll.devices[id], found.level, revision) for id in found.members}
    on_change(outcomes)
    desk.subscribe(device_topics(topics, found.level))
    while _pending(outcomes.values(), awaited) and (left := deadline - desk.now()) > 0:
        arrived = desk.receive(min(left, LOOK_AGAIN_S))
        if arrived is None:
            desk.subscribe(_open(topics, found, outcomes.values(), awaited))
            continue
        device = found.roll.take(arrived.topic, arrived.payload)
        if device is None or not belongs(found.roll.devices[device], found.level, found.own):
            continue
        now = outcome(found.roll.devices[device], found.level, revision)
        if outcomes.get(device) != now:
            outcomes[device] = now
            on_change(outcomes)
    return final(_gone(each, awaited) for each in outcomes.values())


def _open(topics: Topics, found: Survey, outcomes: Collection[Outcome], awaited: Collection[str]) -> list[str]:
    """Where those tell of themselves that are not through; all devices where these are too many to be named."""
    names = [each.device for each in outcomes if not each.is_settled or each.verdict is Verdict.OFFLINE]
    if 2 * len(names) > AT_ONCE:
        return device_topics(topics, found.level)
    return [topic for name in names for topic in device_topics(topics, Device(name))]


def _pending(outcomes: Collection[Outcome], awaited: Collection[str]) -> bool:
    return any(not each.is_settled or _has_gone(each, awaited) for each in outcomes)


def _has_gone(each: Outcome, awaited: Collection[str]) -> bool:
    return each.verdict is Verdict.OFFLINE and each.device in awaited


def _gone(each: Outcome, awaited: Collection[str]) -> Outcome:
    return Outcome(each.device, Verdict.SILENT, (WENT_AWAY,)) if _has_gone(each, awaited) else each
