"""What the library costs, measured: `make bench`, or `python -m benchmarks` with `--help` for less of it."""
