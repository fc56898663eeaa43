"""What `pricing-fdm serve --dev` changes: everything that makes a first try fail on one machine."""

from __future__ import annotations

from dataclasses import replace

from pricing_fdm.fetch.own_machine import own_names, own_networks
from pricing_fdm.fetch.policy import FetchPolicy
from pricing_fdm.settings.fault import SettingsError
from pricing_fdm.settings.fetch import Fetch
from pricing_fdm.settings.load import Settings
from pricing_fdm.settings.server import LogFormat

CAUTION = (
    "--dev: http and the addresses of this machine may be fetched, on any port: whoever can ask "
    "for quotes reaches the services on it. For trying out only"
)
_HERE = "127.0.0.1"


class DevFetch(Fetch):
    """The settings of downloads, with this machine opened besides."""

    def policy(self) -> FetchPolicy:
        """The rules as the downloader takes them."""
        policy = super().policy()
        return replace(
            policy,
            allow_http=True,
            own_names=own_names(),
            allowed_cidrs=(*policy.allowed_cidrs, *own_networks()),
        )


def for_development(settings: Settings) -> Settings:
    """The settings with those of `--dev`; what was set by name stays.

    Raises:
        SettingsError: Other machines could reach the service, and no token is set.
    """
    server = settings.server
    said = server.model_fields_set
    changes: dict[str, object] = {}
    if "pricing_fdm_host" not in said:
        changes["pricing_fdm_host"] = _HERE
    if "log_format" not in said:
        changes["log_format"] = LogFormat.CONSOLE
    server = server.model_copy(update=changes)
    if server.caution:
        fault = (
            f"--dev: other machines can reach {server.pricing_fdm_host} and, through the service, "
            f"what runs on this one. Listen on {_HERE} only, or set API_TOKEN"
        )
        raise SettingsError((fault,))
    fetch = DevFetch.model_construct(**settings.fetch.model_dump())
    return replace(settings, server=server, fetch=fetch)
