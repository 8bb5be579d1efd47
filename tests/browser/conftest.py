"""A Chromium that is installed, driven by Playwright; without one these tests are skipped, and say so."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_news import make_news
from made_page import OpenPage, write_page
from playwright.sync_api import Browser, Page, sync_playwright

from pipelines.report import Names
from pipelines.report_session import list_names
from pipelines.settings import load_settings

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="session")
def names() -> Names:
    return list_names(load_settings(None, {}).settings.build_world())


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("news") / "data"
    make_news(folder, 400)
    return folder


@pytest.fixture(scope="session")
def report(data: Path, names: Names, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_page(data, names, tmp_path_factory.mktemp("page") / "report.html")


# For a module only: while Playwright runs, no other test of the process can have an event loop of its own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=found, args=FLAGS)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """A function that opens an address; afterwards nothing may have gone wrong in it, or asked a network."""
    contexts: list[Any] = []
    wrong: list[str] = []

    def open_(address: str, *, width: int = 1400, scheme: str = "light", **options: Any) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en-GB", **options
        )
        contexts.append(context)
        page: Page = context.new_page()
        origin = address.partition("#")[0].rstrip("/")

        def guard(route: Any) -> None:
            if route.request.url.startswith(origin):
                route.continue_()
            else:
                wrong.append(f"asked for {route.request.url}")
                route.abort()

        context.route("**/*", guard)
        page.on("console", lambda message: wrong.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("dialog", lambda dialog: wrong.append("a dialog") or dialog.dismiss())
        page.set_default_timeout(15_000)
        page.goto(address)
        page.wait_for_selector("body[data-turn]")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert wrong == []
