"""What a hostile slicer leaves: nothing of it is opened, priced or still there afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.attack.target import WAIT_S, Case, Target
from tests.harness.puppet import install_fake_orca, install_fake_prusa
from tests.harness.service import order
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until

_REMOVAL_CPU_S = 2.0  # the deletion of what a slicer left is the service's own work


def left_behind(name: str, kind: str, deed: str) -> Case:
    """A slicer that leaves something; the next start must find nothing of it."""

    def attack(target: Target) -> str:
        assert target.slicer is not None
        install = install_fake_orca if kind == "orca" else install_fake_prusa
        install(target.slicer, trap=deed)
        header = name.encode()
        url = target.origin.serve("left.stl", binary_stl(box(20, 20, 20), header))
        answer = target.service.post(order(url), timeout=WAIT_S)
        install(target.slicer)
        wait_until(lambda: target.service.leftovers() == [])
        if answer.is_success:
            return "priced by its true result; nothing left"
        assert answer.json()["code"] == "result_incomplete", answer.text
        return "`result_incomplete`; nothing left"

    return Case(name, kind, "", attack, _REMOVAL_CPU_S)


SECRET = "import os; name = 'out.gcode'; os.rename(name, 'kept'); os.symlink('kept', name)"
FIFO = "import os; name = 'out.gcode'; os.unlink(name); os.mkfifo(name)"
RESULT_FIFO = "import os; name = 'out/result.json'; os.unlink(name); os.mkfifo(name)"
DEEP_JSON = "open('out/result.json', 'w').write('[' * 500_000)"
LONG_JSON = "open('out/result.json', 'w').write('[\"' + 'x' * (200 << 20) + '\"]')"
DEEP_FOLDERS = (
    "import os; here = os.open('.', os.O_RDONLY)\n"
    "for _ in range(2500): os.mkdir('d'); os.chdir('d')\nos.fchdir(here)"
)
CLOSED_FOLDER = "import os; os.mkdir('d'); os.mkdir('d/e'); os.chmod('d', 0)"


LEFTOVERS: Sequence[Case] = (
    left_behind("slicer: link in the place of its G-code", "prusa", SECRET),
    left_behind("slicer: FIFO in the place of its G-code", "prusa", FIFO),
    left_behind("slicer: 2,500 nested folders", "prusa", DEEP_FOLDERS),
    left_behind("slicer: folder without permissions", "prusa", CLOSED_FOLDER),
    left_behind("slicer: FIFO in the place of its report", "orca", RESULT_FIFO),
    left_behind("slicer: report of 500,000 brackets", "orca", DEEP_JSON),
    left_behind("slicer: report of 200 MB", "orca", LONG_JSON),
)
