#!/usr/bin/env python3
"""Make .venv beside this file, install anolyte in it, and run anolyte there.

    python3 go.py assess Li6PS5Cl Li      any anolyte command; `go.py VERB --help` tells more
    python3 go.py serve [ARGS]            the page in the browser, on this computer
    python3 go.py test [PYTEST ARGS]      every check of the project, tests last
    python3 go.py bench [NAME ...]        the benchmarks
    python3 go.py campaign [PYTEST ARGS]  campaigns at full size, recorded in docs/campaigns.csv
    python3 go.py docs                    the documentation as a site, into site/
    python3 go.py energies [ARGS]         reference energies by CHGNet (installs torch)

    --venv DIR, or ANOLYTE_VENV=DIR       another place than .venv (--venv comes first)

Needs Python 3.11 or newer and nothing else. The first call installs and takes some minutes, later
calls start at once. Tested on Debian 12; Windows (`py go.py ...`) and macOS are untested.
"""

# Standard library only. The syntax is that of Python 3.6, so that an old Python gets a sentence
# and not a SyntaxError; imports that the second call does not need stand inside functions.
import errno
import hashlib
import os
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
WINDOWS = os.name == "nt"
OLDEST = (3, 11)
MADE = "made-by-go"  # in a .venv: this script made it, for this place and this Python
UNFINISHED = "install-unfinished"  # in a .venv: what site-packages held when an install began
# target: (the extra it needs, what to install before it, what is said of the size)
SETUPS = {
    "core": ("", "", "about 700 MB"),
    "serve": ("web", "", "about 720 MB"),
    "test": ("test", "", "about 1.7 GB"),
    "bench": ("test", "", "about 1.7 GB"),
    "campaign": ("test", "", "about 1.7 GB"),
    "docs": ("docs", "", "about 850 MB"),
    "energies": ("ml", "torch", "about 1.8 GB, more where pip takes torch's GPU build"),
}


class Stop(Exception):
    """One sentence for the user: what is wrong and what to do."""


def say(text):
    """Print a line of progress; results alone go to stdout."""
    print("go.py: " + text, file=sys.stderr, flush=True)


# ---------------------------------------------------------------------------------------- Python


def check_python(version=sys.version_info[:2]):
    """Stop on a Python that is too old, and name a newer one if there is one."""
    if tuple(version) >= OLDEST:
        return
    told = "anolyte needs Python 3.11 or newer, and this is Python %d.%d; " % tuple(version)
    newer = newer_python()
    if newer:
        raise Stop(told + "run it with the newer one found here: %s go.py ..." % newer)
    where = "from python.org" if WINDOWS else "(Debian 12: sudo apt install python3 python3-venv)"
    raise Stop(told + "install a newer one %s and run this again." % where)


def newer_python():
    """Return a command that starts Python 3.11 or newer, or None."""
    import shutil
    import subprocess

    for minor in range(OLDEST[1], 30):
        name = "python3.%d" % minor
        command = ["py", "-3.%d" % minor] if WINDOWS else [name]
        if not shutil.which(command[0]):
            continue
        try:  # a name on PATH may be a shim that starts nothing
            if subprocess.call(command + ["-c", ""], **silent()) == 0:
                return " ".join(command)
        except OSError:
            continue
    return None


