"""The examples in C# and Java, compiled with the code that their stacks generate, as their first lines say."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.contract.order_runs import EXAMPLES, check_run

from .conftest import require
from .stacks import STACKS, axis, mono
from .test_matrix import LIVING_SECONDS, OFFLINE

pytestmark = pytest.mark.interop

MADE_BY = {"csharp/LifeOfAnOrder.cs": ("Mono", mono), "java/LifeOfAnOrder.java": ("Java Axis 1.4", axis)}


@pytest.mark.parametrize("example", MADE_BY)
def test_an_order_from_its_invoice_to_a_refund(
    example: str, shop_url: str, served: tuple[str, Path], tmp_path: Path
) -> None:
    name, make = MADE_BY[example]
    require(next(stack for stack in STACKS if stack.name == name))
    command = make(EXAMPLES / example)(f"{shop_url}/api/v2_soap/?wsdl", tmp_path)
    for runs in (1, 2):
        done = subprocess.run(
            command,
            env={**os.environ, **OFFLINE, "MAGENTO_URL": shop_url},
            capture_output=True,
            encoding="utf-8",
            timeout=LIVING_SECONDS,
            check=False,
        )
        check_run(example, done.stdout, served[1], runs)
        # Mono's runtime sometimes crashes when it shuts down, after everything is done.
        assert done.returncode == 0 or (name == "Mono" and done.returncode < 0), done.stderr
