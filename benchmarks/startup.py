"""What a command costs before it answers: whole processes against a bare interpreter, in one run.

CPU time (user and system) of each process, rounds interleaved so that a busy computer meets all of
them alike; medians, and ratios to `python -c pass` of the same run. Only ratios carry over.
"""

import argparse
import statistics
import subprocess
import sys
import time

try:
    import resource
except ImportError:  # Windows: wall time stands in for CPU time
    resource = None

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import anolyte": ["-c", "import anolyte"],
    "anolyte --help": ["-m", "anolyte", "--help"],
    "anolyte window Li6PS5Cl": ["-m", "anolyte", "window", "Li6PS5Cl"],
    "anolyte evidence": ["-m", "anolyte", "evidence", "--electrolyte", "LLZTO"],
    "anolyte assess Li6PS5Cl Li": ["-m", "anolyte", "assess", "Li6PS5Cl", "Li"],
}
TARGETS = {"anolyte --help": "ratio < 3", "anolyte assess Li6PS5Cl Li": "wall < 2 s"}


def children_cpu() -> float:
    """Return the CPU time of all children that have ended [s]; 0 where the system does not say."""
    if resource is None:
        return 0.0
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(arguments: list[str]) -> tuple[float, float, int]:
    """Run one process; return its CPU time [s], its wall time [s] and its exit code."""
    before, begin = children_cpu(), time.perf_counter()
    quiet = subprocess.DEVNULL
    code = subprocess.call([sys.executable, *arguments], stdout=quiet, stderr=quiet)
    return children_cpu() - before, time.perf_counter() - begin, code


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    for arguments in COMMANDS.values():
        measure(arguments)  # files into the cache, .pyc written
    seen: dict[str, list[tuple[float, float, int]]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, arguments in COMMANDS.items():
            seen[name].append(measure(arguments))
    bare = statistics.median(cpu or wall for cpu, wall, _ in seen["python -c pass"])
    print(f"{'command':28} {'CPU ms':>8} {'wall ms':>8} {'ratio':>7}  target   ({rounds} rounds)")
    failed = 0
    for name, runs in seen.items():
        cpu = statistics.median(cpu or wall for cpu, wall, _ in runs)
        wall = statistics.median(wall for _, wall, _ in runs)
        bad = any(code for _, _, code in runs)
        failed += bad
        note = "did not run" if bad else TARGETS.get(name, "")
        print(f"{name:28} {cpu * 1e3:8.0f} {wall * 1e3:8.0f} {cpu / bare:7.1f}  {note}")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
