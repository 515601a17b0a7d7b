"""Receipts: what tells a second machine to leave a file alone, and a kiosk that its events have arrived."""

from dataclasses import replace
from pathlib import Path

from agent.runtime.portable.receipts import Receipt, beside, delivered_in, keep, read

RECEIPT = Receipt("export", "device-001", "machine", "office", 1.0, [["generation", 1, 9]])


def test_receipt_is_read_as_it_was_kept(tmp_path: Path) -> None:
    """Before the delivery, and after it."""
    done = replace(RECEIPT, delivered=2.0, outcome={"stats.collect": {"delivered": 9}})
    for receipt in (RECEIPT, done):
        keep(receipt, beside(tmp_path / "file"))
        assert receipt == read(tmp_path / "file.receipt")


def test_what_is_no_receipt_is_none(tmp_path: Path) -> None:
    """Anything may lie on a stick; it must neither stop an import nor free a kiosk's copy."""
    path = tmp_path / "file.receipt"
    assert read(path) is None
    for text in ("", "{", "[]", '{"id": 1}', '{"id":1,"device":"d","machine":"m","host":"h","taken":1,"ranges":[]}'):
        path.write_text(text)
        assert read(path) is None
    path.write_bytes(b"\xff" * 100_000)
    assert read(path) is None


def test_only_what_was_delivered_is_found(tmp_path: Path) -> None:
    """A file that was taken may still be lost before it is delivered."""
    done = replace(RECEIPT, id="other", delivered=2.0)
    keep(RECEIPT, beside(tmp_path / "a"))
    keep(done, beside(tmp_path / "b"))
    (tmp_path / "c.receipt").write_text("nonsense")
    assert [done] == delivered_in(tmp_path)
