"""Pictures of every kind of page at the width of a desk and of a phone, by every role.

``python -m tests.web.screenshots DIR [zh|en]`` makes a demonstration, serves it and writes
``ROLE/KIND-WIDTH.png``.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from feewatch.kernel import clock
from feewatch.services.demo import shown_at
from tests.web.gallery import CHROMIUM, FLAGS, WIDTHS, Visitor, pages, served
from tests.web.town import build_town


def main(folder: Path, language: str) -> None:
    """Write the pictures."""
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        town = build_town(Path(home))
        people = [Visitor(each.role, each.name, each.password) for each in town.demo.log_ins]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with clock.fixed(shown_at()), served(town.site) as address:
            for visitor in [Visitor("public"), *people]:
                for width, height in WIDTHS.items():
                    page = browser.new_page(viewport={"width": width, "height": height})
                    page.goto(f"{address}/account/language/{language}")
                    for kind in pages(town.site, page, address, visitor):
                        picture = folder / visitor.role / f"{kind}-{width}.png"
                        page.screenshot(path=picture, full_page=True)
                        print(picture)
                    page.close()
        browser.close()
        town.demo.app.database.dispose()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "zh")
