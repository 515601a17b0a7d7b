"""Who a statement is about: a device's account, a pseudonym, or nobody in particular.

Contract: pure. `Actors.of` gives the agent of an event's owner, `Actors.user` that of another user.
Rules: xAPI wants an actor in each statement, and what identifies it for ever is its account. By default that is a
pseudonym: a keyed hash of the user, where the application named one, else of the device. Without the key nobody can
tell whose it is, or try all devices; with another key it is another pseudonym. ACCOUNT says the raw id, and a person's
where the application named one: that is for whoever may know it. NOBODY is one account for all.
Reasons: issue "an IFI never holds a raw device id by default"; xAPI 1.0.3, part 2, section 2.4.2.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from agent.kernel.attribution import Attribution

KEY_BYTES: Final = 16
"""A key that is shorter could be guessed."""

LONGEST_KEY_BYTES: Final = 64
"""What the hash takes; a longer one is hashed first."""


class Naming(Enum):
    """How an actor is named; the words are the configuration's."""

    PSEUDONYM = "pseudonym"
    ACCOUNT = "account"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Actors:
    """`home_page`: the account's, an absolute address. `key`: of the pseudonyms, `KEY_BYTES` at least."""

    naming: Naming
    home_page: str
    key: bytes = b""

    def of(self, owner: Attribution) -> Mapping[str, Any]:
        """The agent that an event's owner is."""
        if owner.user_id:
            return self.user(owner.user_id)
        return self._agent("device", owner.device_id)

    def user(self, user_id: str) -> Mapping[str, Any]:
        """The agent that a user is."""
        return self._agent("user", user_id)

    def _agent(self, kind: str, raw: str) -> Mapping[str, Any]:
        return {"objectType": "Agent", "account": {"homePage": self.home_page, "name": self.name(kind, raw)}}

    def name(self, kind: str, raw: str) -> str:
        """The account's name for `raw`, the id of a "user" or a "device"."""
        match self.naming:
            case Naming.ACCOUNT:
                return raw
            case Naming.NOBODY:
                return "anonymous"
            case Naming.PSEUDONYM:
                key = self.key if len(self.key) <= LONGEST_KEY_BYTES else hashlib.blake2b(self.key).digest()
                # The kind stands in the hash too: a user who is called like a device is not that device.
                hashed = hashlib.blake2b(f"{kind}/{raw}".encode(), key=key, digest_size=16)
                return f"{kind}-{hashed.hexdigest()}"
