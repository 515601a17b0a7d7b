"""The words that `status` shows."""

from agent.player.surroundings import Phase


def test_phases_read_as_half_sentences() -> None:
    """They stand in `status` as they are."""
    assert all(phase.value == phase.value.lower() for phase in Phase)
