TESTS += tests/model/run
EXTRA_DIST += tests/model/run tests/model/monitor.pml tests/model/README.md
