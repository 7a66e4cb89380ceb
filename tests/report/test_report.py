"""The page of a run or a sweep: complete, self-contained, and honest about doubts."""

import base64
import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xarray as xr
from matplotlib import pyplot as plt

from swarmhydra.plot.overviews import panels_of
from swarmhydra.report import images
from swarmhydra.report import page as report
from swarmhydra.results.files import save
from swarmhydra.results.summary import rounded
from swarmhydra.results.tree import build_tree
from swarmhydra.results.variables import VARIABLES
from tests.helpers.fake_record import fake_record
from tests.helpers.fake_sweep import saved_sweep, write_sweep

VOID = {"meta", "link", "img", "br"}


class Page(HTMLParser):
    """A page taken apart: every tag has to be closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words += f" {data}"

    def images(self) -> list[str]:
        """The figures, as SVG."""
        sources = [str(attrs["src"]) for tag, attrs in self.tags if tag == "img"]
        return [base64.b64decode(source.partition("base64,")[2]).decode() for source in sources]


DOUBTS = {
    "warnings": "the majorant was exceeded in 3 of 9 trials\nthe swarm had not relaxed\n"
    "sim.stop.wall_time=6 s ended the run before its errors were as small as asked",
    "relaxed": 0,
    "backend_ran": "numpy",
    "config": "name: <script>alert(1)</script>",
    "references": "<b>A & B",
}


@pytest.fixture(scope="module")
def tree() -> xr.DataTree:
    """A run with all that can be doubtful, and texts that look like markup."""
    record = fake_record()
    return build_tree(dataclasses.replace(record, attributes={**record.attributes, **DOUBTS}))


@pytest.fixture(scope="module")
def text(tree: xr.DataTree) -> str:
    return report.report(tree)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


@pytest.fixture(scope="module")
def sweep_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of three jobs and one that broke, made by the command."""
    folder = write_sweep(tmp_path_factory.mktemp("sweep"), [10.0, 100.0, 50.0])
    broken = folder / "3" / ".hydra"
    broken.mkdir(parents=True)
    (broken / "overrides.yaml").write_text("- sim.en=200\n")
    report.main([str(folder)])
    return (folder / "report.html").read_text(encoding="utf-8")


def test_the_page_of_a_run_holds_everything(page: Page) -> None:
    for name, row in VARIABLES.items():
        if "/" not in name and not row.coordinate and not row.dims:
            assert row.long_name in page.words
    for words in (
        "argon, 100 Td, 300 K, 101325 Pa",
        "Ar ionization",
        "7 degrees of freedom",
        "SFC64",
        "numpy",
        "determine_timestep",
        "stopped by",
    ):
        assert words in page.words
    # Seven figures of the whole, and five of the course of time.
    assert len(page.images()) == 14


def test_values_stand_with_their_errors(page: Page, tree: xr.DataTree) -> None:
    value, error, exponent = rounded(*(float(tree[f"mean_energy{e}"]) for e in ("", "_stderr")))
    assert exponent == 0
    assert f"mean energy {value} {error} eV" in " ".join(page.words.split())


def assert_self_contained(text: str) -> None:
    """Nothing is fetched from elsewhere, and nothing runs."""
    page = Page(text)
    for _, attrs in page.tags:
        for name in ("src", "href"):
            assert str(attrs.get(name, "data:")).startswith("data:")
    assert not any(tag == "script" for tag, _ in page.tags)
    assert "@import" not in text
    assert "url(" not in text
    for image in page.images():
        links = [
            value
            for element in ElementTree.fromstring(image).iter()
            for key, value in element.attrib.items()
            if key.endswith("href")
        ]
        assert all(link.startswith("#") for link in links)


def test_the_page_of_a_run_is_self_contained(text: str) -> None:
    assert_self_contained(text)


def test_doubts_come_before_the_numbers(page: Page) -> None:
    before = page.words.partition("Coefficients")[0]
    assert "majorant was exceeded in 3 of 9 trials" in before
    assert "the swarm had not relaxed" in before
    assert "accel asked for jit; numpy ran" in before
    assert "sim.stop.wall_time" in before
    assert sum(attrs.get("class") == "warning" for _, attrs in page.tags) == 4


def test_what_users_write_is_shown_and_not_obeyed(text: str) -> None:
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "&lt;b&gt;A &amp; B" in text


@pytest.mark.slow
def test_the_page_of_a_sweep(sweep_text: str) -> None:
    assert_self_contained(sweep_text)
    page = Page(sweep_text)
    # Only the job without a result is doubtful.
    assert "sim.en=200" in page.words.partition("Figures")[0]
    assert sweep_text.count('class="warning"') == 1
    assert "3 jobs, argon, 300 K" in page.words
    assert "Phelps & Petrović" in page.words
    assert "sim: {en: 10.0}" in page.words
    assert len(page.images()) >= 8
    cells = page.words.rpartition("Jobs")[2].split()
    assert cells.index("10") < cells.index("100") < cells.index("50")


def test_the_page_of_a_sweep_of_waveforms_shows_their_course(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One panel of coefficients: each figure takes half a second.
    monkeypatch.setattr(images, "panels_of", lambda root: panels_of(root)[:1])
    records = [fake_record(en=en, seed=1) for en in (10.0, 20.0)]
    text = report.report(saved_sweep(tmp_path, records))
    figures = re.findall(r"<figure>.*?</figure>", text, re.S)
    drawn = [each for each in figures if "<img" in each]
    for caption in ("The mean energy; dashed", "The drift velocity<", "The number of electrons<"):
        assert any(caption in each for each in drawn), caption


def test_a_run_is_found_by_its_file_or_its_folder(
    tree: xr.DataTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "report", lambda found, *_: str(found["mean_energy"].item()))
    save(tree, tmp_path / "results.nc")
    report.main([str(tmp_path), "--output", str(tmp_path / "a.html")])
    report.main([str(tmp_path / "results.nc")])
    for name in ("a.html", "report.html"):
        assert (tmp_path / name).read_text() == str(tree["mean_energy"].item())


def test_what_is_no_result_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(SystemExit) as end:
            report.main([str(path)])
        assert end.value.code == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_users_figures_are_left_alone(text: str) -> None:
    assert text
    assert plt.get_fignums() == []
