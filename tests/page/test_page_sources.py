"""What the page is made of: its pure parts, its size, and a lock that names no host."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web"
BUILT = ROOT / "src/pricing_fdm/page"


def npm(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["npm", "run", "--silent", *arguments],
        cwd=WEB,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_the_pure_parts_do_what_their_tests_say(built_page: None) -> None:
    """Node's own runner; `npm test` in web/ shows each by name."""
    done = npm("test")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_sources_are_formatted(built_page: None) -> None:
    done = npm("format:check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_itself_is_small(built_page: None) -> None:
    """three.js waits until there is a part to show; a phone sees the form before that."""
    first = [BUILT / "index.html.gz", *BUILT.glob("assets/index-*.gz")]
    assert len(first) == 3
    assert sum(file.stat().st_size for file in first) < 30_000


def test_the_licence_of_what_is_built_in_goes_with_it(built_page: None) -> None:
    [three] = BUILT.glob("assets/three*.js")
    assert "SPDX-License-Identifier: MIT" in three.read_text()


def test_nothing_is_written_in_line(built_page: None) -> None:
    """The policy would forbid it; a page that needs it shows nothing."""
    page = (BUILT / "index.html").read_text()
    assert "style=" not in page
    assert "<style" not in page
    assert page.count("<script") == page.count('<script type="module" crossorigin src="/assets/')


def test_it_names_nothing_that_a_shop_decides() -> None:
    """Materials, colours, qualities and the currency are those of the shop in force."""
    for file in [WEB / "index.html", *WEB.glob("src/**/*.ts")]:
        found = re.findall(r"\b(USD|usd|EUR|PLA|pla|PETG|Economy|Rush)\b", file.read_text())
        assert found == [], file


def test_the_lock_names_versions_and_no_host() -> None:
    """Whoever builds it takes the packages from wherever theirs come from."""
    assert '"resolved"' not in (WEB / "package-lock.json").read_text()
    assert "registry=" not in (WEB / ".npmrc").read_text()
