"""Writes the sample files beside it; run it to make them anew: `python make_text_samples.py`.

No file is from an instrument. Each follows the public look of its format, and all hold the same
made cell, so that a test can compare every point with the equation.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
FREQUENCY = np.logspace(5, -1, 31)


def impedance(f: np.ndarray, growth: float = 0.0) -> np.ndarray:
    """20 ohm in series with 100 ohm | 1 uF and (200 + growth) ohm | 100 uF."""
    s = 2j * np.pi * f
    return 20.0 + 100.0 / (1 + s * 100.0 * 1e-6) + (200.0 + growth) / (1 + s * 200.0 * 1e-4)


def series() -> np.ndarray:
    """Time, voltage, current, cycle, half cycle, charge since the half cycle began; 2 cycles."""
    time = np.arange(40) * 30.0
    half = np.arange(40) // 10
    current = np.where(half % 2 == 0, 1e-3, -1e-3)
    voltage = 50.0 * current + 1e-6 * time
    charge = current * (time - half * 300.0)
    return np.column_stack([time, voltage, current, half // 2 + 1, half, charge])


def rows(table: np.ndarray, form: str, mark: str = "\t", lead: str = "") -> str:
    return "".join(lead + mark.join(form % x for x in row) + "\n" for row in table)


def save(name: str, text: str, encoding: str = "utf-8", end: str = "\n") -> None:
    (HERE / name).write_bytes(text.replace("\n", end).encode(encoding))


# --- BioLogic -----------------------------------------------------------------------------------

PEIS = "freq/Hz\tRe(Z)/Ohm\t-Im(Z)/Ohm\t|Z|/Ohm\tPhase(Z)/deg\ttime/s\t<Ewe>/V\t<I>/mA\tCs/µF"


def mpt(technique: str, names: str, table: str, loops: str = "", start: str = "03/04/2024") -> str:
    """A file with the header of EC-Lab."""
    head = f"""
{technique}

