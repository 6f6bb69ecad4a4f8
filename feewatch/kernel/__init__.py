"""Words that every part shares: money, days, the clock, credit codes, places, problems, refusals.

Standard library only; never reads a file, a database or the network.
"""
