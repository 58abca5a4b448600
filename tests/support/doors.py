"""The demonstration's doors without their page: who stands behind them, and a browser that is already inside."""

import json
import re
from functools import cache
from typing import Any

import requests
from playwright.sync_api import Page, expect


class Doors:
    """Everybody walks in once; later pages get the same person's cookie."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._start = _text(requests.get(url, timeout=30))
        self._inside: dict[tuple[str, str], requests.Session] = {}

    def logins(self, door: str) -> list[str]:
        form = self._start.split(f'class="as" method="post" action="/demo/{door}"')[1].split("</form>")[0]
        return re.findall(r'<option value="([^"]+)"', form)

    def boot(self, door: str, login: str) -> dict[str, Any]:
        """What the person's console starts with."""
        page = _text(self._session(door, login).get(f"{self.url}/{door}", timeout=30))
        (data,) = re.findall(r'<script[^>]*id="boot"[^>]*>(.*?)</script>', page, re.DOTALL)
        return dict(json.loads(data))

    def enter(self, page: Page, door: str, login: str) -> Page:
        """Opens the person's console."""
        cookies = self._session(door, login).cookies
        page.context.add_cookies([{"name": one.name, "value": str(one.value), "url": self.url} for one in cookies])
        page.goto(f"{self.url}/{door}")
        return page

    def _session(self, door: str, login: str) -> requests.Session:
        if (door, login) not in self._inside:
            session = requests.Session()
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', _text(session.get(self.url, timeout=30)))
            assert token, "the doors have no form"
            form = {"as": login, "csrf_token": token[1]}
            session.post(f"{self.url}/demo/{door}", data=form, timeout=30).raise_for_status()
            self._inside[door, login] = session
        return self._inside[door, login]


@cache
def doors_of(url: str) -> Doors:
    return Doors(url)


def await_live(page: Page) -> Page:
    """The console's socket is open and its snapshot is there."""
    expect(page.locator(".conn")).to_have_attribute("title", "实时")
    return page


def _text(answer: requests.Response) -> str:
    answer.raise_for_status()
    return answer.text
