"""Figures for papers: what a browser on this computer draws of them."""

import re
import struct

import pytest

import anolyte
from anolyte.core.errors import DataError, MissingExtra
from anolyte.faces import print_figure
from anolyte.faces.cli import main

drawn = pytest.mark.skipif(print_figure.browser() is None, reason="no browser on PATH")


def text_of(svg):
    """The words of a drawing."""
    return re.sub(r"<[^>]+>", " ", svg)


@pytest.mark.browser
@drawn
def test_a_drawing_keeps_its_words_as_text(tmp_path):
    figure = anolyte.figure(anolyte.window("Li3YCl6"))
    figure.update_layout(legend_title_text="</script><script>document.body.remove()</script>")
    path = anolyte.save_figure(figure, tmp_path / "w.svg", width=600)
    svg = path.read_text()
    assert svg.startswith("<svg") and 'width="600"' in svg
    assert "potential (V vs Li/Li⁺)" in text_of(svg) and "driving force" in text_of(svg)


@pytest.mark.browser
@drawn
def test_every_figure_of_a_run_of_the_command_is_one_file(tmp_path, capsys):
    path = tmp_path / "kinks.png"
    assert main(["react", "Li6PS5Cl", "Li", "--plot", f"mixing={path}"]) == 0
    assert str(path) in capsys.readouterr().out
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG")
    width, _ = struct.unpack(">II", data[16:24])
    assert width == print_figure.WIDTH * print_figure.SCALE
    figures = [anolyte.figure(anolyte.window(name)) for name in ("Li3YCl6", "LLZO")]
    [made] = print_figure.write_pictures(figures, tmp_path / "both.pdf")
    pdf = made.read_bytes()
    assert pdf.startswith(b"%PDF") and len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2


def test_without_a_browser_one_line_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(print_figure.WHERE, raising=False)
    with pytest.raises(MissingExtra, match="drawn by Chromium or Chrome, and none is found"):
        anolyte.save_figure(anolyte.window("Li3YCl6"), tmp_path / "w.svg")
    assert main(["window", "Li3YCl6", "--figure", f"force={tmp_path / 'w.pdf'}"]) == 2
    assert "apt install chromium" in capsys.readouterr().err
    assert anolyte.save_figure(anolyte.window("Li3YCl6"), tmp_path / "w.html").is_file()


def test_a_browser_that_draws_nothing_is_one_line(tmp_path, monkeypatch):
    fake = tmp_path / "fake"
    fake.write_text("#!/bin/sh\necho '<html></html>'\n")
    fake.chmod(0o755)
    monkeypatch.setenv(print_figure.WHERE, str(fake))
    with pytest.raises(DataError, match="drew nothing"):
        anolyte.save_figure(anolyte.window("Li3YCl6"), tmp_path / "w.svg")


def test_other_suffixes_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"written as \.html, \.svg, \.pdf, \.png"):
        anolyte.save_figure(anolyte.window("Li3YCl6"), tmp_path / "w.gif")
