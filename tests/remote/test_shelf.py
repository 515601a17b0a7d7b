"""What is known of one level."""

from agent.config.problems import Problem
from agent.remote.documents import Document, Removal
from agent.remote.shelf import PROBLEM_LENGTH, PROBLEMS_KEPT, Outcome, Shelf, texts
from agent.remote.topics import Fleet


def fleet(revision: int, value: int = 0, note: str | None = None) -> Document:
    """A document that says one thing."""
    return Document(Fleet(), revision, {"value": value}, note=note)


def offered(*documents: Document | Removal | tuple[Problem, ...]) -> tuple[Shelf, Outcome]:
    """The shelf after all of them, and what became of the last."""
    shelf, outcome = Shelf(), Outcome.KNOWN
    for document in documents:
        shelf, outcome = shelf.offered(document)
    return shelf, outcome


def test_higher_revision_is_taken() -> None:
    """The one way in which anything changes."""
    shelf, outcome = offered(fleet(5), fleet(7, 1))
    assert (Outcome.TAKEN, fleet(7, 1), 7) == (outcome, shelf.wanted, shelf.floor)


def test_same_revision_with_the_same_content_is_nothing_new() -> None:
    """A broker gives each retained document again on each connection."""
    shelf, outcome = offered(fleet(5), fleet(5, note="again"))
    assert (Outcome.KNOWN, fleet(5), ()) == (outcome, shelf.wanted, shelf.problems)


def test_same_revision_with_another_content_is_refused() -> None:
    """Two operators who published at once: each device would hold what it heard first, and nobody would know."""
    shelf, outcome = offered(fleet(5), fleet(5, 1))
    assert (Outcome.STALE, fleet(5)) == (outcome, shelf.wanted)
    assert ("fleet: revision: 5 is known here with another content. Publish a higher one.",) == shelf.problems


def test_lower_revision_is_refused_and_said() -> None:
    """A broker that was restored from its backup must not turn a fleet back in time."""
    shelf, outcome = offered(fleet(5), fleet(4))
    assert (Outcome.STALE, fleet(5)) == (outcome, shelf.wanted)
    assert ("fleet: revision: 4 is older than 5, which is known here. Publish a higher one.",) == shelf.problems


def test_malformed_document_changes_nothing_that_is_wanted() -> None:
    """What cannot be read is no order."""
    shelf, outcome = offered(fleet(5), (Problem((), "is no JSON object"),))
    assert (Outcome.MALFORMED, fleet(5), ("is no JSON object.",)) == (outcome, shelf.wanted, shelf.problems)


def test_what_was_wrong_is_forgotten_when_something_good_arrives() -> None:
    """A report of what was mended long ago sends people looking."""
    for good in (fleet(5), fleet(6), Removal(Fleet())):
        assert () == offered(fleet(5), fleet(4), good)[0].problems


def test_removal_takes_the_document_and_leaves_its_revision_known() -> None:
    """Redelivered in the wrong order, the document that was removed must not come back."""
    shelf, outcome = offered(fleet(5), Removal(Fleet()))
    assert (Outcome.REMOVED, None, 5) == (outcome, shelf.wanted, shelf.floor)
    for revision in (4, 5):
        assert Outcome.STALE is shelf.offered(fleet(revision))[1]
    assert "was removed" in shelf.offered(fleet(5))[0].problems[0]
    assert Outcome.TAKEN is shelf.offered(fleet(6))[1]


def test_removal_of_nothing_is_nothing_new() -> None:
    """An operator clears topics to be sure."""
    assert Outcome.KNOWN is offered(Removal(Fleet()))[1]


def test_what_was_given_back_is_not_wanted_until_something_newer_is() -> None:
    """A device that tried the same document again and again would be down half of the time."""
    good = Shelf(fleet(4), fleet(4), fleet(4), floor=4)
    shelf = Shelf(fleet(5, 1), fleet(5, 1), good.good, floor=5).returned("no network")
    assert (fleet(5, 1), fleet(4), fleet(4)) == (shelf.wanted, shelf.applied, shelf.aim)
    assert ("was given back: no network",) == shelf.problems
    assert fleet(6) == shelf.offered(fleet(6))[0].aim
    assert () == shelf.offered(fleet(6))[0].problems


def test_removal_that_was_given_back_is_not_tried_again() -> None:
    """A removal changes settings as a document does."""
    shelf = Shelf(None, None, fleet(4), floor=4).returned("no network")
    assert fleet(4) == shelf.aim
    assert fleet(4) == shelf.offered(Removal(Fleet()))[0].aim


def test_refused_document_that_waits_is_not_condemned_with_the_one_in_use() -> None:
    """It was never tried, and may be good over the last good ones."""
    shelf = Shelf(fleet(6), fleet(5), fleet(4), floor=6).returned("no network")
    assert (fleet(6), fleet(4), None) == (shelf.aim, shelf.applied, shelf.condemned)


def test_what_is_good_stays_when_others_are_given_back() -> None:
    """Only what was on trial goes."""
    shelf = Shelf(fleet(4), fleet(4), fleet(4), floor=4)
    assert shelf == shelf.returned("no network")


def test_another_broker_counts_its_own_revisions() -> None:
    """A kiosk that moves from the trial fleet to the real one would otherwise wait for revision 41."""
    shelf, _ = offered(fleet(40))
    assert Outcome.TAKEN is shelf.moved().offered(fleet(1, 1))[1]
    assert Outcome.KNOWN is shelf.moved().offered(fleet(40))[1]


def test_group_that_was_left_is_heard_anew() -> None:
    """Its document may have been removed meanwhile, so the old one does not count; a lower one never does."""
    shelf, _ = offered(fleet(5))
    left = shelf.left()
    assert left.wanted is None
    assert (fleet(5), Outcome.TAKEN) == (left.offered(fleet(5))[0].wanted, left.offered(fleet(5))[1])
    assert Outcome.STALE is left.offered(fleet(5, 1))[1]


def test_what_was_given_back_stays_so_when_its_group_is_joined_again() -> None:
    """Leaving and coming again makes a bad document no better."""
    left = Shelf(fleet(5), fleet(5), fleet(4), floor=5, known=offered(fleet(5))[0].known).returned("dark").left()
    assert left.offered(fleet(5))[0].aim is None
    assert fleet(6) == left.offered(fleet(6))[0].aim


def test_problems_are_bounded_and_masked() -> None:
    """What travels to a broker is read by many, and kept for each device."""
    many = texts([Problem((), "found https://ana:hunter2@cdn" + "x" * 1000)] * (PROBLEMS_KEPT + 7))
    assert PROBLEMS_KEPT + 1 == len(many)
    assert "and 7 more" == many[-1]
    assert all(len(each) <= PROBLEM_LENGTH and "hunter2" not in each for each in many)