def silent():
    """Return the keywords that keep a child process quiet."""
    import subprocess

    return {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


# -------------------------------------------------------------------------- what .venv is and holds


def venv_program(venv, name="python"):
    """Return the path of a program inside the environment."""
    return (
        os.path.join(venv, "Scripts", name + ".exe") if WINDOWS else os.path.join(venv, "bin", name)
    )


def read(*path):
    """Return a file's bytes, none if there is no such file."""
    try:
        with open(os.path.join(*path), "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return b""


def write(text, *path):
    """Write a small file whole or not at all."""
    target = os.path.join(*path)
    with open(target + ".part", "w") as file:
        file.write(text)
    os.replace(target + ".part", target)


def remove(*path):
    """Remove a file if it is there."""
    try:
        os.remove(os.path.join(*path))
    except FileNotFoundError:
        pass


def digest(*parts):
    """Return one sha256 over parts of bytes."""
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def place(venv):
    """Return a digest of what the environment hangs on: its Python and where it and we lie."""
    python = venv_program(venv)
    where = [ROOT, os.path.abspath(venv), os.path.realpath(python)]
    return digest(read(venv, "pyvenv.cfg"), *[os.fsencode(path) for path in where])


def stamp(venv, extra):
    """Return what the stamp of a finished install must hold."""
    files = [read(ROOT, name) for name in ("pyproject.toml", "constraints.txt")]
    return digest(extra.encode(), place(venv).encode(), *files)


def stamp_name(extra):
    """Return the name of the stamp of an extra, `installed-core` for none."""
    return "installed-" + (extra or "core")


def is_ready(venv, extra):
    """Tell whether the environment holds the extra, by its stamp alone."""
    return (
        os.path.exists(venv_program(venv))
        and read(venv, stamp_name(extra)) == stamp(venv, extra).encode()
        and not is_torn(venv)
    )


def contents(venv):
    """Return a digest of the names in site-packages, which any change by pip alters."""
    import glob

    pattern = os.path.join("Lib" if WINDOWS else os.path.join("lib", "python3*"), "site-packages")
    folders = glob.glob(os.path.join(glob.escape(venv), pattern))
    names = [name for folder in folders for name in os.listdir(folder) if name != "__pycache__"]
    return digest(*[os.fsencode(name) for name in sorted(names)])


def is_torn(venv):
    """Tell whether an install was cut short after it had begun to change packages.

    One that failed before, for want of a network, say, leaves a whole environment behind.
    """
    unfinished = read(venv, UNFINISHED)
    return bool(unfinished) and unfinished != contents(venv).encode()


def is_sound(venv):
    """Tell whether an environment can be installed into: ours and whole, or one that works."""
    if is_torn(venv):
        return False
    made = read(venv, MADE)
    if made:
        return made == place(venv).encode() and os.path.exists(venv_program(venv))
    return works(venv)


def works(venv):
    """Tell whether the Python of an environment starts, is new enough and has pip."""
    import subprocess

    probe = "import pip, sys; sys.exit(sys.version_info < %r)" % (OLDEST,)
    try:
        return subprocess.call([venv_program(venv), "-c", probe], **silent()) == 0
    except OSError:
        return False


# ------------------------------------------------------------------------------------- installing


def prepare(venv, target):
    """Bring the environment to what the target needs; does nothing when the stamp fits."""
    extra, first, size = SETUPS[target]
    if is_ready(venv, extra):
        return
    os.makedirs(os.path.dirname(os.path.abspath(venv)), exist_ok=True)
    with open(os.path.abspath(venv) + ".lock", "a") as lock:
        take(lock)
        if is_ready(venv, extra):  # another call did it while this one waited
            return
        for need in ("ensurepip", "venv"):
            check_module(need)
        if not is_sound(venv):
            make_venv(venv)
        say(
            "installing anolyte%s into %s: %s, some minutes"
            % (extra and " and what `%s` needs" % target, venv, size)
        )
        install(venv, extra, first, lock)


def take(lock):
    """Wait until no other call installs; the lock ends with the process, however that ends."""
    try:
        import fcntl
    except ImportError:
        return take_windows(lock)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("another call is installing; waiting for it")
        fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError:  # a file system without locks
        say("no lock can be had here; do not start go.py twice at once")


def take_windows(lock):
    """Wait for the lock by msvcrt, which gives up after ten seconds and is asked again."""
    try:
        import msvcrt
    except ImportError:
        return say("no lock can be had here; do not start go.py twice at once")
    while True:
        try:
            lock.seek(0)
            return msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EDEADLK):
                raise
            say("another call is installing; waiting for it")


def check_module(name):
    """Stop when this Python lacks a part that Debian ships apart."""
    from importlib.util import find_spec

    if find_spec(name) is None:
        raise Stop(missing_venv())


def missing_venv():
    """Return the sentence for a Python without venv."""
    package = "python%d.%d-venv" % sys.version_info[:2]
    told = "this Python has no working venv module; on Debian or Ubuntu run "
    return told + "`sudo apt install %s`, then this again." % package


def make_venv(venv):
    """Make a fresh environment, in place of a broken one that this script had made."""
    import shutil

    if os.path.lexists(venv):
        ours = os.path.isdir(venv) and (not os.listdir(venv) or read(venv, MADE))
        if not ours:
            told = "%s is no working environment and was not made by go.py; " % venv
            raise Stop(told + "move it away, or name another place with --venv DIR.")
        say("%s is incomplete or out of place; making it anew" % venv)
        shutil.rmtree(venv)
    else:
        say("first run: creating %s" % venv)
    os.makedirs(venv)
    write("unfinished", venv, MADE)  # before anything else: a half-made one is known as ours
    run([sys.executable, "-m", "venv", venv], "making the environment", venv)
    write(place(venv), venv, MADE)


def install(venv, extra, first, lock):
    """Install with pip and leave a stamp; a call that is cut short leaves none."""
    remove(venv, stamp_name(extra))
    before = contents(venv)
    write(before, venv, UNFINISHED)
    pip = [venv_program(venv), "-m", "pip", "install", "--quiet", "--no-input"]
    pip += ["--disable-pip-version-check", "--constraint", os.path.join(ROOT, "constraints.txt")]
    if first:
        run(pip + [first], "installing " + first, venv, lock)
    wanted = ROOT + ("[%s]" % extra if extra else "")
    run(pip + ["--editable", wanted], "installing", venv, lock)
    for done in {"", extra}:  # every extra brings the core
        write(stamp(venv, done), venv, stamp_name(done))
    remove(venv, UNFINISHED)


def run(command, what, venv, lock=None):
    """Run a child quietly; stop with one sentence when it fails."""
    import subprocess

    # The child holds the lock too: if this process is killed, the next call waits for the child.
    keep = {} if lock is None or WINDOWS else {"pass_fds": (lock.fileno(),)}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **keep)
    if done.returncode:
        import shutil

        if shutil.disk_usage(venv).free < 20e6:  # ensurepip does not tell why it failed
            raise Stop(no_space())
        raise Stop(reason(done.stdout.decode(errors="replace"), what))


