"""Who did it is said no more precisely than the settings allow."""

from dataclasses import replace

import pytest

from agent.sinks.xapi.actors import Actors, Naming
from tests.support.playback import owner
from tests.support.statements import KEY, PORTAL

DEVICE = owner()
PERSON = replace(DEVICE, user_id="ann@example.com")


def name(actors: Actors, who: object = DEVICE) -> str:
    assert who is DEVICE or who is PERSON
    return str(actors.of(DEVICE if who is DEVICE else PERSON)["account"]["name"])


def test_pseudonym_hides_device_and_person() -> None:
    """The identifier stays in the LRS for ever."""
    actors = Actors(Naming.PSEUDONYM, PORTAL, KEY)
    shown = f"{actors.of(DEVICE)} {actors.of(PERSON)}"
    assert "device-001" not in shown
    assert "ann" not in shown
    assert name(actors) != name(actors, PERSON)


def test_pseudonym_is_the_same_for_ever_and_another_with_another_key() -> None:
    """Statements of one kiosk belong together; two customers' LRSs cannot be joined."""
    assert name(Actors(Naming.PSEUDONYM, PORTAL, KEY)) == name(Actors(Naming.PSEUDONYM, PORTAL, KEY))
    assert name(Actors(Naming.PSEUDONYM, PORTAL, KEY)) != name(Actors(Naming.PSEUDONYM, PORTAL, b"x" * 16))
    assert name(Actors(Naming.PSEUDONYM, PORTAL, b"x" * 65)) != name(Actors(Naming.PSEUDONYM, PORTAL, b"x" * 66))


def test_user_called_like_a_device_is_another() -> None:
    """Else anybody could take a kiosk's statements for their own."""
    actors = Actors(Naming.PSEUDONYM, PORTAL, KEY)
    assert actors.user("device-001") != actors.of(DEVICE)


@pytest.mark.parametrize(
    ("naming", "device", "person"),
    [(Naming.ACCOUNT, "device-001", "ann@example.com"), (Naming.NOBODY, "anonymous", "anonymous")],
)
def test_account_says_the_raw_id_and_nobody_says_none(naming: Naming, device: str, person: str) -> None:
    """What was asked for."""
    actors = Actors(naming, PORTAL)
    assert (device, person) == (name(actors), name(actors, PERSON))
    assert PORTAL == actors.of(DEVICE)["account"]["homePage"]
