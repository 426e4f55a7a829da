"""Completion in bash, zsh and fish: verbs, options, materials; files where nothing else fits.

The shell asks the command itself through environment variables, in the way that click made usual:
`_ANOLYTE_COMPLETE=bash_complete`, `COMP_WORDS` (a line a word, or as typed) and `COMP_CWORD`; an
answer is a line `plain,WORD` (fish: with a tab and its help; zsh: three lines). Verbs are known
without an import, materials by the names of their files.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from anolyte.core.errors import DataError

ASKED = "_ANOLYTE_COMPLETE"
SHELLS = ("bash", "zsh", "fish")
KINDS = ("electrolytes", "anodes", "interlayers")
PLACES: Mapping[str, tuple[str, ...]] = {
    "ELECTROLYTE": ("electrolytes",), "ANODE": ("anodes",), "MATERIAL": KINDS, "A": KINDS,
    "B": KINDS, "--electrolyte": ("electrolytes",), "--anode": ("anodes",),
    "--interlayer": ("interlayers",), "--counter": ("anodes",), "--in": ("anodes",),
    "materials NAME": KINDS, "strategies NAME": ("strategies",), "--strategy": ("strategies",),
}  # fmt: skip
"""Arguments (by what stands in their help) and options that name a file of the data."""
Found = list[tuple[str, str]]


def answer(verbs: Mapping[str, str]) -> int:
    """Do what the variable asks for: print a script, or the words that fit.

    Args:
        verbs: Name and what it does.
    """
    shell, _, action = os.environ.get(ASKED, "").partition("_")
    if shell in SHELLS and action == "source":
        print(script(shell))
        return 0
    if shell not in SHELLS or action != "complete":
        return 1
    words, typed = _asked(shell)
    for value, about in fitting(verbs, words, typed):
        if shell == "bash":
            print(f"plain,{value}")
        elif shell == "fish":
            print(f"plain,{value}\t{about}")
        else:
            print(f"plain\n{value}\n{about or '_'}")
    return 0


def _asked(shell: str) -> tuple[list[str], str]:
    """The words before the one that is being typed, without the command, and that one."""
    text = os.environ.get("COMP_WORDS", "")
    if "\n" in text:
        every = text.removesuffix("\n").split("\n")
    else:
        try:
            every = shlex.split(text)
        except ValueError:  # a quote is open
            every = text.split()
    place = os.environ.get("COMP_CWORD", "")
    if shell == "fish":  # it hands over the word itself, and maybe among the others, too
        return every[1:-1] if place and every[-1:] == [place] else every[1:], place
    at = int(place) if place.isdigit() else len(every)
    return every[1:at], every[at] if at < len(every) else ""


def fitting(verbs: Mapping[str, str], words: list[str], typed: str) -> Found:
    """Words that may stand next and begin as typed, whatever the case, each with its help.

    Args:
        verbs: Name and what it does.
        words: What stands before, without the command.
        typed: The beginning of the next word.

    >>> fitting({"window": "of a material", "watch": "a folder"}, [], "wi")
    [('window', 'of a material')]
    """
    if not words:
        top = {**verbs, "--help": "all verbs", "--version": "",
               "--install-completion": "completion in this shell"}  # fmt: skip
        return _begin(((k, v) for k, v in top.items() if typed or k[0] != "-"), typed)
    if words[0] == "--install-completion":
        return _begin(((s, "") for s in SHELLS), typed)
    if words[0] not in verbs:
        return []
    return _begin(_of_verb(words, typed), typed)


def _begin(offered: Iterable[tuple[str, str]], typed: str) -> Found:
    wanted = typed.casefold()
    return [(value, about) for value, about in offered if value.casefold().startswith(wanted)]


def _of_verb(words: list[str], typed: str) -> Found:
    """What may follow a verb: subcommands, options, names."""
    command = tree()
    path: list[str] = []
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words[0]]
        path, words = [*path, words[0]], words[1:]
    options = {o: p for p in command.params for o in p.opts if o.startswith("-")}
    last = options.get(words[-1]) if words else None
    if last is not None and not getattr(last, "is_flag", False):
        return _values(last.opts[0], str(last.metavar or ""))
    if typed.startswith("-"):
        given = {options[w].name for w in words if w in options and not options[w].multiple}
        return [(o, _first(p.help)) for o, p in options.items() if p.name not in given]
    if below := getattr(command, "commands", {}):
        return [(n, _first(c.help)) for n, c in below.items() if " " not in n]
    arguments = [p for p in command.params if not p.opts[0].startswith("-")]
    at = len(_free(words, options))
    if not arguments or (at >= len(arguments) and arguments[-1].nargs == 1):
        return []
    metavar = str(arguments[min(at, len(arguments) - 1)].metavar or "")
    return _values(metavar, metavar, " ".join(path))


@lru_cache(1)
def tree() -> Any:
    """The commands as typer keeps them: `params`, and `commands` below a group."""
    import typer

    from anolyte.faces.commands import app

    return typer.main.get_command(app)


def _free(words: list[str], options: Mapping[str, Any]) -> list[str]:
    """The words that are neither options nor their values."""
    free, skip = [], False
    for word in words:
        if skip or word.startswith("-"):
            option = None if skip else options.get(word)
            skip = option is not None and not getattr(option, "is_flag", False)
        else:
            free.append(word)
    return free


def _values(place: str, metavar: str, verb: str = "") -> Found:
    """Names of the data's files, or the words of a metavar such as `electrolytes|silicon`."""
    kinds = PLACES.get(f"{verb} {place}") or PLACES.get(place)
    if kinds:
        return [(name, kind[:-1]) for kind in kinds for name in names(kind)]
    words = metavar.split("|")
    return [(w, "") for w in words if w.isidentifier() and w.islower()] if len(words) > 1 else []


