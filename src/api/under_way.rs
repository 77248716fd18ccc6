//! What is being done: handed over to whoever owns the tasks, and which keys are at work.

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use crate::store::Keyed;

/// Something that goes on by itself, and is handed to whoever owns the tasks.
pub type Undertaking = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Whose keys are at work.
#[derive(Clone, Debug, Default)]
pub struct UnderWay(Arc<Mutex<HashSet<Keyed>>>);

/// Held while one is.
pub(super) struct Place(UnderWay, Keyed);

impl UnderWay {
    /// `None` while the same key is at work.
    pub(super) fn enter(&self, keyed: &Keyed) -> Option<Place> {
        let new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(keyed.clone());
        new.then(|| Place(self.clone(), keyed.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_place_at_a_time() {
        let (under_way, keyed) =
            (UnderWay::default(), |key: &str| Keyed { actor: "a".to_owned(), key: key.to_owned() });
        let place = under_way.enter(&keyed("k")).expect("free");
        assert!(under_way.clone().enter(&keyed("k")).is_none() && under_way.enter(&keyed("l")).is_some());
        drop(place);
        assert!(under_way.enter(&keyed("k")).is_some());
    }
}
