"""The plan's sentences: why a visit stands where it stands."""

from __future__ import annotations

from collections.abc import Sequence

from .candidates import Table

TELL_DAYS = 14.0


def listed(machine: str, component: str) -> str:
    """A machine and its component for a person."""
    return f"{machine}, {component}" if component else machine


def money(amount: float, currency: str) -> str:
    """An amount with three figures that count.

    >>> money(12345.6, "EUR"), money(0.4567, "EUR"), money(-80, "EUR")
    ('12 300 EUR', '0.457 EUR', '-80 EUR')
    """
    rounded = float(f"{amount:.3g}")
    text = f"{rounded:,.0f}".replace(",", " ") if abs(rounded) >= 100 or rounded == int(rounded) else f"{rounded:g}"
    return f"{text} {currency}"


def percent(share: float) -> str:
    """A chance for a person; never 0 % or 100 % of what is only unlikely.

    >>> percent(0.004), percent(0.123), percent(0.999)
    ('under 1 %', '12 %', 'over 99 %')
    """
    if share < 0.01:
        return "under 1 %"
    return "over 99 %" if share > 0.99 else f"{100 * share:.0f} %"


def reason(table: Table, members: Sequence[int], slot: int, *, fixed: bool, num_openings: int) -> str:
    """Why this work is planned here: chance of failure before and soon, the costs weighed, what it shares."""
    currency = table.plant.costs.currency
    parts = []
    for place in sorted(members, key=lambda one: table.tasks[one].component):
        task = table.tasks[place]
        name = task.component or "machine"
        soon = 1 - task.survival.at(TELL_DAYS)
        before = 1 - table.alive[place, slot]
        by = {"model": "", "age": " by its age"}.get(task.basis, f" ({task.basis})")
        parts.append(
            f"{name}: {percent(soon)} to fail within {TELL_DAYS:g} days{by}, {percent(before)} before this window; "
            f"a failure costs {money(task.failure_cost, currency)}, the work {money(task.planned_cost, currency)}"
        )
    sentence = "; ".join(parts)
    if (
        len(members) > 1
        and table.plant.costs.open_hours + table.plant.costs.open_cost > 0
        and num_openings < len(members)
    ):
        sentence += f"; done together: opened {'once' if num_openings == 1 else f'{num_openings} times'} for {len(members)} parts"
    return sentence + ("; stays from the last plan (frozen window)" if fixed else "")
