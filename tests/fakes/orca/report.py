"""How a run of OrcaSlicer ends: return codes, their messages, and `result.json`.

The process exits with 256 + code. `result.json` goes to the output folder, or to the working
directory when none was named; when that folder is missing there is none.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.fakes import console

SUCCESS = 0
INVALID_PARAMS = -2
FILE_NOT_FOUND = -3
CONFIG_FILE_ERROR = -5
DATA_FILE_ERROR = -6
EXPORT_3MF_ERROR = -13
NOT_COMPATIBLE = -17
INVALID_VALUES = -18
NOTHING_INSIDE = -50
VALIDATE_ERROR = -51
PARTLY_INSIDE = -52
TIME_LIMIT = -58
TRIANGLE_LIMIT = -59
SLICING_ERROR = -100

# The first nine are the recorded texts; the others are paraphrased in the documentation.
MESSAGES = {
    SUCCESS: "Success.",
    FILE_NOT_FOUND: "The input files to the slicer are not found.",
    CONFIG_FILE_ERROR: "The input preset file is invalid and can not be parsed.",
    DATA_FILE_ERROR: "The input model file to the slicer can not be parsed.",
    NOT_COMPATIBLE: "The selected printer is not compatible with the process preset in the 3mf.",
    INVALID_VALUES: "Invalid parameter value(s) included in the 3mf file.",
    NOTHING_INSIDE: (
        "One of the plate is empty or has no object fully inside it. Please check that the 3mf"
        " contains no empty plate in Orca Slicer before uploading."
    ),
    VALIDATE_ERROR: (
        "There are some incorrect slicing parameters in the 3mf. Please verify the slicing of"
        " all plates in Orca Slicer before uploading."
    ),
    SLICING_ERROR: (
        "Failed slicing the model. Please verify the slicing of all plates on Orca Slicer before"
        " uploading."
    ),
    INVALID_PARAMS: "The input parameters to the slicer are not valid.",
    EXPORT_3MF_ERROR: "Failed to export the 3mf.",
    PARTLY_INSIDE: "Some objects are located over the boundary of the heated bed.",
    TIME_LIMIT: "The slicing time exceeds the limit.",
    TRIANGLE_LIMIT: "The triangle count exceeds the limit.",
}


class Refusal(Exception):
    """The run ends with a return code."""

    def __init__(
        self, code: int, *, plate: int = 0, log: str = "", stderr: str = "", message: str = ""
    ) -> None:
        super().__init__(code)
        self.code = code
        self.plate = plate
        self.log = log
        self.stderr = stderr
        self.message = message or MESSAGES[code]


class Crash(Exception):
    """The real program dies of SIGSEGV here."""


def finish(refusal: Refusal, folder: Path) -> int:
    """Reports a refused run and returns the exit code."""
    if refusal.log:
        console.log("error", refusal.log)
    if refusal.stderr:
        console.err(refusal.stderr)
    write_result(folder, refusal.code, plate=refusal.plate, message=refusal.message)
    console.out(f"run found error, return {refusal.code}, exit...\n")
    return 256 + refusal.code


def write_result(
    folder: Path,
    code: int,
    *,
    plate: int = 0,
    message: str = "",
    plates: list[dict[str, Any]] | None = None,
) -> None:
    """Writes `result.json`, as the real program lays it out."""
    content: dict[str, Any] = {
        "error_string": message or MESSAGES[code],
        "export_time": 0,
        "plate_index": plate,
        "prepare_time": 0,
        "return_code": code,
    }
    if plates:
        content["sliced_plates"] = plates
    if folder.is_dir():
        text = json.dumps(content, indent=4, sort_keys=True)
        (folder / "result.json").write_text(text + "\n", encoding="utf-8")
