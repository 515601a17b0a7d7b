"""Prometheus' text format, written with care.

Contract: `exposition(samples)` answers the text of version 0.0.4: each metric once with HELP and TYPE, its samples
below. Pure. A `Metric` is what is documented, a `Sample` one number of it.
Rules: one family stands together, in the order in which the first sample of it came. Backslash, newline and quotation
mark are escaped as the format wants; a label's value is bounded, control characters are taken out of it. A value that
is not known is left out, never written as nought.
Reasons: a library for it would cost a dependency on every kiosk for 40 lines; the official parser reads these in tests
(promtool, where it is installed).
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
LONGEST_VALUE: Final = 120
"""Of a label: a code of a server's, or a version, is far shorter."""
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class Type(Enum):
    """How a number behaves: a COUNTER only rises (until a restart), a GAUGE is what is now."""

    COUNTER = "counter"
    GAUGE = "gauge"


@dataclass(frozen=True, slots=True)
class Metric:
    """One family. `help`: one sentence. `labels`: the names of its labels."""

    name: str
    type: Type
    help: str
    labels: tuple[str, ...] = ()

    def of(self, value: float | bool | None, *labels: str) -> "Sample":
        """A number of it; `labels`: their values, in the order of their names."""
        return Sample(self, labels, None if value is None else float(value))


@dataclass(frozen=True, slots=True)
class Sample:
    """One number. `value` None: not known, and not written."""

    metric: Metric
    labels: tuple[str, ...]
    value: float | None


def exposition(samples: Iterable[Sample]) -> str:
    """The text."""
    families: dict[str, list[Sample]] = {}
    for sample in samples:
        if sample.value is not None:
            families.setdefault(sample.metric.name, []).append(sample)
    return "".join(line for family in families.values() for line in _family(family))


def _family(samples: Sequence[Sample]) -> Iterable[str]:
    metric = samples[0].metric
    help_text = metric.help.replace("\\", r"\\").replace("\n", r"\n")
    yield f"# HELP {metric.name} {help_text}\n# TYPE {metric.name} {metric.type.value}\n"
    told: set[tuple[str, ...]] = set()
    for sample in samples:
        labels = tuple(_cleaned(label) for label in sample.labels)
        if labels not in told:  # two that differ beyond the bound would make the whole page invalid
            told.add(labels)
            yield f"{metric.name}{_labels(metric.labels, labels)} {_number(sample.value or 0.0)}\n"


def _labels(names: Sequence[str], values: Sequence[str]) -> str:
    if not names:
        return ""
    pairs = (f'{name}="{_escaped(value)}"' for name, value in zip(names, values, strict=True))
    return "{" + ",".join(pairs) + "}"


def _cleaned(value: str) -> str:
    return _CONTROL.sub("�", value)[:LONGEST_VALUE]


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
