"""How PHP reads what a client sends: forms, nested names, and loose casts.

Contract: pure functions from text to a tree of parameters, and from any value in it to an integer, a float, a boolean
or a text, as the recorded server did it (tests/vectors/kaltura.jsonl).

Rules
- An array of PHP, whether it came as a JSON list or as an object, is a dict here with text keys: the server makes no
  difference.
- A name with brackets nests while the form is read; a name with colons stays one flat name until `expand`. The
  response cache sees the difference, so the two steps are kept apart.
- Text that is not UTF-8 is carried as lone surrogates and becomes empty when it is used.
"""

import functools
import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias
from urllib.parse import unquote_plus

Value: TypeAlias = "bool | int | float | str | dict[str, Value] | None"
Params: TypeAlias = dict[str, Value]

INT_MAX = 2**63 - 1
INT_MIN = -(2**63)

_NUMBER = r"[ \t\n\r\v\f]*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
_STARTS_NUMERIC = re.compile(_NUMBER)
_NUMERIC = re.compile(_NUMBER + r"[ \t\n\r\v\f]*")
_FALSE_TEXTS = frozenset({"", "0", "false"})


def parse_form(text: str, *, max_input_vars: int) -> Params:
    """Read a form body or a query. Whatever follows the variable number `max_input_vars` is dropped silently."""
    params: Params = {}
    count = 0
    for pair in text.split("&"):
        if not pair:
            continue
        count += 1
        if count > max_input_vars:
            break
        name, _, value = pair.partition("=")
        _put(params, _name_path(name), _decode(value))
    return params


def parse_json(body: bytes) -> Params:
    """Read a JSON body; empty if PHP would not accept it or if it is not an object or a list."""
    try:
        text = body.decode()
        tree = json.loads(text, parse_int=_json_int, parse_constant=_refuse)
        if "\\u" in text:
            json.dumps(tree, ensure_ascii=False).encode()  # a lone surrogate is an error to PHP, not to Python
    except (ValueError, RecursionError):
        return {}
    value = _as_value(tree)
    return value if isinstance(value, dict) else {}


def merge(base: Params, over: Mapping[str, Value]) -> None:
    """Lay `over` on `base`: arrays merge, anything else is replaced; a known name keeps its place."""
    for name, value in over.items():
        there = base.get(name)
        if isinstance(there, dict) and isinstance(value, dict):
            merge(there, value)
        else:
            base[name] = value


def expand(params: Mapping[str, Value]) -> Params:
    """Nest the names with colons, in order, so that of two spellings of one field the later one stands."""
    if not any(":" in name for name in params):
        return dict(params)
    expanded: Params = {}
    for name, value in params.items():
        own = _copy(value)
        if ":" in name:
            _put(expanded, name.split(":"), own)
        else:
            merge(expanded, {name: own})
    return expanded


def to_int(value: Value) -> int:
    """Cast as `(int)` does: leading number or 0, saturated at 64 bits; an array is 1 unless it is empty."""
    if isinstance(value, str):
        match = _STARTS_NUMERIC.match(value)
        if match is None:
            return 0
        digits = match[1]
        value = float(digits) if any(mark in digits for mark in ".eE") else int(digits)
    if isinstance(value, float):
        value = int(min(max(value, INT_MIN), INT_MAX))
    if isinstance(value, int):
        return min(max(int(value), INT_MIN), INT_MAX)
    return 1 if value else 0


def to_float(value: Value) -> float:
    """Cast as `(float)` does."""
    if isinstance(value, str):
        match = _STARTS_NUMERIC.match(value)
        return float(match[1]) if match else 0.0
    if isinstance(value, bool | int | float):
        return float(value)
    return 1.0 if value else 0.0


def to_bool(value: Value) -> bool:
    """Cast as the server does: `false` in any letter case, `0` and empty are false, any other text is true."""
    return value.lower() not in _FALSE_TEXTS if isinstance(value, str) else bool(value)


def to_text(value: Value) -> str:
    """Cast as `(string)` does: true is `1`; false and null are empty; an array is `Array`; bad UTF-8 is empty."""
    if isinstance(value, str):
        return value if value.isascii() or _is_utf8(value) else ""
    if isinstance(value, bool) or value is None:
        return "1" if value else ""
    if isinstance(value, float):
        return print_float(value, digits=17)
    return str(value) if isinstance(value, int) else "Array"


def to_number_of(value: Value, low: int, high: int) -> int | None:
    """The enumeration value, or None if it is no whole number between `low` and `high`."""
    if isinstance(value, str):
        match = _NUMERIC.fullmatch(value)
        value = float(match[1]) if match else None
    if not isinstance(value, bool | int | float) or value != value or not low <= value <= high:
        return None
    return int(value) if value == int(value) else None


def print_float(value: float, *, digits: int) -> str:
    """A float as PHP prints it: `digits` significant ones (17 means the shortest exact form), `1.0E+30`."""
    text = repr(value).upper() if digits == 17 else f"{value:.{digits}G}"
    mantissa, exponent, power = text.partition("E")
    if not exponent:
        return mantissa.removesuffix(".0")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(power):+d}"


def _decode(text: str) -> str:
    return unquote_plus(text, errors="surrogateescape") if "%" in text or "+" in text else text


@functools.lru_cache(maxsize=4096)  # the same two dozen names come with every event, and a benchmark sends many
def _name_path(name: str) -> tuple[str, ...]:
    """Split `event[eventType]` into its keys. PHP turns blanks and dots before the first bracket into `_`."""
    base, bracket, rest = _decode(name).lstrip(" ").partition("[")
    base = base.replace(" ", "_").replace(".", "_")
    if not bracket:
        return (base,)
    if "]" not in rest:
        return (f"{base}_{rest}",)
    keys = [base]
    while "]" in rest:
        key, _, rest = rest.partition("]")
        keys.append(key)
        if not rest.startswith("["):
            break
        rest = rest[1:]
    return tuple(keys)


def _put(params: Params, path: Sequence[str], value: Value) -> None:
    for key in path[:-1]:
        inner = params.get(key)
        if not isinstance(inner, dict):
            inner = params[key] = {}
        params = inner
    last = path[-1] or str(len(params)) if len(path) > 1 else path[-1]  # `a[]=x` appends
    params[last] = value


def _copy(value: Value) -> Value:
    return {name: _copy(inner) for name, inner in value.items()} if isinstance(value, dict) else value


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _json_int(text: str) -> int | float:
    number = int(text) if len(text) < 20 else float(text)
    return number if INT_MIN <= number <= INT_MAX else float(number)


def _refuse(text: str) -> Value:
    raise ValueError(f"{text} is not JSON")


def _as_value(tree: object) -> Value:
    if isinstance(tree, dict):
        return {str(name): _as_value(inner) for name, inner in tree.items()}
    if isinstance(tree, list):
        return {str(index): _as_value(inner) for index, inner in enumerate(tree)}
    return tree if isinstance(tree, bool | int | float | str) else None
