"""What docs/reliability.md says is so, is shown by a test; and what tests show, it says."""

import pytest

from tests.requirements.table import NOT_HERE, order, required, shown

REQUIRED, SHOWN = required(), shown()


@pytest.mark.parametrize("requirement", sorted(REQUIRED, key=order))
def test_what_is_promised_is_shown_and_what_does_not_apply_is_not(requirement):
    assert bool(SHOWN.get(requirement)) is (REQUIRED[requirement] != NOT_HERE)


def test_nothing_is_shown_that_is_not_promised():
    assert set(SHOWN) <= set(REQUIRED)


def test_every_requirement_stands_somewhere():
    counts = {"S": range(37), "F": range(1, 21), "I": range(1, 15)}
    assert {f"{kind}-{n}" for kind, numbers in counts.items() for n in numbers} <= set(REQUIRED)
