"""Every kind of page in a real browser: from disk alone, without a fault, for every reader, on every width, on paper."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from ..reports.pages import sound
from ..reports.test_hostile import ATTACKS, FIRST, SECOND, TEXT, THIRD

pytestmark = pytest.mark.slow

AXE = (files("axe_core_python") / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
KINDS = {
    *("index.html", "claims/deaths-per-year.html", "claims/root-cause.html", "themes/origin.html"),
    *("jurisdictions/WV.html", "hostile/index.html", "hostile/claims/one.html"),
}
"""A page of every kind."""
PAPER = {"width": 672, "height": 900}
"""A4 in CSS pixels, without the margins."""
FITS = """() => [...document.querySelectorAll('img, svg')].map(e => e.getBoundingClientRect()).filter(
    r => r.width == 0 || r.left < -0.5 || r.right > innerWidth + 0.5 || r.height > 971).length"""


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = browser.new_page(viewport={"width": 1280, "height": 900})
    yield made
    made.close()


def test_there_is_a_page_of_every_kind_and_each_is_whole(folder: Path) -> None:
    names = _names(folder)
    assert {name.split("/")[0] for name in names} == {"index.html", "claims", "themes", "jurisdictions", "hostile"}
    assert sound(folder)


def test_every_page_loads_from_disk_alone(folder: Path, page: Page) -> None:
    asked: list[str] = []
    faults: list[str] = []

    def watch(route: Any) -> None:
        asked.append(route.request.url)
        route.continue_() if route.request.url.startswith(folder.as_uri() + "/") else route.abort()

    page.route("**/*", watch)
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: faults.append(request.url))
    page.on("dialog", lambda dialog: faults.append(dialog.message))
    for name in _names(folder):
        page.goto((folder / name).as_uri())
        kinds = page.evaluate("Array.from(document.scripts, script => script.type)")
        assert kinds == (["application/ld+json"] if Path(name).parent.name == "claims" else []), (
            name
        )  # data: no script runs
        for text in page.evaluate("Array.from(document.scripts, script => script.textContent)"):
            assert json.loads(text)["@type"] == "ClaimReview"
        assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)"), name
    assert faults == []
    assert asked
    assert [url for url in asked if not url.startswith(folder.as_uri() + "/")] == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 320)])
def test_axe_finds_no_violation(folder: Path, browser: Browser, scheme: Literal["light", "dark"], width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    found: list[tuple[str, str, str]] = []
    names = _names(folder) if (scheme, width) == ("light", 1280) else sorted(KINDS)
    for name in names:
        page.goto((folder / name).as_uri())
        page.evaluate(AXE)
        for fault in page.evaluate("tags => axe.run({runOnly: tags})", RULES)["violations"]:
            found += [(name, fault["id"], node["html"][:200]) for node in fault["nodes"]]
    page.close()
    assert found == []


def test_nothing_is_wider_than_the_window(folder: Path, page: Page) -> None:
    for name in _names(folder):
        page.goto((folder / name).as_uri())
        for width in (320, 390, 768, 1920):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") == width, name


def test_the_index_answers_on_one_screen(folder: Path, page: Page) -> None:
    page.goto((folder / "index.html").as_uri())
    ends = page.evaluate("[...document.querySelectorAll('.board tr')].map(e => e.getBoundingClientRect().bottom)")
    assert len(ends) > 8
    assert max(ends) <= 1_000  # two senses of one claim take a row each


def test_on_paper_no_picture_is_clipped_and_no_toggle_is_printed(folder: Path, page: Page) -> None:
    page.set_viewport_size({"width": PAPER["width"], "height": PAPER["height"]})
    page.emulate_media(media="print")
    for name in _names(folder):
        page.goto((folder / name).as_uri())
        assert page.evaluate(FITS) == 0, name
        assert page.evaluate("document.documentElement.scrollWidth") <= PAPER["width"], name
        assert not page.locator("details.code summary").first.is_visible() or "index" in name, name


def test_pictures_are_dark_in_the_dark(folder: Path, browser: Browser) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto((folder / "claims/deaths-per-year.html").as_uri())
    grounds = page.evaluate("[...document.querySelectorAll('.plot')].map(e => getComputedStyle(e).backgroundColor)")
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    seen = Image.open(io.BytesIO(page.locator(".plot").first.screenshot())).convert("L")
    page.close()
    assert set(grounds) == {paper}
    assert paper != "rgb(255, 255, 255)"
    assert sum(seen.histogram()[:64]) > 0.7 * seen.width * seen.height  # the picture itself, most of which is ground


def test_the_keyboard_skips_to_the_content_and_its_place_is_seen(folder: Path, page: Page) -> None:
    page.goto((folder / "themes/deaths.html").as_uri())
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    box = skip.bounding_box()
    assert box is not None and box["x"] >= 0
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_code_is_folded_and_opens(folder: Path, page: Page) -> None:
    page.goto((folder / "claims/root-cause.html").as_uri())
    code = page.locator("details.code pre").first
    assert not code.is_visible()
    page.locator("details.code summary").first.click()
    assert code.is_visible()
    assert "claim: str" in code.inner_text()


def test_hostile_text_is_text_to_the_reader(folder: Path, page: Page) -> None:
    said: list[str] = []
    page.on("dialog", lambda dialog: said.append(dialog.message))
    quotes = {"one": FIRST, "two": SECOND, "three": THIRD}
    for name in _names(folder / "hostile"):
        page.goto((folder / "hostile" / name).as_uri())
        shown = " ".join((page.text_content("body") or "").split())
        own = quotes.get(Path(name).stem)
        for text in [*(quotes.values() if own is None else [own]), *([TEXT] if own or name == "index.html" else [])]:
            assert " ".join(text.split()) in shown, name
        outside = page.evaluate("[...document.links].map(a => a.href).filter(h => !/^(file|https?):/.test(h))")
        assert outside == [], name
        assert page.locator("main svg [onload], img[onerror], [onmouseover]").count() == 0, name
    assert said == []
    assert len(ATTACKS) > 5
