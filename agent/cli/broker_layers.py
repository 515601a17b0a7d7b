"""The machine's file together with the documents of the broker that the agent has stored, for the command line.

Contract: `in_force(path, state_dir)` answers what counts; raises `ConfigurationError` where the file itself cannot be
used. Nothing is written, no lock is taken.
Rules: as when the agent starts, no document counts without a broker in the machine's file. A state folder that may not
be read, and documents that do not go with the file, leave the file alone in force.
"""

from dataclasses import dataclass
from pathlib import Path

from agent.config.files import Loaded, assemble, read_layer, surroundings_of
from agent.config.problems import ConfigurationError, Problem
from agent.remote.vault import applied_layers


@dataclass(frozen=True, slots=True)
class InForce:
    """`layers`: the names of those that count, the file's first. `left_out`: why the stored documents do not.

    `doubt`: why it is not known whether there are any.
    """

    loaded: Loaded
    layers: tuple[str, ...]
    left_out: tuple[Problem, ...] = ()
    doubt: str | None = None


def in_force(path: Path, state_dir: Path) -> InForce:
    """What counts for the agent whose state is in `state_dir`."""
    file, around = read_layer(path), surroundings_of(path)
    alone = assemble([file], around)
    if alone.settings.remote.url is None:
        return InForce(alone, (file.name,))
    try:
        documents = applied_layers(state_dir)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        doubt = f"{state_dir}: {reason}: the documents of the broker are not seen; this is the machine's file alone."
        return InForce(alone, (file.name,), doubt=doubt)
    if not documents:
        return InForce(alone, (file.name,))
    layers = [file, *documents]
    try:
        return InForce(assemble(layers, around), tuple(layer.name for layer in layers))
    except ConfigurationError as error:
        return InForce(alone, (file.name,), left_out=error.problems)