Run on channel : 1 (SN 00001)
User :{" "}
Electrode connection : standard
Ewe ctrl range : min = -10.00 V, max = 10.00 V
Safety Limits :
\tDo not start on E overload
Acquisition started on : {start} 12:00:00.500
Saved on :
\tFile : made.mpr
Device : made (SN 0000)
Comments : a made cell
Cable : standard
Electrode surface area : 0.001 cm²
Characteristic mass : 0.001 g
Cycle Definition : Charge/Discharge alternance
E (V)               0.0000{" " * 14}
nc cycles           0{" " * 19}
{loops}
""".split("\n")
    count = len(head) + 3
    lines = ["EC-Lab ASCII FILE", f"Nb header lines : {count}{' ' * 26}", *head, names]
    assert len(lines) == count
    return "\n".join(lines) + "\n" + table


def sweep(number: int) -> np.ndarray:
    z = impedance(FREQUENCY, 10.0 * number)
    time = 100.0 * number + np.arange(len(z))
    size, angle = np.abs(z), np.degrees(np.angle(z))
    other = np.zeros((len(z), 3)) + [0.1, 0.0, 1.0]
    return np.column_stack([FREQUENCY, z.real, -z.imag, size, angle, time, other])


def loops(count: int) -> str:
    lines = [f"Loop {k} from point number {31 * k} to {31 * k + 30}" for k in range(count)]
    return "\n".join([f"Number of loops : {count}", *lines])


def biologic() -> None:
    three = np.vstack([np.column_stack([sweep(k), np.full(31, k + 1.0)]) for k in range(3)])
    technique = "Potentio Electrochemical Impedance Spectroscopy"
    text = mpt(technique, PEIS + "\tcycle number", rows(three, "%.7E"))
    save("biologic_peis.mpt", text, "latin-1", "\r\n")
    comma = rows(np.vstack([sweep(k) for k in range(3)]), "%.7E").replace(".", ",")
    save("biologic_loops_comma.mpt", mpt(technique, PEIS, comma, loops(3)), "latin-1")
    save("biologic_no_header.mpt", PEIS + "\n" + rows(sweep(0), "%.7E"), "latin-1")
    whole = mpt(technique, PEIS + "\tcycle number", rows(three, "%.7E"))
    save("biologic_growing.mpt", whole[: whole.rindex("\n", 0, -1) + 30], "latin-1")
    t, v, i, cycle, half, q = series().T
    ones = np.ones_like(t)
    names = "mode\tox/red\terror\tNs\ttime/s\tcontrol/mA\tEwe/V\tI/mA\t(Q-Qo)/mA.h\tcycle number"
    table = np.column_stack([ones, ones, 0 * t, half, t, 1e3 * i, v, 1e3 * i, q / 3.6, cycle])
    cycling = "Galvanostatic Cycling with Potential Limitation"
    save("biologic_gcpl.mpt", mpt(cycling, names, rows(table, "%.9E")), "latin-1")
    table = np.column_stack([2 * ones, ones, 0 * t, t, v, v, 1e3 * i, cycle])
    names = "mode\tox/red\terror\ttime/s\tcontrol/V\tEwe/V\t<I>/mA\tcycle number\t"
    text = mpt("Cyclic Voltammetry", names, rows(table, "%.9E").replace("\n", "\t\n"))
    save("biologic_cv.mpt", text, "latin-1")
    table = np.column_stack([3 * ones, 0 * t, t, v])
    text = mpt("Open Circuit Voltage", "mode\terror\ttime/s\tEwe/V", rows(table, "%.9E"))
    save("biologic_ocv.mpt", text, "latin-1")
    names = "time/s\tEwe/V\tI/mA\tfreq/Hz\tRe(Z)/Ohm\t-Im(Z)/Ohm\tcycle number"
    rest = np.column_stack([t, v, 1e3 * i, 0 * t, 0 * t, 0 * t, cycle])
    z = impedance(FREQUENCY)
    one = np.ones(31)
    between = np.column_stack(
        [1200 + np.arange(31), one / 10, 0 * one, FREQUENCY, z.real, -z.imag, 2 * one]
    )
    both = np.vstack([rest, between])
    save("biologic_both.mpt", mpt("Modulo Bat", names, rows(both, "%.9E")), "latin-1")


# --- Gamry --------------------------------------------------------------------------------------


def dta(tag: str, title: str, tables: str) -> str:
    return (
        f"EXPLAIN\nTAG\t{tag}\nTITLE\tLABEL\t{title}\tTest &Identifier\nDATE\tLABEL\t3/4/2024\tDate"
        "\nTIME\tLABEL\t12:00:00\tTime\nNOTES\tNOTES\t2\t&Notes...\n\ta made cell\n\tof 3 arcs\n"
        "PSTAT\tPSTAT\tMADE\tPotentiostat\nAREA\tQUANT\t1.00000E+000\t&Area (cm^2)\n" + tables
    )


def gamry() -> None:
    z, n = impedance(FREQUENCY), np.arange(31.0)
    table = np.column_stack(
        [n, n, FREQUENCY, z.real, z.imag, n * 0 + 1, abs(z), n * 0, n * 0, n * 0 + 0.1, n * 0 + 7]
    )
    names = (
        "\tPt\tTime\tFreq\tZreal\tZimag\tZsig\tZmod\tZphz\tIdc\tVdc\tIERange\n"
        "\t#\ts\tHz\tohm\tohm\tV\tohm\t°\tA\tV\t#\n"
    )
    spectrum = "ZCURVE\tTABLE\n" + names + rows(table, "%.9g", lead="\t")
    three = "".join(f"\t{k}\t{k}.5\t0.1\t0.1\t0\t..........a\t-327.67\n" for k in range(3))
    open_circuit = (
        "OCVCURVE\tTABLE\t3\n\tPt\tT\tVf\tVm\tAch\tOver\tTemp\n"
        "\t#\ts\tV vs. Ref.\tV\tV\tbits\tdeg C\n" + three
    )
    save("gamry_eis.DTA", dta("EISPOT", "Potentiostatic EIS", open_circuit + spectrum), "latin-1")
    comma = (open_circuit + spectrum).replace(".", ",")
    save("gamry_comma.DTA", dta("EISPOT", "Potentiostatic EIS", comma), "latin-1", "\r\n")
    short = "ZCURVE\tTABLE\n" + names + rows(table[:20], "%.9g", lead="\t")
    end = "EXPERIMENTABORTED\tTOGGLE\tT\tExperiment Aborted\n"
    save("gamry_aborted.DTA", dta("EISPOT", "Potentiostatic EIS", short + end), "latin-1")
    save("gamry_ocv.DTA", dta("CORPOT", "Open Circuit Potential", open_circuit), "latin-1")
    text = ""
    for cycle in (1, 2):
        part = series()
        part = part[part[:, 3] == cycle]
        text += (
            f"CURVE{cycle}\tTABLE\t{len(part)}\n\tPt\tT\tVf\tIm\tVu\tOver\n\t#\ts\tV vs. Ref.\tA\tV"
            "\tbits\n"
        )
        for k, row in enumerate(part):
            text += f"\t{k}\t{row[0]:g}\t{row[1]:.9g}\t{row[2]:.9g}\t0\t..........a\n"
    save("gamry_cv.DTA", dta("CV", "Cyclic Voltammetry", text), "latin-1")


# --- ZView --------------------------------------------------------------------------------------


def zview() -> None:
    def table(number: int) -> np.ndarray:
        z = impedance(FREQUENCY, 10.0 * number)
        n = 100.0 * number + np.arange(31.0)
        last = np.zeros((31, 3))
        return np.column_stack([FREQUENCY, n * 0 + 0.01, n * 0, n, z.real, z.imag, last])

    names = "  Freq(Hz){0}Ampl{0}Bias{0}Time(Sec){0}Z'(a){0}Z''(b){0}GD{0}Err{0}Range"
    head = (
        "ZPLOT2 ASCII\n  Measured Data, ZPlot:       3.5a\n"
        "  Experiment Type:            Sweep Frequency, Control Voltage\n"
        "  Date:                       03-04-2024\n  Time:                       12:00:00\n"
        "  Begin Information:          Cell Information\n    Surface Area:             1\n"
        "  End Information:            Cell Information\n"
    )
    one = rows(table(0), "%.8E")
    save("zview_tabs.z", head + names.format("\t") + "\nEnd Comments\n" + one)
    many = one + rows(table(1), "%.8E")
    footer = "\nEnd of data\n"
    save("zview_sweeps.z", head + names.format("\t") + "\nEnd Comments\n" + many + footer)
    old = (
        '"ZPlotW Data File: Version 3.2c"\n"Raw Data"\n"Sweep Frequency: Control Voltage"\n'
        "Date: 03-04-2024    Time: 12:00:00\na made cell\n"
        '"Open Circuit Potential (V):  0 "\n"Frequency"\n0,3,0,1,100000,0.1\n31\n'
    )
    quoted = '"' + names.format("    ") + '"\n'
    save("zview_commas.z", old + quoted + rows(table(0), "%.8E", ", "), end="\r\n")


# --- tables -------------------------------------------------------------------------------------


def tables() -> None:
    z = impedance(FREQUENCY)
    parts = np.column_stack([FREQUENCY, z.real, z.imag])
    turned = np.column_stack([FREQUENCY, z.real, -z.imag])
    csv = rows(parts, "%.9g", ",")
    save("table_units.csv", "Frequency [Hz],Z' [Ω],Z'' [Ω]\n" + csv)
    mark = "\ufeff# a made cell\n# no date\n# f (Hz), Re(Z) (Ohm), Im(Z) (Ohm)\n"
    save("table_mark.csv", mark + csv)
    comma = rows(turned * [1e-3, 1e-3, 1e-3], "%.9g", ";").replace(".", ",")
    save("table_comma.csv", '"freq/kHz";"Re(Z)/kΩ";"-Im(Z)/kΩ"\n' + comma, end="\r\n")
    save("table_units_row.txt", "Freq\tZreal\tZimag\nHz\tOhm\tOhm\n" + rows(parts, "%.9g"))
    save("table_positive.csv", "freq (Hz),Zreal (ohm),Zimag (ohm)\n" + rows(turned, "%.9g", ","))
    save("table_bare.csv", csv)
    polar = np.column_stack([2 * np.pi * FREQUENCY, np.abs(z), np.degrees(np.angle(z))])
    save("table_polar.txt", "omega (rad/s)  |Z| (Ohm)  Phase (deg)\n" + rows(polar, "%.9g", "  "))
    again = "Frequency [Hz],Z' [Ω],Z'' [Ω]\n"
    other = impedance(FREQUENCY, 10.0)
    second = rows(np.column_stack([FREQUENCY, other.real, other.imag]), "%.9g", ",")
    save("table_sweeps.csv", again + csv + again + second)
    save("table_wide.txt", "Frequency [Hz]\tZ' [Ω]\tZ'' [Ω]\n" + rows(parts, "%.9g"), "utf-16")
    save("table_old_ends.csv", "Frequency [Hz],Z' [ohm],Z'' [ohm]\n" + csv, end="\r")
    save("table_growing.csv", ("Frequency [Hz],Z' [ohm],Z'' [ohm]\n" + csv)[:-9])
    t, v, i, cycle, half, q = series().T
    table = np.column_stack([t, cycle, half, v, 1e3 * i, q / 3.6, 25.0 + 0 * t])
    names = "Test_Time(s),Cycle_Index,Step_Index,Voltage(V),Current(mA),Capacity(mAh),T (°C)\n"
    save("table_trace.csv", names + rows(table, "%.9g", ","))
    text = "Date/Time\tVoltage (V)\tCurrent (A)\n"
    for k in range(40):
        clock = f"2024-03-04 12:{k // 2:02d}:{30 * (k % 2):02d}"
        text += f"{clock}\t{v[k]:.9g}\t{i[k]:.9g}\n"
    save("table_dates.txt", text)
    number = np.arange(1, 21)
    capacity = np.column_stack([number, 150.0 - number, 149.0 - number])
    names = "Cycle,Charge capacity (mAh/g),Discharge capacity (mAh/g)\n"
    save("table_cycles.csv", names + rows(capacity, "%.9g", ","))


if __name__ == "__main__":
    biologic()
    gamry()
    zview()
    tables()
