"""Values of the model as TOML and JSON write them.

Contract: `plain` answers text, numbers, flags, dates, lists or None; `toml` writes one of those. Pure.
"""

import json
from datetime import date
from enum import Enum
from typing import Any

from agent.config.hours import Opening


def plain(value: Any) -> Any:
    """A model's value without our types; a number that is whole is written whole."""
    match value:
        case Enum():
            return value.value
        case Opening():
            return str(value)
        case tuple() | list():
            return [plain(each) for each in value]
        case float() if value.is_integer():
            return int(value)
    return value


def jsonable(value: Any) -> Any:
    """The same for JSON, which has no dates."""
    found = plain(value)
    return found.isoformat() if isinstance(found, date) else found


def toml(value: Any) -> str:
    """One value in TOML; a text with backslashes in single quotation marks, since people copy these lines."""
    match plain(value):
        case bool() as flag:
            return "true" if flag else "false"
        case str() as text if "\\" in text and "'" not in text and text.isprintable():
            return f"'{text}'"
        case str() as text:
            # JSON's escapes are TOML's, but for DEL, which JSON leaves as it is.
            return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
        case date() as moment:
            return moment.isoformat()
        case list() as several:
            return f"[{', '.join(toml(each) for each in several)}]"
        case number:
            return str(number)
