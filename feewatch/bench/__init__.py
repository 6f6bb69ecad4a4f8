"""Reproducible benchmarks: ``feewatch bench``. Never part of a running office.

Speed is told as a ratio of two things measured in the same run on the same machine, never as a
time alone.
"""
