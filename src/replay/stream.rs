//! What is replayed: the names of an index, or those that the daemon knows, with their times.

use super::names::NameLines;
use super::weeks::Weeks;

/// Names to judge, and what is known of their times.
pub struct Stream {
    pub names: NameLines,
    /// With the registrations of each week, and no alerts yet.
    pub weeks: Weeks,
    /// Names that stood before the installation; `None`: an index knows no times.
    pub before: Option<usize>,
}

impl Stream {
    /// Nothing yet of what the daemon knows.
    pub fn of_known() -> Self {
        Self { names: NameLines::dated(), weeks: Weeks::default(), before: Some(0) }
    }

    pub fn of_index(names: NameLines) -> Self {
        Self { names, weeks: Weeks::default(), before: None }
    }

    /// A project that the daemon knows, and the second of its registration.
    pub fn add(&mut self, name: &str, second: Option<i64>) {
        self.names.push(name, second);
        match second {
            Some(second) => self.weeks.register(second),
            None => *self.before.get_or_insert_default() += 1,
        }
    }
}
