"""Precision and recall of matching over 2,000 labelled cases: ``python benchmarks/matching.py``."""

import sys
import time

from feewatch.demo.labelled import SEED, make_cases
from feewatch.demo.scoring import as_table, score


def main() -> None:
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else SEED
    cases = list(make_cases(seed))
    started = time.perf_counter()
    scores = score(cases)
    seconds = time.perf_counter() - started
    print(as_table(scores))
    print(f"{len(cases)} cases, seed {seed}, {seconds:.1f} s")


if __name__ == "__main__":
    main()
