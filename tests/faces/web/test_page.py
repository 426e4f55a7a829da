"""The page as a person uses it: by its visible labels, in a real browser."""

from __future__ import annotations

import json
import re
import time

import pytest

from anolyte.measure import synthetic

pytestmark = pytest.mark.browser


def verdict(page, text="Verdict"):
    return page.get_by_role("region", name="Answer", exact=True).get_by_text(text)


def spectrum(folder):
    """A made spectrum of a pellet, as an instrument writes it."""
    synthetic.write(synthetic.temperatures(count=1), folder)
    return next(
        p for p in sorted(folder.iterdir()) if p.name not in ("conditions.csv", "truth.json")
    )


def test_two_names_to_a_verdict_in_three_actions(page, server):
    begun = time.monotonic()
    page.goto(server.address)
    page.get_by_label("Electrolyte", exact=True).fill("LLZTO")
    page.get_by_label("Anode", exact=True).fill("Si")
    page.get_by_role("heading", name="LLZTO | Si").wait_for()
    assert verdict(page).is_visible()
    assert time.monotonic() - begun < 60
    assert "electrolyte=LLZTO" in page.url and "anode=Si" in page.url


def test_sliders_units_layers_and_the_link(page, server, browser):
    page.goto(f"{server.address}?electrolyte=Li6PS5Cl&anode=Li")
    page.get_by_role("heading", name="Li6PS5Cl | Li").wait_for()
    page.get_by_label("Current density", exact=True).fill("2 mA/cm2")
    page.get_by_label("Current density", exact=True).press("Tab")
    page.get_by_text("2 mA cm⁻², 5 MPa").wait_for()
    slider = page.get_by_label("Stack pressure, slider")
    slider.focus()
    slider.press("ArrowRight")
    page.get_by_text("2 mA cm⁻², 5.2 MPa").wait_for()
    assert page.get_by_label("Stack pressure", exact=True).input_value() == "5.2 MPa"
    page.get_by_role("button", name="Add a layer").click()
    page.get_by_label("Layer 1, material").fill("LiF")
    page.get_by_label("Layer 1, thickness").fill("50 nm")
    page.get_by_label("Layer 1, thickness").press("Enter")
    page.get_by_role("heading", name="Li6PS5Cl | LiF (50 nm) | Li").wait_for()
    other = browser.new_page()
    other.goto(page.url)
    other.get_by_role("heading", name="Li6PS5Cl | LiF (50 nm) | Li").wait_for()
    other.get_by_text("2 mA cm⁻², 5.2 MPa").wait_for()
    other.close()


def test_figures_the_cell_under_current_and_remedies(page, server):
    page.goto(f"{server.address}?electrolyte=Li6PS5Cl&anode=Li&current=0.5 mA/cm2")
    page.get_by_text("Critical current density: ").wait_for()
    page.get_by_role("button", name="Three cycles").click()
    page.get_by_text(re.compile("3 cycles of 1 mA h cm")).first.wait_for()
    heading = page.get_by_role("heading", name="Stability window")
    heading.scroll_into_view_if_needed()
    page.locator('[data-figure="driving_force"].js-plotly-plot .main-svg').first.wait_for()
    page.get_by_role("heading", name="LiF-rich film on a sulfide").wait_for(timeout=20_000)
    page.get_by_role("button", name="Compare with this layer").first.click()
    side = page.get_by_role("region", name="Side by side")
    side.get_by_text("near its limit").wait_for()
    assert side.get_by_text("below its limit").count() >= 1  # the remedied one, beside it
    page.get_by_role("button", name="Compare no more").click()
    assert page.get_by_role("region", name="Side by side").count() == 0


def test_what_is_wrong_is_said_in_one_line(page, server):
    page.goto(server.address)
    page.get_by_role("heading", name="Li6PS5Cl | Li").wait_for()
    field = page.get_by_label("Electrolyte", exact=True)
    field.fill("Li6PS5Clo")
    field.press("Enter")
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert "Li6PS5Cl" in alert.inner_text() and "\n" not in alert.inner_text().strip()
    page.wrong.clear()  # a browser tells an answer of 400 in its console
    field.fill("<img src=x onerror=alert(1)>")
    field.press("Enter")
    page.get_by_text("<img src=x").wait_for()
    assert page.locator("main img").count() == 0
    page.wrong.clear()


def test_files_to_keep(page, server):
    page.goto(f"{server.address}?electrolyte=Li3YCl6&anode=Li")
    for name, file in (("Report", "report.html"), ("JSON", "result.json"), ("CSV", "findings.csv"),
                       ("BibTeX", "references.bib")):  # fmt: skip
        with page.expect_download() as download:
            page.get_by_role("link", name=name, exact=True).click()
        assert download.value.suggested_filename == file
        text = download.value.path().read_text(encoding="utf-8")
        assert len(text) < 6_000_000
        assert {"CSV": "concern,level", "BibTeX": "@article"}.get(name, "Li3YCl6") in text
        if name == "JSON":
            assert json.loads(text)["type"].endswith("Assessment")


