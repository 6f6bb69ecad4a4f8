"""In a real Chromium: the ring of focus stands out on every ground, fingers hit what they aim at,
and the menu of a phone opens without a script."""

import re

import pytest

from tests.web.browsing import NEEDS_CHROMIUM, turn

pytestmark = NEEDS_CHROMIUM

#: WCAG 1.4.11 and 2.5.8.
LEAST_CONTRAST, LEAST_SIZE = 3.0, 24

RING = """() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  let around = element.parentElement;
  while (around && /, 0\\)$|transparent/.test(getComputedStyle(around).backgroundColor))
    around = around.parentElement;
  return {
    what: element.outerHTML.slice(0, 90), end: element === document.body,
    outline: style.outlineColor, width: parseFloat(style.outlineWidth),
    line: style.outlineStyle, shadow: style.boxShadow,
    ground: around ? getComputedStyle(around).backgroundColor : "rgb(255, 255, 255)",
  };
}"""
SMALL = """least => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
  .filter(each => each.type !== "hidden" && each.checkVisibility() && each.tabIndex >= 0)
  .map(each => [each, each.getBoundingClientRect()])
  .filter(([each, box]) => box.width > 0 && box.right > 0)
  .filter(([each, box]) => box.width < least || box.height < least)
  .map(([each, box]) => `${each.outerHTML.slice(0, 90)} ${box.width}x${box.height}`)"""


def numbers(colour):
    return [float(each) for each in re.findall(r"[\d.]+", colour)][:3]


def luminance(colour):
    parts = [each / 255 for each in colour]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    ]
    return sum(part * share for part, share in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def log_in(page, address, name, path):
    page.goto(address + path)
    page.fill("#name", name)
    page.fill("#password", "correct horse")
    turn(page, "main button")
    page.wait_for_selector(".who form")


def test_black_on_white_is_21_to_1():
    assert round(contrast((0, 0, 0), (255, 255, 255)), 2) == 21


@pytest.mark.parametrize("width", [1440, 360])
def test_the_ring_of_focus_has_a_contrast_of_3_on_every_ground(address, browser, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    log_in(page, address, "officer", "/desk/matters/1")
    grounds = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        ring = page.evaluate(RING)
        if ring["end"]:
            break
        ground = numbers(ring["ground"])
        rings = numbers(ring["outline"]), numbers(ring["shadow"])
        assert ring["line"] == "solid", ring
        assert ring["width"] >= 2, ring
        assert max(contrast(each, ground) for each in rings) >= LEAST_CONTRAST, ring
        assert contrast(*rings) >= LEAST_CONTRAST, ring
        grounds.add(tuple(ground))
    assert len(grounds) >= 3  # the bar, the page, a block
    page.close()


@pytest.mark.parametrize(
    ("name", "path"),
    [("officer", "/desk/"), ("officer", "/desk/matters/1"), ("officer", "/desk/alerts/A0red"),
     ("officer", "/desk/confirmations/"), ("luzhi", "/own/"), ("luzhi", "/registers/")],
)  # fmt: skip
def test_what_a_finger_must_hit_on_a_phone_is_24_px_at_least(address, browser, name, path):
    page = browser.new_page(viewport={"width": 360, "height": 780})
    page.goto(address + "/")
    assert page.evaluate(SMALL, LEAST_SIZE) == []
    log_in(page, address, name, path)
    assert page.evaluate(SMALL, LEAST_SIZE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


def test_the_menu_of_a_phone_opens_by_one_word_without_a_script(address, browser):
    page = browser.new_page(viewport={"width": 360, "height": 780}, java_script_enabled=False)
    log_in(page, address, "officer", "/desk/cases/")
    here = page.locator(".menu a[aria-current=page]")
    assert not here.is_visible()
    page.click("summary:has-text('菜单')")
    assert here.inner_text() == "案件"
    assert here.bounding_box()["x"] + here.bounding_box()["width"] <= 360
    assert not page.locator(".rooms a").first.is_visible()
    page.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", ["officer", "reviewer", "viewer"])
def test_the_menu_of_the_office_is_one_row_on_a_desk(address, browser, name, language):
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    log_in(page, address, name, "/desk/today")
    page.goto(f"{address}/account/language/{language}?next=/desk/today")
    tops = {link.bounding_box()["y"] for link in page.locator("nav.rooms a").all()}
    assert len(tops) == 1
    page.close()


def test_a_refused_form_has_the_focus_on_its_summary(address, browser):
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    log_in(page, address, "officer", "/desk/alerts/A0red")
    page.fill("#reason", " ")
    turn(page, "button[value=triage]")
    page.wait_for_selector("#refusal")
    assert page.evaluate("document.activeElement.id") == "refusal"
    assert page.title().startswith("出错：资金未入专户")
    page.click("#refusal .what a")
    assert page.evaluate("document.activeElement.id") == "reason"
    page.close()


def test_the_parts_of_a_cell_follow_each_other_on_a_phone_beside_the_name_of_the_cell(
    address, browser
):
    page = browser.new_page(viewport={"width": 360, "height": 780})
    log_in(page, address, "officer", "/desk/matters/1")
    page.evaluate(
        """() => { document.querySelector("main").innerHTML = '<table class="rows"><tbody><tr>' +
        '<td data-label="文号"><a href="#">示教罚字〔2026〕第1号，一个很长的文号</a>' +
        '<br><b>2026-08-11</b></td>' +
        '</tr></tbody></table>' }"""
    )
    cell, link, day = (page.locator(f"main {each}").bounding_box() for each in ("td", "a", "b"))
    assert day["x"] == link["x"] > cell["x"] + 90  # right of the name
    assert day["y"] >= link["y"] + link["height"]
    assert day["height"] < 30  # on one line
    page.close()
