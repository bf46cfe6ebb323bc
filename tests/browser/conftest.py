"""A real browser, one for all tests; the machine's own Chromium where Playwright has none."""

import shutil

import pytest
from playwright.sync_api import Error, sync_playwright


@pytest.fixture(scope="session")
def browser():
    installed = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=installed, args=["--no-sandbox"])
        except Error as missing:
            pytest.skip(f"no browser on this machine: {missing.message.splitlines()[0]}")
        yield browser
        browser.close()
