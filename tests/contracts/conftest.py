"""What the contracts are held to with: both kinds of loops."""

from __future__ import annotations

import pytest

from search.arrays.kernels import PLAIN, Kernels


@pytest.fixture(scope="session", params=["numpy", "numba"])
def kernels(request: pytest.FixtureRequest) -> Kernels:
    """The loops of the embedded engine; skips those of numba where it is not installed."""
    if request.param == "numpy":
        return PLAIN
    pytest.importorskip("numba", reason="numba is not installed (the extra fast)")
    from search.arrays.fast import FAST

    return FAST
