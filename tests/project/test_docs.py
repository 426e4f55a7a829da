"""The documentation is built without a warning, whole, and asks nothing of other hosts.

The tutorials are not run here: `test_tutorials.py` does that with the same function.
"""

import html
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import anolyte
from anolyte.faces.cli import VERBS
from anolyte.models import ALL

pytest.importorskip("material", reason="needs the [docs] extra")
pytest.importorskip("mkdocstrings", reason="needs the [docs] extra")
ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow
LOADED = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*>")
ADDRESS = re.compile(r'\b(?:src|href)="((?:https?:)?//[^"]+)"')
STYLED = re.compile(r"(?:url\(|@import\s)\s*[\"']?((?:https?:)?//[^\"')\s]+)")


def build(folder):
    """Build the site; what was said, and the exit code."""
    settings = {"ANOLYTE_RUN_TUTORIALS": "false", "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, timeout=300
    )
    return done.stdout + done.stderr, done.returncode


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    said, code = build(folder)
    assert code == 0, said
    assert not re.search(r"^(WARNING|ERROR)", said, re.MULTILINE), said
    return folder


def words(site, page):
    """A page without its tags."""
    return html.unescape(re.sub(r"<[^>]+>", "", (site / page).read_text(encoding="utf-8")))


def headings(site, page):
    """The headings of a page."""
    text = (site / page).read_text(encoding="utf-8")
    found = re.findall(r"<h[1-6][^>]*>(.*?)</h[1-6]>", text, re.DOTALL)
    return {html.unescape(re.sub(r"<[^>]+>", " ", head)).split("¶")[0].strip() for head in found}


def test_nothing_comes_from_another_host(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 70
    for page in pages:
        for tag in LOADED.findall(page.read_text(encoding="utf-8")):
            assert 'rel="canonical"' in tag or not ADDRESS.search(tag), f"{page.name}: {tag}"
    for style in site.rglob("*.css"):
        assert not STYLED.findall(style.read_text(encoding="utf-8")), style.name


def test_every_picture_is_there(site):
    shown = 0
    for page in site.rglob("*.html"):
        for name in re.findall(r'<img [^>]*src="([^":]+)"', page.read_text(encoding="utf-8")):
            assert (page.parent / html.unescape(name)).is_file(), f"{page.name}: {name}"
            shown += 1
    assert shown > 50


def test_formulas_are_set(site):
    contact = (site / "models" / "contact.html").read_text(encoding="utf-8")
    assert contact.count("<math") > 40
    for page in site.rglob("*.html"):
        assert 'class="arithmatex"' not in page.read_text(encoding="utf-8"), page.name


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.__name__)
def test_every_model_has_a_page_and_a_reference(site, model):
    named = f"({model.__name__}"
    pages = [page.name for page in (site / "models").glob("*.html") if named in words(site, page)]
    assert len(pages) == 1, f"the line Source of one page of docs/models/ must name {named})"
    assert any(head.startswith(model.__name__) for head in headings(site, "reference/models.html"))


def test_every_verb_is_on_the_page_of_commands(site):
    heads = headings(site, "reference/commands.html")
    assert {f"anolyte {verb}" for verb in VERBS} <= heads
    assert {"simulate filament", "fit eis", "learn train"} <= heads
    assert "--pressure" in words(site, "reference/commands.html")


def test_every_public_name_is_in_the_reference(site):
    heads = {head.split()[0] for head in headings(site, "reference/python.html") if head}
    assert {f"anolyte.{name}" for name in anolyte.__all__} <= heads


def test_the_reference_says_something_of_each(site):
    text = words(site, "reference/python.html")
    for sentence in ("Ask every model about one interface.", "The headline figure of a result"):
        assert sentence in text


def test_tutorials_are_pages_and_files(site):
    for path in (ROOT / "docs" / "tutorials").glob("*.py"):
        assert path.stem in words(site, f"tutorials/{path.stem}.html")
        assert (site / "tutorials" / path.name).read_bytes() == path.read_bytes()
