"""What the link leaves in the mailbox."""

from agent.kernel import signals
from agent.player.reports import Heard, HostLost, HostReady, sample_kind


def test_only_position_samples_may_be_replaced() -> None:
    """A dropped pause or end is a wrong story; a dropped sample is interpolated (decision 31)."""
    assert sample_kind(Heard(1, 1, 1, signals.TimeChanged(0.9, 0.0))) == (1, signals.TimeChanged, 0)
    assert sample_kind(Heard(1, 1, 2, signals.Sampled(7.0, 0.0, 1.0, False))) == (2, signals.Sampled, 7)
    assert sample_kind(Heard(1, 1, 1, signals.Paused(0.0))) is None
    assert sample_kind(HostReady(0.0, 1, 1, "3", ())) is None
    assert sample_kind(HostLost(0.0, 1, "died")) is None
