//! Times.

/// Every time in the program is UTC; the store keeps it as whole microseconds.
pub type Time = chrono::DateTime<chrono::Utc>;
