"""The hunt as a state machine: hypothesis draws callers, doors and changes, and shrinks what it finds wrong."""

from collections.abc import Callable, Mapping
from random import Random

import hypothesis
from hypothesis import HealthCheck
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from hunter.actions import Actions
from hunter.hunt import Hunt

CHANGES = ("turn", "amend", "grant", "draft", "lend", "rotate", "issue", "revoke", "kill", "deliver")
# Hypothesis draws the steps and the seed of each, and shrinks both. It does not draw what a door does with its seed:
# that depends on rights and editions, which outlive an example, and hypothesis refuses draws that depend on them.
SEEDS = st.integers(0, 9999)
Doors = Mapping[str, tuple[Callable[[Hunt, Random, object], None], int]]


def hunt_by_machine(hunt: Hunt, actions: Actions, doors: Doors, examples: int, steps: int = 30) -> None:
    """Hunt `examples` sequences of `steps` requests and changes. Raises Leak with the shortest sequence found.

    The database lives longer than an example: at the start of each, agreements and tokens are what they were at
    first. A delivered edition stays.
    """
    machine = hypothesis.seed(hunt.seed)(state_machine(hunt, actions, doors))
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        machine,
        settings=hypothesis.settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, database=None, suppress_health_check=checks
        ),
    )


def state_machine(hunt: Hunt, actions: Actions, doors: Doors) -> type[RuleBasedStateMachine]:
    """Return the machine whose rules are the doors and the changes of one hunt."""

    @initialize()
    def begin(self: RuleBasedStateMachine) -> None:
        actions.reset()

    rules = {named(name): asking(hunt, name, door) for name, (door, _) in doors.items()}
    rules |= {name: changing(getattr(actions, name)) for name in CHANGES}
    parts = {name: rule(seed=SEEDS)(step) for name, step in rules.items()}
    return type("HuntMachine", (RuleBasedStateMachine,), {"begin": begin, **parts})


def named(door: str) -> str:
    """Return a door's name as a step of a machine bears it."""
    return f"ask_{door.replace(' ', '_')}"


def asking(hunt: Hunt, name: str, door: Callable) -> Callable:
    """Return the step that asks at one door, as somebody."""

    def ask(self: RuleBasedStateMachine, seed: int) -> None:
        random = Random(seed)
        member = hunt.somebody(random)
        hunt.open(name, door, random, member, f"step of seed {seed}")

    ask.__name__ = named(name)
    return ask


def changing(action: Callable[[Random], None]) -> Callable:
    """Return the step that makes one change."""

    def change(self: RuleBasedStateMachine, seed: int) -> None:
        action(Random(seed))

    change.__name__ = action.__name__
    return change
