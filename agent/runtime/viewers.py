"""Under which pseudonym a viewer counts, where one is wanted at all.

Contract: pure. `Viewers.of(context)` is the `uniqueViewer` of what happens in a visit's context (None: outside any).
Rules: off by default. A pseudonym is a keyed hash of 32 hexadecimal digits: the same for the same kiosk or visit, it
says nothing about either to whoever does not have the key, which never leaves the machine.
Reasons: kaltura.md section 1 (uniqueViewer keeps 40 characters); nothing about a viewer is sent by
default.
"""

import hashlib
from dataclasses import dataclass
from typing import assert_never

from agent.config.kaltura import UniqueViewer

_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Viewers:
    """`policy`: who counts as one viewer. `key`: what only this machine knows."""

    policy: UniqueViewer
    device_id: str
    key: str

    def of(self, context: str | None) -> str | None:
        """The pseudonym, or None where none is sent."""
        match self.policy:
            case UniqueViewer.NONE:
                return None
            case UniqueViewer.DEVICE:
                return self._pseudonym(f"device/{self.device_id}")
            case UniqueViewer.VISIT:
                return None if context is None else self._pseudonym(f"visit/{context}")
            case _:
                assert_never(self.policy)

    def _pseudonym(self, name: str) -> str:
        # A key of any length becomes one that blake2b takes.
        key = hashlib.sha256(self.key.encode()).digest()
        return hashlib.blake2b(name.encode(), key=key, digest_size=_DIGEST_BYTES).hexdigest()