def names(kind: str) -> list[str]:
    """Names of the package's materials or strategies: those of their files, none is read.

    >>> "Li6PS5Cl" in names("electrolytes")
    True
    """
    folder = Path(__file__).parents[1] / "materials" / "data" / kind
    return sorted((p.stem for p in folder.glob("*.yaml")), key=str.casefold)


def _first(text: str | None) -> str:
    """The first sentence of a help text, in one line."""
    lines = (text or "").strip().splitlines()
    return lines[0].split(". ")[0].rstrip(".:") if lines else ""


# --- Installation ---------------------------------------------------------------------------------


def install(shell: str = "") -> str:
    """Put the script where the shell reads it; what was done, in words.

    Args:
        shell: bash, zsh or fish; empty: that of the variable SHELL.

    Raises:
        DataError: A shell that is not known, or a file that cannot be written.
    """
    shell = shell or Path(os.environ.get("SHELL", "")).name
    if shell not in SHELLS:
        raise DataError(
            f"--install-completion {shell or '?'}: write one of {', '.join(SHELLS)} after it"
        )
    try:
        return _put(shell)
    except OSError as error:
        raise DataError(f"{error.filename}: cannot be written ({error.strerror})") from None


def _put(shell: str) -> str:
    home = Path.home()
    if shell == "fish":
        settings = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
        target = settings / "fish" / "completions" / "anolyte.fish"
    else:
        data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
        target = data / "anolyte" / f"completion.{shell}"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(script(shell) + "\n", encoding="utf-8")
    if shell == "fish":
        return f"written: {target}; it holds in the next shell"
    start = home / f".{shell}rc"
    line = f"[ -f {shlex.quote(str(target))} ] && . {shlex.quote(str(target))}"
    before = start.read_text(encoding="utf-8") if start.is_file() else ""
    if line not in before.splitlines():
        gap = "\n" if before and not before.endswith("\n") else ""
        with start.open("a", encoding="utf-8") as file:
            file.write(f"{gap}{line}\n")
    return f"written: {target}, and a line in {start} that reads it; it holds in the next shell"


def script(shell: str) -> str:
    """What a shell must read once."""
    return {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}[shell].strip()


_BASH = """
# Completion of anolyte in bash; where it has nothing to offer, files are.
_anolyte_words() {
    local line IFS=$'\\n'
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("${line#plain,}")
    done < <(COMP_WORDS="${COMP_WORDS[*]}"$'\\n' COMP_CWORD=$COMP_CWORD \\
        _ANOLYTE_COMPLETE=bash_complete "$1" 2>/dev/null)
}
complete -o default -o nosort -F _anolyte_words anolyte
"""
_ZSH = """
#compdef anolyte
# Completion of anolyte in zsh; where it has nothing to offer, files are.
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
_anolyte_words() {
    local -a offered answer
    local kind value about
    answer=("${(@f)$(COMP_WORDS="${(pj:\\n:)words}"$'\\n' COMP_CWORD=$((CURRENT - 1)) \\
        _ANOLYTE_COMPLETE=zsh_complete $words[1] 2>/dev/null)}")
    for kind value about in $answer; do
        if [[ $about == _ ]]; then
            offered+=("${value//:/\\\\:}")
        else
            offered+=("${value//:/\\\\:}:$about")
        fi
    done
    if (( $#offered )); then
        _describe anolyte offered -U
    else
        _files
    fi
}
compdef _anolyte_words anolyte
"""
_FISH = """
# Completion of anolyte in fish; where it has nothing to offer, files are.
function __anolyte_words
    set -l answer (env _ANOLYTE_COMPLETE=fish_complete \\
        COMP_WORDS=(commandline -opc | string join \\n | string collect)\\n \\
        COMP_CWORD=(commandline -ct) anolyte 2>/dev/null)
    if test (count $answer) -eq 0
        __fish_complete_path (commandline -ct)
    end
    for line in $answer
        string replace -r '^plain,' '' -- $line
    end
end
complete --no-files --command anolyte --arguments '(__anolyte_words)'
"""


def main(arguments: list[str]) -> int:
    """`anolyte --install-completion [SHELL]` and `--show-completion SHELL`."""
    option, *rest = arguments
    if len(rest) > 1 or (rest and rest[0] not in SHELLS) or (option.startswith("--s") and not rest):
        raise DataError(f"{option}: write one of {', '.join(SHELLS)} after it")
    sys.stdout.write((install(*rest) if option.startswith("--i") else script(rest[0])) + "\n")
    return 0
