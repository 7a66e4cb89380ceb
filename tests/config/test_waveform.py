"""Waveforms: what is refused, in one line, and the points that shapes are made of."""

from pathlib import Path

import numpy as np
import pytest

from swarmhydra.config import ConfigError, fingerprint, waveform_points
from tests.helpers.settings import configured

HARMONICS = ("sim.waveform.kind=harmonics", "sim.waveform.frequency=1e9")
TOO_SLOW = "sim.waveform.frequency=1e-320"
TWO_POINTS = ("sim.waveform.times=[0,1e-9]", "sim.waveform.en=[10,20]")


def points(*overrides: str) -> tuple[np.ndarray, np.ndarray]:
    times, en = waveform_points(configured(*overrides).sim)
    return np.array(times), np.array(en)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (("sim.waveform.times=[0,2e-9,1e-9]", "sim.waveform.en=[1,2,3]"), "times[2]=1e-09"),
        (("sim.waveform.times=[0,1e-9,1e-9]", "sim.waveform.en=[1,2,3]"), "times[2]=1e-09"),
        (("sim.waveform.times=[0,nan]", "sim.waveform.en=[1,2]"), "times[1]=nan"),
        (("sim.waveform.times=[0,1e-9]", "sim.waveform.en=[1,nan]"), "en[1]=nan"),
        (("sim.waveform.times=[0,1e-9]", "sim.waveform.en=[1,1e6]"), "en[1]=1e6"),
        (("sim.waveform.times=[0,1e-9]", "sim.waveform.en=[1]"), "1 values for 2 times"),
        (("sim.waveform.times=[0]", "sim.waveform.en=[1]"), "at least two times"),
        (("sim.waveform.file=nowhere.csv",), "nowhere.csv: cannot be read"),
        ((*TWO_POINTS, "sim.stop.simulated_time=5e-10"), "simulated_time=5e-10"),
        ((*TWO_POINTS, "sim.waveform.kind=ramp"), "times and kind"),
        ((*TWO_POINTS, "sim.waveform.width=1"), "width=1"),
        ((*TWO_POINTS, "sim.frequency=1e6"), "sim.frequency=1e6"),
        ((*TWO_POINTS, "sim.window=1e-9"), "sim.window=1e-09"),
        ((*TWO_POINTS, "method=boltzmann"), "method=boltzmann"),
        ((*TWO_POINTS, "sim.waveform.edges=[0,2e-9]"), "edges=[0.0, 2e-09]"),
        ((*TWO_POINTS, "sim.waveform.edges=[0,1e-10,1e-10]"), "edges[2]=1e-10"),
        (("sim.waveform.times=[0,1e-9]", "sim.waveform.en=[0,0]"), "0 Td at all times"),
        (
            ("sim.waveform.times=[0,1e-9]", "sim.waveform.en=[0,9]", "sim.temperature=0"),
            "starts at 0 Td with sim.temperature=0",
        ),
        (("sim.waveform.kind=sawtooth",), "kind=sawtooth"),
        (("sim.waveform.kind=gaussian", "sim.waveform.duration=1e-9"), "width=null"),
        (("sim.waveform.kind=harmonics", "sim.waveform.frequency=1e6"), "amplitudes=[]"),
        (("sim.waveform.periodic=true", "sim.waveform.duration=1"), "duration=1"),
        (("sim.waveform.periodic=true",), "periodic=true without a waveform"),
        (("sim.waveform.edges=[0,1]",), "edges=[0.0, 1.0] without a waveform"),
        (("sim.waveform.times=[0,inf]", "sim.waveform.en=[1,2]"), "expected a number (s)"),
        (("sim.waveform.times=[a,b]", "sim.waveform.en=[1,2]"), "times[0]=a"),
        (("sim.waveform.times=[0,[1]]", "sim.waveform.en=[1,2]"), "times[1]=[1]"),
        (("sim.waveform.times=[0,{a:1}]", "sim.waveform.en=[1,2]"), "times[1]={"),
        ((*HARMONICS, "sim.waveform.amplitudes=[[1]]"), "amplitudes[0]=[1]"),
        ((*HARMONICS[:1], "sim.waveform.amplitudes=[1]", TOO_SLOW), "takes inf s"),
        (("sim.waveform.times=[-1e-9,-2e-9]", "sim.waveform.en=[1,2]"), "times[1]=-2e-09"),
        (("sim.waveform.times=[-1e308,1e308]", "sim.waveform.en=[1,2]"), "takes inf s"),
        (("sim.waveform.times=[0,1e300]", "sim.waveform.en=[1,2]"), "takes 1e+300 s"),
        (("sim.waveform.times=[0,5e-324]", "sim.waveform.en=[1,2]"), "takes 4.94066e-324 s"),
        ((*TWO_POINTS, "sim.waveform.edges=[0,1e-30,1e-9]"), "edges[1]=1e-30"),
        ((*TWO_POINTS, "sim.waveform.edges=[-1e-9,1e-9]"), "edges[0]=-1e-09"),
        (("sim.waveform.file=/dev/null",), "/dev/null: cannot be read"),
        (("sim.waveform.file=/",), "/: cannot be read (Is a directory)"),
        ((*TWO_POINTS, "sim.evdf.l_max=33"), "sim.evdf.l_max=33"),
        ((*TWO_POINTS, "sim.evdf.step=0"), "sim.evdf.step=0"),
    ],
)
def test_a_bad_waveform_is_refused_in_one_line(overrides: tuple[str, ...], words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        configured("gas=argon", *overrides)
    message = str(refused.value)
    assert words in message
    assert "sim." in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0,1\n2e-9,5\n1e-9,5\n", "line 3: 1e-09; expected a time above"),
        ("0,1\n1e-9,nan\n", "line 2: '1e-9, nan'"),
        ("0,1\n1e-9\n", "line 2: '1e-9'"),
        ("0,1\n1e-9,much\n", "line 2: '1e-9, much'"),
        ("time,en\n0,1\n", "has 1 point:"),
        ("", "has 0 points"),
        ("0,1,2\n1,2,3\n", "line 1: '0, 1, 2'"),
        ("0,1\n1e-9,inf\n", "line 2: '1e-9, inf'"),
        ("0,1\nnan,2\n", "line 2: 'nan, 2'"),
        ("nan,nan\n0,1\n", "line 1: 'nan, nan'"),
        ("time;field\n0;1\n1e-9;2\n", "line 2: '0;1'"),
        ("0\t1\n1e-9\t2\n", "line 1: '0\\t1'"),
        ("0 1\n1e-9 2\n", "line 1: '0 1'"),
        ("-1e-9,1\n-2e-9,2\n", "line 2: -2e-09; expected a time above"),
        ("0,1\n1e-9,2\nend,of file\n", "line 3: 'end, of file'"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "pulse.csv"
    file.write_text(text)
    with pytest.raises(ConfigError) as refused:
        configured("gas=argon", f"sim.waveform.file={file}")
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_gives_its_points_from_time_zero_on(tmp_path: Path) -> None:
    file = tmp_path / "pulse.csv"
    file.write_text("# measured\ntime (s),E/N (Td)\n1e-9, 5\n3e-9,\t-7.5\n")
    times, en = points(f"sim.waveform.file={file}")
    assert times == pytest.approx([0.0, 2e-9])
    assert en.tolist() == [5.0, -7.5]


def test_the_first_time_is_the_start_also_below_zero(tmp_path: Path) -> None:
    """As before the trigger of an oscilloscope."""
    file = tmp_path / "trace.csv"
    file.write_text("Time,Ch1\ns,Td\n-2e-9,1\n0,2\n1e-9,3\n")
    for source in (
        (f"sim.waveform.file={file}",),
        ("sim.waveform.times=[-2e-9,0,1e-9]", "sim.waveform.en=[1,2,3]"),
    ):
        times, en = points(*source)
        assert times == pytest.approx([0.0, 2e-9, 3e-9])
        assert en.tolist() == [1.0, 2.0, 3.0]


def test_a_result_is_that_of_what_is_in_the_file(tmp_path: Path) -> None:
    marks = []
    for folder, text in (("a", "0,1\n1,2\n"), ("b", "0,1\n1,2\n"), ("c", "0,1\n1,3\n")):
        (tmp_path / folder).mkdir()
        file = tmp_path / folder / "pulse.csv"
        file.write_text(text)
        marks.append(fingerprint(configured(f"sim.waveform.file={file}")))
    assert marks[0] == marks[1] != marks[2]


def test_shapes() -> None:
    pulse = ("sim.en=100", "sim.waveform.base=20", "sim.waveform.duration=10e-9")
    times, en = points(*pulse, "sim.waveform.kind=gaussian", "sim.waveform.width=2e-9")
    found = np.interp([0.0, 4e-9, 5e-9, 6e-9], times, en)
    assert found == pytest.approx([20.0, 60.0, 100.0, 60.0], rel=1e-3)

    square = ("sim.waveform.kind=square", "sim.waveform.start=1e-9", "sim.waveform.width=3e-9")
    times, en = points(*pulse, *square)
    assert times == pytest.approx([0.0, 1e-9, 1e-9, 4e-9, 4e-9, 10e-9])
    assert en.tolist() == [20.0, 20.0, 100.0, 100.0, 20.0, 20.0]

    times, en = points(*pulse, "sim.waveform.kind=ramp", "sim.waveform.rise=40e-9")
    assert times == pytest.approx([0.0, 10e-9])
    assert en == pytest.approx([20.0, 40.0])

    decay = ("sim.waveform.kind=exponential", "sim.waveform.decay=2e-9", "sim.waveform.rise=2e-9")
    times, en = points(*pulse, *decay)
    found = np.interp([0.0, 1e-9, 2e-9, 4e-9], times, en)
    assert found == pytest.approx([20.0, 60.0, 100.0, 20.0 + 80.0 / np.e], rel=1e-3)

    two = ("sim.waveform.kind=harmonics", "sim.waveform.frequency=1e8")
    two = (*two, "sim.waveform.amplitudes=[1,0.5]", "sim.waveform.phases=[0,90]")
    times, en = points("sim.en=100", *two)
    expected = 100.0 * (np.cos(2e8 * np.pi * times) - 0.5 * np.sin(4e8 * np.pi * times))
    assert times[-1] == pytest.approx(1e-8)
    assert en == pytest.approx(expected, abs=1e-9)
    assert en[0] == en[-1]
