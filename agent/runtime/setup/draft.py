"""A configuration in the making: what will be written, and where its secrets come from.

Contract: pure; a `Draft` is a value, and each change answers a new one.
Rules: a secret stands beside the tree, under the bare name by which the tree names its file (agent.config.secrets); so
the tree can be shown, and the secrets cannot be by mistake.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from agent.config.problems import Place

APP_TOKEN: Final[Place] = ("kaltura", "session", "app_token_file")
KS: Final[Place] = ("kaltura", "session", "ks_file")
SECRET: Final[Place] = ("kaltura", "session", "secret_file")
PASSWORD: Final[Place] = ("remote", "password_file")
MODE: Final[Place] = ("kaltura", "session", "mode")
DEVICE_ID: Final[Place] = ("device", "id")
PLAYLIST: Final[Place] = ("player", "playlist")

SECRET_NAMES: Final[Mapping[Place, str]] = MappingProxyType(
    {APP_TOKEN: "app-token", KS: "ks", SECRET: "secret", PASSWORD: "broker-password"}
)
"""As what the secret of each setting is kept."""


@dataclass(frozen=True, slots=True)
class Draft:
    """`tree`: the configuration. `secrets`, `publics`: by bare name, what is to be written beside it.

    `kept`: the settings whose secret is on this machine already.
    """

    tree: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    publics: Mapping[str, bytes] = field(default_factory=dict)
    kept: frozenset[Place] = frozenset()

    def value(self, place: Place) -> Any:
        """What stands at `place`; None where nothing does."""
        found: Any = self.tree
        for key in place:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    def has(self, place: Place) -> bool:
        """Whether the setting is answered: for a secret, whether there is one."""
        found = self.value(place)
        return found is not None if place not in SECRET_NAMES else place in self.kept or found in self.secrets

    def with_value(self, place: Place, value: Any) -> "Draft":
        """The same with `value` at `place`; None removes what is there."""
        return replace(self, tree=_laid(self.tree, [str(key) for key in place], value))

    def with_secret(self, place: Place, text: str) -> "Draft":
        """The same with a new secret for the setting at `place`."""
        name = SECRET_NAMES[place]
        return replace(self.with_value(place, name), secrets={**self.secrets, name: text})

    def without_secret(self, place: Place) -> "Draft":
        """The same with no secret for the setting at `place`; a file that is there stays."""
        secrets = {name: text for name, text in self.secrets.items() if name != self.value(place)}
        return replace(self.with_value(place, None), secrets=secrets, kept=self.kept - {place})


def _laid(tree: Mapping[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    first, *rest = path
    below = tree.get(first)
    if rest:
        value = _laid(below if isinstance(below, Mapping) else {}, rest, value) or None
    laid = {**tree, first: value}
    return {key: each for key, each in laid.items() if each is not None}
