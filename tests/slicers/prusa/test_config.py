"""The dictionary between the slicers is complete, and refuses what PrusaSlicer cannot do."""

from __future__ import annotations

import pytest

from pricing_fdm.shop.faults import ShopError
from pricing_fdm.slicers.presets.loaded_shop import PrinterPresets
from pricing_fdm.slicers.presets.source import Source
from pricing_fdm.slicers.prusa.config import prusa_config
from pricing_fdm.slicers.prusa.dictionary import dictionary, prusa_key
from pricing_fdm.slicers.prusa.values import CONVERTERS
from tests.slicers.profile_folder import only_printer
from tests.slicers.prusa.changed_profiles import changed


@pytest.fixture(scope="module")
def profiles() -> PrinterPresets:
    """What is in the repository."""
    return only_printer()


class TestDictionary:
    """Every key of a profile is translated, or the reason why not is written down."""

    def test_every_key_of_the_bundled_profiles_stands_in_one_table(
        self, profiles: PrinterPresets
    ) -> None:
        """A key that is in none would be dropped without anyone having thought about it."""
        all_profiles = (
            profiles.machine,
            *profiles.processes.values(),
            *profiles.filaments.values(),
        )
        stated = {key for profile in all_profiles for key in profile.values}
        assert stated - set(listed_keys()) == set()

    def test_no_key_stands_in_two_tables(self) -> None:
        """One key, one decision."""
        keys = listed_keys()
        assert sorted(keys) == sorted(set(keys))

    def test_no_table_lists_a_key_that_no_profile_has(self, profiles: PrinterPresets) -> None:
        """The dictionary is proved by slicing the bundled profiles, so it must not outgrow them."""
        chosen = profiles.chosen("standard", "pla")
        assert set(listed_keys()) - {key for each in chosen.all for key in each.values} == set()

    def test_no_two_rows_write_the_same_key(self) -> None:
        """The later one would win by accident."""
        written = [*map(prusa_key, dictionary()["keys"].values()), *dictionary()["always"]]
        assert sorted(written) == sorted(set(written))

    def test_keys_without_a_counterpart_have_their_only_value(
        self, profiles: PrinterPresets
    ) -> None:
        """Our own profiles ask OrcaSlicer for nothing that PrusaSlicer cannot do."""
        for process in profiles.processes.values():
            source = Source((profiles.machine, process, profiles.filaments["pla"]))
            only = dictionary()["only"]
            assert {key: source.text(key) for key in only} == only

    def test_each_row_is_converted_in_one_way(self) -> None:
        """A misspelt field would leave the value as it is."""
        for key, row in dictionary()["keys"].items():
            if not isinstance(row, str):
                assert {*row} - {"to"} in WAYS, key
                assert row.get("by", "gcode") in CONVERTERS, key


WAYS = ({"by"}, {"percent_of"}, {"words"}, {"same_words"}, {"words", "same_words"})


def listed_keys() -> list[str]:
    table = dictionary()
    left_out = (key for keys in table["left_out"].values() for key in keys)
    return [*table["keys"], *table["only"], *left_out]


class TestTranslation:
    """What a shop's own profile may say, and what is refused."""

    @pytest.mark.parametrize(
        ("orca", "fault"),
        [
            ({"sparse_infill_pattern": "crosshatch"}, "sparse_infill_pattern is crosshatch"),
            ({"brim_type": "auto_brim"}, "brim_type is auto_brim"),
            ({"support_type": "tree(auto)"}, "support_type is tree(auto)"),
            ({"ironing_type": "top"}, "can only be told no ironing"),
            ({"precise_outer_wall": "1"}, "precise_outer_wall is 1; PrusaSlicer can only do 0."),
            ({"extra_solid_infills": "5"}, "extra_solid_infills is 5"),
            ({"z_hop_types": ("Spiral Lift",)}, "z_hop_types is Spiral Lift"),
            ({"wall_loops": ()}, "wall_loops is missing"),
            ({"alternate_extra_wall": ()}, "alternate_extra_wall is missing"),
            ({"outer_wall_line_width": "wide"}, "outer_wall_line_width is wide"),
            ({"small_perimeter_speed": "half%"}, "small_perimeter_speed is half, which"),
        ],
    )
    def test_what_prusaslicer_cannot_do_is_refused(
        self, profiles: PrinterPresets, orca: dict[str, str | tuple[str, ...]], fault: str
    ) -> None:
        """Silence would be a price for another print."""
        with pytest.raises(ShopError) as caught:
            prusa_config(changed(profiles, orca))
        assert any(fault in f"{named.key} {named.message}" for named in caught.value.faults)

    def test_all_faults_are_named_at_once(self, profiles: PrinterPresets) -> None:
        """Whoever brings profiles mends them in one round."""
        with pytest.raises(ShopError) as caught:
            prusa_config(
                changed(profiles, {"brim_type": "painted", "wall_loops": (), "fill_multiline": "3"})
            )
        assert len(caught.value.faults) == 3

    @pytest.mark.parametrize(
        ("key", "values", "files"),
        [
            ("brim_type", "painted", "process_standard.json"),
            ("z_hop_types", ("Spiral Lift",), "machine.json"),
            ("fill_multiline", (), "machine.json, process_standard.json, filament_pla.json"),
        ],
        ids=["process", "machine", "missing"],
    )
    def test_the_file_to_mend_is_named(
        self, profiles: PrinterPresets, key: str, values: str | tuple[str, ...], files: str
    ) -> None:
        """A missing key may belong in any of the three."""
        with pytest.raises(ShopError) as caught:
            prusa_config(changed(profiles, {key: values}))
        named = caught.value.faults[0]
        assert (named.file, named.key) == (files, key)
        assert named.message.startswith("is ")

    def test_bundled_profiles_can_all_be_translated(self, profiles: PrinterPresets) -> None:
        """Checked before the first request, so no request meets an untranslatable profile."""
        assert all(prusa_config(presets) for presets in profiles.samples())
