"""The boot partition: what is taken, and where the token is whatever fails."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.runtime.setup import boot
from agent.runtime.setup.applying import apply, existing
from agent.runtime.setup.boot import Taken
from agent.runtime.setup.draft import APP_TOKEN, KS, MODE, Draft
from agent.runtime.setup.places import Places
from tests.support.setups import LEAST, a_machine

TOKEN = "a-token-of-0a1b2c3d4e5f60718293"
WITH_TOKEN = f'{LEAST}[kaltura.session]\napp_token_id = "1_abcd1234"\n'


def laid(places: Places, *, config: str | None = WITH_TOKEN, token: str | None = TOKEN) -> Path:
    """The boot partition with these files; its folder."""
    folder = places.boots[0]
    if config is not None:
        (folder / "kiosk-agent.toml").write_text(config)
    if token is not None:
        (folder / "kiosk-agent.token").write_text(token)
    return folder


def taken(places: Places) -> Taken:
    """What is taken of the partition, which has something."""
    found = boot.find(places.boots)
    assert found is not None
    what = boot.take(found, existing(places).draft)
    assert isinstance(what, Taken), what
    return what


def problems(what: Taken | list[str]) -> list[str]:
    """Of a partition from which nothing can be taken."""
    assert isinstance(what, list)
    return what


def carry(places: Places) -> None:
    """All of it, once."""
    found = boot.find(places.boots)
    if found is not None:
        what = taken(places)
        apply(what.draft, places)
        boot.clean(what, found)


def test_nothing_there_is_nothing_found_and_the_old_mount_point_counts_too(tmp_path: Path) -> None:
    """Before Bookworm the partition was mounted at /boot."""
    places = a_machine(tmp_path)
    assert boot.find(places.boots) is None
    (places.boots[1] / "kiosk-agent.toml").write_text(LEAST)
    found = boot.find(places.boots)
    assert found is not None
    assert (places.boots[1], None) == (found.folder, found.token)


def test_token_beside_the_configuration_is_an_app_token_where_an_id_says_so(tmp_path: Path) -> None:
    """Two files are enough for a kiosk; editors on Windows add a mark and line ends."""
    places = a_machine(tmp_path)
    laid(places, token=f"\ufeff{TOKEN}\r\n")
    draft = taken(places).draft
    assert ({"app-token": TOKEN}, "app-token") == (draft.secrets, draft.value(MODE))
    assert "app-token" == draft.value(APP_TOKEN)
    laid(places, config=f'{LEAST}[kaltura.session]\nmode = "ks-file"\n')
    assert ({"ks": TOKEN}, "ks") == (taken(places).draft.secrets, taken(places).draft.value(KS))


def test_token_that_nobody_explains_is_refused(tmp_path: Path) -> None:
    """It could be the account's secret, which must not be sent as something else."""
    places = a_machine(tmp_path)
    laid(places, config=LEAST)
    found = boot.find(places.boots)
    assert found is not None
    (problem,) = problems(boot.take(found, Draft()))
    assert "app_token_id" in problem
    assert TOKEN not in problem


def test_bundle_of_the_fleets_enrolment_is_taken_whole(tmp_path: Path) -> None:
    """`kiosk-fleet enroll` names its files beside the configuration; secrets move, certificates are copied."""
    places = a_machine(tmp_path)
    remote = (
        'url = "mqtts://b"\npassword_file = "broker-password"\nca_file = "broker-ca.pem"\nkey_file = "device.key"\n'
    )
    folder = laid(places, config=f'{LEAST}[remote]\n{remote}certificate_file = "/etc/elsewhere.pem"\n', token=None)
    for name, text in (
        ("broker-password", "pw-of-24\n"),
        ("broker-ca.pem", "PEM"),
        ("device.key", "BEGIN\nKEY\nEND\n"),
    ):
        (folder / name).write_text(text)
    what = taken(places)
    assert {"broker-password": "pw-of-24", "device.key": "BEGIN\nKEY\nEND"} == what.draft.secrets
    assert {"broker-ca.pem": b"PEM"} == what.draft.publics
    carry(places)
    assert ["broker-ca.pem", "kiosk-agent.toml.done"] == sorted(path.name for path in folder.iterdir())
    assert "BEGIN\nKEY\nEND\n" == (places.secrets / "device.key").read_text()


