"""In which order the parts of a run begin: for all stacks, engines and results."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hookman.cli.run_order import Order
from hookman.cli.run_parts import Part, engines_of

PARTS = st.lists(
    st.builds(
        lambda stack, context: Part(stack=stack, context=context), st.sampled_from("abc"), st.sampled_from("xyz")
    ),
    unique_by=lambda part: part.label,
)


def carried_out(order: Order, jobs: int, data: st.DataObject) -> tuple[list[Part], list[Part]]:
    """Carry all parts out that the order gives, `jobs` at the same time: those that began, and those that failed."""
    running: list[Part] = []
    began: list[Part] = []
    failed: list[Part] = []
    while True:
        while len(running) < jobs and (part := order.next()):
            running.append(part)
            began.append(part)
        if not running:
            return began, failed
        part = running.pop(data.draw(st.integers(0, len(running) - 1)))
        well = data.draw(st.booleans())
        failed += [] if well else [part]
        order.ended(part, well=well)


@given(PARTS, st.integers(1, 4), st.data())
def test_without_a_limit_all_begin_in_their_order(parts: list[Part], jobs: int, data: st.DataObject) -> None:
    began, _ = carried_out(Order(parts), jobs, data)
    assert began == parts


@given(PARTS, st.integers(1, 4), st.data())
def test_with_fail_fast_nothing_begins_after_a_failure(parts: list[Part], jobs: int, data: st.DataObject) -> None:
    order = Order(parts, fail_fast=True)
    began, failed = carried_out(order, jobs, data)
    assert began == parts[: len(began)]
    assert failed or began == parts
    assert order.next() is None


@given(PARTS, st.integers(1, 4), st.integers(1, 3), st.data())
def test_so_many_engines_are_at_work_and_none_begins_after_a_failure(
    parts: list[Part], jobs: int, rolling: int, data: st.DataObject
) -> None:
    order = Order(parts, rolling=rolling)
    running: list[Part] = []
    left = list(parts)
    has_failed: set[str] = set()
    begun: set[str] = set()
    while True:
        while len(running) < jobs and (part := order.next()):
            assert part.context in begun or not has_failed
            begun.add(part.context)
            running.append(part)
            left.remove(part)
            at_work = {one.context for one in (*running, *left)} & begun
            assert len(at_work) <= rolling
        if not running:
            break
        part = running.pop(data.draw(st.integers(0, len(running) - 1)))
        well = data.draw(st.booleans())
        has_failed |= set() if well else {part.context}
        order.ended(part, well=well)
    states = order.by_state()
    assert set(states["failed"]) == has_failed
    assert set(states["done"]) == begun - has_failed  # an engine that has begun goes on to its end
    assert set(states["not begun"]) == set(engines_of(parts)) - begun
    assert states["stopped"] == []
    assert has_failed or begun == set(engines_of(parts))
    assert {part.context for part in left} == set(states["not begun"])


@given(PARTS, st.integers(0, 9))
def test_after_a_stop_nothing_begins(parts: list[Part], number: int) -> None:
    order = Order(parts, rolling=1)
    began = [part for _ in range(number) if (part := order.next())]
    order.stop()
    assert order.next() is None
    for part in began:
        order.ended(part, well=True)
    states = order.by_state()
    assert states["failed"] == []
    assert sorted(states["done"] + states["stopped"] + states["not begun"]) == sorted(engines_of(parts))
