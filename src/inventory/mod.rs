//! From files to watches: parse, import, lint, compare, reload.
