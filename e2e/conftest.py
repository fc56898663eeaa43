"""The images under test, and the containers that several tests share.

`E2E_IMAGES` names the images, separated by commas; each runs the same scenarios. All tests of one
image run before the next, so that few containers are up at a time.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from e2e.containers import Container, Image, engine, left_behind, look_into, running
from e2e.puppet import Puppet
from tests.harness.origin import Origin, running_origin
from tests.harness.service import REPRODUCIBLE
from tests.harness.shapes import binary_stl, box

IMAGES = [name for name in os.environ.get("E2E_IMAGES", "pricing-fdm:prusa").split(",") if name]
SECRET = "nobody-but-the-service-may-know-this"
ROOM_MIB = 200

NewPart = Callable[[], str]

_NO_PARAMETERS = SimpleNamespace(params={})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is the same in every image is left out of the pipeline for all but the first."""
    for item in items:
        parameters = getattr(item, "callspec", _NO_PARAMETERS).params
        is_first = parameters.get("image", IMAGES[0]) == IMAGES[0]
        every = item.get_closest_marker("every_image")
        if item.get_closest_marker("any_image") and not (is_first or every):
            item.add_marker(pytest.mark.beyond_ci)


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left_behind() -> Iterator[None]:
    """Every container of ours is gone at the end; one that is not fails the run, and goes too."""
    yield
    lost = left_behind()
    for name in lost:
        engine("kill", name, check=False)
        engine("rm", "--force", "--volumes", name, check=False)
    assert lost == []


@pytest.fixture(scope="session", params=IMAGES, ids=[name.split("/")[-1] for name in IMAGES])
def image(request: pytest.FixtureRequest) -> Image:
    """An image under test."""
    return look_into(request.param)


@pytest.fixture(scope="session")
def origin() -> Iterator[Origin]:
    """An origin of models."""
    with running_origin() as origin:
        yield origin


@pytest.fixture(scope="session")
def trap() -> Iterator[Origin]:
    """A server on loopback that nobody allowed: it must never be asked anything."""
    with running_origin() as trap:
        yield trap


@pytest.fixture(scope="session")
def cube(origin: Origin) -> str:
    """The URL of a cube."""
    return origin.serve("cube.stl", binary_stl(box(20, 20, 20)))


@pytest.fixture(scope="session")
def new_part(origin: Origin) -> NewPart:
    """Makes a part that no service has seen, so that nothing is remembered of it."""
    numbers = itertools.count()

    def make() -> str:
        number = next(numbers)
        content = binary_stl(box(20, 20 + number / 100, 10))
        return origin.serve(f"part-{number}.stl", content)

    return make


@pytest.fixture(scope="session")
def service(image: Image, origin: Origin) -> Iterator[Container]:
    """The image as it is: no setting but where it listens and whence it may fetch."""
    with running(image, origin.environment) as container:
        yield container


@pytest.fixture(scope="session")
def puppet(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Puppet:
    """What stands in the slicer's place in `rig`."""
    return Puppet(open_folder(tmp_path_factory, "puppet"), image)


@pytest.fixture(scope="session")
def rig(image: Image, origin: Origin, puppet: Puppet) -> Iterator[Container]:
    """A container in which slices go wrong on demand: one slot, one place, little room."""
    environment = {
        **origin.environment,
        **puppet.environment,
        **REPRODUCIBLE,
        "SLICE_CONCURRENCY": "1",
        "QUEUE_PLACES": "1",
        "QUEUE_WAIT_SECS": "60",
        "SLICE_MEMORY_MB": "1024",
        "SLICE_OUTPUT_MB": "64",
        "POISON_SECS": "0",
        "CACHE_TTL_SECS": "0",
        "CALLBACK_SECRET": SECRET,
    }
    room = f"/tmp:mode=1777,size={ROOM_MIB}m"
    with running(image, environment, *puppet.options, tmpfs=room) as container:
        yield container


def open_socket(redis_url: str) -> Path:
    """Lets the user in a container reach a Redis of the tests; returns what to mount."""
    socket = Path(redis_url.removeprefix("unix://").partition("?")[0])
    socket.parent.chmod(0o755)
    socket.chmod(0o777)
    return socket.parent


def open_folder(factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder that the user in a container can reach, and write to."""
    folder = factory.mktemp(name)
    for parent in (folder, *list(folder.parents)[:2]):
        parent.chmod(0o755)
    folder.chmod(0o777)
    return folder
