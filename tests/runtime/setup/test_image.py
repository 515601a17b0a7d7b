"""A golden image: nothing in it says which machine it was."""

import os
from pathlib import Path

import pytest

from agent.config.identity import read_machine
from agent.outbox.generation import NewGeneration
from agent.runtime.setup.applying import apply
from agent.runtime.setup.draft import APP_TOKEN, Draft
from agent.runtime.setup.image import Busy, Stock, inspect, prepare
from agent.runtime.setup.places import Places
from tests.support.outbox import a_record, open_outbox
from tests.support.setups import a_machine, mode

TREE = {"device": {"id": "device-001", "site": "Berlin"}, "kaltura": {"partner_id": 102}}


def a_kiosk(folder: Path) -> Places:
    """A machine that has played: a configuration with an id, a store with an event that waits."""
    places = a_machine(folder)
    apply(Draft(TREE).with_secret(APP_TOKEN, "0123456789abcdef"), places)
    places.state.mkdir()
    outbox = open_outbox(places.state)
    outbox.register("stats.collect")
    outbox.append([a_record("1"), a_record("2")])
    outbox.close()
    (places.state / "remote").mkdir()
    (places.state / "remote/applied.json").write_text("{}")
    (places.state / "lost+found").mkdir()
    return places


def test_what_would_be_lost_is_counted(tmp_path: Path) -> None:
    """Nobody deletes plays by mistake."""
    places = a_kiosk(tmp_path)
    assert Stock(unsent=2) == inspect(places)
    assert Stock().is_empty
    assert Stock() == inspect(Places(tmp_path, tmp_path / "none"))
    (places.state / "store.db").write_bytes(b"garbage" * 999)
    broken = inspect(places)
    assert isinstance(broken, Stock) and broken.broken and not broken.is_empty


def test_nothing_of_the_machine_is_left_and_all_else_is(tmp_path: Path) -> None:
    """Each copy makes an id, a store and a generation of its own; the configuration is what is copied."""
    places = a_kiosk(tmp_path)
    (places.folder / "kiosk-agent.toml.bak").write_text('[device]\nid = "device-000"\n')
    done = prepare(places)
    assert isinstance(done, list)
    assert ["lost+found"] == [path.name for path in places.state.iterdir()]
    assert (b"", None) == ((tmp_path / "etc/machine-id").read_bytes(), read_machine(tmp_path).machine_id)
    text = places.config.read_text()
    assert ("Berlin" in text, "device-00" in text, mode(places.config)) == (True, False, "640")
    assert not (places.folder / "kiosk-agent.toml.bak").exists()
    assert [] == [word for word in ("store.db", "device-001", "machine-id", "app-token") if word not in "\n".join(done)]
    assert "0123456789abcdef" not in "\n".join(done)


def test_made_twice_nothing_more_is_done(tmp_path: Path) -> None:
    """But the secrets, which stay, are named each time."""
    places = a_kiosk(tmp_path)
    prepare(places)
    again = prepare(places)
    assert isinstance(again, list)
    assert ["left"] == [line.split()[0] for line in again]


@pytest.mark.parametrize("is_link", [True, False])
def test_machine_id_of_dbus_is_no_way_around(tmp_path: Path, is_link: bool) -> None:
    """Where it is a file of its own, every copy would have the same id again."""
    places = a_machine(tmp_path)
    other = tmp_path / "var/lib/dbus/machine-id"
    other.parent.mkdir()
    if is_link:
        other.symlink_to(os.path.relpath(tmp_path / "etc/machine-id", other.parent))
    else:
        other.write_text("fedcba9876543210fedcba9876543210\n")
    prepare(places)
    assert (None, is_link) == (read_machine(tmp_path).machine_id, other.is_symlink())


def test_store_in_use_stays(tmp_path: Path) -> None:
    """An agent whose store is deleted under it goes on writing into nothing."""
    places = a_kiosk(tmp_path)
    outbox = open_outbox(places.state)
    assert isinstance(inspect(places), Busy)
    assert isinstance(prepare(places), Busy)
    assert 2 == len(outbox.events())
    outbox.close()


def test_links_are_not_followed(tmp_path: Path) -> None:
    """What lies behind one belongs to somebody else."""
    places = a_kiosk(tmp_path)
    (tmp_path / "srv/media/film.mp4").write_text("film")
    (places.state / "media").symlink_to(tmp_path / "srv/media")
    prepare(places)
    assert "film" == (tmp_path / "srv/media/film.mp4").read_text()


def test_copies_of_an_image_are_different_devices(tmp_path: Path) -> None:
    """The whole point: two copies, two generations, none of them the first one's."""
    places = a_kiosk(tmp_path)
    first = open_outbox(places.state)
    first.close()
    prepare(places)
    copies = [open_outbox(tmp_path / name, device_id=name) for name in ("copy-1", "copy-2")]
    assert 3 == len({first.generation, *(copy.generation for copy in copies)})
    assert {NewGeneration.CREATED} == {copy.opening.new_generation for copy in copies}
    for copy in copies:
        copy.close()
