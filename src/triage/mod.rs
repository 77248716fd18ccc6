//! Learns who holds a project and what it contains.
