"""Readers of instrument files beside `pandas.read_csv` of the same rows, in one run.

    python benchmarks/files.py [--rows 100000] [--rounds 5] [--ndax FILE]

The files are made here, as the instruments' programs export them: BioLogic .mpt of a cell being
cycled (decimal points and commas), Neware and Arbin tables as CSV, and Gamry .DTA. pandas is told
all that a person would have to find out (separator, decimal sign, lines to leave out), so the ratio
is the price of finding out, checking and naming. A Neware .ndax cannot be made here; give one of
yours with --ndax, it is read beside fastnda alone. CPU time of the process, medians.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from anolyte.core.errors import AnolyteError
from anolyte.measure import readers

WANTED = 0.5
"""s for 100,000 rows."""


@dataclass(frozen=True)
class Made:
    """A file as an instrument writes it, and how pandas alone would have to be told to read it."""

    name: str
    file: str
    text: str
    plain: dict[str, object]


def numbers(rows: int) -> dict[str, np.ndarray]:
    """A cell that is charged and discharged for an hour each, a row every 10 s."""
    rng = np.random.default_rng(0)
    k = np.arange(rows)
    step = k // 360
    current = np.where(step % 2 == 0, 0.5, -0.5)  # mA
    within = (k % 360) * 10.0
    return {
        "time": k * 10.0,
        "voltage": current * 0.06 + 2e-5 * rng.standard_normal(rows),
        "current": current,
        "charge": current * within / 3600.0,
        "step": step,
        "cycle": step // 2 + 1,
        "within": within,
    }


def biologic(rows: int, comma: bool) -> Made:
    """EC-Lab's text of a galvanostatic experiment."""
    n = numbers(rows)
    columns = ["mode", "ox/red", "error", "control changes", "Ns changes", "counter inc.", "Ns",
               "time/s", "control/V/mA", "Ewe/V", "I/mA", "dq/mA.h", "(Q-Qo)/mA.h",
               "cycle number"]  # fmt: skip
    head = ["EC-Lab ASCII FILE", "", "", "Galvanostatic Cycling with Potential Limitation", "",
            "Electrode surface area : 0.001 cm\xb2", "Acquisition started on : 11/22/2026 10:00:00",
            ""]  # fmt: skip
    head[1] = f"Nb header lines : {len(head) + 1}"
    table = zip(n["step"], n["time"], n["current"], n["voltage"], n["charge"], n["cycle"],
                strict=True)  # fmt: skip
    lines = [
        f"1\t{int(i > 0)}\t0\t0\t0\t0\t{s % 2}\t{t:.15e}\t{i:.7e}\t{v:.7e}\t{i:.15e}\t"
        f"{i / 360:.15e}\t{q:.15e}\t{c:.15e}"
        for s, t, i, v, q, c in table
    ]
    body = "\n".join(lines)
    if comma:
        body = body.replace(".", ",")
    text = "\r\n".join([*head, "\t".join(columns)]) + "\r\n" + body.replace("\n", "\r\n") + "\r\n"
    plain = {"sep": "\t", "skiprows": len(head), "decimal": "," if comma else ".",
             "encoding": "latin-1"}  # fmt: skip
    name = "BioLogic .mpt" + (", decimal comma" if comma else "")
    return Made(name, "comma.mpt" if comma else "point.mpt", text, plain)


def neware(rows: int) -> Made:
    """Rows of a Neware cycler as its program exports them to CSV."""
    n = numbers(rows)
    columns = ["DataPoint", "Cycle Index", "Step Index", "Step Type", "Time", "Total Time",
               "Current(A)", "Voltage(V)", "Capacity(Ah)", "Date"]  # fmt: skip
    table = zip(n["step"], n["time"], n["within"], n["current"], n["voltage"], n["charge"],
                strict=True)  # fmt: skip
    start = np.datetime64("2026-11-22T10:00:00")
    lines = [
        f"{k},{s // 2 + 1},{s + 1},{'CC Chg' if i > 0 else 'CC DChg'},{clock(w)},{clock(t)},"
        f"{i / 1e3:.7f},{v:.6f},{abs(q) / 1e3:.9f},"
        f"{str(start + np.timedelta64(int(t), 's')).replace('T', ' ')}"
        for k, (s, t, w, i, v, q) in enumerate(table, 1)
    ]
    return Made("Neware CSV", "neware.csv", "\n".join([",".join(columns), *lines]) + "\n", {})


