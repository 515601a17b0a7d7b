"""What an operator knows about a level before changing it."""

from agent.fleet import documents
from agent.fleet.documents import Damaged
from agent.fleet.survey import FARTHEST_JUMP, Survey, next_revision, of_messages, revision_of, survey
from agent.remote.documents import MOST_REVISION, Document
from agent.remote.topics import Device, Fleet, Group, Level
from tests.support.fleet import TOPICS, Exchange, Kiosk


def found(exchange: Exchange, level: Level) -> Survey:
    return survey(exchange.desk(), TOPICS, level)


def retain(exchange: Exchange, level: Level, revision: int, *, kept: bool = False) -> None:
    topic = TOPICS.history(level, revision) if kept else TOPICS.desired(level)
    exchange.retained[topic] = documents.encode(Document(level, revision, {}), published=1.0 if kept else None)


def test_first_document_of_a_level_has_revision_1() -> None:
    """Nothing is there, nothing was."""
    assert 1 == next_revision(found(Exchange(), Fleet()))


def test_next_revision_is_above_all_that_was_ever_seen() -> None:
    """Twice the same revision, and devices hold two documents for it; a broker that was killed loses its newest."""
    exchange = Exchange()
    retain(exchange, Fleet(), 4)
    assert 5 == next_revision(found(exchange, Fleet()))
    retain(exchange, Fleet(), 6, kept=True)
    assert 7 == next_revision(found(exchange, Fleet()))
    kiosk = Kiosk(exchange, "dev-a")
    kiosk.take("fleet", 9)
    kiosk.take("group/lobby", 30)
    assert 10 == next_revision(found(exchange, Fleet()))


def test_device_that_lies_uses_up_no_revisions() -> None:
    """One hostile device must not be able to end all pushes to the fleet."""
    exchange = Exchange()
    Kiosk(exchange, "dev-a").take("fleet", MOST_REVISION)
    Kiosk(exchange, "dev-b").take("fleet", FARTHEST_JUMP)
    assert FARTHEST_JUMP + 1 == next_revision(found(exchange, Fleet()))


def test_last_revision_of_all_has_none_after_it() -> None:
    """Somebody published it by hand; a larger number no device would take."""
    exchange = Exchange()
    retain(exchange, Fleet(), MOST_REVISION)
    assert next_revision(found(exchange, Fleet())) is None


def test_group_has_the_members_that_say_so_and_those_that_will() -> None:
    """A device that was put into the group a second ago has not reported it yet."""
    exchange = Exchange()
    Kiosk(exchange, "dev-a", groups=["lobby"])
    Kiosk(exchange, "dev-b", groups=[], online=False)
    Kiosk(exchange, "dev-c", groups=["lobby"])
    for id, groups in (("dev-b", ("lobby",)), ("dev-c", ())):
        own = Document(Device(id), 1, {}, groups)
        exchange.retained[TOPICS.desired(Device(id))] = documents.encode(own)
    lobby = found(exchange, Group("lobby"))
    assert (["dev-a", "dev-b"], ["dev-a"]) == (lobby.members, lobby.online)


def test_damaged_documents_are_named_and_do_not_stop_the_survey() -> None:
    """They can be replaced only by somebody who can look at the level."""
    retained = {
        TOPICS.desired(Fleet()): b"nonsense",
        TOPICS.history(Fleet(), 3): b"[]",
        "kiosk/v1/fleet/history/x": b"",
    }
    level = of_messages(retained, TOPICS, Fleet())
    assert isinstance(level.document, Damaged)
    assert [3] == list(level.history)
    assert 4 == next_revision(level)


def test_history_is_of_this_level_alone() -> None:
    """Revisions rise within their level."""
    exchange = Exchange()
    retain(exchange, Group("lobby"), 8, kept=True)
    assert {} == found(exchange, Fleet()).history
    assert [8] == list(found(exchange, Group("lobby")).history)


def test_revision_of_a_topic_is_a_number_or_none() -> None:
    """Anybody may have published anything below the history."""
    assert (7, None, None, None) == tuple(
        revision_of(part) for part in ("history/7", "history/x", "history/-1", f"history/{'9' * 5000}")
    )
