"""Which stretch of time at a touch kiosk belongs to one visitor."""

from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.kernel.visits import Visits

GENERATION = "0b9f6c1e-54c8-4f0a-9a36-0d5b8f6a7c11"
BOOT, OTHER_BOOT = "boot-a", "boot-b"
IDLE_S = 90.0


def visits(*, enabled: bool = True, begun: int = 0) -> Visits:
    return Visits(GENERATION, boot=BOOT, idle_s=IDLE_S, enabled=enabled, begun=begun)


def restored(text: str, *, boot: str = BOOT, enabled: bool = True) -> Visits:
    return Visits.restore(text, GENERATION, boot=boot, idle_s=IDLE_S, enabled=enabled)


def context(number: int) -> str:
    return str(uuid5(UUID(GENERATION), f"visit/{number}"))


def test_what_one_visitor_does_shares_a_context() -> None:
    """The full funnel of the guide's 12.2: page, click and play of one visitor belong together."""
    told = visits()
    assert [context(1)] * 4 == [told.touch(0.0), told.current(1.0), told.touch(80.0), told.current(169.9)]


def test_visit_is_over_when_nobody_touches_the_kiosk() -> None:
    """The next visitor is another one; what plays in between belongs to nobody."""
    told = visits()
    told.touch(0.0)
    assert None is told.current(IDLE_S)
    assert context(2) == told.touch(IDLE_S)


def test_film_does_not_prolong_a_visit() -> None:
    """A kiosk plays on when nobody stands there."""
    told = visits()
    told.touch(0.0)
    for second in range(0, 200, 10):
        told.current(float(second))
    assert None is told.current(100.0)


def test_commands_begin_and_end_a_visit() -> None:
    """The application knows better: somebody logs out, a badge is put on the reader."""
    told = visits()
    assert None is told.end(0.0)
    assert [context(1), context(1), context(2)] == [told.start(1.0), told.touch(2.0), told.start(3.0)]
    assert context(2) == told.end(4.0)
    assert (None, context(3)) == (told.current(5.0), told.touch(6.0))


def test_nothing_is_told_apart_where_visits_are_off() -> None:
    """The default: no id that binds a visitor's deeds together leaves the device, or is made at all."""
    told = visits(enabled=False)
    assert (False, True) == (told.enabled, visits().enabled)
    assert [None] * 4 == [told.touch(0.0), told.start(1.0), told.current(1.0), told.end(2.0)]
    assert '{"begun": 0}' == told.state()


def test_visit_goes_on_after_a_restart_of_the_agent() -> None:
    """An agent that is back after two seconds still has the same visitor before it."""
    told = visits()
    told.touch(10.0)
    again = restored(told.state())
    assert [context(1), context(1), None] == [again.current(12.0), again.touch(50.0), again.current(140.0)]


def test_visit_ends_with_the_boot() -> None:
    """Boot-time seconds of two boots do not compare; and nobody waits through a start."""
    told = visits()
    told.touch(10.0)
    assert context(2) == restored(told.state(), boot=OTHER_BOOT).touch(11.0)


def test_count_outlives_a_time_without_visits() -> None:
    """Somebody switches them off and, a month later, on again."""
    told = visits()
    told.touch(0.0)
    assert context(2) == restored(restored(told.state(), boot=OTHER_BOOT, enabled=False).state()).touch(0.0)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "3",
        "null",
        "{}",
        '{"begun": -1}',
        '{"begun": true}',
        '{"begun": "1"}',
        '{"begun": 1, "last": "x", "boot": "boot-a"}',
        '{"begun": 1, "last": Infinity, "boot": "boot-a"}',
        '{"begun": 1, "last": 3}',
    ],
)
def test_damaged_state_is_told_and_not_guessed_at(text: str) -> None:
    """A guessed count could give a visitor's id to another."""
    with pytest.raises(ValueError, match="not a state of visits"):
        restored(text)


STEP = st.sampled_from(["touch", "start", "end", "crash", "restart", "reboot"])


@given(st.lists(st.tuples(STEP, st.floats(0.0, 120.0)), max_size=40))
def test_context_is_never_given_to_two_visitors(steps: list[tuple[str, float]]) -> None:
    """Not after a crash either: what is durable with a context is durable with its count.

    A crash goes back to the state that committed with the last event, and what had come after it was never durable.
    """
    told, now, boot = visits(), 0.0, 0
    saved = told.state()
    owners: dict[str, int] = {}
    visit, last = 0, -1e9
    for step, pause in steps:
        now += pause
        if step in ("crash", "restart"):
            told = restored(saved, boot=f"{boot}" if boot else BOOT)
        elif step == "reboot":
            boot, now, last = boot + 1, 0.0, -1e9
            told = restored(saved, boot=str(boot))
        elif step == "end":
            told.end(now)
            last, saved = -1e9, told.state()
        else:
            found = told.touch(now) if step == "touch" else told.start(now)
            assert found is not None
            if step == "start" or now - last >= IDLE_S:
                visit += 1
            assert visit == owners.setdefault(found, visit)
            last, saved = now, told.state()
