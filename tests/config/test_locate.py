"""Lines of TOML values."""

import json
import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.config.locate import lines, nearest
from agent.config.problems import Place

TEXT = '''\
# a comment = 1
top = 1
"quoted key" = """
several
lines""" # [not.a.table]
a.b.'c d' = [1, # one
  2, [3,
    4]]

[player] # the player
volume = 80
text = "# no comment \\" ]"
long = \'\'\'
[player.fake]
\'\'\'\'\'

[[player.playlist]]
uri = "a"
hours = [
  "08:00-09:00", "10:00-11:00",
  # a comment, with ] in it
  "12:00-13:00",
]
[player.playlist.extra]
deep = { x = 1, "y" = { z = [ { w = 1 } ] } }
[[player.playlist]]
when = 2026-12-24 18:00:00
[["player" . playlist.sub]]
one = true
[[player.playlist.sub]]
two = -inf
[ kaltura.session ]
mode = 'none'
[kaltura]
enabled = true
'''

EXPECTED: dict[Place, int] = {
    ("top",): 2,
    ("quoted key",): 3,
    ("a",): 6,
    ("a", "b"): 6,
    ("a", "b", "c d"): 6,
    ("a", "b", "c d", 0): 6,
    ("a", "b", "c d", 1): 7,
    ("a", "b", "c d", 2): 7,
    ("a", "b", "c d", 2, 0): 7,
    ("a", "b", "c d", 2, 1): 8,
    ("player",): 10,
    ("player", "volume"): 11,
    ("player", "text"): 12,
    ("player", "long"): 13,
    ("player", "playlist"): 17,
    ("player", "playlist", 0): 17,
    ("player", "playlist", 0, "uri"): 18,
    ("player", "playlist", 0, "hours"): 19,
    ("player", "playlist", 0, "hours", 0): 20,
    ("player", "playlist", 0, "hours", 1): 20,
    ("player", "playlist", 0, "hours", 2): 22,
    ("player", "playlist", 0, "extra"): 24,
    ("player", "playlist", 0, "extra", "deep"): 25,
    ("player", "playlist", 0, "extra", "deep", "x"): 25,
    ("player", "playlist", 0, "extra", "deep", "y"): 25,
    ("player", "playlist", 0, "extra", "deep", "y", "z"): 25,
    ("player", "playlist", 0, "extra", "deep", "y", "z", 0): 25,
    ("player", "playlist", 0, "extra", "deep", "y", "z", 0, "w"): 25,
    ("player", "playlist", 1): 26,
    ("player", "playlist", 1, "when"): 27,
    ("player", "playlist", 1, "sub"): 28,
    ("player", "playlist", 1, "sub", 0): 28,
    ("player", "playlist", 1, "sub", 0, "one"): 29,
    ("player", "playlist", 1, "sub", 1): 30,
    ("player", "playlist", 1, "sub", 1, "two"): 31,
    ("kaltura",): 34,
    ("kaltura", "session"): 32,
    ("kaltura", "session", "mode"): 33,
    ("kaltura", "enabled"): 35,
}


def test_every_place_is_found_on_its_line() -> None:
    """Someone looks for the fault in a file of 300 lines, over a serial console."""
    tomllib.loads(TEXT)
    assert EXPECTED == lines(TEXT)
    assert EXPECTED == lines(TEXT.replace("\n", "\r\n"))


def test_nothing_is_found_in_nothing() -> None:
    """An empty file is a configuration too."""
    assert {} == lines("")
    assert {} == lines(" \n# only a comment")


def test_place_that_is_not_written_is_found_at_its_table() -> None:
    """A missing key is mended in its table."""
    assert 17 == nearest(EXPECTED, ("player", "playlist", 0, "entry_id"))
    assert 34 == nearest(EXPECTED, ("kaltura", "partner_id"))
    assert nearest(EXPECTED, ("queue", "max_bytes")) is None


keys = st.sampled_from(["a", "b-c", "1", "d e", "ü", 'q"', ""]) | st.text(max_size=4).filter(
    lambda text: text.isprintable()
)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\x7f"), max_size=12)
scalars = st.integers(-9, 9) | st.booleans() | texts | st.dates() | st.sampled_from(["''", '"""', "# ]", "a=1"])
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3))
trees = st.dictionaries(keys, values | st.lists(st.dictionaries(keys, values, max_size=3), min_size=1), max_size=4)


class Writer:
    """Writes a tree as TOML in a style that varies, and notes the line on which it puts each place."""

    def __init__(self, draw: Any) -> None:
        self.text = ""
        self.noted: dict[Place, int] = {}
        self._draw = draw

    def note(self, place: Place) -> None:
        self.noted.setdefault(place, self.text.count("\n") + 1)

    def chance(self) -> bool:
        return bool(self._draw(st.booleans()))

    def blank(self) -> str:
        return str(self._draw(st.sampled_from(["", " ", "\n", " # x = [\n", "\t"])))

    def key(self, text: str) -> str:
        bare = text.isascii() and text.replace("-", "").isalnum()
        return text if bare and self.chance() else json.dumps(text, ensure_ascii=False)

    def table(self, tree: dict[str, Any], place: Place, names: list[str]) -> None:
        below = [key for key, value in tree.items() if isinstance(value, dict) and self.chance()]
        below += [key for key, value in tree.items() if is_tables(value) and self.chance()]
        for key in (key for key in tree if key not in below):
            self.note((*place, key))
            self.text += f"{self.key(key)} ="
            self.value(tree[key], (*place, key))
            self.text += " # comment\n" if self.chance() else "\n\n"
        for key in below:
            header = [*names, self.key(key)]
            for index, inner in enumerate(tree[key] if isinstance(tree[key], list) else [None]):
                here = (*place, key) if inner is None else (*place, key, index)
                self.note((*place, key))
                self.note(here)
                name = " . ".join(header)
                self.text += f"[{name}]\n" if inner is None else f"[[ {name} ]]\n"
                self.table(tree[key] if inner is None else inner, here, header)

    def value(self, value: Any, place: Place) -> None:
        match value:
            case dict():
                self.text += "{"
                for number, (key, each) in enumerate(value.items()):
                    self.note((*place, key))
                    self.text += f"{', ' if number else ' '}{self.key(key)}="
                    self.value(each, (*place, key))
                self.text += " }"
            case list():
                self.text += "["
                for index, each in enumerate(value):
                    self.text += self.blank()
                    self.note((*place, index))
                    self.value(each, (*place, index))
                    self.text += self.blank() + ","
                self.text += self.blank() + "]"
            case str() if "'" not in value and value.isprintable() and self.chance():
                self.text += f"'{value}'"
            case str() if "\n" in value and '"' not in value and "\\" not in value and self.chance():
                escaped = json.dumps(value, ensure_ascii=False)[1:-1].replace("\\n", "\n")
                self.text += f'"""\n{escaped}"""'
            case bool():
                self.text += "true" if value else "false"
            case str():
                self.text += json.dumps(value, ensure_ascii=False)
            case _:
                self.text += str(value)


def is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


@given(trees, st.data())
def test_places_of_any_document_are_found_where_they_were_written(tree: dict[str, Any], data: st.DataObject) -> None:
    """People write TOML in every style that it allows; a wrong line is worse than none."""
    writer = Writer(data.draw)
    writer.table(tree, (), [])
    assert tree == tomllib.loads(writer.text)
    assert writer.noted == lines(writer.text)
