"""Any documents of the broker: taken, or refused with reasons, and never anything else."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from agent.config.document import check_document
from agent.config.files import assemble, surroundings_of
from agent.config.layers import Layer, merge
from agent.config.model import Settings
from agent.config.plain import jsonable
from agent.config.problems import ConfigurationError, Problem
from agent.config.setting import Setting, Table, entries, walk
from agent.config.toml import parse
from tests.config.test_fleet_documents import HOSTILE_URIS, document
from tests.support.configuration import MACHINE, SMALLEST

TREE = parse(SMALLEST, "agent.toml")
assert isinstance(TREE, dict)
FILE = Layer("agent.toml", TREE, {})
AROUND = surroundings_of(Path("/nowhere/agent.toml"), environment={}, machine=MACHINE)

names = st.sampled_from(sorted({path[-1] for path, _, _ in walk(Settings)})) | st.text(max_size=5)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["\ud800", "x" * 5000, *HOSTILE_URIS, ":no-audio", "2026-12-24", "08:00-20:00", "overlay"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


def shaped(model: type[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Documents of the right shape, with anything in the places of values."""
    found: dict[str, st.SearchStrategy[Any]] = {}
    for path, _, entry in walk(model):
        if len(path) == 1:
            inner = getattr(entry, "model", None)
            below = values if inner is None else shaped(inner)
            found[path[0]] = (st.lists(below, max_size=3) if getattr(entry, "many", False) else below) | values
    return st.fixed_dictionaries({}, optional=found)


documents = st.dictionaries(names, values, max_size=5) | shaped(Settings)


def judge(trees: list[dict[str, Any]]) -> None:
    """Every way in which documents are taken or refused, which must not raise anything else."""
    for tree in trees:
        for problem in check_document(tree):
            assert isinstance(problem, Problem)
            assert str(problem).encode()
    layers = [FILE, *(document(tree, f"level {number}") for number, tree in enumerate(trees))]
    merge(layers)
    try:
        found = assemble(layers, AROUND)
    except ConfigurationError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.origin is not None
            assert problem.what
            assert len(str(problem).encode()) < 2000
    else:
        assert all(check_document(tree) == () for tree in trees)
        kaltura = found.settings.kaltura
        assert ("http://127.0.0.1:8911/api_v3", 102) == (kaltura.service_url, kaltura.partner_id)
        assert "device-001" == found.settings.device.id


@given(trees=st.lists(documents, min_size=1, max_size=3))
@examples(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_any_documents_are_taken_or_refused_with_reasons(trees: list[dict[str, Any]]) -> None:
    """Whoever may publish must not be able to end the agent."""
    judge(trees)


WORDS = sorted({path[-1] for path, _, _ in walk(Settings)})
ODD: list[Any] = [
    *(None, True, False, 0, 1, -1, 5, 40, 10**400, 0.5, float("nan"), float("inf"), "", "x", "x" * 5000, "\ud800"),
    *("debug", ":no-audio", "2026-12-24", "08:00-20:00", "overlay", "midroll", "/srv/media/a.mp4", *HOSTILE_URIS),
]


def grown(chance: Random, model: type[Any] | None, depth: int = 0) -> Any:
    """A document, or part of one: mostly of the model's shape, now and then of any other."""
    roll = chance.random()
    if depth and (roll < 0.1 or depth > 6):
        return chance.choice(ODD)
    if depth and roll < 0.15:
        return [grown(chance, None, depth + 1) for _ in range(chance.randrange(4))]
    names = dict(entries(model)) if model is not None else {}
    picked = chance.sample(sorted(names), chance.randint(0, min(4, len(names))))
    picked += [chance.choice(WORDS)] if chance.random() < 0.2 or model is None else []
    return {name: part(chance, names.get(name), depth + 1) for name in picked}


def part(chance: Random, entry: Setting | Table | None, depth: int) -> Any:
    """What stands under one key: half of the time what the schema itself gives as an example."""
    match entry:
        case Table(inner, _, True):
            return [grown(chance, inner, depth) for _ in range(chance.randrange(3))]
        case Table(inner):
            return grown(chance, inner, depth)
        case Setting(example=example) if example is not None and chance.random() < 0.5:
            return jsonable(example)
        case Setting():
            return chance.choice(ODD)
    return grown(chance, None, depth) if chance.random() < 0.3 else chance.choice(ODD)


@pytest.mark.all
@pytest.mark.timeout(600)
@given(seed=st.integers(0, 2**64))
@examples(max_examples=10_000)
def test_ten_thousand_documents_are_taken_or_refused_with_reasons(seed: int) -> None:
    """The number that is promised. Grown from a seed, since hypothesis takes minutes to draw so many whole."""
    chance = Random(seed)
    judge([grown(chance, Settings) for _ in range(1 + seed % 2)])
