"""How made contracts are charged, end and move: parts, settlements, successions."""

import random
from datetime import date

from oracle import records
from oracle.calendar_days import plus, plus_months
from oracle.world import World, yuan

ENDINGS = ("refunded", "agreed", "court", "transferred", "lapsed", "")


def charge(world: World, rng: random.Random, uscc: str) -> None:
    """Some contracts are charged in parts around the limits of what may be charged at once."""
    for row in world.rows("contracts", uscc):
        if row["payment"] == "prepaid" and rng.random() < 0.45:
            parts = list(_parts(world, rng, row))
            row["fee"] = yuan(sum(records.fen(part["amount"]) for part in parts))
            world.tables["charges"] += parts


def _parts(world: World, rng: random.Random, row: dict[str, str]):
    pick, day = rng.choice, date.fromisoformat(row["paid_on"])
    small = pick((True, True, False))  # together about what may be charged at once
    for at in range(1, pick((1, 2, 2, 3, 4)) + 1):
        paid = day <= world.ends(row["uscc"]) and rng.random() < (0.95 if at == 1 else 0.85)
        starts = plus(plus_months(day, 1), pick((-1, 0, 1, 1)))
        ends = plus(plus_months(starts, 3), pick((-2, -1, 0)))
        own_days = rng.random() < (0.7 if at > 1 else 0.5)
        yield {
            "contract_no": row["contract_no"], "charge_no": str(at),
            "due_on": str(plus(day, pick((0, 0, 0, 2, -2)))),
            "amount": yuan(_amount(rng, small)),
            "lessons": "" if rng.random() < 0.07 else str(pick((10, 19, 20, 30, 60, 60, 61))),
            "starts_on": str(starts) if own_days else "",
            "ends_on": str(ends) if own_days and rng.random() < 0.93 else "",
            "paid_on": str(day) if paid else "", "uscc": row["uscc"],
        }  # fmt: skip
        day = plus(day, pick((5, 15, 29, 30, 31, 62)))


def _amount(rng: random.Random, small: bool) -> int:
    limits = (166667, 250000, 250001) if small else (499999, 500000, 500001)
    return rng.choice((*limits, rng.randint(30000, 300000)))


def end(world: World, rng: random.Random, uscc: str) -> None:
    """Some contracts ended around as-of or while lessons went on; some of these were settled."""
    for row in world.rows("contracts", uscc):
        row |= {"ended_on": "", "settlement": ""}
        if row["paid_on"] and rng.random() < 0.3:
            days = max((world.as_of - date.fromisoformat(row["paid_on"])).days, 1)
            day = plus(world.as_of, -rng.choice((0, 0, 1, 15, 16, rng.randint(0, min(days, 90)))))
            row["ended_on"] = str(max(day, date.fromisoformat(row["paid_on"])))
            row["settlement"] = rng.choice(ENDINGS)


def succeed(world: World, rng: random.Random, old: str, new: str) -> None:
    """One institution succeeds another in the last weeks; both tell all their lessons."""
    on = plus(world.as_of, -rng.randint(5, 75))
    world.tables["successions"].append(
        {"from_uscc": old, "to_uscc": new, "on": str(on), "document": "承1号"}
    )
    for uscc in (old, new):
        world.complete.add(uscc)


def hand_over(world: World, rng: random.Random) -> None:
    """Money from the fee accounts of those succeeded, on the day or around it."""
    for row in world.tables["successions"]:
        accounts = [
            [each["account_no"] for each in world.rows("accounts", uscc) if each["kind"] == "fee"]
            for uscc in (row["from_uscc"], row["to_uscc"])
        ]
        if not all(accounts):
            continue
        for _ in range(rng.randint(1, 3)):
            day = plus(date.fromisoformat(row["on"]), rng.choice((-1, -1, 0, 0, 1, 4, 20)))
            ends = [rng.choice(numbers) for numbers in accounts]
            if rng.random() < 0.15:
                ends.reverse()
            later = plus(day, rng.choice((0, 0, 0, 1, 2)))
            world.handovers.append((*ends, day, later, rng.randint(10**5, 5 * 10**6)))
