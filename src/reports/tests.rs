//! The forms of reports, and hostile text in each.
