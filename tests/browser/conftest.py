"""A real browser, one for all tests; the machine's own Chromium where Playwright has none."""

import shutil

import pytest
from playwright.sync_api import Error, sync_playwright

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
