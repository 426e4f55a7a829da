"""What a notebook and a Python prompt show of results, and what completion offers."""

import ast
import inspect
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import ClassVar

import pytest

import anolyte
from anolyte.core.errors import DataError
from anolyte.core.result import Concern, Result, quantity
from anolyte.measure.records import Spectrum


@dataclass(frozen=True)
class Odd(Result):
    """Names and texts that no page may run."""

    name: str
    series: tuple[float, ...] = quantity("length", default=())
    share: float = quantity("fraction", default=0.25)
    done: bool = True
    said: str = "<script>alert('x')</script>\x1b[31m\nsecond line"
    count: int = 3

    concern: ClassVar[Concern] = Concern.WINDOW

    def rows(self):
        return [{"a <b>": f"{k} & more", "length [m]": k / 7} for k in range(self.count)]


@dataclass(frozen=True)
class Failing(Result):
    """Its table cannot be made."""

    name: str = "x"

    def rows(self):
        raise DataError("no table")


class Tags(HTMLParser):
    """Collects tags, checks that each is closed, and keeps the text."""

    def __init__(self, page):
        super().__init__()
        self.seen, self.open, self.text = set(), [], ""
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.open.append(tag)
        assert all(k in ("style", "class") for k, _ in attrs)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def results():
    """One of each kind that is quick to make."""
    assessment = anolyte.assess(anolyte.Interface("Li6PS5Cl", "Li"))
    return [
        assessment, *assessment.results, anolyte.window("Li6PS5Cl"),
        anolyte.react("Li6PS5Cl", "Li"), anolyte.query(quantity="interfacial_resistance"),
        anolyte.compare_electrolytes(), anolyte.stability_map(["Li", "P", "S"]),
        Odd("<b>odd</b>", tuple(range(2000)), count=900), Failing(),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def made():
    return results()


def test_every_result_is_a_dozen_lines(made):
    for result in made:
        lines = repr(result).splitlines()
        assert 2 <= len(lines) <= 18, repr(result)
        assert all(len(line) <= 100 and line.isprintable() for line in lines)
        assert str(result) == repr(result)
        assert lines[-1].endswith("all of it: .to_frame(), .to_dict())")


def test_every_result_is_a_small_piece_of_escaped_html(made):
    for result in made:
        page = result._repr_html_()
        assert len(page) < 12_000
        tags = Tags(page)
        assert tags.seen <= {"div", "strong", "table", "thead", "tbody", "tr", "th", "td", "small"}
        assert "color" not in page and "background" not in page  # the page's theme decides


def test_a_card_says_what_matters(made):
    said = repr(made[0])
    assert said.startswith("Assessment of Li6PS5Cl | Li\n  verdict  metastable: passivated")
    assert "reduced below 1.93 V vs Li/Li⁺" in said
    window = repr(anolyte.window("Li6PS5Cl"))
    assert "reduction limit    1.93 V vs Li/Li⁺" in window


def test_texts_of_others_are_shown_as_texts():
    odd = Odd("<b>odd</b>", (1e-6, 5e-6), count=900)
    page = odd._repr_html_()
    assert "<script" not in page and "<b>" not in page and "\x1b" not in page
    assert "&lt;b&gt;odd&lt;/b&gt;" in page and "0 &amp; more" in page
    said = repr(odd)
    assert "2 values, 1 µm to 5 µm" in said and "share   25%" in said and "done    yes" in said
    assert "893 more rows" in said


def test_equality_hash_and_subclasses_are_those_of_dataclasses():
    assert Odd("x") == Odd("x") != Odd("y")
    assert hash(Odd("x")) == hash(Odd("x"))
    assert "__repr__" in Odd.__dict__


def test_nouns_are_short():
    from anolyte.materials.phases import embedded

    for noun in (embedded(), anolyte.Interface("LLZO", "Li"), anolyte.Library().anode("Li")):
        assert len(repr(noun)) < 600


def test_completion_sees_the_public_names_and_nothing_else():
    names = dir(anolyte)
    assert {"assess", "window", "Interface", "save_figure", "__version__"} <= set(names)
    assert not [n for n in names if n.startswith("_") and n != "__version__"]
    assert set(names) == {*anolyte.__all__, "__version__"}
    for name in anolyte.__all__:
        assert getattr(anolyte, name) is not None


def test_type_checkers_see_the_same_names():
    stub = Path(anolyte.__file__).with_suffix(".pyi")
    tree = ast.parse(stub.read_text())
    seen = {a.asname: n.module for n in tree.body if isinstance(n, ast.ImportFrom)
            for a in n.names if a.asname == a.name}  # fmt: skip
    assert seen == anolyte._PUBLIC


def test_public_functions_have_type_hints():
    for name in anolyte.__all__:
        found = getattr(anolyte, name)
        if inspect.isfunction(found):
            hints = inspect.signature(found)
            assert hints.return_annotation is not inspect.Signature.empty, name
            for p in hints.parameters.values():
                assert p.annotation is not inspect.Parameter.empty, (name, p.name)


def test_a_spectrum_is_short():
    import numpy as np

    spectrum = Spectrum.of(np.logspace(0, 6, 500), np.ones(500) * (1 - 1j))
    assert len(repr(spectrum)) < 2000
