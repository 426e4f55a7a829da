"""Records refuse what would spoil a fit, and name the place."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from anolyte.core.errors import DataError
from anolyte.measure.records import Spectrum, Trace

F = np.logspace(6, 0, 13)
Z = 10.0 + 100.0 / (1.0 + 2j * np.pi * F * 1e-4)


def test_a_spectrum_is_sorted_from_high_to_low_frequency_with_its_lines():
    s = Spectrum.of(F[::-1], Z[::-1], lines=np.arange(13) + 5)
    assert np.array_equal(s.frequency, F)
    assert np.array_equal(s.impedance, Z)
    assert s.lines is not None
    assert list(s.lines[:2]) == [17, 16]
    assert s.place(0) == "line 17 (1e+06 Hz)"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda f, z: f.__setitem__(3, np.nan), "line 5: a number is missing or infinite"),
        (lambda f, z: z.__setitem__(4, np.inf), "line 6: a number is missing"),
        (lambda f, z: f.__setitem__(0, -1.0), "line 2: the frequency is not positive"),
        (lambda f, z: f.__setitem__(3, f[2]), "the frequency comes twice"),
    ],
)
def test_a_bad_point_is_refused_with_its_line(change, told):
    f, z = F.copy(), Z.copy()
    change(f, z)
    with pytest.raises(DataError, match="a.z") as error:
        Spectrum.of(f, z, file="a.z", lines=np.arange(13) + 2)
    assert told in str(error.value)


def test_too_few_points_and_lengths_that_differ_are_refused():
    with pytest.raises(DataError, match="4 points are no spectrum"):
        Spectrum.of(F[:4], Z[:4])
    with pytest.raises(DataError, match="13 frequencies beside 12 impedances"):
        Spectrum.of(F, Z[1:])


def test_many_bad_points_are_named_in_one_short_line():
    z = Z.copy()
    z[2:] = np.nan
    with pytest.raises(DataError, match="point 3, point 4, point 5 and 8 more"):
        Spectrum.of(F, z)


def test_a_spectrum_goes_through_a_data_frame():
    s = Spectrum.of(F, Z)
    back = Spectrum.from_frame(s.to_frame())
    assert np.array_equal(back.impedance, s.impedance)
    with pytest.raises(DataError, match="no column 'real"):
        Spectrum.from_frame(pd.DataFrame({"frequency [Hz]": F}))


def test_a_trace_goes_through_a_data_frame_and_keeps_only_chosen_rows():
    t = np.arange(5.0)
    trace = Trace(t, t * 0.1, t - 2.0, cycle=np.ones(5, int))
    back = Trace.from_frame(trace.to_frame())
    assert np.array_equal(back.current, trace.current)
    assert back.cycle is not None and back.step is None
    assert len(trace.part(trace.current > 0.0)) == 2


def test_a_trace_refuses_time_that_runs_backwards_and_uneven_columns():
    t = np.array([0.0, 1.0, 0.5])
    with pytest.raises(DataError, match="point 3: time runs backwards"):
        Trace(t, t, t)
    with pytest.raises(DataError, match="2 values of voltage beside 3 times"):
        Trace(np.arange(3.0), np.arange(2.0), np.arange(3.0))
