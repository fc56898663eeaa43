"""OrcaSlicer 2.3.1's options: which there are, their kinds, and how their values are read.

The traps a caller must respect are kept: `=true` is silently no value for a boolean, there is
no `--no-...`, a repeated list appends, and every setting of a profile is an option as well.
"""

from __future__ import annotations

from tests.fakes import grammar
from tests.fakes.grammar import BadCommandLine
from tests.fakes.orca import settings

# Kinds: a trailing "s" marks a list.
ACTIONS = {
    "downward_check": "bool",
    "export_3mf": "string",
    "export_settings": "string",
    "export_slicedata": "string",
    "export_stl": "bool",
    "export_stls": "string",
    "help": "bool",
    "info": "bool",
    "load_defaultfila": "bool",
    "load_slicedata": "strings",
    "min_save": "bool",
    "mstpp": "int",
    "mtcpp": "int",
    "no_check": "bool",
    "normative_check": "bool",
    "pipe": "string",
    "slice": "int",
    "uptodate": "bool",
}
TRANSFORMS = {
    "arrange": "int",
    "assemble": "bool",
    "convert_unit": "bool",
    "ensure_on_bed": "bool",
    "orient": "int",
    "repetitions": "int",
    "rotate": "float",
    "rotate_x": "float",
    "rotate_y": "float",
    "scale": "float",
}
MISC = {
    "allow_multicolor_oneplate": "bool",
    "allow_newer_file": "bool",
    "allow_rotations": "bool",
    "avoid_extrusion_cali_region": "bool",
    "clone_objects": "ints",
    "datadir": "string",
    "debug": "int",
    "downward_settings": "strings",
    "enable_timelapse": "bool",
    "load_assemble_list": "string",
    "load_custom_gcodes": "string",
    "load_filament_ids": "ints",
    "load_filaments": "strings",
    "load_settings": "strings",
    "makerlab_name": "string",
    "makerlab_version": "string",
    "metadata_name": "strings",
    "metadata_value": "strings",
    "outputdir": "string",
    "skip_modified_gcodes": "bool",
    "skip_objects": "ints",
    "uptodate_filaments": "strings",
    "uptodate_settings": "strings",
}
_OWN = ACTIONS | TRANSFORMS | MISC
_TRUE_BY_DEFAULT = {"allow_multicolor_oneplate", "allow_rotations", "normative_check"}


class CommandLine:
    """A parsed command line.

    Attributes:
        values: The program's own options in the order of their first appearance. Lists stay
            lists, everything else is text; booleans are "0" or "1".
        overrides: Settings of printer, process and filament given as options.
        inputs: Tokens that are no options: model files.
    """

    def __init__(self) -> None:
        self.values: settings.Settings = {}
        self.overrides: settings.Settings = {}
        self.inputs: list[str] = []

    @property
    def actions(self) -> list[str]:
        """The actions, in the order given."""
        return [name for name in self.values if name in ACTIONS]

    def text(self, name: str, default: str = "") -> str:
        """A scalar option as given."""
        value = self.values.get(name, default)
        return value if isinstance(value, str) else ";".join(value)

    def texts(self, name: str) -> list[str]:
        """A list option as given."""
        value = self.values.get(name, [])
        return value if isinstance(value, list) else [value]

    def flag(self, name: str) -> bool:
        """A boolean option, or its default."""
        return self.text(name, "1" if name in _TRUE_BY_DEFAULT else "0") == "1"


def parse(arguments: list[str]) -> CommandLine:
    """Reads the arguments (without the program's name).

    Raises:
        BadCommandLine: An option is unknown or has no or a wrong value.
    """
    line = CommandLine()
    for name, text in grammar.read(arguments, lambda spelled: _kind(_known(spelled)) != "bool"):
        if name:
            _store(name, text, line)
        else:
            line.inputs.append(text)
    return line


def help_text(version: str) -> str:
    """What `--help` prints."""
    lines = [
        f"OrcaSlicer-{version}:",
        "Usage: orca-slicer [ OPTIONS ] [ file.3mf/file.stl ... ]",
        "",
        "OPTIONS:",
    ]
    for name, kind in sorted(_OWN.items()):
        lines.append(f" --{name.replace('_', '-')}" + ("" if kind == "bool" else " option"))
    lines += [
        "",
        "Print settings priorites:",
        "\t1) setting values from the command line (highest priority)",
        "\t2) setting values loaded with --load_settings and --load_filaments",
        "\t3) setting values loaded from 3mf(lowest priority)",
    ]
    return "\n".join(lines) + "\n"


def _store(spelled: str, text: str, line: CommandLine) -> None:
    name = _known(spelled)
    store = line.values if name in _OWN else line.overrides
    try:
        if _is_list(name):
            if _kind(name) == "bool":
                text = text or "1"
            store[name] = [*store.get(name, []), *_elements(name, text)]
        elif _kind(name) == "bool":
            store[name] = _boolean(name, text, store)
        else:
            store[name] = _scalar(name, text)
    except (ValueError, settings.BadValue):
        raise BadCommandLine(f"Invalid value supplied for --{spelled}") from None


def _known(spelled: str) -> str:
    """The internal name of an option as it is spelled."""
    name = "help" if spelled == "h" else spelled.replace("-", "_")
    is_setting = name in settings.SCHEMA and name not in settings.HIDDEN
    if "_" in spelled or not (name in _OWN or is_setting):
        raise BadCommandLine(f"Invalid option --{spelled}")
    return name


def _is_list(name: str) -> bool:
    return _OWN[name].endswith("s") if name in _OWN else settings.is_list(name)


def _kind(name: str) -> str:
    return _OWN[name].removesuffix("s") if name in _OWN else settings.element_kind(name)


def _boolean(name: str, text: str, store: settings.Settings) -> str:
    if text in {"", "0", "1"}:
        return text or "1"
    # A text that cannot be read leaves what was there: nobody looks at the result.
    if name in store:
        return str(store[name])
    if name in _OWN:
        return "1" if name in _TRUE_BY_DEFAULT else "0"
    return str(settings.default(name))


def _scalar(name: str, text: str) -> str:
    if name not in _OWN:
        return settings.read_scalar(name, text)
    if _kind(name) == "int":
        return str(int(text))
    return str(float(text)) if _kind(name) == "float" else text


def _elements(name: str, text: str) -> list[str]:
    if name not in _OWN:
        return [settings.read_element(name, part) for part in settings.split_list(name, text)]
    return settings.split_strings(text) if _kind(name) == "string" else text.split(",")
