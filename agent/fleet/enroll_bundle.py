"""The folder of files that one kiosk gets on its boot partition.

Contract: `Bundles.enrol` makes a device's bundle or keeps the one that is there, and says which; `password` reads one
back. Raises OSError, `CertificateError`, and `ConfigurationError` where the kiosk would refuse its file.
Rules: a bundle appears whole or not at all: it is made beside its place and renamed. Credentials that exist are never
replaced unless that was asked for; what the list says about a device is brought up to date all the same. Folders are
0700, files 0600.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from agent.config.files import load
from agent.config.plain import toml
from agent.config.secrets import SecretError, read_secret
from agent.fleet.enroll_access import new_password
from agent.fleet.enroll_certificates import CERTIFICATE_FILE, KEY_FILE, Authority, issue
from agent.fleet.enroll_list import Entry
from agent.remote import durable

SETTINGS_FILE = "kiosk-agent.toml"
PASSWORD_FILE = "broker-password"
BROKER_CA_FILE = "broker-ca.pem"


class Deed(Enum):
    """What became of a device. CARRIED_OFF: the broker knows it, and its bundle is no longer here."""

    ENROLLED = "enrolled"
    RENEWED = "renewed"
    UPDATED = "updated"
    KEPT = "kept"
    CARRIED_OFF = "carried off"


@dataclass(frozen=True, slots=True)
class Terms:
    """What all bundles of a run have in common.

    `rest`: the other tables of the kiosks' file, as TOML; with them the file must be one that a kiosk takes.
    `authority`: who signs certificates; None: passwords. `broker_ca`: the certificate to trust, as PEM.
    """

    url: str
    base: str
    rest: str = ""
    authority: Authority | None = None
    broker_ca: bytes | None = None


class Bundles:
    """The bundles below `folder`, which exists and which nobody else writes to."""

    def __init__(self, folder: Path, terms: Terms) -> None:
        self._folder = folder
        self._terms = terms

    def enrol(self, entry: Entry, *, renew: bool, is_known: bool = False) -> Deed:
        """Make, renew or update the bundle of one device. `is_known`: the broker's lines have it already."""
        place, fresh, old = self._folder / entry.id, self._beside(entry.id, "new"), self._beside(entry.id, "old")
        if old.exists() and not place.exists():
            old.rename(place)  # a renewal was cut off between its two renames
        for left in (fresh, old):
            shutil.rmtree(left, ignore_errors=True)
        is_there = place.exists()
        if is_there and not renew:
            return Deed.UPDATED if self._settle(entry, place) else Deed.KEPT
        if is_known and not renew:
            return Deed.CARRIED_OFF  # new credentials would lock out the kiosk that has the old ones
        fresh.mkdir(0o700)
        if self._terms.authority is None:
            durable.write(fresh / PASSWORD_FILE, f"{new_password()}\n".encode())
        else:
            issue(entry.id, fresh, self._terms.authority)
        self._settle(entry, fresh)
        if is_there:
            place.rename(old)
        fresh.rename(place)
        shutil.rmtree(old, ignore_errors=True)
        return Deed.RENEWED if is_there or is_known else Deed.ENROLLED

    def password(self, device: str) -> str | None:
        """The password in the device's bundle; None where it has none."""
        try:
            return read_secret(self._folder / device / PASSWORD_FILE)
        except SecretError:
            return None

    def has_certificate(self, device: str) -> bool:
        """Whether the device proves itself by a certificate."""
        return (self._folder / device / CERTIFICATE_FILE).exists()

    def _beside(self, device: str, what: str) -> Path:
        return self._folder / f".{device}.{what}"

    def _settle(self, entry: Entry, folder: Path) -> bool:
        """Bring what is not a credential up to date; True where anything changed."""
        wanted = {SETTINGS_FILE: self._settings(entry, folder).encode()}
        if self._terms.broker_ca is not None:
            wanted[BROKER_CA_FILE] = self._terms.broker_ca
        changed = False
        for name, content in wanted.items():
            path = folder / name
            if not path.exists() or path.read_bytes() != content:
                durable.write(path, content)
                changed = True
        if self._terms.rest:
            load(folder / SETTINGS_FILE, environment={})
        return changed

    def _settings(self, entry: Entry, folder: Path) -> str:
        remote: dict[str, Any] = {"url": self._terms.url, "base": self._terms.base, "groups": list(entry.groups)}
        if (folder / PASSWORD_FILE).exists():
            remote["password_file"] = PASSWORD_FILE
        if (folder / CERTIFICATE_FILE).exists():
            remote |= {"certificate_file": CERTIFICATE_FILE, "key_file": KEY_FILE}
        if self._terms.broker_ca is not None or (folder / BROKER_CA_FILE).exists():
            remote["ca_file"] = BROKER_CA_FILE
        rest = f"{self._terms.rest.rstrip()}\n\n" if self._terms.rest else ""
        return f"{rest}{_table('device', entry.device_table())}\n{_table('remote', remote)}"


def _table(name: str, values: Mapping[str, Any]) -> str:
    return "".join([f"[{name}]\n", *(f"{key} = {toml(value)}\n" for key, value in values.items() if value)])
