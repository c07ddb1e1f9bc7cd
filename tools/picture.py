"""Take the README's picture from a running demonstration (`make run`): .venv/bin/python tools/picture.py [ADDRESS]

Needs what `make test` installs.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import ViewportSize, sync_playwright

WHO = "Ana Zupan"
SIZE: ViewportSize = {"width": 1120, "height": 760}
PICTURE = Path(__file__).parents[1] / "docs" / "img" / "home.png"


def take(address: str = "http://127.0.0.1:5000") -> None:
    """Sign in as the guest, and keep what she sees first."""
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]).new_page(viewport=SIZE)
        page.goto(f"{address}/sign-in")
        page.get_by_role("button", name=WHO).click()
        page.wait_for_url(f"{address}/")
        page.screenshot(path=PICTURE)


if __name__ == "__main__":
    take(*sys.argv[1:])
