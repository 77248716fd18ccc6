//! Judges names against the inventory. Pure: one rule per file, one visible list.
