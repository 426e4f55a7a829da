"""`simulate strip --field`: from names to an answer, a page and a checkpoint."""

import json

import pytest

from anolyte.faces.cli import main

SMALL = ("simulate", "strip", "LLZO", "Li", "--field", "--current", "1 mA/cm2",
         "--pressure", "0.4 MPa", "--for", "4 min")  # fmt: skip


@pytest.fixture
def run(capsys):
    """Run one command in this process; what it printed on both streams."""

    def call(*arguments, code=0):
        assert main([str(a) for a in arguments]) == code
        return capsys.readouterr()

    return call


def test_voids_are_told_drawn_and_resumed(run, tmp_path):
    page, checkpoint = tmp_path / "voids.html", tmp_path / "run.h5"
    out = run(*SMALL, "--plot", page, "--checkpoint", checkpoint).out
    assert "stripped for 4 min" in out and "assumed, not measured" in out
    assert "flow of the metal" in " ".join(out.split()) and "closed form" in out
    assert "Plotly" in page.read_text() and page.stat().st_size < 8e6
    again = json.loads(run(*SMALL, "--checkpoint", checkpoint, "--resume", "--json").out)
    assert again["ended"] == "time"
    assert abs(again["balance"]["value"]) < 1e-10
    assert "is there already" in run(*SMALL, "--checkpoint", checkpoint, code=2).err


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--counter", "Li"), "bare metal"),
        (("--until", "0.3 V"), "instead of --until"),
        (("--current", "0 mA/cm2"), "must be positive"),
    ],
)
def test_what_the_field_does_not_know_is_refused_in_one_line(run, more, words):
    told = run(*SMALL, *more, code=2).err
    assert words in " ".join(told.split())


def test_options_of_the_field_need_it(run):
    told = run("simulate", "strip", "LLZO", "Li", "--for", "1 h", code=2).err
    assert "go with --field" in told
