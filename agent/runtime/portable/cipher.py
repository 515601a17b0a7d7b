"""Encrypting a queue's file to a public certificate, and decrypting it with its private key, by the openssl command.

Contract: `Sealed` takes bytes and writes a CMS message; `Opened` reads one. Both raise CipherError with a sentence for
a person. `fingerprint` names a certificate, `check` tries one.
Rules: the command and not a library, since nothing compiled may be needed at run time, and Debian has it everywhere;
where it is missing, that is said. Keys are files; none of them is in the arguments or passes through this process.
What is encrypted is not signed: see agent.runtime.portable.format.
"""

import hashlib
import os
import ssl
import subprocess
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

COMMAND = "openssl"

SEAL = (COMMAND, "cms", "-encrypt", "-binary", "-stream", "-outform", "DER", "-aes-256-gcm")
OPEN = (COMMAND, "cms", "-decrypt", "-binary", "-inform", "DER", "-inkey")


class CipherError(Exception):
    """The file cannot be encrypted or decrypted."""


def fingerprint(certificate: Path) -> str:
    """The SHA-256 of the certificate in a PEM file. Raises CipherError."""
    try:
        text = certificate.read_text(encoding="ascii")
        begin = text.index(ssl.PEM_HEADER)
        end = text.index(ssl.PEM_FOOTER, begin) + len(ssl.PEM_FOOTER)
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(text[begin:end])).hexdigest()
    except OSError as error:
        raise CipherError(f"The certificate {certificate} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise CipherError(f"{certificate} is no certificate in PEM form.") from error


def check(certificate: Path) -> None:
    """Find out whether anything can be encrypted to the certificate, by doing it. Raises CipherError."""
    fingerprint(certificate)
    with Path(os.devnull).open("wb") as nowhere, Sealed(certificate, nowhere) as sealed:
        sealed.write(b"x")
        sealed.finish()


class Sealed:
    """Encrypts what is written to it into `out`, to be closed by `finish`; as a context it never leaves a process."""

    def __init__(self, certificate: Path, out: BinaryIO) -> None:
        self._process = _started((*SEAL, str(certificate)), source=subprocess.PIPE, target=out)

    def write(self, piece: bytes) -> None:
        """Raises CipherError where the command has ended."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(piece)
        except BrokenPipeError:
            self.finish()

    def finish(self) -> None:
        """Wait for the last byte. Raises CipherError."""
        complaint = _ended(self._process)
        if complaint is not None:
            raise CipherError(f"The file cannot be encrypted: {complaint}.")

    def __enter__(self) -> "Sealed":
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        _abandon(self._process)


class Opened:
    """Decrypts the rest of `source`, an unbuffered file that stands where the message begins."""

    def __init__(self, key: Path, source: BinaryIO) -> None:
        self._process = _started((*OPEN, str(key)), source=source, target=subprocess.PIPE)

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end. Raises CipherError where that is no good end."""
        assert self._process.stdout is not None
        piece = self._process.stdout.read(size)
        if not piece:
            complaint = _ended(self._process)
            if complaint is not None:
                raise CipherError(f"The file cannot be decrypted with this key: {complaint}.")
        return piece

    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        _abandon(self._process)


def _started(command: tuple[str, ...], *, source: BinaryIO | int, target: BinaryIO | int) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(command, stdin=source, stdout=target, stderr=subprocess.PIPE)
    except OSError as error:
        raise CipherError(
            f"The command {COMMAND} is needed and cannot be started. Install it: apt install openssl."
        ) from error


def _ended(process: "subprocess.Popen[bytes]") -> str | None:
    """What the command complains of; None where it ended well."""
    _, said = process.communicate()
    if process.returncode == 0:
        return None
    lines = said.decode("utf-8", "replace").strip().splitlines() if said else []
    return lines[0][:200] if lines else f"{COMMAND} ended with status {process.returncode}"


def _abandon(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            try:
                stream.close()
            except BrokenPipeError:  # what was not written yet goes nowhere any more
                continue
