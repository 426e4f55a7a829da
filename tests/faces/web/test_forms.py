"""Forms are read off the commands, and what is filled in becomes their words and nothing else."""

from __future__ import annotations

import pytest

from anolyte.core.errors import DataError
from anolyte.faces.web import forms


def command_of(verb):
    return dict(forms._commands())[verb]


@pytest.mark.parametrize("verb", forms.OFFERED)
def test_every_form_fills_a_command_that_is_understood(verb):
    asked = forms.form(verb)
    filled = {
        f.name: ["yes" if f.kind == "flag" else "60" if f.kind == "number" else "in.csv"]
        for f in asked.fields
    }
    for resumed in (False, True):
        words = forms.words(asked, filled, ["in.csv"], resumed=resumed)
        assert words[: len(verb.split())] == verb.split()
        context = command_of(verb).make_context("anolyte", words[len(verb.split()) :])
        taken = {k for k, v in context.params.items() if v not in (None, (), [])}
        assert {f.name for f in asked.fields} <= taken | {"image"}


def test_every_verb_that_takes_long_is_offered():
    quick = {"assess", "materials", "evidence", "evidence add", "strategies", "compare", "cite",
             "check-data", "doctor", "window", "react", "design", "air", "rerun", "serve",
             "validate", "watch"}  # fmt: skip
    elsewhere = {"dft write", "dft next", "dft read", "screen status", "screen failed",
                 "screen retry", "learn train", "learn predict", "learn card",
                 "learn pretrain"}  # fmt: skip
    assert {verb for verb, _ in forms._commands()} == quick | elsewhere | set(forms.OFFERED)


def test_no_option_that_writes_or_asks_elsewhere_is_a_field():
    from anolyte.faces.record import OUTPUTS

    shown = {f.option for verb in forms.OFFERED for f in forms.form(verb).fields}
    assert not shown & {*OUTPUTS, "--entries", "--engine", "--webhook", "--materials"}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("/etc/passwd", "path of this computer"),
        ("..", "path of this computer"),
        ("~/cell", "path of this computer"),
        ("cell.yaml", "was not sent along"),
        ("/etc/hosts.csv", "was not sent along"),
        ("optimade:http://localhost:9/", "asks another computer"),
        ("mp:Li", "asks another computer"),
        ("x" * 501, "at most"),
        ("a\nb", "printable"),
    ],
)
def test_no_other_file_of_this_computer_can_be_named(value, said):
    with pytest.raises(DataError, match=said):
        forms.words(
            forms.form("simulate ccd"), {"electrolyte": [value], "anode": ["Li"]}, ["in.csv"]
        )


def test_an_option_in_the_place_of_a_name_stays_a_name():
    words = forms.words(
        forms.form("simulate ccd"), {"electrolyte": ["--save=x"], "anode": ["Li"]}, []
    )
    assert words[-3:] == ["--", "--save=x", "Li"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"anode": ["Li"]}, "electrolyte"),
        ({"electrolyte": ["LLZO"], "nonsense": ["1"]}, "no field 'nonsense'"),
        ({"electrolyte": ["LLZO", "LATP"]}, "one value, not 2"),
        ({"electrolyte": ["LLZO"], "draws": ["many"]}, "is no number"),
    ],
)
def test_a_form_that_cannot_be_asked_says_which_field(values, said):
    with pytest.raises(DataError, match=said):
        forms.words(forms.form("simulate ccd"), values, [])


def test_what_is_not_offered_is_refused():
    with pytest.raises(DataError, match="not offered"):
        forms.form("doctor")
