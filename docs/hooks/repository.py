"""Pages written for the repository, read as a site.

The pages of `docs/` are read in the repository too, by a reader of Markdown that is more lenient
than the site's and that shows folders. This hook of MkDocs makes up for the difference: a page for
each folder, blank lines before lists and tables, and links that leave `docs/`.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
OF_THE_ROOT = {"contributing.md": "CONTRIBUTING.md", "changes.md": "CHANGELOG.md"}
"""Page of the site to the file above `docs/` that it shows."""
FOLDERS = {
    "howto": "How to",
    "models": "Models",
    "decisions": "Design and decisions",
    "howto/loop": "Files of the loop",
}
"""Folder that is given a page, and the title of the page."""
TUTORIALS = "tutorials"
LANGUAGE = {".py": "python", ".yaml": "yaml"}
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")
_ITEM = re.compile(r"([-*]|\d+\.) ")


def on_files(files: Files, *, config: Any) -> Files:
    """Add the pages that a folder of the repository has no file for."""
    for page, source in OF_THE_ROOT.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=text))
    for folder, title in FOLDERS.items():
        files.append(
            File.generated(
                config, f"{folder}/index.md", content=contents(folder, title, config.nav)
            )
        )
    return files


def contents(folder: str, title: str, nav: list[Any]) -> str:
    """The page of a folder: its pages by their titles, its other files as they are."""
    lines = [f"# {title}", ""]
    named = in_order(folder, nav)
    rest = sorted(path.name for path in (DOCS / folder).glob("*.md"))
    for group, names in [
        *named.items(),
        ("", [n for n in rest if n not in sum(named.values(), [])]),
    ]:
        lines += [f"## {group}", ""] if group and names else []
        lines += [f"- [{heading(DOCS / folder / name)}]({name})" for name in names] + [""]
    for path in sorted((DOCS / folder).iterdir()):
        if path.suffix in LANGUAGE:
            text = path.read_text(encoding="utf-8").rstrip()
            lines += [f"## {path.name}", "", f"```{LANGUAGE[path.suffix]}", text, "```", ""]
    return "\n".join(lines) + "\n"


def in_order(folder: str, nav: list[Any], group: str = "") -> dict[str, list[str]]:
    """The pages of a folder as the navigation groups and orders them.

    >>> in_order("a", [{"Part": ["a/index.md", {"One": "a/one.md"}]}, "b/two.md"])
    {'Part': ['one.md']}
    """
    found: dict[str, list[str]] = {}
    for entry in nav:
        title, inside = next(iter(entry.items())) if isinstance(entry, dict) else ("", entry)
        if isinstance(inside, list):
            for name, pages in in_order(folder, inside, title).items():
                found.setdefault(name, []).extend(pages)
        elif PurePosixPath(inside).parent == PurePosixPath(folder) and not inside.endswith(
            "index.md"
        ):
            found.setdefault(group, []).append(PurePosixPath(inside).name)
    return {name: pages for name, pages in found.items() if pages}


def heading(path: Path) -> str:
    """The title of a page."""
    return path.read_text(encoding="utf-8").split("\n", 1)[0].lstrip("# ")


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Give the page the blank lines and the links that the site needs."""
    folder = PurePosixPath(page.file.src_uri).parent
    return spaced(_LINK.sub(lambda found: link(found, folder), markdown))


def link(found: re.Match[str], folder: PurePosixPath) -> str:
    """A link as the site can follow it: to a page, or a path where there is none."""
    text, target, anchor = found.groups()
    if ":" in target:
        return found.group()
    place = normpath(str(folder / target))
    if place in (*FOLDERS, TUTORIALS):
        return f"[{text}]({target.rstrip('/')}/index.md{anchor or ''})"
    if place.startswith(f"{TUTORIALS}/") and str(folder) != TUTORIALS:  # its page, not the file
        return f"[{text}]({target.removesuffix('.py')}.md)"
    if place.startswith("../"):  # beside docs/: the site has no such page
        name = place.removeprefix("../")
        return text if name in text else f"{text} (`{name}`)"
    return found.group()


def spaced(markdown: str) -> str:
    """Blank lines before lists and tables that follow a line of text or a comment.

    >>> spaced("as follows:\\n- one\\n- two")
    'as follows:\\n\\n- one\\n- two'
    """
    lines: list[str] = []
    code = False
    for line in markdown.split("\n"):
        if line.lstrip().startswith("```"):
            code = not code
        elif not code and lines and lines[-1].strip() and opens(line, lines[-1]):
            lines.append("")
        lines.append(line)
    return "\n".join(lines)


def opens(line: str, before: str) -> bool:
    """Tell whether a line opens a list or a table after another one."""
    if line.startswith("|"):
        return not before.startswith("|")
    if before.startswith("<!--") or line.startswith("<!--"):
        return True
    return bool(_ITEM.match(line)) and not (before[0].isspace() or _ITEM.match(before))