def reason(output, what):
    """Turn what a failed pip or venv printed into one sentence."""
    low = output.lower()
    if "no space left" in low or "disk quota" in low:
        return no_space()
    if "ensurepip is not" in low or "no module named ensurepip" in low:
        return missing_venv()
    if any(sign in low for sign in NETWORK):
        cure = "the package index cannot be reached: check the network or proxy, "
        return "%s failed; %sand run this again." % (what, cure)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")] or lines or ["no reason"]
    if "resolutionimpossible" in low or "no matching distribution" in low:
        cure = "a package has no version that fits: try with Python %d.%d" % OLDEST
    else:
        cure = "mend what it says and run this again"
    return "%s failed; %s (%s)." % (what, cure, errors[0][:200])


NETWORK = (
    "failed to establish a new connection",
    "newconnectionerror",
    "name resolution",
    "network is unreachable",
    "connection refused",
    "connection aborted",
    "connection broken",
    "read timed out",
    "readtimeouterror",
    "connecttimeout",
    "max retries exceeded",
    "proxyerror",
)


def no_space():
    """Return the sentence for a full disk."""
    told = "the disk is full; free some space (3 GB is enough for everything), "
    return told + "or name another place with --venv DIR, and run this again."


# ---------------------------------------------------------------------------------------- running


def start(command):
    """Run a command in place of this process where the system can; return its exit code."""
    sys.stdout.flush()
    sys.stderr.flush()
    if not WINDOWS:
        os.execv(command[0], command)
    import subprocess

    return subprocess.call(command)


def check(name, command):
    """Run one check of `test`, print one line, and what it said if it failed."""
    import subprocess
    import time

    begin = time.time()
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    good = done.returncode == 0
    print(
        "%-12s %-6s %6.1f s" % (name, "ok" if good else "FAILED", time.time() - begin), flush=True
    )
    if not good:
        print(done.stdout.decode(errors="replace"), flush=True)
    return good


