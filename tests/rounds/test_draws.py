"""Draws: the same from seed and pool on every machine, by tickets, each once."""

import hashlib
from collections import Counter

from feewatch.rounds.draws import Lot, draw

POOL = [Lot(f"U{n}", 1 + n % 3) for n in range(10)]


def test_a_draw_is_what_its_seed_and_pool_say_whatever_the_order_of_the_pool():
    drawn = draw("2026-07", POOL, 4)
    assert drawn == draw("2026-07", POOL[::-1], 4)
    assert len(set(drawn)) == 4
    assert drawn != draw("2026-08", POOL, 4)
    assert sorted(draw("x", POOL, 99)) == sorted(lot.uscc for lot in POOL)


def test_these_seeds_draw_these_for_ever():
    assert draw("a", [Lot("A", 1), Lot("B", 1)], 2) == expected("a")
    assert draw("c", [Lot("A", 1), Lot("B", 1)], 2) == expected("c")


def expected(seed):
    """By hand: SHA-256 of ``seed/0`` modulo 2."""
    first = int(hashlib.sha256(f"{seed}/0".encode()).hexdigest(), 16) % 2
    return ["A", "B"] if first == 0 else ["B", "A"]


def test_who_has_no_ticket_is_not_drawn_and_more_tickets_are_drawn_more_often():
    pool = [Lot("none", 0), Lot("one", 1), Lot("three", 3)]
    counts = Counter(draw(str(seed), pool, 1)[0] for seed in range(2000))
    assert counts["none"] == 0
    assert 2.5 < counts["three"] / counts["one"] < 3.6
