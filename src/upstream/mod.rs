//! The only HTTP clients: factory, limits, retry, PyPI addresses and payloads.
