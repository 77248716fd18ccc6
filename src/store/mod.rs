//! The only SQL: one writer thread, a few readers, closures over domain methods.
