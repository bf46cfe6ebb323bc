"""A real browser, one for all tests; the machine's own Chromium where Playwright has none."""

import shutil

import pytest
from playwright.sync_api import Error, sync_playwright

from tests.browser.console import served, windows

# Its microphone is a made-up one that beeps.
ARGS = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture(scope="session")
def browser():
    installed = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=installed, args=ARGS)
        except Error as missing:
            pytest.skip(f"no browser on this machine: {missing.message.splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture
def address(desk):
    """Where the console of this module's own `desk` is served."""
    with served(desk) as address:
        yield address


@pytest.fixture
def window(browser, desk, address):
    with windows(browser, desk, address) as open_window:
        yield open_window
