//! What is ours: what an earlier gate had bound, and the inventory, which is read again and again and takes nothing back.

use std::sync::Arc;

use tokio::sync::watch;

use super::super::failure::Failure;
use crate::config::GateSettings;
use crate::gate::policy::Policy;
use crate::gate::{GateTrouble, GateTroubles, Memory, MemoryError};

/// What was ever ours. Whoever cannot tell must not open the way to PyPI.
pub(super) fn remembered(of: &GateSettings) -> Result<Memory, Failure> {
    Memory::open(&of.state).map_err(|error| match error {
        MemoryError::Damaged { .. } | MemoryError::Lost { .. } | MemoryError::Gone { .. } => {
            Failure::configured(error.to_string())
        }
        MemoryError::Disk { .. } | MemoryError::Taken(_) => Failure::failed(&error),
    })
}

/// The policy of the start: the inventory, and beside it whatever an earlier one had.
pub(super) fn first(memory: &Memory, new: Policy) -> Result<Policy, Failure> {
    let binding = memory.binding().and(&new.binding);
    memory.bind(&binding).map_err(|error| Failure::new(format!("what is ours cannot be written down: {error}")))?;
    let (listed, bound) = (new.binding.watches().count(), binding.watches().count());
    if bound > 2 * listed {
        let gone = bound - listed;
        tracing::warn!("the inventory lacks {gone} of {bound} names and prefixes that it had; all of them stay bound");
    } else {
        tracing::info!("{bound} names and prefixes are bound, {listed} of them by the inventory as it is");
    }
    tracing::info!("the private index had {} more names so far, which are bound, too", memory.had_by_private());
    Ok(Policy { binding, ..new })
}

/// A look at the inventory. One that cannot be read leaves the last one in force, and is told: the daemon may read it, which has another
/// user, and then nobody else says that new names of ours are open to PyPI.
pub(super) fn looked(
    new: Result<Policy, Failure>,
    memory: &Memory,
    policy: &watch::Sender<Arc<Policy>>,
    troubles: &GateTroubles,
) {
    let unread = new.as_ref().err().map(|failure| {
        format!(
            "the gate cannot read the inventory, and the last one stays in force, so that no name is bound that is new in it: mend it, and let the \
             gate's user read it ({})",
            failure.to_string().lines().collect::<Vec<_>>().join("; ")
        )
    });
    troubles.note(GateTrouble::InventoryUnread, unread);
    if let Ok(new) = new {
        troubles.note(GateTrouble::Drift, memory.drift(&new.binding));
        policy.send_if_modified(|now| bound_too(memory, now, &new, troubles));
    }
}

/// Names that left the inventory stay bound: half of a file may be a good inventory, and says less.
fn bound_too(memory: &Memory, now: &mut Arc<Policy>, new: &Policy, troubles: &GateTroubles) -> bool {
    let binding = now.binding.and(&new.binding);
    // Bound all the same while this process lives, and written again with every look at the inventory.
    let unwritten = memory.bind(&binding).err().map(|error| {
        format!(
            "what the inventory has more is bound until the gate ends and cannot be written down ({error}), so that a start on an older inventory \
             opens it to PyPI: make room in [gate] state"
        )
    });
    troubles.note(GateTrouble::BoundUnwritten, unwritten);
    if binding == now.binding {
        return false;
    }
    tracing::info!("the inventory has grown, and its names are bound");
    *now = Arc::new(Policy { binding, ..Policy::clone(now) });
    true
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs::File;
    use std::os::fd::AsRawFd as _;

    use chrono::TimeDelta;
    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

    use super::*;
    use crate::gate::consensus::Consensus;
    use crate::gate::policy::{AgeRules, Binding, Mode, Modes};
    use crate::model::{ProjectName, WatchId};

    fn policy(names: &[&str]) -> Policy {
        let watch = |name: &&str| WatchId::name(&ProjectName::parse(name).expect("valid"));
        let binding = Binding::of_watches(names.iter().map(watch), BTreeSet::new());
        let (modes, day) = (Modes::all(Mode::Enforce), TimeDelta::days(1));
        let age = AgeRules { modes, file: day, project: day, freeze: None };
        let (malware, exemptions, suspects) = (Arc::default(), Arc::default(), Arc::default());
        Policy { binding, age, consensus: Consensus::default(), malware, exemptions, suspects }
    }

    #[test]
    fn an_inventory_that_the_gate_alone_cannot_read_is_told_until_it_can() {
        let dir = tempfile::tempdir().expect("a directory");
        let (memory, troubles) = (Memory::open(dir.path()).expect("opened"), GateTroubles::default());
        let now = watch::Sender::new(Arc::new(policy(&["acme-billing"])));
        let closed = Failure::new("cannot read inventory.toml\nPermission denied".to_owned());
        looked(Err(closed), &memory, &now, &troubles);
        assert_eq!((troubles.kinds(), now.borrow().binding.watches().count()), (vec!["inventory-unread"], 1));
        let told = format!("{troubles:?}");
        assert!(told.contains("read inventory.toml; Permission denied") && told.contains("gate's user"), "{told}");
        looked(Ok(policy(&["acme-billing", "acme-vault"])), &memory, &now, &troubles);
        assert_eq!((troubles.kinds(), now.borrow().binding.watches().count()), (Vec::new(), 2));
    }

    /// What the system itself says of a file that does not grow.
    #[test]
    fn names_that_cannot_be_written_down_are_bound_and_told() {
        let dir = tempfile::tempdir().expect("a directory");
        let sealed = memfd_create("ours", MemfdFlags::ALLOW_SEALING).map(File::from).expect("made");
        std::os::unix::fs::symlink(format!("/proc/self/fd/{}", sealed.as_raw_fd()), dir.path().join("ours"))
            .expect("made");
        let (memory, troubles) = (Memory::open(dir.path()).expect("opened"), GateTroubles::default());
        let now = watch::Sender::new(Arc::new(policy(&[])));
        fcntl_add_seals(&sealed, SealFlags::GROW).expect("sealed");
        for _ in 0..2 {
            looked(Ok(policy(&["acme-vault"])), &memory, &now, &troubles);
            assert_eq!((troubles.kinds(), now.borrow().binding.watches().count()), (vec!["bound-unwritten"], 1));
        }
        assert!(format!("{troubles:?}").contains("make room in [gate] state"), "{troubles:?}");
        looked(Ok(policy(&[])), &memory, &now, &troubles);
        assert_eq!(troubles.kinds(), ["bound-unwritten"], "it is bound still");
    }
}
