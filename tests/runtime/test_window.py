"""How long what happened waits for company: bounded from the first on, and not at all where that is wanted."""

from agent.runtime.window import Window


def test_window_begins_with_the_first_event_and_is_not_prolonged() -> None:
    """A lively player must not keep its events in memory for ever."""
    window = Window(1.0, waiting=False, now=0.0)
    assert window.deadline is None
    assert not window.is_over(10.0, waiting=False)
    assert not window.is_over(10.0, waiting=True)
    assert not window.is_over(10.9, waiting=True)
    assert 11.0 == window.deadline
    assert window.is_over(11.0, waiting=True)
    window.close()
    assert not window.is_over(11.5, waiting=True)
    assert 12.5 == window.deadline


def test_what_was_there_from_the_beginning_has_waited_enough() -> None:
    """The end of a play that a power cut cut short is the first thing to be written."""
    assert Window(60.0, waiting=True, now=5.0).is_over(5.0, waiting=True)


def test_no_window_writes_everything_at_once() -> None:
    """Whoever wants no second at risk pays with flash."""
    window = Window(0.0, waiting=False, now=0.0)
    assert window.is_over(3.0, waiting=True)
    assert window.is_owed_long(3.0, 1)


def test_settlements_wait_for_the_next_events_and_not_for_ever() -> None:
    """What is owed at closing time would be sent again in the morning."""
    window = Window(1.0, waiting=False, now=0.0)
    assert not window.is_owed_long(10.0, 1)
    assert not window.is_owed_long(20.9, 3)
    assert window.is_owed_long(21.0, 3)
    assert not window.is_owed_long(21.1, 0)
    assert not window.is_owed_long(22.0, 1)
    assert window.is_owed_long(33.0, 1)
