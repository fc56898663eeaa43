"""Whatever pip is configured with reaches uv: the real pip, and a stand-in for uv."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scripts.checkout import Checkout

SCRIPT = "scripts/pinned_uv.py"
NO_FILES = {"PIP_CONFIG_FILE": "/dev/null"}


@pytest.fixture
def machine(checkout: Checkout) -> Checkout:
    """A machine without any configuration, and a uv that shows what it was started with."""
    checkout.write(checkout.root / ".venv/bin/uv", 'echo "ARGUMENTS=$*"; env')
    return checkout


def told(machine: Checkout, *arguments: str, **environment: str) -> dict[str, str]:
    """What uv finds in its environment, and its arguments."""
    done = machine.run(str(machine.python), SCRIPT, *arguments, **(NO_FILES | environment))
    assert (done.returncode, done.stderr) == (0, "")
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def test_each_variable_of_pip_has_its_like_in_uv(machine: Checkout) -> None:
    """A company's mirror is set for pip, and uv does not read that."""
    found = told(
        machine,
        PIP_INDEX_URL="https://mirror/simple",
        PIP_EXTRA_INDEX_URL="https://a/s  file:///b",
        PIP_FIND_LINKS="https://a/wheels",
        PIP_TRUSTED_HOST="mirror other:8443",
        PIP_DEFAULT_TIMEOUT="180",
        PIP_PROXY="http://proxy:3128",
        PIP_CLIENT_CERT="/own.pem",
    )
    expected = {
        "UV_DEFAULT_INDEX": "https://mirror/simple",
        "UV_INDEX": "https://a/s file:///b",
        "UV_FIND_LINKS": "https://a/wheels",
        "UV_INSECURE_HOST": "mirror other:8443",
        "UV_HTTP_TIMEOUT": "180",
        "ALL_PROXY": "http://proxy:3128",
        "SSL_CLIENT_CERT": "/own.pem",
    }
    assert {name: found[name] for name in expected} == expected


def test_the_configuration_files_of_pip_count(machine: Checkout) -> None:
    """Several lines in one value, a section for `install`, and a variable, which wins."""
    file = machine.root / "pip.conf"
    file.write_text(
        "[global]\nindex-url = https://first/simple\ntimeout = 15\n"
        "extra-index-url =\n  https://a/simple\n  https://b/simple\n"
        "[install]\nindex-url = https://second/simple\n"
        "[download]\nindex-url = https://other/simple\n"
    )
    found = told(machine, PIP_CONFIG_FILE=str(file), PIP_TIMEOUT="60")
    assert found["UV_DEFAULT_INDEX"] == "https://second/simple"
    assert found["UV_INDEX"] == "https://a/simple https://b/simple"
    assert found["UV_HTTP_TIMEOUT"] == "60"


def test_what_is_set_for_uv_itself_is_left(machine: Checkout) -> None:
    found = told(machine, PIP_INDEX_URL="https://a/simple", UV_DEFAULT_INDEX="https://b/simple")
    assert found["UV_DEFAULT_INDEX"] == "https://b/simple"


def test_folders_that_are_not_there_are_left_out(machine: Checkout) -> None:
    """Pip passes over them, and uv would stop."""
    here = machine.root / "wheels"
    here.mkdir()
    links = f"/nowhere {here} file://{here} file:///nowhere ~/wheels ~/nowhere"
    found = told(machine, PIP_FIND_LINKS=links)
    assert found["UV_FIND_LINKS"] == ",".join([str(here)] * 3)
    assert "UV_FIND_LINKS" not in told(machine, PIP_FIND_LINKS="/nowhere")


def test_without_an_index_there_is_none_for_uv_either(machine: Checkout) -> None:
    assert told(machine, "pip", "sync", PIP_NO_INDEX="1")["ARGUMENTS"] == "pip sync --no-index"
    assert told(machine, "pip", "sync", PIP_NO_INDEX="0")["ARGUMENTS"] == "pip sync"


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param(["PIP_CERT"], id="pip"),
        pytest.param(["REQUESTS_CA_BUNDLE"], id="requests"),
        pytest.param(["CURL_CA_BUNDLE"], id="curl"),
        pytest.param(["SSL_CERT_FILE"], id="openssl"),
        pytest.param(["PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"], id="pips-own-first"),
    ],
)
def test_uv_trusts_the_authority_that_pip_trusts(machine: Checkout, variables: list[str]) -> None:
    """Behind a company's proxy there is no other way to the index."""
    files = [machine.root / f"{name}.pem" for name in variables]
    for file in files:
        file.touch()
    found = told(machine, **{name: str(file) for name, file in zip(variables, files, strict=True)})
    assert found["SSL_CERT_FILE"] == str(files[0])


def test_without_a_word_the_authorities_of_debian_are_trusted(machine: Checkout) -> None:
    """Debian's pip takes them too; one that an administrator added is among them."""
    store = machine.root / "debian.crt"
    machine.edit(SCRIPT, '"/etc/ssl/certs/ca-certificates.crt"', f'"{store}"')
    assert "SSL_CERT_FILE" not in told(machine)  # a bare machine: uv brings its own
    store.touch()
    assert told(machine)["SSL_CERT_FILE"] == str(store)
    assert told(machine, PIP_CERT="/nowhere.pem")["SSL_CERT_FILE"] == str(store)


def test_a_home_that_cannot_be_written_to_is_no_obstacle(machine: Checkout) -> None:
    """Pip does without a cache there, as it may be the user of a service who installs."""
    assert "UV_NO_CACHE" not in told(machine)
    assert told(machine, HOME="/proc/nowhere")["UV_NO_CACHE"] == "1"
    assert "UV_NO_CACHE" not in told(machine, HOME="/proc/nowhere", UV_CACHE_DIR=str(machine.root))
    assert told(machine, XDG_CACHE_HOME="/proc/nowhere")["UV_NO_CACHE"] == "1"


def test_a_configuration_of_uv_changes_nothing(machine: Checkout) -> None:
    """What is locked is installed, whatever an `exclude-newer` in a home says."""
    assert told(machine)["UV_NO_CONFIG"] == "1"


def test_the_exit_code_is_that_of_uv(machine: Checkout) -> None:
    machine.write(Path(machine.root, ".venv/bin/uv"), "exit 3")
    assert machine.run(str(machine.python), SCRIPT, "pip", **NO_FILES).returncode == 3
