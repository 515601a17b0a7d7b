"""What is counted of the items, and what is news."""

from agent.kernel.media import Media
from agent.player.items import Item
from agent.player.outcomes import ItemFailed, ListPlays, ListRests, News, Outcomes, Reason

_ITEM = Item(Media("a", "http://user:pw@host/a.mp4"))
_OTHER = Item(Media("b", "file:///b.mp4"))


def _outcomes() -> tuple[Outcomes, list[News]]:
    told: list[News] = []
    return Outcomes(told.append), told


def test_item_that_fails_in_every_pass_is_news_once() -> None:
    """A broken file in a list of ten would fill the log in a night; its password does not belong there at all."""
    outcomes, told = _outcomes()
    for _ in range(3):
        outcomes.gave_up(_ITEM, Reason.UNPLAYABLE)
    assert [ItemFailed("http://***@host/a.mp4", Reason.UNPLAYABLE)] == told
    assert {"unplayable": 3} == outcomes.passed


def test_other_reason_and_other_item_are_news() -> None:
    """A file that was missing and is now damaged is another thing to do."""
    outcomes, told = _outcomes()
    outcomes.gave_up(_OTHER, Reason.MISSING)
    outcomes.gave_up(_ITEM, Reason.MISSING)
    outcomes.gave_up(_OTHER, Reason.UNPLAYABLE)
    assert [("file:///b.mp4", Reason.MISSING), ("file:///b.mp4", Reason.UNPLAYABLE)] == [
        (each.uri, each.reason) for each in told if isinstance(each, ItemFailed) and each.uri.startswith("file")
    ]


def test_item_that_played_is_news_again_when_it_fails() -> None:
    """It was mended, and broke again."""
    outcomes, told = _outcomes()
    outcomes.gave_up(_ITEM, Reason.FAILED)
    outcomes.ended(_ITEM)
    outcomes.gave_up(_ITEM, Reason.FAILED)
    assert 2 == len(told)


def test_what_people_or_hours_ended_is_counted_and_no_news() -> None:
    """Nothing is wrong."""
    outcomes, told = _outcomes()
    outcomes.gave_up(_ITEM, Reason.SKIPPED)
    outcomes.gave_up(_ITEM, Reason.CLOSED)
    assert [] == told
    assert {"skipped": 1, "closed": 1} == outcomes.passed


def test_resting_list_is_told_at_its_beginning_and_its_end() -> None:
    """One line for a lost disk and one for its return, whatever the number of passes between (decision 19)."""
    outcomes, told = _outcomes()
    outcomes.plays(1.0)
    for at in (10.0, 11.0, 13.0):
        outcomes.rests(at)
    outcomes.plays(20.0)
    outcomes.plays(21.0)
    assert [ListRests(), ListPlays(3, 10.0)] == told
