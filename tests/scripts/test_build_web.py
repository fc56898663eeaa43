"""The page is built where Node is, once, and never half."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.scripts.checkout import Checkout

SCRIPT = "scripts/build-web"
PAGE = "src/pricing_fdm/page/index.html"
NPM = """
case " $* " in
  *" ci "*) rm -rf web/node_modules; mkdir web/node_modules ;;
  *" build "*) mkdir -p web/node_modules/.page; echo "a page" >web/node_modules/.page/index.html ;;
esac
"""


@pytest.fixture
def web(checkout: Checkout) -> Checkout:
    """Sources of a page, and a Node that only notes what it is asked."""
    (checkout.root / "web/src").mkdir(parents=True)
    (checkout.root / "src/pricing_fdm").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "src/main.ts"):
        (checkout.root / "web" / name).write_text("{}")
    checkout.fake("node", 'if [ "$1" = --version ]; then echo v18.0.0; fi')
    checkout.fake("npm", NPM)
    return checkout


def asked(checkout: Checkout, word: str) -> int:
    return sum(word in call.split() for call in checkout.calls("npm"))


def test_the_page_is_checked_and_built(web: Checkout) -> None:
    done = web.run("bash", SCRIPT)
    assert (done.returncode, done.stderr) == (0, "")
    assert (web.root / PAGE).read_text() == "a page\n"
    assert (asked(web, "ci"), asked(web, "check"), asked(web, "build")) == (1, 1, 1)


def test_the_builders_are_installed_whatever_npm_is_configured_to_leave_out(web: Checkout) -> None:
    """`NODE_ENV=production` stands in the profile of many a server."""
    web.run("bash", SCRIPT)
    [install] = (call for call in web.calls("npm") if "ci" in call.split())
    assert "--include dev" in install
    assert "--no-audit" in install


def test_nothing_is_done_twice(web: Checkout) -> None:
    """The tests call it each time."""
    web.run("bash", SCRIPT)
    again = web.run("bash", SCRIPT)
    assert (again.returncode, again.stdout) == (0, "")
    assert asked(web, "build") == 1


def test_a_changed_source_is_built_with_the_packages_that_are_there(web: Checkout) -> None:
    web.run("bash", SCRIPT)
    (web.root / "web/src/main.ts").write_text("changed")
    assert web.run("bash", SCRIPT).returncode == 0
    assert (asked(web, "ci"), asked(web, "build")) == (1, 2)


def test_a_page_that_was_removed_is_built_again(web: Checkout) -> None:
    web.run("bash", SCRIPT)
    shutil.rmtree((web.root / PAGE).parent)
    web.run("bash", SCRIPT)
    assert (web.root / PAGE).exists()


def test_a_failed_build_leaves_the_page_that_was_there(web: Checkout) -> None:
    web.run("bash", SCRIPT)
    (web.root / "web/src/main.ts").write_text("wrong")
    web.fake("npm", 'case " $* " in *" check "*) echo "a type is wrong" >&2; exit 2 ;; esac')
    done = web.run("bash", SCRIPT)
    assert done.returncode != 0
    assert "a type is wrong" in done.stderr
    assert (web.root / PAGE).read_text() == "a page\n"


@pytest.mark.parametrize("missing", ["npm", "node"])
def test_without_node_it_says_what_to_install(web: Checkout, missing: str) -> None:
    Path(web.bin / missing).unlink()
    done = web.run("bash", SCRIPT)
    assert done.returncode == 1
    assert "scripts/apt-install nodejs npm" in done.stderr


def test_an_old_node_is_told_apart(web: Checkout) -> None:
    web.fake("node", "exit 1")
    assert "Node 18 or newer" in web.run("bash", SCRIPT).stderr
