//! Readers of people and readers of workers: neither waits for the other.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use tokio::task::JoinSet;

use super::super::Store;
use super::{open, project};

/// Reads that go on until they are let go.
#[derive(Default)]
struct Gate {
    /// How many are inside, and may they leave?
    state: Mutex<(usize, bool)>,
    changed: Condvar,
}

impl Gate {
    fn pass(&self) {
        let mut state = self.state.lock().expect("sound");
        state.0 += 1;
        self.changed.notify_all();
        drop(self.changed.wait_while(state, |state| !state.1).expect("sound"));
    }

    fn until_inside(&self, wanted: usize) {
        let state = self.state.lock().expect("sound");
        let long = Duration::from_secs(20);
        let (_state, late) = self.changed.wait_timeout_while(state, long, |state| state.0 < wanted).expect("sound");
        assert!(!late.timed_out(), "the long reads did not begin");
    }

    fn open(&self) {
        self.state.lock().expect("sound").1 = true;
        self.changed.notify_all();
    }
}

/// Ten long reads of `busy`, and then one of `other`, while all of them go on or wait.
async fn reads_beside(busy: &Store, other: &Store) {
    let (gate, mut long) = (Arc::new(Gate::default()), JoinSet::new());
    for _ in 0..10 {
        let (store, gate) = (busy.clone(), Arc::clone(&gate));
        long.spawn(async move {
            store
                .read(move |tx| {
                    gate.pass();
                    tx.projects().count()
                })
                .await
        });
    }
    let inside = Arc::clone(&gate);
    tokio::task::spawn_blocking(move || inside.until_inside(2)).await.expect("every reader is taken");
    let read = tokio::time::timeout(Duration::from_secs(20), other.read(|tx| tx.projects().count())).await;
    gate.open();
    assert_eq!(read.expect("it waited for a reader").expect("reads"), 1);
    while let Some(done) = long.join_next().await {
        assert_eq!(done.expect("runs").expect("reads"), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_of_a_person_holds_no_read_of_a_worker() {
    let (_dir, store) = open();
    store.write(|tx| tx.projects().put(&project("acme"))).await.expect("writes");
    reads_beside(&store.for_people(), &store).await;
    reads_beside(&store, &store.for_people()).await;
}