def run_test(venv, arguments):
    """Run every check, then the tests; print pytest's closing line last."""
    python = venv_program(venv)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a console may lack what a tool prints
    checks = [
        ("ruff check", [venv_program(venv, "ruff"), "check", "."]),
        ("ruff format", [venv_program(venv, "ruff"), "format", "--check", "."]),
        ("pyright", [venv_program(venv, "pyright"), "--pythonpath", python]),
        ("lint-imports", [venv_program(venv, "lint-imports"), "--no-logo"]),
        ("codespell", [venv_program(venv, "codespell")]),
        ("check-data", [python, "-m", "anolyte", "check-data"]),
    ]
    failed = [name for name, command in checks if not check(name, command)]
    code, closing = run_pytest([python, "-m", "pytest", *arguments])
    if not arguments:  # PyBaMM is imported in a process of its own, never beside the main tests
        os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")
        oracle, told = run_pytest([python, "-m", "pytest", "-m", "pybamm", "tests/oracle"])
        print("beside PyBaMM: " + told, flush=True)
        code = code or oracle
    if failed:
        print("FAILED beside pytest: " + ", ".join(failed))
    print(closing, flush=True)
    return code or (1 if failed else 0)


def run_pytest(command):
    """Pass on what pytest prints but hold its closing line back; return exit code and that line."""
    import subprocess

    if sys.stdout.isatty():
        command = command + ["--color=yes"]
    held = None
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as child:
        for raw in child.stdout:
            if held is not None:
                print(held, flush=True)
            held = raw.decode(errors="replace").rstrip()
    return child.returncode, held or "pytest printed nothing"


def run_bench(venv, names):
    """Run each benchmark, or the named ones, one after the other on one thread."""
    import glob
    import subprocess

    files = sorted(glob.glob(os.path.join(ROOT, "benchmarks", "[!_]*.py")))
    stems = {os.path.splitext(os.path.basename(file))[0]: file for file in files}
    unknown = [name for name in names if name not in stems]
    if unknown:
        raise Stop("no benchmark %s; there are: %s." % (", ".join(unknown), ", ".join(stems)))
    environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    code = 0
    for name in names or stems:
        print("== " + name, flush=True)
        code = subprocess.call([venv_program(venv), stems[name]], cwd=ROOT, env=environment) or code
    return code


def run_docs(venv, arguments):
    """Build the documentation as a site; any warning stops it."""
    import subprocess

    environment = dict(os.environ, NO_MKDOCS_2_WARNING="1", OPENBLAS_NUM_THREADS="1")
    command = [venv_program(venv), "-m", "mkdocs", "--quiet", "build", "--strict", *arguments]
    code = subprocess.call(command, cwd=ROOT, env=environment)
    if not code and not arguments:
        print("the documentation: %s" % os.path.join(ROOT, "site", "index.html"))
        print("with search: python3 -m http.server --directory site, then http://localhost:8000")
    return code


def run_target(target, venv, arguments):
    """Run a target in a ready environment; return its exit code."""
    python = venv_program(venv)
    if target == "test":
        return run_test(venv, arguments)
    if target == "bench":
        return run_bench(venv, arguments)
    if target == "docs":
        return run_docs(venv, arguments)
    if target == "campaign":
        os.chdir(ROOT)
        return start([python, "-m", "pytest", "tests", "--full-size", "-m", "campaign", *arguments])
    if target == "energies":
        return start([python, "-m", "anolyte.atoms.reference", *arguments])
    verb = ["serve"] if target == "serve" else []
    return start([python, "-m", "anolyte", *verb, *arguments])


def parse(arguments):
    """Split the command line into environment, target and the target's own arguments."""
    venv = os.environ.get("ANOLYTE_VENV") or os.path.join(ROOT, ".venv")
    if arguments and arguments[0] == "--venv":
        if len(arguments) < 2:
            raise Stop("--venv needs the name of a folder.")
        venv, arguments = os.path.abspath(arguments[1]), arguments[2:]
    if arguments and arguments[0] in SETUPS and arguments[0] != "core":
        return venv, arguments[0], arguments[1:]
    return venv, "core", arguments


def main(arguments):
    """Prepare and run; return the exit code."""
    try:
        check_python()
        venv, target, rest = parse(arguments)
        if target == "core" and rest in ([], ["-h"], ["--help"]):
            print(__doc__.strip())
            return 0
        prepare(venv, target)
        return run_target(target, venv, rest)
    except Stop as stop:
        say(str(stop))
        return 2
    except KeyboardInterrupt:
        say("interrupted; the same command goes on from here.")
        return 130
    except OSError as error:
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
            say(no_space())
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            say("cannot write here (%s); name another place with --venv DIR." % error)
        else:
            say("%s; mend that and run this again." % error)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
