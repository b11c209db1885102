"""One server for all tests of a file; each test finds the learner's files right."""

from collections.abc import Iterator

import pytest

pytest.importorskip("tornado", reason="the pages need the extra: pip install -e '.[play]'")

from tests.web.site import Site, served


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("exercises")) as site:
        yield site


@pytest.fixture
def site(server: Site) -> Iterator[Site]:
    yield server
    server.restore()
