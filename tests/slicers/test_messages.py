"""Each message of a slicer has one meaning, and one sentence that says what to do."""

from __future__ import annotations

from collections import Counter

import pytest

from pricing_fdm.errors import ModelError, PricingError
from pricing_fdm.sandbox.process import Outcome
from pricing_fdm.slicers import messages
from pricing_fdm.slicers.messages import MEANINGS, meaning_of
from pricing_fdm.slicers.orca import exit_classification as orca
from pricing_fdm.slicers.prusa import exit_classification as prusa

# As the programs print them, with what a caller must read of each.
SAID = {
    "Objects could not fit on the bed": "does not fit into the build volume",
    "All objects are outside of the print volume.": "does not fit into the build volume",
    "plate 1: Nothing to be sliced, Either the print is empty or no object is fully inside the "
    "print volume before apply.": "does not fit into the build volume",
    "The object part exceeds the maximum build volume height.": "higher than the printer",
    "While the object part itself fits the build volume, its last layer exceeds the maximum build "
    "volume height.": "higher than the printer",
    "part is too tall, and collisions will be caused.": "higher than the printer",
    "No layers were detected. You might want to repair your STL file(s) or check their size or "
    "thickness and retry.": "thinner than one layer",
    "The print is empty. The model is not printable with current print settings.": (
        "narrower than one extrusion line"
    ),
    "No object can be printed. Maybe too small": "narrower than one extrusion line",
    "There is an object with no extrusions in the first layer.": "foot of this part",
    "One object has empty initial layer and can't be printed. Please Cut the bottom or enable "
    "supports.": "foot of this part",
    "The following object(s) have empty initial layer and can't be printed. Please cut the bottom "
    "or enable supports.": "foot of this part",
    "Object can't be printed for empty layer between 1.2 and 1.4.": "A layer of this part is empty",
    "Levitating objects cannot be printed without supports.": "hangs in the air",
    "Conflicts of G-code paths have been found at layer 3": "run into each other",
    "Some objects are too close; your extruder will collide with them.": "too close",
    "facet 5: vertex 1contains invalid coordinate": "no number",
    "stl_open_count_facets: The input is an empty file: part.stl": "cannot read the mesh",
    "part.stl: Loading of a model file failed.": "cannot read the mesh",
}


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_each_message_has_its_sentence_with_either_slicer(said: str, stream: str) -> None:
    """A code alone does not tell an empty first layer from an empty print."""
    texts = {"stdout": "", "stderr": "", stream: f"10 => Slicing\n{said}\n"}
    for raised in (_prusa(**texts), _orca(**texts)):
        assert isinstance(raised, ModelError)
        assert SAID[said] in raised.detail
        assert said not in raised.detail


def test_every_row_of_the_table_is_among_the_messages() -> None:
    """A row that no message reaches is dead; a message of two rows would be told by chance."""
    rows = Counter(words for said in SAID for words in MEANINGS if words in said)
    assert set(rows) == set(MEANINGS)
    for said in SAID:
        found = {MEANINGS[words] for words in MEANINGS if words in said}
        assert len(found) == 1, said


def test_every_sentence_is_used() -> None:
    """By a message, or by a code of OrcaSlicer."""
    named = {name: value for name, value in vars(messages).items() if name.isupper()}
    sentences = {value for value in named.values() if isinstance(value, str)}
    used = {sentence for _, sentence in MEANINGS.values()}
    used |= {sentence for _, sentence in orca._MEANINGS.values()}
    assert sentences <= used
    assert all(sentence.endswith(".") for sentence in sentences)


def test_other_words_have_no_meaning() -> None:
    """The end of the run decides then."""
    assert meaning_of("a new exception") is None


def _prusa(stdout: str, stderr: str) -> PricingError:
    with pytest.raises(PricingError) as caught:
        prusa.classify_exit(Outcome(1, None, None, stdout, stderr, 1.0, 1.0, 1), has_gcode=False)
    return caught.value


def _orca(stdout: str, stderr: str) -> PricingError:
    with pytest.raises(PricingError) as caught:
        orca.classify_exit(
            Outcome(156, None, None, stdout, stderr, 1.0, 1.0, 1),
            None,
            has_gcode=False,
            has_second_plate=False,
        )
    return caught.value
