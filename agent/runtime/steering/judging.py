"""Judges documents over the machine's own file.

Contract: `Judge` is called with the documents' layers, and raises nothing that a document can cause.
Rules: the file is read once, at the start of the process: a file that is edited meanwhile counts from the next start,
with a document or without. A document cannot take the broker's address away: nobody could give it back. What the
judge itself fails at is refused: a fault of ours that one document brings to light must not end a fleet. What a
document is by itself is found once: eighteen of them are judged together, and then each with the others.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from agent.config.files import Alone, Loaded, alone, assemble, read_layer, surroundings_of
from agent.config.layers import Layer
from agent.config.named_files import Surroundings
from agent.config.permission import Grant
from agent.config.problems import ConfigurationError, Origin, Problem
from agent.remote.desired import Home

log = structlog.get_logger()

OPINIONS_KEPT = 40
"""The documents of eighteen levels, those in force and those that are wanted."""
_ADDRESS = ("remote", "url")


class Opinions:
    """What is found of single documents, whose trees nobody changes, under the one grant of the machine's file."""

    def __init__(self) -> None:
        # The layer is kept beside what was found, so that its tree's number is not given to another.
        self._known: OrderedDict[tuple[str, int], tuple[Layer, Alone]] = OrderedDict()

    def __call__(self, layer: Layer, grant: Grant) -> Alone:
        """As agent.config.files.alone."""
        key = (layer.name, id(layer.tree))
        if key not in self._known:
            self._known[key] = (layer, alone(layer, grant))
        self._known.move_to_end(key)
        while len(self._known) > OPINIONS_KEPT:
            self._known.popitem(last=False)
        return self._known[key][1]


@dataclass(frozen=True, slots=True)
class Judge:
    """`own`: the machine's file as a layer; `alone`: what it says by itself."""

    own: Layer
    surroundings: Surroundings
    alone: Loaded
    opinions: Opinions = field(default_factory=Opinions, compare=False)

    @classmethod
    def of(cls, path: Path, *, own: Path | None = None) -> "Judge":
        """Of the file at `path`, or of its copy at `own`; raises ConfigurationError where it is not good by itself."""
        layer, surroundings = read_layer(own or path), surroundings_of(path)
        return cls(layer, surroundings, assemble([layer], surroundings))

    @property
    def home(self) -> Home:
        """Where this device stands, by its own file."""
        remote = self.alone.settings.remote
        return Home(self.alone.settings.device.id, remote.groups, f"{remote.url}/{remote.base}")

    def __call__(self, layers: Sequence[Layer]) -> Loaded | ConfigurationError:
        """What `layers` make of the file."""
        try:
            loaded = assemble([self.own, *layers], self.surroundings, opinion=self.opinions)
        except ConfigurationError as error:
            return error
        except Exception as error:
            log.exception("documents cannot be judged")
            what = f"cannot be judged by this version ({type(error).__name__})"
            return ConfigurationError((Problem((), what, remedy="Report it; the agent's log has more."),))
        if loaded.settings.remote.url is None and self.alone.settings.remote.url is not None:
            origin = loaded.merged.origin(_ADDRESS) or Origin(layers[-1].name)
            return ConfigurationError((Problem(_ADDRESS, "cannot be taken away by a document", origin=origin),))
        return loaded
