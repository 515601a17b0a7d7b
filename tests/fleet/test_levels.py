"""Which devices a level's document is for."""

from agent.fleet.levels import belongs, groups_of, members
from agent.fleet.sighting import Sighting
from agent.remote.documents import Document
from agent.remote.topics import Device, Fleet, Group

LOBBY = Sighting("a", state={"config": {"groups": ["lobby"]}})
ALONE = Sighting("b")


def test_level_is_for_all_for_its_members_or_for_one() -> None:
    """A document for the lobby must not be waited for in the cellar."""
    assert ["a", "b"] == members([ALONE, LOBBY], Fleet(), {})
    assert ["a"] == members([ALONE, LOBBY], Group("lobby"), {})
    assert ["b"] == members([ALONE, LOBBY], Device("b"), {})


def test_groups_of_a_devices_own_document_take_the_place_of_the_others() -> None:
    """The device has not reported them yet, and will be in that group in a second."""
    own = {"a": Document(Device("a"), 1, {}, ("cellar",)), "b": Document(Device("b"), 1, {})}
    assert ("cellar",) == groups_of(LOBBY, own)
    assert not belongs(LOBBY, Group("lobby"), own)
    assert () == groups_of(ALONE, own)
