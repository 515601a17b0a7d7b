"""What the operator's commands ask of the broker."""

from agent.fleet.desk import DeniedError, Desk, DeskError, UnreachableError
from tests.support.fleet import Exchange


def test_desk_of_the_tests_is_one() -> None:
    """Rules that are tested on it must hold on the real one, so the type checker compares both with the protocol."""
    desk: Desk = Exchange().desk()
    assert desk.receive(0) is None


def test_errors_are_told_apart_by_what_a_script_does() -> None:
    """No broker is another exit status than a broker that does not want to."""
    assert issubclass(UnreachableError, DeskError)
    assert issubclass(DeniedError, DeskError)
    assert not issubclass(DeniedError, UnreachableError)
