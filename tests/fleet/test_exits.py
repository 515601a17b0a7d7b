"""How the commands end."""

from agent.fleet.exits import Exit


def test_statuses_are_the_documented_numbers() -> None:
    """Scripts compare with the numbers, not with our names."""
    assert {"OK": 0, "FAILED": 1, "USAGE": 2, "UNREACHABLE": 3} == {each.name: each.value for each in Exit}
