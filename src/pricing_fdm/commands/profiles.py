"""`pricing-fdm profiles`: says whether the profiles are sound; `--write` indexes them anew."""

from __future__ import annotations

import argparse
import sys

from pricing_fdm.settings import load_settings
from pricing_fdm.slicers.presets.preset_set import ProfileError, load_profiles, write_index


def run(options: argparse.Namespace) -> int:
    """Exit code 1 when a profile is faulty or is not the one that was indexed."""
    directory = load_settings().shop.folder
    try:
        if options.write:
            write_index(directory)
        load_profiles(directory)
    except ProfileError as error:
        print(f"{directory}:", *error.faults, sep="\n  ", file=sys.stderr)
        return 1
    print(f"{directory}: all profiles are sound and match their index")
    return 0
