"""Everything that `make run` and the tests start on one machine: embedded servers and a small supervisor."""
