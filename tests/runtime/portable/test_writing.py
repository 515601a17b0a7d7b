"""From an export to a file with a name of its own."""

import gzip
from pathlib import Path

import pytest

from agent.runtime.portable.cipher import CipherError
from agent.runtime.portable.format import header_of
from agent.runtime.portable.medium import MediumError
from agent.runtime.portable.writing import file_name, write_file
from tests.support.carrying import NOW, SINK, a_session, file_of, handed_over
from tests.support.certificates import a_certificate
from tests.support.outbox import open_outbox


def test_file_says_whose_it_is(tmp_path: Path) -> None:
    """Sticks from many kiosks end in one drawer."""
    outbox = open_outbox(tmp_path / "kiosk", device_id="lobby:1")
    outbox.register(SINK)
    outbox.append(a_session("s1", "a"))
    path = handed_over(outbox, tmp_path)
    assert path == tmp_path / f"lobby-1_{outbox.generation[:8]}_1-3.kioskqueue"
    with path.open("rb") as file:
        header, line = header_of(file)
    assert ("lobby:1", {SINK: 3}, None) == (header.device, header.waiting, header.recipient)
    assert b"s1.open" in gzip.decompress(path.read_bytes()[len(line) :])


def test_written_again_it_is_the_same_file(tmp_path: Path) -> None:
    """So that a second stick, or a second try, is no second export."""
    outbox = open_outbox(tmp_path / "kiosk")
    outbox.register(SINK)
    outbox.append(a_session("s1", "a"))
    path = handed_over(outbox, tmp_path)
    assert path is not None
    before = path.read_bytes()
    (export,) = outbox.exports.known()
    assert (path, file_name(export)) == (file_of(outbox, export, tmp_path), path.name)
    assert before == path.read_bytes()


def test_encrypted_file_tells_nothing_but_its_header(tmp_path: Path) -> None:
    """A stick is lost more easily than a kiosk."""
    certificate, _ = a_certificate(tmp_path, "office")
    outbox = open_outbox(tmp_path / "kiosk")
    outbox.register(SINK)
    outbox.append(a_session("s1", "a"))
    path = handed_over(outbox, tmp_path, recipient=certificate)
    assert path is not None
    _, _, rest = path.read_bytes().partition(b"\n")
    assert not rest.startswith(b"\x1f\x8b")
    assert b"welcome.mp4" not in rest


def test_medium_or_certificate_that_fails_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a file that looks whole would be carried home."""
    outbox = open_outbox(tmp_path / "kiosk")
    outbox.register(SINK)
    outbox.append(a_session("s1", "a"))
    export = outbox.exports.begin(NOW)
    assert export is not None
    stick = tmp_path / "stick"

    with pytest.raises(MediumError):
        file_of(outbox, export, stick)
    stick.mkdir()
    with pytest.raises(CipherError):
        file_of(outbox, export, stick, recipient=tmp_path / "none.pem")

    certificate, _ = a_certificate(tmp_path, "office")
    with monkeypatch.context() as patch:
        patch.setattr("agent.runtime.portable.cipher.SEAL", ("false",))
        with pytest.raises(CipherError):
            file_of(outbox, export, stick, recipient=certificate)
        patch.setattr("agent.runtime.portable.writing.FULL_BYTES", 1 << 60)
        with pytest.raises(MediumError, match="is full"):
            file_of(outbox, export, stick, recipient=certificate)

    def fail(_: int | None) -> None:
        raise ValueError("the agent went away")

    with pytest.raises(ValueError, match="went away"):
        write_file(export, fail, stick, recipient=None)  # type: ignore[arg-type]
    assert [] == list(stick.iterdir())
    assert export == outbox.exports.begin(NOW)
