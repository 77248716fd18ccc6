//! What shows that the private index knows us: an index that hides what a login may not see, or whose address is mistyped, says of
//! everything that there is no such project, and each name would be a stranger's.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::binding::Binding;
use super::memory::Memory;
use super::pages::Pages;
use super::troubles::{GateTrouble, GateTroubles};
use crate::model::{ProjectName, WatchKind};

/// Names that were there lately: each of them may be taken away for a reason, and not all of them at once.
const RECENT: usize = 16;
/// So many of those that were ever there, and of those in the inventory, are asked for at once where none of the recent is; the next
/// request goes on from there.
const MANY: usize = 100;
/// The same of what may be there by the inventory: nobody waits for what nothing depends on.
const FEW: usize = 5;
const NOTHING_LEFT: &str = "the private index has nothing of what it had";
const TAKE_OUT: &str = "where it is empty indeed, stop the gate and take the lines that begin with \"had\" out of ours and ours.copy in \
                        [gate] state";
const NOTHING_YET: &str = "the private index has none of the names that are ours";
const PUBLISH: &str = "where it is new, publish one of them there";

/// Projects that the private index has, or had.
#[derive(Debug)]
pub(super) struct Witnesses {
    memory: Arc<Memory>,
    /// The last one first.
    recent: Mutex<VecDeque<ProjectName>>,
    /// Where among all of them to go on.
    next: AtomicUsize,
    troubles: GateTroubles,
}

impl Witnesses {
    pub(super) fn new(memory: Arc<Memory>, troubles: GateTroubles) -> Self {
        Self { memory, recent: Mutex::default(), next: AtomicUsize::new(0), troubles }
    }

    /// The private index has this one.
    pub(super) fn seen(&self, name: &ProjectName) {
        let mut recent = self.recent();
        if !recent.contains(name) {
            recent.push_front(name.clone());
            recent.truncate(RECENT);
        }
    }

    /// That the private index lacks a name counts where it has another of ours at that moment, or never had any.
    ///
    /// # Errors
    /// Why it does not count, in words.
    pub(super) async fn vouch_for(&self, private: &Pages, binding: &Binding) -> Result<(), String> {
        let recent: Vec<ProjectName> = self.recent().iter().cloned().collect();
        let had_any = !recent.is_empty();
        if self.any(private, recent).await? {
            return Ok(());
        }
        let had: Vec<ProjectName> = self.memory.names_had().into_iter().collect();
        if self.any(private, self.turn(&had, MANY)).await? {
            return Ok(());
        }
        let listed = listed(binding);
        if had_any || !had.is_empty() {
            if self.any(private, self.turn(&listed, MANY)).await? {
                return Ok(());
            }
            self.tell(NOTHING_LEFT, TAKE_OUT);
            return Err(NOTHING_LEFT.to_owned());
        }
        // Nothing is said before all of them were asked for.
        let is_last = self.next.load(Ordering::Relaxed) + FEW >= listed.len();
        if !self.any(private, self.turn(&listed, FEW)).await? && is_last {
            self.tell(NOTHING_YET, PUBLISH);
        }
        Ok(())
    }

    /// Is one of these there?
    async fn any(&self, private: &Pages, names: Vec<ProjectName>) -> Result<bool, String> {
        for name in names {
            if has(private, &name).await? {
                self.seen(&name);
                self.troubles.note(GateTrouble::PrivateEmpty, None);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// So many of these, from where the last turn ended.
    fn turn(&self, all: &[ProjectName], most: usize) -> Vec<ProjectName> {
        let most = most.min(all.len());
        let from = self.next.fetch_add(most, Ordering::Relaxed) % all.len().max(1);
        all.iter().cycle().skip(from).take(most).cloned().collect()
    }

    fn tell(&self, what: &str, remedy: &str) {
        let told = format!("{what}: its address may be wrong, or its login; {remedy}");
        self.troubles.note(GateTrouble::PrivateEmpty, Some(told));
    }

    fn recent(&self) -> MutexGuard<'_, VecDeque<ProjectName>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What may be there by the inventory.
fn listed(binding: &Binding) -> Vec<ProjectName> {
    let names = binding.watches().filter(|watch| watch.kind == WatchKind::Name);
    names.filter_map(|watch| ProjectName::parse(&watch.text).ok()).collect()
}

async fn has(private: &Pages, name: &ProjectName) -> Result<bool, String> {
    let known = private.get(name).await.map_err(|why| format!("the private index does not answer: {why}"))?;
    Ok(known.is_there())
}
