"""Knows the extensions of 3MF, and refuses a file that requires one that we do not support.

A consumer that does not support a required extension must not make the document (3MF core, 3.4).
We support those that leave the shape to the mesh: colours, materials, named groups of triangles,
and meshes in parts of their own. The others replace or alter the shape; where the file does not
require them, the quote says what is left out.

Cost: O(n) in the attribute.
"""

from __future__ import annotations

from collections.abc import Mapping

from pricing_fdm.mesh.readers.threemf.budget import fault

_MICROSOFT = "http://schemas.microsoft.com/3dmanufacturing"
_CONSORTIUM = "http://schemas.3mf.io/3dmanufacturing"

CORE = f"{_MICROSOFT}/core/2015/02"
PRODUCTION = f"{_MICROSOFT}/production/2015/06"

MATERIALS = f"{_MICROSOFT}/material/2015/02"

_SUPPORTED = frozenset({CORE, PRODUCTION, MATERIALS, f"{_MICROSOFT}/trianglesets/2021/07"})
_TITLES = {
    f"{_MICROSOFT}/beamlattice/2017/02": "beam lattice",
    f"{_MICROSOFT}/beamlattice/balls/2020/07": "beam lattice",
    f"{_MICROSOFT}/slice/2015/07": "slice",
    f"{_MICROSOFT}/securecontent/2019/04": "secure content",
    f"{_MICROSOFT}/production/alternatives/2021/04": "production alternatives",
    f"{_CONSORTIUM}/production/alternatives/2021/04": "production alternatives",
    f"{_CONSORTIUM}/booleanoperations/2023/07": "boolean operations",
    f"{_CONSORTIUM}/displacement/2022/07": "displacement",
    f"{_CONSORTIUM}/displacement/2023/10": "displacement",
    f"{_CONSORTIUM}/volumetric/2022/01": "volumetric",
    f"{_CONSORTIUM}/implicit/2023/12": "implicit",
}


def shape_extension(element: str) -> str:
    """The title of the extension that an element makes a shape with; empty if of none.

    Args:
        element: As `uri name`.
    """
    return _TITLES.get(element.rpartition(" ")[0], "")


def require_support(prefixes: str, namespaces: Mapping[str, str]) -> None:
    """Refuses a document that requires an extension that we do not support.

    Args:
        prefixes: The `requiredextensions` of the document, separated by blanks.
        namespaces: What each prefix stands for.

    Raises:
        ModelInvalid: An extension that we do not support, or a prefix without a namespace.
    """
    for prefix in prefixes.split():
        uri = namespaces.get(prefix, "")
        if uri not in _SUPPORTED:
            title = _TITLES.get(uri)
            what = f"the {title} extension" if title else "an extension"
            raise fault(
                f"demands {what}, which we do not support", "Export the part as a plain mesh."
            )
