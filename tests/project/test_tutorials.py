"""Every tutorial runs from top to bottom; each ends in what it asserts."""

import importlib.util
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


def hook(name):
    """A module of the site's build, which lies outside of the package."""
    spec = importlib.util.spec_from_file_location(f"hooks_{name}", DOCS / "hooks" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


tutorials = hook("tutorials")
FILES = sorted(tutorials.TUTORIALS.glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_runs(path):
    parts = tutorials.execute(path)
    assert "assert " in parts[-1].text  # a tutorial without a check could rot unseen
    assert any(part.printed for part in parts)
    page = tutorials.page(path, parts)
    assert page.startswith("# ")
    assert page.count("```") % 2 == 0


def test_every_kind_of_question_is_there():
    wanted = {"new_sulfide", "garnet", "safe_map", "filament", "pellet", "screen", "loop"}
    assert wanted <= {path.stem for path in FILES}


def test_a_cell_shows_its_last_line(tmp_path):
    path = tmp_path / "two.py"
    path.write_text("# %% [markdown]\n# # Two\n# %%\nx = 1\nprint(x)\nx + 1\n")
    head, code = tutorials.execute(path)
    assert head.prose and head.text == "# Two"
    assert (code.printed, code.value) == ("1\n", 2)
    assert "```{.text .output}\n2\n```" in tutorials.page(path, [head, code])


def test_a_wrong_tutorial_fails(tmp_path):
    path = tmp_path / "wrong.py"
    path.write_text("# %%\nassert 1 > 2\n")
    with pytest.raises(AssertionError):
        tutorials.execute(path)
