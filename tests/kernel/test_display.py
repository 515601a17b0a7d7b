"""The words for a screen, which stand in reports, metrics and the ledger for years."""

from agent.kernel.display import Display, Shown


def test_words_for_a_screen_are_those_that_were_written_before() -> None:
    """A word that changes makes yesterday's ledger unreadable; what a play adds to a moment is PARTLY."""
    assert ["on", "off", "unknown"] == [each.value for each in Display]
    assert {each.value for each in Shown} == {each.value for each in Display} | {"partly"}
