"""Files encrypted at rest: suites, the ring of keys, and the container that holds the bytes."""
