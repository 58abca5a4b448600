"""The whole product as real processes, started the way `make run` starts it."""
