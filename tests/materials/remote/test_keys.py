"""The key: where it is looked for, in which order, and that it shows nowhere."""

import copy
import pickle
import traceback

import pytest

from anolyte.core.errors import DataError
from anolyte.materials.remote import MaterialsProject
from anolyte.materials.remote.keys import find_key

A, B, C, D = (letter * 32 for letter in "abcd")


def write(home, name: str, text: str) -> None:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_the_order_is_argument_variable_settings(tmp_path) -> None:
    write(tmp_path, ".config/.pmgrc.yaml", f"PMG_MAPI_KEY: {C}\nOTHER: 1\n")
    write(tmp_path, ".pmgrc.yaml", f"PMG_MAPI_KEY: {D}\n")
    assert find_key(A, {"MP_API_KEY": B}, tmp_path).reveal() == A
    assert find_key(None, {"MP_API_KEY": B}, tmp_path).reveal() == B
    assert find_key(None, {}, tmp_path).reveal() == C
    (tmp_path / ".config/.pmgrc.yaml").unlink()
    assert find_key(None, {}, tmp_path).reveal() == D
    (tmp_path / ".pmgrc.yaml").unlink()
    with pytest.raises(DataError, match="needs a key: put yours in MP_API_KEY"):
        find_key(None, {}, tmp_path)


def test_an_empty_setting_is_none(tmp_path) -> None:
    write(tmp_path, ".config/.pmgrc.yaml", "PMG_MAPI_KEY:\n")
    write(tmp_path, ".pmgrc.yaml", "- a list\n")
    with pytest.raises(DataError, match="needs a key"):
        find_key("", {"MP_API_KEY": ""}, tmp_path)


@pytest.mark.parametrize("bad", [A[:-1], A + "x", "a b" + A[3:], A[:-1] + "\n\r", "é" * 32,
                                 "a: " + A[3:]])  # fmt: skip
def test_a_text_that_is_no_key_is_refused_without_being_shown(tmp_path, bad) -> None:
    with pytest.raises(DataError) as caught:
        find_key(bad, {}, tmp_path)
    assert bad not in str(caught.value) and "\n" not in str(caught.value)
    assert "from the argument" in str(caught.value)


def test_a_broken_settings_file_is_named_and_not_quoted(tmp_path) -> None:
    write(tmp_path, ".config/.pmgrc.yaml", f"PMG_MAPI_KEY: [{A}\n")
    with pytest.raises(DataError, match="is not YAML") as caught:
        find_key(None, {}, tmp_path)
    assert A not in "".join(traceback.format_exception(caught.value))
    write(tmp_path, ".config/.pmgrc.yaml", "")
    (tmp_path / ".config/.pmgrc.yaml").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(DataError, match="is not YAML"):
        find_key(None, {}, tmp_path)


def test_a_key_is_neither_shown_nor_stored() -> None:
    key = find_key(A, {})
    source = MaterialsProject(A)
    for shown in (repr(key), str(key), f"{key}", repr([key]), repr(source), str(vars(source))):
        assert A not in shown
    for keep in (pickle.dumps, copy.deepcopy):
        for held in (key, source):
            with pytest.raises(DataError, match="not stored"):
                keep(held)