def test_a_new_token_alone_renews_the_old_one(tmp_path: Path) -> None:
    """Somebody puts the card into a PC, copies one file, and puts it back."""
    places = a_machine(tmp_path)
    laid(places)
    carry(places)
    laid(places, config=None, token="a-new-token")
    carry(places)
    assert ("a-new-token\n", None) == ((places.secrets / "app-token").read_text(), boot.find(places.boots))


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "empty"), (b"a\nb", "more than one line"), (b"\xff\xfe", "not text")]
)
def test_token_that_is_none_is_refused_and_stays(tmp_path: Path, content: bytes, words: str) -> None:
    """The person at the PC reads why."""
    places = a_machine(tmp_path)
    folder = laid(places)
    (folder / "kiosk-agent.token").write_bytes(content)
    found = boot.find(places.boots)
    assert found is not None
    (problem,) = problems(boot.take(found, Draft()))
    assert words in problem
    assert content == (folder / "kiosk-agent.token").read_bytes()


class PowerCutError(Exception):
    """Everything ends here."""


def places_of(token: str, places: Places) -> int:
    """At how many places the token can be read, whole."""
    roots = (places.root / "etc", places.root / "boot")
    found = [
        path for root in roots for path in root.rglob("*") if path.is_file() and token in path.read_text("latin-1")
    ]
    return len({path.parent for path in found})


CALLS: tuple[tuple[object, str], ...] = (
    *((os, name) for name in ("write", "fsync", "open", "close", "fchmod")),
    *((Path, name) for name in ("replace", "unlink")),
)


def counted(monkeypatch: pytest.MonkeyPatch, cut_at: int) -> list[int]:
    """Let the power fail before the given call of those that change the disk; how many there were."""
    calls = [0]

    def wrapped(call: Callable[..., object]) -> Callable[..., object]:
        def each(*arguments: object, **more: object) -> object:
            calls[0] += 1
            if calls[0] == cut_at:
                raise PowerCutError
            return call(*arguments, **more)

        return each

    for owner, name in CALLS:
        monkeypatch.setattr(owner, name, wrapped(getattr(owner, name)))
    return calls


def test_power_that_fails_before_any_step_leaves_the_token_somewhere_and_the_next_start_ends_it(tmp_path: Path) -> None:
    """The token exists nowhere else: whoever made it has long forgotten it."""
    step, has_been_cut = 0, True
    while has_been_cut:
        step += 1
        places = a_machine(tmp_path / str(step))
        folder = laid(places)
        with pytest.MonkeyPatch.context() as patch:
            counted(patch, step)
            try:
                carry(places)
                has_been_cut = False
            except PowerCutError:
                pass
        assert places_of(TOKEN, places) in (1, 2), step
        carry(places)
        assert 1 == places_of(TOKEN, places), step
        assert f"{TOKEN}\n" == (places.secrets / "app-token").read_text(), step
        assert ["kiosk-agent.toml.done"] == [path.name for path in folder.iterdir()], step
    assert step > 15


def test_half_overwritten_token_is_removed_and_never_taken(tmp_path: Path) -> None:
    """A power cut in the middle of the overwriting must not make zeros of the good one."""
    places = a_machine(tmp_path)
    laid(places)
    apply(taken(places).draft, places)
    (places.boots[0] / "kiosk-agent.token").write_bytes(TOKEN[:9].encode() + bytes(23))
    carry(places)
    assert f"{TOKEN}\n" == (places.secrets / "app-token").read_text()
    assert boot.find(places.boots) is None


def test_log_is_readable_on_any_pc(tmp_path: Path) -> None:
    """An editor from the last century shows one long line otherwise."""
    boot.write_log(tmp_path, ["a", "b"])
    assert b"a\r\nb\r\n" == (tmp_path / "kiosk-agent-setup.log").read_bytes()
