"""People at their browser: each has a context of their own, and what their pages complain about is written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Response, StorageState, WebError, expect

from tests.browser.site import Site
from tests.factories.world import PASSWORD


@dataclass
class Visitors:
    """Opens browsers for people, and knows at the end whether a page complained."""

    site: Site
    browser: Browser
    sessions: dict[str, StorageState]
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    opened: list[Any] = field(default_factory=list)

    def anyone(self, **options: Any) -> Page:
        """Return a page of somebody who is not signed in."""
        context = self.browser.new_context(
            base_url=self.site.address, locale="fr-FR", timezone_id="Europe/Paris", **options
        )
        context.set_default_timeout(20_000)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("response", self._response)
        self.opened.append(context)
        return context.new_page()

    def enter(self, email: str, **options: Any) -> Page:
        """Return a page of somebody, signed in through the form the first time."""
        if email not in self.sessions:
            page = self.anyone()
            sign_in(page, email)
            self.sessions[email] = page.context.storage_state()
        return self.anyone(storage_state=self.sessions[email], **options)

    def expect_answer(self, status: int) -> None:
        """Say that a page of this test answers with this status: Chromium writes it in its console."""
        self.expected.append(f"the server responded with a status of {status}")

    def close(self) -> list[str]:
        """Close every browser and return the complaints that nobody expected."""
        for context in self.opened:
            context.close()
        return [complaint for complaint in self.complaints if not any(text in complaint for text in self.expected)]

    def _console(self, message: ConsoleMessage) -> None:
        self.complaints.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def _error(self, error: WebError) -> None:
        self.complaints.append(f"error: {error.error}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status}: {response.url}")


def sign_in(page: Page, email: str) -> None:
    """Sign in through the form and wait for the space."""
    page.goto("/connexion")
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()


def wait_inspected(page: Page, scope: str, name: str) -> None:
    """Open the page of a piece until it says that the piece was looked into: filing waits for that too."""
    page.goto(f"{scope}/preuves")
    page.get_by_role("link", name=name).click()
    expect(page.locator("#vue")).not_to_contain_text("une fois analysé")
