"""The made-up partners and tokens."""

import json
from pathlib import Path

from tools.standin import fixtures


def test_defaults_are_those_of_the_recording() -> None:
    """Demo, tests and recorded cases must agree on partner, secrets and tokens."""
    recorded = Path(__file__).parents[1] / "vectors" / "kaltura.jsonl"
    first = json.loads(recorded.read_text(encoding="utf-8").splitlines()[0])["fixtures"]
    assert first == json.loads(Path(fixtures.__file__).with_name("fixtures.json").read_text(encoding="utf-8"))
    assert {102, 99} == set(fixtures.load().partners)


def test_tokens_say_whether_they_expired_or_were_deleted() -> None:
    """Both are told apart by the server's answer."""
    tokens = fixtures.load().tokens.values()
    assert (sum(token.is_expired for token in tokens), sum(token.is_deleted for token in tokens)) == (1, 1)
