//! A PyPI on loopback, for `demo`, `sim` and every test.
