"""Progress with the time left."""

from anolyte.core import progress


def test_time_left_follows_the_pace(monkeypatch):
    clock, told = [100.0], []
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    show = progress.with_time_left(lambda *x: told.append(x))
    for done, now in ((40, 110.0), (50, 120.0), (60, 130.0), (100, 200.0)):
        clock[0] = now
        show(done, 100, "0 failed")
    # 40 came from the ledger at once: the pace is ten a ten seconds.
    assert [t[2] for t in told] == [
        "0 failed", "0 failed, 50 s left", "0 failed, 40 s left", "0 failed",
    ]  # fmt: skip
    assert [t[:2] for t in told] == [(40, 100), (50, 100), (60, 100), (100, 100)]
