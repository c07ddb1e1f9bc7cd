"""Is it fast enough? `make bench` measures against a bare Flask page in the same run; see bench/README.md."""
