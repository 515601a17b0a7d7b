"""Signing the head of the ledger's chain with the device's own key, by the openssl command.

Contract: `Signer.sign` gives a signature, or None where there is no key; `verify` says whether one is good by a public
key or a certificate. Both raise SigningError with a sentence for a person. `statement` is what is signed.
Rules: the command and not a library (agent.runtime.portable.cipher says why). Ed25519, EC and RSA keys, the last two
with SHA-256. The key is a file that openssl reads; its text is in no argument, in no log and never in this process,
and a key with a password is refused, for nobody is there to type it. What is signed goes through a private file that is
gone afterwards, since openssl reads Ed25519's from nothing else.
Reasons: a report is worth what its sender can be held to.
"""

import subprocess
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.kernel.plays import ChainHead

COMMAND: Final = "openssl"
PATIENCE_S: Final = 30.0
"""A signature takes milliseconds; a small board with a cold card some seconds."""

_CURVES: Final = ("ED25519", "ED448")


class SigningError(Exception):
    """Nothing can be signed or verified with that key."""


@dataclass(frozen=True, slots=True)
class Signature:
    """`number`, `hash`: the head that is signed. `device`: whose it is. `text`: the signature, in base64."""

    device: str
    number: int
    hash: str
    text: str


def statement(device: str, number: int, chained: str) -> bytes:
    """What is signed: the device, the newest play's number, and the hash of all up to it."""
    return f"kiosk-agent ledger of plays\n{device}\n{number}\n{chained}\n".encode()


class Signer:
    """`device`: this device's id. `key`: where its private key is at the moment, None for none."""

    def __init__(self, device: str, key: Callable[[], Path | None]) -> None:
        self._device = device
        self._key = key

    def sign(self, head: ChainHead) -> Signature | None:
        """The device's signature of the chain up to `head`; None without a key."""
        key = self._key()
        if key is None:
            return None
        said = statement(self._device, head.number, head.hash)
        with _file(said) as file:
            way = ["-rawin"] if _is_edwards(["-inkey", str(key)]) else ["-rawin", "-digest", "sha256"]
            signed = _run("pkeyutl", "-sign", "-inkey", str(key), *way, "-in", file)
        return Signature(self._device, head.number, head.hash, b64encode(signed).decode("ascii"))


def verify(signature: Signature, certificate: Path) -> bool:
    """Whether the signature is that of the key in a certificate or in a file with the public key (PEM)."""
    try:
        binary = b64decode(signature.text, validate=True)
    except ValueError:
        return False
    said = statement(signature.device, signature.number, signature.hash)
    inkey = ["-certin"] if _is_certificate(certificate) else ["-pubin"]
    inkey += ["-inkey", str(certificate)]
    with _file(said) as file, _file(binary) as signed:
        way = ["-rawin"] if _is_edwards(inkey) else ["-rawin", "-digest", "sha256"]
        command = [COMMAND, "pkeyutl", "-verify", *inkey, *way, "-in", file, "-sigfile", signed]
        return _started(command).returncode == 0


def _is_certificate(path: Path) -> bool:
    try:
        return "-----BEGIN CERTIFICATE-----" in path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise SigningError(f"The certificate {path} cannot be read: {error.strerror}.") from error


def _is_edwards(inkey: list[str]) -> bool:
    """Whether the key signs what it is given, and no digest of it."""
    if "-certin" in inkey:
        text = _run("x509", "-in", inkey[-1], "-noout", "-text")
    else:
        public = ["-pubin"] if "-pubin" in inkey else []
        text = _run("pkey", *public, "-in", inkey[-1], "-text_pub", "-noout")
    return any(name in text.decode("ascii", "replace").upper() for name in _CURVES)


def _run(*arguments: str) -> bytes:
    found = _started([COMMAND, *arguments])
    if found.returncode:
        lines = found.stderr.decode("utf-8", "replace").strip().splitlines()
        raise SigningError(f"openssl cannot use the key: {lines[0][:200] if lines else 'it does not say why'}.")
    return found.stdout


def _started(command: list[str]) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise SigningError("openssl does not answer.") from error
    except OSError as error:
        raise SigningError(
            f"The command {COMMAND} is needed and cannot be started. Install it: apt install openssl."
        ) from error


@contextmanager
def _file(content: bytes) -> Iterator[str]:
    """The name of a private file with that content."""
    with tempfile.NamedTemporaryFile(prefix="kiosk-agent-") as file:
        file.write(content)
        file.flush()
        yield file.name
