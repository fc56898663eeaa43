"""The shop that docs/shop.md makes out of the bundled one, by its own edits."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.harness.command import pricing_fdm

GUIDE = (Path(__file__).parents[2] / "docs" / "shop.md").read_text()
COPIES = re.compile(
    r"opy `([\w.-]+)` to `([\w.-]+)` and change there:\n\n```json\n(.*?)```", re.DOTALL
)
TOML = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)


def guided_shop(folder: Path, more: str = "") -> Path:
    """Two printers, PLA-CF in colours, a finish, a minimum, breaks and tax, in euros; and more."""
    assert pricing_fdm("shop", "init", folder).returncode == 0
    for source, copy, changes in COPIES.findall(GUIDE):
        preset = {**json.loads((folder / source).read_text()), **json.loads(changes)}
        (folder / copy).write_text(json.dumps(preset, indent=2))
    text = (folder / "shop.toml").read_text().replace('currency = "USD"', 'currency = "EUR"')
    for added in TOML:
        if added.startswith("[tariff]\n"):
            text = text.replace("[tariff]\n", added)
        else:
            text += f"\n{added}"
    (folder / "shop.toml").write_text(text + more)
    return folder
