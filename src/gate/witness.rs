//! What shows that the private index knows us: an index that hides what a login may not see, or whose address is mistyped, says of
//! everything that there is no such project, and each name would be a stranger's.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::binding::Binding;
use super::memory::Memory;
use super::pages::Pages;
use super::troubles::{GateTrouble, GateTroubles};
use crate::model::{ProjectName, WatchKind};

/// So many names are asked for at once where the last one is gone; the next request goes on from there.
const AT_ONCE: usize = 20;
const NOTHING_LEFT: &str = "the private index has nothing of what it had";
const TAKE_OUT: &str = "where it is empty indeed, stop the gate and take the lines that begin with \"had\" out of ours and ours.copy in \
                        [gate] state";
const NOTHING_YET: &str = "the private index has none of the names that are ours";
const PUBLISH: &str = "where it is new, publish one of them there";

/// Projects that the private index has, or had.
#[derive(Debug)]
pub(super) struct Witnesses {
    memory: Arc<Memory>,
    /// The last one that was there.
    last: Mutex<Option<ProjectName>>,
    /// Where among all of them to go on.
    next: AtomicUsize,
    troubles: GateTroubles,
}

impl Witnesses {
    pub(super) fn new(memory: Arc<Memory>, troubles: GateTroubles) -> Self {
        Self { memory, last: Mutex::default(), next: AtomicUsize::new(0), troubles }
    }

    /// The private index has this one.
    pub(super) fn seen(&self, name: &ProjectName) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref() != Some(name) {
            *last = Some(name.clone());
        }
    }

    /// That the private index lacks a name counts where it has another of ours at that moment, or never had any.
    ///
    /// # Errors
    /// Why it does not count, in words.
    pub(super) async fn vouch_for(&self, private: &Pages, binding: &Binding) -> Result<(), String> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(last) = &last
            && has(private, last).await?
        {
            self.troubles.note(GateTrouble::PrivateEmpty, None);
            return Ok(());
        }
        for name in self.candidates(binding) {
            if has(private, &name).await? {
                self.seen(&name);
                self.troubles.note(GateTrouble::PrivateEmpty, None);
                return Ok(());
            }
        }
        self.without_any(last.is_some() || self.memory.had_by_private() > 0)
    }

    /// An index that is new has nothing yet.
    fn without_any(&self, had: bool) -> Result<(), String> {
        let (has, remedy) = if had { (NOTHING_LEFT, TAKE_OUT) } else { (NOTHING_YET, PUBLISH) };
        let told = format!("{has}: its address may be wrong, or its login; {remedy}");
        self.troubles.note(GateTrouble::PrivateEmpty, Some(told));
        if had { Err(has.to_owned()) } else { Ok(()) }
    }

    /// What it had first, then what may be there by the inventory.
    fn candidates(&self, binding: &Binding) -> Vec<ProjectName> {
        let ours = binding.watches().filter(|watch| watch.kind == WatchKind::Name);
        let listed = ours.filter_map(|watch| ProjectName::parse(&watch.text).ok());
        let all: BTreeSet<ProjectName> = self.memory.names_had().into_iter().chain(listed).collect();
        let from = self.next.fetch_add(AT_ONCE, Ordering::Relaxed) % all.len().max(1);
        let wanted = all.len().min(AT_ONCE);
        all.into_iter().collect::<Vec<_>>().into_iter().cycle().skip(from).take(wanted).collect()
    }
}

async fn has(private: &Pages, name: &ProjectName) -> Result<bool, String> {
    let known = private.get(name).await.map_err(|why| format!("the private index does not answer: {why}"))?;
    Ok(known.page.is_some())
}
