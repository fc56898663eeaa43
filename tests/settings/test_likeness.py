"""A slip of the pen is recognised; the names of other programs are not taken for one."""

from __future__ import annotations

import pytest

from pricing_fdm.settings.likeness import resembles


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        pytest.param("API_TOKN", "API_TOKEN", id="a letter is missing"),
        pytest.param("API_TOKENS", "API_TOKEN", id="a letter too many"),
        pytest.param("MARGIN_MULTIPLYER", "MARGIN_MULTIPLIER", id="another letter"),
        pytest.param("TMEP_DIR", "TEMP_DIR", id="letters changed places"),
        pytest.param("LOGLEVEL", "LOG_LEVEL", id="no underscore"),
        pytest.param("BASE_FEE_EUR", "BASE_FEE_USD", id="another unit"),
        pytest.param("MARGIN", "MARGIN_MULTIPLIER", id="no unit"),
        pytest.param("REDIS_URI", "REDIS_URL", id="a synonym"),
        pytest.param("PLA_COST_PER_G", "MATERIAL_PLA_COST_PER_G", id="a word is missing"),
        pytest.param("LOG_LEVEL", "LOG_LEVEL", id="the name itself"),
    ],
)
def test_a_slip_is_like_the_setting(name: str, setting: str) -> None:
    """Each rule alone is enough."""
    assert resembles(name, setting)


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        pytest.param("GITHUB_TOKEN", "API_TOKEN", id="another word"),
        pytest.param("APP_TOKEN", "API_TOKEN", id="another letter in a short word"),
        pytest.param("ALLOWED_HOSTS", "FETCH_ALLOWED_HOSTS", id="too few words are left"),
        pytest.param("MARGNI_MULTIPLYERS", "MARGIN_MULTIPLIER", id="two wrong letters in a word"),
        pytest.param("USD", "SECS", id="nothing but units"),
    ],
)
def test_a_name_of_another_program_is_not(name: str, setting: str) -> None:
    """The service would refuse to start on a machine that is in order."""
    assert not resembles(name, setting)
