"""The page on spectra runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs/howto/spectra.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_page_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    space: dict[str, object] = {}
    for number, block in enumerate(blocks):
        exec(compile(block, f"block {number + 1}", "exec"), space)
    printed = dict(
        line.rsplit(" ", 2)[:2] for line in capsys.readouterr().out.splitlines() if "eV" in line
    )
    assert float(printed["bulk"]) == pytest.approx(0.30, abs=0.015)
    assert float(printed["charge transfer"]) == pytest.approx(0.55, abs=0.015)
    assert (tmp_path / "found.json").is_file()
    assert len(space["frame"]) == 20  # pyright: ignore[reportArgumentType]
