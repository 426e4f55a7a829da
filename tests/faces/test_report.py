"""The page: whole, safe, offline, and readable back."""

import json
import os
import re
from html.parser import HTMLParser

import pytest

import anolyte
from anolyte.faces.report import page, read_report, report
from anolyte.materials.phases import embedded
from anolyte.models.window_uncertainty import window_uncertainty


@pytest.fixture(scope="module")
def assessment():
    return anolyte.assess(
        anolyte.Interface("Li6PS5Cl", "Si", layers=["LiF:50 nm"]),
        anolyte.Conditions(current_density="0.5 mA/cm2"),
    )


@pytest.fixture(scope="module")
def html(assessment):
    return page(assessment)


class Collector(HTMLParser):
    """Elements and visible text of a page."""

    def __init__(self):
        super().__init__()
        self.tags, self.text, self._hidden = [], [], 0

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._hidden += tag in ("script", "style")

    def handle_endtag(self, tag):
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data):
        if not self._hidden:
            self.text.append(data)


def collected(html):
    parser = Collector()
    parser.feed(html)
    return parser


def test_sections(html, assessment):
    text = " ".join(" ".join(collected(html).text).split())
    for part in (
        "Verdict",
        "Why",
        "What to look at next",
        "Stability window",
        "How sure the limits are",
        "Thermodynamic, kinetic and measured",
        "Ladder of reactions",
        "Reactions at every junction",
        "Volume",
        "Conductivity",
        "How sure",
        "References",
        "Limits",
        "Inputs",
        assessment.verdict,
    ):
        assert part in text
    for finding in assessment.headlines:
        assert " ".join(finding.reason.split()) in text


def test_error_bars_and_measured_windows_are_the_ones_of_the_models(html, assessment):
    text = " ".join(" ".join(collected(html).text).split())
    sample = window_uncertainty("Li6PS5Cl")
    for limit in (sample.reduction, sample.oxidation):
        assert f"{limit.low:.2f} {limit.median:.2f} {limit.high:.2f}" in text
    assert "can reach 7 V" in text and "scan rate: not told" in text
    drawn = json.loads(re.search(r'id="anolyte-figures">(.*?)</script>', html, re.DOTALL).group(1))
    assert {"driving_force", "ladder", "three_windows", "reactions", "products", "volume"} <= set(
        drawn
    )
    band = next(t for t in drawn["driving_force"]["data"] if t.get("name") == "5 to 95 %")
    assert len(band["x"]) == 2 * len(sample.band.potentials)
    names = [t.get("name") for t in drawn["driving_force"]["data"]]
    assert "energies of the table" in names
    whiskers = [t["x"] for t in drawn["three_windows"]["data"] if t.get("mode") == "lines+markers"]
    assert [sample.oxidation.low, sample.oxidation.high] in whiskers


def test_other_energies_give_no_error_bars_unless_they_are_at_hand(tmp_path):
    other = embedded().without("Li4P2S6")
    result = anolyte.assess(anolyte.Interface("Li3PS4", "Li"), phases=other)
    text = " ".join(collected(page(result)).text)
    assert "No error bars: the energies of this assessment are not at hand" in text
    path = report(result, tmp_path / "x.html", other)
    again = " ".join(collected(path.read_text(encoding="utf-8")).text)
    assert "No error bars" not in again and "How sure the limits are" in again


def test_size_and_no_network(html):
    assert len(html.encode()) < 6_000_000
    for tag, attributes in collected(html).tags:
        assert "src" not in attributes and tag not in ("link", "iframe", "img", "object")
        if tag == "a":
            assert attributes["href"].startswith(("#ref-", "https://doi.org/10."))
    assert "default-src 'none'" in html
    assert 'name="viewport"' in html


def test_reads_back_whole(tmp_path, assessment):
    path = report(assessment, tmp_path / "out.html")
    assert read_report(path).to_dict() == assessment.to_dict()
    if os.name == "posix":
        umask = os.umask(0)
        os.umask(umask)
        assert path.stat().st_mode & 0o777 == 0o666 & ~umask  # as any file of the user's


def test_references_are_numbered_and_linked(html):
    anchors = set(re.findall(r'href="#(ref-\d+)"', html))
    assert anchors and anchors <= set(re.findall(r'<li id="(ref-\d+)"', html))


EVIL = '</script><script>alert(1)</script><img src=x onerror="alert(2)">\u2028{{1234*77}}'


def test_user_text_is_escaped_everywhere(tmp_path):
    folder = tmp_path / "electrolytes"
    folder.mkdir()
    data = {
        "name": EVIL, "class": "sulfide", "formula": "Li3PS4", "notes": [EVIL],
        "properties": {"ionic_conductivity": [
            {"value": "1 mS/cm", "source": EVIL, "where": EVIL, "note": EVIL, "known": "recalled"}
        ]},
    }  # fmt: skip
    (folder / "evil.yaml").write_text(json.dumps(data))
    material = anolyte.Library((tmp_path,)).electrolyte("evil")
    result = anolyte.assess(anolyte.Interface(material, "Li"))
    path = report(result, tmp_path / "<img src=x>.html")
    html = path.read_text(encoding="utf-8")
    parser = collected(html)
    assert "img" not in [tag for tag, _ in parser.tags]
    assert "<script>alert" not in html and "95018" not in html
    assert sum(tag == "script" for tag, _ in parser.tags) == 4
    assert read_report(path).cell.interface.electrolyte.name == EVIL


def test_only_assessments_have_a_page(tmp_path):
    with pytest.raises(anolyte.AnolyteError, match="assessment"):
        report(anolyte.window("Li3YCl6"), tmp_path / "x.html")


def test_page_without_any_result(tmp_path):
    """A chemistry that nothing covers still has its page: verdict, why, inputs."""
    interface = anolyte.Interface("LiRhO2", "Li")
    path = report(anolyte.assess(interface), tmp_path / "x.html")
    text = " ".join(collected(path.read_text(encoding="utf-8")).text)
    assert "Rh" in text and "Verdict" in text