def test_a_spectrum_is_sent_and_its_fit_shown(page, server, tmp_path):
    file = spectrum(tmp_path)
    page.goto(server.address)
    page.get_by_role("link", name="Measured").click()
    page.get_by_role("button", name="Impedance spectra").click()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_label("Area", exact=True).fill("0.785 cm2")
    page.get_by_label("Circuit", exact=True).fill("p(R1,CPE1)-p(R2,CPE2)-p(R3,CPE3)-Ws1")
    page.get_by_role("button", name="Start").click()
    row = page.get_by_role("listitem").filter(has_text="Impedance spectra").first
    row.get_by_text("done", exact=True).wait_for(timeout=60_000)
    frame = page.frame_locator('iframe[title="Page of Impedance spectra"]')
    frame.get_by_role("heading").first.wait_for()
    assert frame.locator(".main-svg").count() > 0
    row.get_by_role("button", name="Remove").click()
    page.get_by_text("Nothing has been run yet.").wait_for()


def test_a_folder_is_watched_live(page, server, tmp_path):
    page.goto(f"{server.address}measured")
    page.get_by_role("button", name="Watch instrument").click()
    row = page.get_by_role("listitem").filter(has_text="Watching instrument").first
    row.get_by_text("running", exact=True).wait_for()
    file = spectrum(tmp_path)
    (server.watched / file.name).write_bytes(file.read_bytes())
    frame = page.frame_locator('iframe[title="Page of Watching instrument"]')
    frame.get_by_text(file.name).first.wait_for(timeout=30_000)
    row.get_by_role("button", name="Stop").click()
    row.get_by_text("stopped", exact=True).wait_for(timeout=30_000)
    row.get_by_role("button", name="Remove").click()


def test_a_long_run_is_followed_stopped_and_gone_on_with(page, server):
    page.goto(f"{server.address}runs")
    page.get_by_role("button", name="Where a cell is safe").click()
    page.get_by_label("Electrolyte", exact=True).fill("LLZO")
    page.get_by_label("Anode", exact=True).fill("Li")
    page.get_by_label("Current", exact=True).fill("0.1 mA/cm2 to 5 mA/cm2")
    page.get_by_label("Pressure", exact=True).fill("1 MPa to 20 MPa")
    page.get_by_label("Runs", exact=True).fill("1000000")
    page.get_by_role("button", name="Start").click()
    row = page.get_by_role("listitem").filter(has_text="Where a cell is safe").first
    row.get_by_text(re.compile(r"^\d+ of \d+")).wait_for(timeout=30_000)
    row.get_by_role("button", name="Stop").click()
    row.get_by_text("stopped", exact=True).wait_for(timeout=30_000)
    row.get_by_role("button", name="Go on").click()
    row.get_by_text(re.compile(r"^\d+ of \d+")).wait_for(timeout=30_000)
    row.get_by_role("button", name="Stop").click()
    row.get_by_role("button", name="Remove").click(timeout=30_000)
    page.get_by_text("Nothing has been run yet.").wait_for()


def test_evidence_behind_filters(page, server):
    page.goto(server.address)
    page.get_by_role("link", name="Evidence").click()
    page.get_by_label("Electrolyte", exact=True).fill("LLZTO")
    page.get_by_label("Quantity").select_option("interfacial resistance")
    page.get_by_text("1190 → 6 Ω cm²").wait_for()
    assert "quantity=interfacial_resistance" in page.url
    page.locator('[data-figure="evidence"] .main-svg').first.wait_for()


def test_a_crystal_is_drawn(page, server):
    page.goto(f"{server.address}structures?name=beta-Li3PS4")
    page.get_by_role("heading", name="beta-Li3PS4").wait_for()
    page.locator(".viewer canvas").first.wait_for()
    assert "S" in page.locator(".legend").inner_text()
    shown = page.locator(".viewer canvas").first.screenshot()
    assert len(set(shown)) > 100 and len(shown) > 5_000  # something is drawn


def test_the_api_is_told(page, server):
    page.goto(f"{server.address}api")
    page.get_by_text("GET /api/interface", exact=True).wait_for()
    assert page.get_by_text("import json, urllib.parse").is_visible()


@pytest.mark.parametrize(
    ("place", "scheme"),
    [("", "light"), ("", "dark"), ("measured", "light"), ("runs", "dark"), ("api", "dark"),
     ("evidence?anode=Si", "light"), ("structures", "dark")],
)  # fmt: skip
def test_every_place_is_accessible_and_fits_a_phone(browser, server, place, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(viewport={"width": 400, "height": 800}, color_scheme=scheme)
    page.goto(server.address + place)
    page.wait_for_load_state("networkidle")
    page.get_by_role("heading").first.wait_for()
    wide = page.evaluate("document.documentElement.scrollWidth")
    found = Axe().run(page)
    page.close()
    assert wide <= 400
    assert not found.response["violations"], found.generate_report()


def test_the_keyboard_alone_is_enough(page, server):
    page.goto(server.address)
    page.get_by_role("heading", name="Li6PS5Cl | Li").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    for _ in range(40):
        page.keyboard.press("Tab")
        label = page.evaluate("(document.activeElement.labels || [{}])[0]?.textContent")
        if label == "Anode":
            break
    page.keyboard.press("Control+a")
    page.keyboard.type("Si")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Li6PS5Cl | Si").wait_for()


def test_it_loads_within_a_second(page, server):
    page.goto(server.address)
    page.get_by_role("heading", name="Li6PS5Cl | Li").wait_for()
    page.reload()
    page.get_by_role("heading", name="Li6PS5Cl | Li").wait_for()
    loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    assert 0 < loaded < 5_000  # the figure itself is in the benchmarks
