"""Makes README's picture: runs the demo, logs in as a regulator, photographs the inbox.

Run from the project's root, in an environment with the extra `test`: python docs/screenshot.py
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

PORT = 8765
PICTURE = Path(__file__).parent / "images" / "inbox.png"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def main() -> None:
    """Take the picture."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "feewatch", "demo", "--port", str(PORT)]
        server = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
        try:
            name, password = _regulator(server)
            _photograph(name, password)
        finally:
            server.terminate()
            server.wait()


def _regulator(server: subprocess.Popen[str]) -> tuple[str, str]:
    """The log-in of an officer, as the demo prints it once the site is about to be served."""
    assert server.stdout is not None
    for line in server.stdout:
        found = re.match(r"\s+(\S+)\s+officer\s+(\S+)$", line)
        if found:
            return found[1], found[2]
    raise SystemExit("the demo printed no officer's log-in")


def _photograph(name: str, password: str) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        for _ in range(50):  # the port opens a moment after the log-ins are printed
            try:
                page.goto(f"http://127.0.0.1:{PORT}/desk/")
                break
            except Exception as fault:
                if "ERR_CONNECTION_REFUSED" not in str(fault):
                    raise
                page.wait_for_timeout(200)
        page.fill("input[name=name]", name)
        page.fill("input[name=password]", password)
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/desk/**")
        PICTURE.parent.mkdir(exist_ok=True)
        page.screenshot(path=str(PICTURE))
        browser.close()


if __name__ == "__main__":
    main()
