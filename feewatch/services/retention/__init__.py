"""Terms and erasure: what is past its term, what is asked to go, and what went."""