def clock(seconds: float) -> str:
    """Hours, minutes and seconds."""
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def arbin(rows: int) -> Made:
    """Rows of an Arbin cycler as its program exports them to CSV."""
    n = numbers(rows)
    columns = ["Data_Point", "Test_Time(s)", "Step_Time(s)", "Step_Index", "Cycle_Index",
               "Current(A)", "Voltage(V)", "Charge_Capacity(Ah)",
               "Discharge_Capacity(Ah)"]  # fmt: skip
    table = zip(n["time"], n["within"], n["step"], n["cycle"], n["current"], n["voltage"],
                n["charge"], strict=True)  # fmt: skip
    lines = [
        f"{k},{t:.4f},{w:.4f},{s + 1},{c},{i / 1e3:.9f},{v:.9f},{max(q, 0) / 1e3:.9f},"
        f"{max(-q, 0) / 1e3:.9f}"
        for k, (t, w, s, c, i, v, q) in enumerate(table, 1)
    ]
    return Made("Arbin CSV", "arbin.csv", "\n".join([",".join(columns), *lines]) + "\n", {})


def gamry(rows: int) -> Made:
    """A curve of a Gamry instrument."""
    n = numbers(rows)
    head = ["EXPLAIN", "TAG\tPWR800_CHARGE", "TITLE\tLABEL\tmade\tTest &Identifier",
            "DATE\tLABEL\t11/22/2026\tDate", "TIME\tLABEL\t10:00:00\tTime",
            "AREA\tQUANT\t1.0\tSample &Area (cm^2)", f"CURVE\tTABLE\t{rows}",
            "\tPt\tT\tVf\tIm\tVu\tSig", "\t#\ts\tV vs. Ref.\tA\tV\tV"]  # fmt: skip
    lines = [
        f"\t{k}\t{t:.6g}\t{v:.6E}\t{i / 1e3:.6E}\t0\t0"
        for k, (t, v, i) in enumerate(zip(n["time"], n["voltage"], n["current"], strict=True))
    ]
    text = "\n".join([*head, *lines]) + "\n"
    return Made("Gamry .DTA", "curve.DTA", text,
                {"sep": "\t", "skiprows": len(head), "header": None})  # fmt: skip


def seconds(task: Callable[[], object], rounds: int) -> float:
    """Median CPU time of a task."""
    times = []
    for _ in range(rounds):
        begin = time.process_time()
        task()
        times.append(time.process_time() - begin)
    return median(times)


def compare(made: Made, folder: Path, rows: int, rounds: int) -> None:
    """One line: what our reader takes, beside pandas."""
    path = folder / made.file
    path.write_text(made.text, encoding="latin-1", newline="")
    truth = numbers(rows)
    try:
        found = readers.read(path)
    except AnolyteError as error:
        print(f"  {made.name:28} not read: {error}")
        return
    if found.trace is None or len(found.trace) != rows:
        read = 0 if found.trace is None else len(found.trace)
        raise SystemExit(f"{made.name}: {read} rows read of {rows}")
    assert np.allclose(found.trace.voltage, truth["voltage"], atol=1e-6), made.name
    assert np.allclose(found.trace.current, truth["current"] * 1e-3, rtol=1e-5), made.name
    ours = seconds(lambda: readers.read(path), rounds)
    plain = seconds(lambda: pd.read_csv(path, **made.plain), rounds)
    print(f"  {made.name:28} {ours:.3f} s   pandas alone {plain:.3f} s   ratio {ours / plain:.1f}")


def compare_ndax(path: Path, rounds: int) -> None:
    """A user's own .ndax beside fastnda alone."""
    try:
        import fastnda
    except ImportError:
        print("  Neware .ndax: fastnda is not installed: pip install 'anolyte[files]'")
        return
    found = readers.read(path)
    rows = 0 if found.trace is None else len(found.trace)
    ours = seconds(lambda: readers.read(path), rounds)
    plain = seconds(lambda: fastnda.read(str(path)), rounds)
    print(f"  Neware .ndax, {rows} rows: {ours:.3f} s   fastnda alone {plain:.3f} s   "
          f"ratio {ours / plain:.1f}")  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ndax", type=Path, help="a file of yours; none can be made here")
    asked = parser.parse_args()
    print(f"files of {asked.rows} rows, CPU time (wanted: below {WANTED} s for 100,000)")
    with tempfile.TemporaryDirectory() as folder:
        for make in (lambda n: biologic(n, False), lambda n: biologic(n, True), neware, arbin,
                     gamry):  # fmt: skip
            compare(make(asked.rows), Path(folder), asked.rows, asked.rounds)
    if asked.ndax is None:
        print("  Neware .ndax: not timed (give one with --ndax)")
    else:
        compare_ndax(asked.ndax, asked.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
