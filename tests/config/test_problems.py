"""How problems read."""

from collections.abc import Iterator

from agent.config.problems import MOST_PROBLEMS, ConfigurationError, Origin, Place, Problem, bounded, place_text


def test_place_reads_as_people_write_it() -> None:
    """The place must be found in the file, whatever odd key it has."""
    places: dict[str, Place] = {
        "player.playlist[2].uri": ("player", "playlist", 2, "uri"),
        'a."b c"': ("a", "b c"),
        "hours[0]": ("hours", 0),
        "": (),
    }
    assert list(places) == [place_text(place) for place in places.values()]


def test_problem_reads_as_one_line_with_all_it_knows() -> None:
    """Editors jump to `file:line:`; people need what is allowed and what to do."""
    problem = Problem(
        ("player", "volume"),
        "found 300",
        allowed="a whole number from 0 to 200",
        suggestion="30",
        remedy="Turn it down.",
        origin=Origin("agent.toml", 7),
    )
    assert (
        "agent.toml:7: player.volume: found 300; allowed: a whole number from 0 to 200. Did you mean 30? Turn it down."
    ) == str(problem)


def test_problem_without_line_and_with_quote_reads_well() -> None:
    """A problem of the whole file has no place; a broken line is shown below the text."""
    assert "agent.toml: cannot be read." == str(Problem((), "cannot be read", origin=Origin("agent.toml")))
    assert "is broken.\n    a = \n        ^" == str(Problem((), "is broken", quote="    a = \n        ^"))


def test_error_reads_as_all_its_problems() -> None:
    """Whoever catches it and prints it must not lose any."""
    error = ConfigurationError((Problem((), "one"), Problem((), "two")))
    assert "one.\ntwo." == str(error)


def test_odd_key_of_a_stranger_is_shown_in_part_and_can_be_written() -> None:
    """A report of the state must not fail on half a character, or be as long as the document."""
    assert f'a."{"x" * 60}…"' == place_text(("a", "x" * 100_000))
    assert '"�[2J"' == place_text(("\x1b[2J",))
    assert place_text(("\ud800",)).encode()


def test_problems_beyond_what_is_read_are_not_even_made() -> None:
    """Making them takes the time in which nothing is delivered."""
    made: list[int] = []

    def endless() -> Iterator[Problem]:
        while True:
            made.append(1)
            yield Problem(("a",), "is wrong")

    found = list(bounded(endless()))
    assert [MOST_PROBLEMS + 1] * 2 == [len(found), len(made)]
    assert [Problem((), "one")] == list(bounded([Problem((), "one")]))
