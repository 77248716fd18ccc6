//! Windows that are kept up to date at one time: so many in all, and so many of one account, so that nobody's take those of the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::UserName;

/// In all.
const ALL: usize = 64;
/// Of one account: more than anybody looks at.
const EACH: usize = 8;

/// Who has how many; cloning shares it.
#[derive(Clone, Debug, Default)]
pub(super) struct Windows(Arc<Mutex<HashMap<UserName, usize>>>);

/// Held while a window is kept up to date.
#[derive(Debug)]
pub(super) struct Seat(Windows, UserName);

impl Windows {
    /// `None`: all are taken, or all of theirs.
    pub(super) fn seat(&self, user: &UserName) -> Option<Seat> {
        let mut taken = self.taken();
        let theirs = taken.get(user).copied().unwrap_or_default();
        if theirs >= EACH || taken.values().sum::<usize>() >= ALL {
            return None;
        }
        taken.insert(user.clone(), theirs + 1);
        Some(Seat(self.clone(), user.clone()))
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<UserName, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.0.taken();
        match taken.get_mut(&self.1) {
            Some(theirs) if *theirs > 1 => *theirs -= 1,
            _ => drop(taken.remove(&self.1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(n: usize) -> UserName {
        format!("user-{n}").parse().expect("a name")
    }

    #[test]
    fn nobody_has_more_windows_than_eight_and_all_of_them_no_more_than_sixty_four() {
        let windows = Windows::default();
        let mut seats = Vec::from_iter((0..20).filter_map(|_| windows.seat(&user(0))));
        assert_eq!(seats.len(), 8);
        seats.pop();
        seats.extend(windows.seat(&user(0)));
        assert_eq!(seats.len(), 8, "one was closed, and another opened");
        seats.extend((1..20).flat_map(|n| (0..4).map(move |_| n)).filter_map(|n| windows.seat(&user(n))));
        assert_eq!(seats.len(), 64);
        drop(seats);
        assert!(windows.taken().is_empty() && windows.seat(&user(0)).is_some());
    }
}
