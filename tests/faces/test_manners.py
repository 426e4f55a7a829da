"""Manners that every verb has, by walking the commands: examples, options, near misses, quiet."""

import shlex

import pytest

from anolyte.faces.cli import VERBS, main, spelled
from anolyte.faces.completion import tree


def walk(command, path=()):
    """Every command that does something, with its words."""
    below = getattr(command, "commands", {})
    for name, inner in below.items():
        yield from walk(inner, (*path, *name.split()))
    if not below or path == ("screen",):
        yield path, command


COMMANDS = dict(walk(tree()))
NAMES = [" ".join(path) for path in COMMANDS]


def examples(command):
    """The examples of a help text, as words without the program's name."""
    for paragraph in (command.help or "").split("\n\n"):
        if paragraph.strip().startswith("Example: anolyte "):
            words = shlex.split(" ".join(paragraph.split()).removeprefix("Example: anolyte "))
            yield words[: words.index(">")] if ">" in words else words


@pytest.mark.parametrize("name", NAMES)
def test_the_help_has_an_example_that_parses(name, capsys):
    assert main([*name.split(), "--help"]) == 0
    assert "Example: anolyte " in capsys.readouterr().out
    found = list(examples(COMMANDS[tuple(name.split())]))
    assert found
    for words in found:
        left, command = spelled(words), tree()
        while left and left[0] in getattr(command, "commands", {}):
            command, left = command.commands[left[0]], left[1:]
        assert command is COMMANDS[tuple(name.split())], words
        command.make_context("anolyte", list(left))  # raises where an option is not one of it


def options():
    """Every option with where it is found."""
    for path, command in COMMANDS.items():
        for p in command.params:
            if p.opts[0].startswith("-"):
                yield " ".join(path), p


def test_every_verb_is_in_the_help_and_takes_json():
    assert {path[0] for path in COMMANDS} == set(VERBS)
    with_json = {where for where, p in options() if "--json" in p.opts}
    assert with_json == set(NAMES)


# One spelling means one thing; those that differ on purpose, each with what it means there.
DIFFER = {
    "--phases": {"materials", "simulate filament"},  # a table of energies; the greys of an image
    "--resume": {"simulate filament", "simulate strip"},  # there a flag beside --checkpoint
}


def test_an_option_is_a_flag_everywhere_or_nowhere():
    kinds = {}
    for where, p in options():
        for spelling in p.opts:
            kinds.setdefault(spelling, {}).setdefault(bool(p.is_flag), set()).add(where)
    mixed = {s for s, found in kinds.items() if len(found) > 1}
    assert mixed == set(DIFFER)
    for spelling in DIFFER:
        assert DIFFER[spelling] & kinds[spelling][True]


@pytest.mark.parametrize(
    ("first", "second"),
    [("--plot", "--figure"), ("--page", "--report"), ("--exit-on", "--fail-on"),
     ("--class", "--family")],
)  # fmt: skip
def test_two_spellings_of_one_thing_both_work(first, second):
    shared = [p.opts for _, p in options() if first in p.opts]
    assert shared and all(second in opts for opts in shared)


def test_every_option_says_what_it_does():
    for where, p in options():
        assert p.help, (where, p.opts)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("windw Li", "did you mean 'window'?"),
     ("window Li6PS5Cl --drws 3", "did you mean --draws? (see `anolyte window --help`)"),
     ("simulate cdd LLZO Li", "Did you mean 'ccd'?"),
     ("simulate", "anolyte simulate what? one of filament,"),
     ("assess LLZO Lii", "did you mean"),
     ("assess LLZTOO Li", "did you mean LLZTO"),
     ("materials --class sulfid", "did you mean 'sulfide'?"),
     ("strategies mgf2fil", "did you mean mgf2_film?"),
     ("compare electrolyte", "did you mean electrolytes?"),
     ("cite zhu201", "did you mean 'zhu2015'"),
     ("air LLZO --in dryroom", "did you mean 'dry room'?"),
     ("window LLZO --figure forc=a.html", "did you mean 'force'?"),
     ("evidence --quantity interfacial_resistence", "did you mean interfacial_resistance"),
     ("lever 'pressed frist'", "did you mean 'pressed first'?")],
)  # fmt: skip
def test_a_near_miss_is_one_line_with_what_was_meant(typed, meant, capsys):
    assert main(shlex.split(typed)) == 2
    said = capsys.readouterr()
    assert meant in said.err and said.err.count("\n") == 1 and not said.out


def test_quiet_leaves_the_answer_and_the_error(capsys):
    asked = ["lever", "pressing history", "Li6PS5Cl", "Li", "--pressure", "3 MPa"]
    assert main(asked) == 0
    loud = capsys.readouterr()
    assert main([*asked, "--quiet"]) == 0
    quiet = capsys.readouterr()
    assert loud.err and not quiet.err and quiet.out == loud.out
    assert main(["windw", "--quiet"]) == 2
    assert capsys.readouterr().err == "anolyte: no verb 'windw'; did you mean 'window'?\n"


def test_time_left_only_where_somebody_looks_on(monkeypatch):
    import sys

    from anolyte.core import progress

    said = []
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    assert progress.on_terminal() is progress.silent
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    told = progress.on_terminal(lambda done, total, what: said.append(what))
    for k in range(3):
        told(k, 2, "x")
    assert said[0] == "x" and said[1].endswith(" left") and said[2] == "x"
