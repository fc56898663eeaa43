"""A variable that was meant for this service is not ignored; what machines carry is."""

from __future__ import annotations

import pytest

from pricing_fdm.settings import SettingsError, load_settings
from pricing_fdm.settings.load import secret_names, setting_names
from pricing_fdm.settings.unknown import OUR_PREFIXES
from tests.settings import environments
from tests.settings.environments import service_links, variables


def faults(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> tuple[str, ...]:
    """What is wrong with an environment."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    try:
        load_settings()
    except SettingsError as error:
        return error.faults
    return ()


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        # from the issue
        ("MARGIN", "MARGIN_MULTIPLIER"),
        ("PRICING_FDM_PROT", "PRICING_FDM_PORT"),
        ("MATERIAL_PLA_COST_PER_GRAM", "MATERIAL_PLA_COST_PER_G"),
        # another unit, or none
        ("BASE_FEE", "BASE_FEE_USD"),
        ("BASE_FEE_EUR", "BASE_FEE_USD"),
        ("MACHINE_RATE", "MACHINE_RATE_USD_PER_HOUR"),
        ("HOURLY_RATE", "HOURLY_RATE_USD_PER_HOUR"),
        ("MAX_FILE_SIZE_BYTES", "MAX_FILE_SIZE_MB"),
        ("REQUEST_TIMEOUT_SECONDS", "REQUEST_TIMEOUT_SECS"),
        ("REQUEST_TIMEOUT", "REQUEST_TIMEOUT_SECS"),
        ("RUSH_FACTOR", "RUSH_MULTIPLIER"),
        # one letter
        ("API_TOKENS", "API_TOKEN"),
        ("API_TOKN", "API_TOKEN"),
        ("MARGIN_MULTIPLYER", "MARGIN_MULTIPLIER"),
        ("CALBACK_SECRET", "CALLBACK_SECRET"),
        ("METRIC_PORT", "METRICS_PORT"),
        ("SLICERS", "SLICER"),
        # letters that changed places
        ("REDIS_ULR", "REDIS_URL"),
        ("TMEP_DIR", "TEMP_DIR"),
        # underscores
        ("APITOKEN", "API_TOKEN"),
        ("LOGLEVEL", "LOG_LEVEL"),
        ("WORKERLOST_SECS", "WORKER_LOST_SECS"),
        ("SELFTEST_RETRY_SECS", "SELF_TEST_RETRY_SECS"),
        # another word for the same
        ("REDIS_URI", "REDIS_URL"),
        ("TEMP_DIRECTORY", "TEMP_DIR"),
        # a word left out, the service's name in front
        ("PLA_COST_PER_G", "MATERIAL_PLA_COST_PER_G"),
        ("PRICING_FDM_API_TOKEN", "API_TOKEN"),
        ("PRICING_LOG_LEVEL", "LOG_LEVEL"),
        ("FDM_MARGIN", "MARGIN_MULTIPLIER"),
        # the file of a secret
        ("API_TOKENS_FILE", "API_TOKEN_FILE"),
        ("REDIS_URI_FILE", "REDIS_URL_FILE"),
        # a prefix of ours
        ("FETCH_ALLOW_HOSTS", "FETCH_ALLOWED_HOSTS"),
        ("MATERIAL_PVA_COST_PER_G", "MATERIAL_PLA_COST_PER_G"),
        ("CACHE_SIZE_MB", "CACHE_MEMORY_MB"),
        ("ORCA_BIN", "ORCA_BINARY"),
        ("PRUSA_PATH", "PRUSA_BINARY"),
        # small letters are read as capitals
        ("margin", "MARGIN_MULTIPLIER"),
    ],
)
def test_a_variable_that_was_meant_for_us_stops_the_start_with_the_nearest_name(
    monkeypatch: pytest.MonkeyPatch, name: str, nearest: str
) -> None:
    """It would be a default in silence: another price, or a service without a token."""
    [fault] = faults(monkeypatch, {name: "a-secret-perhaps"})
    assert fault == f"{name.upper()}: there is no such setting; the nearest is {nearest}"


@pytest.mark.parametrize("prefix", OUR_PREFIXES)
def test_what_has_a_prefix_of_ours_is_a_setting_or_a_fault(
    monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    """However far it is from any name; the nearest has the same prefix."""
    assert any(name.startswith(prefix) for name in setting_names())
    [fault] = faults(monkeypatch, {f"{prefix}WHATEVER": "1"})
    said, _, nearest = fault.rpartition(" ")
    assert said == f"{prefix}WHATEVER: there is no such setting; the nearest is"
    assert nearest.startswith(prefix)


def test_every_setting_is_found_by_its_slips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its name: with one long word misspelt, and with the service's name in front."""
    names = setting_names() | {f"{name}_FILE" for name in secret_names()}
    slips = {f"PRICING_FDM_{name}" for name in names if not name.startswith("PRICING_FDM_")}
    for name in names:
        longest = max(name.split("_"), key=len)
        if len(longest) >= 5:
            slips.add(name.replace(longest, longest[:-2] + longest[-1]))
    slips -= names
    assert len(slips) > len(names)
    assert {
        fault.partition(":")[0] for fault in faults(monkeypatch, dict.fromkeys(slips, "1"))
    } == slips


def test_only_secrets_come_from_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """The habit of Docker's images is wider than what is read here."""
    assert faults(monkeypatch, {"LOG_LEVEL_FILE": "/run/secrets/level"}) == (
        "LOG_LEVEL_FILE: only a secret can come from a file",
    )


def test_a_setting_that_is_set_twice_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the two would be dropped."""
    assert faults(monkeypatch, {"LOG_LEVEL": "info", "log_level": "debug"}) == (
        "LOG_LEVEL: is set twice, in capitals and in small letters",
    )


def test_an_empty_variable_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files hand on what is not set as an empty value."""
    assert faults(monkeypatch, {"MARGIN": "", "API_TOKEN_FILE": "", "log_level": ""}) == ()


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param(variables(text), id=name.lower())
        for name, text in vars(environments).items()
        if name.isupper() and isinstance(text, str)
    ],
)
def test_real_machines_start(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    """What a machine carries for others is none of our business."""
    assert len(environment) > 5
    assert faults(monkeypatch, environment) == ()


@pytest.mark.parametrize("service", environments.KUBERNETES_SERVICES)
def test_a_pod_with_links_to_a_service_starts(
    monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    """Kubernetes sets them in every pod, whatever a service is called: ours may be, like us."""
    links = service_links(service)
    links.pop("PRICING_FDM_PORT", None)
    pod = variables(environments.KUBERNETES_POD)
    assert faults(monkeypatch, {**pod, **links}) == ()


@pytest.mark.parametrize("service", ["pricing-fdm", "metrics"])
def test_a_port_that_kubernetes_has_set_is_told_as_such(
    monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    """The one link whose name is that of a setting; nobody in the deployment has written it."""
    name = service.upper().replace("-", "_")
    [fault] = faults(monkeypatch, service_links(service))
    assert fault.startswith(f"{name}_PORT: Kubernetes or Docker has set it for a service")
    assert "enableServiceLinks: false" in fault
