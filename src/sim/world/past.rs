//! The index as it was at an earlier serial: what a stale cache still serves.

use std::collections::BTreeMap;

use super::order::Key;
use super::{Listing, World};
use crate::model::{ProjectName, Serial};

impl World {
    /// Calls `each` for every line of the index as of `serial`, in order: quarantined projects are not listed.
    pub fn listed_at(&self, serial: Serial, mut each: impl FnMut(&ProjectName, &str, Serial)) {
        let mut overlay = self.undone(serial).into_iter().peekable();
        for (key, project) in &self.projects {
            while let Some((gone, listing)) = overlay.next_if(|(undone, _)| undone < key) {
                show(&gone.name, listing.as_ref(), &mut each);
            }
            if let Some((_, listing)) = overlay.next_if(|(undone, _)| undone == key) {
                show(&key.name, listing.as_ref(), &mut each);
            } else if !project.quarantined() {
                each(&key.name, &project.display, project.last_serial.min(serial));
            }
        }
        for (gone, listing) in overlay {
            show(&gone.name, listing.as_ref(), &mut each);
        }
    }

    /// The serial some journal entries ago.
    pub fn serial_ago(&self, entries: usize) -> Serial {
        self.journal.ago(entries)
    }

    /// How projects that changed after `serial` were listed at it.
    fn undone(&self, serial: Serial) -> BTreeMap<Key, Option<Listing>> {
        let after = self.journal.before.partition_point(|before| before.serial <= serial);
        let mut undone = BTreeMap::new();
        for before in self.journal.before[after..].iter().rev() {
            undone.insert(self.key(&before.name), before.listed.clone());
        }
        undone
    }
}

fn show(name: &ProjectName, listing: Option<&Listing>, each: &mut impl FnMut(&ProjectName, &str, Serial)) {
    if let Some(Listing { display, last_serial }) = listing {
        each(name, display, *last_serial);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Time;
    use crate::sim::world::Order;

    fn listed(world: &World, serial: Serial) -> Vec<String> {
        let mut lines = Vec::new();
        world.listed_at(serial, |name, display, last| lines.push(format!("{name} {display} {last}")));
        lines
    }

    #[test]
    fn an_earlier_index_comes_back_as_it_was() {
        let mut world = World::empty(Order::default(), Serial(100));
        let at = Time::default();
        let mut history = vec![(world.last_serial(), listed(&world, world.last_serial()))];
        type Act = fn(&mut World, Time);
        let acts: [Act; 6] = [
            |w, at| drop(w.create("b-b", "u", at)),
            |w, at| drop(w.upload("A.a", "1", "", "u", at)),
            |w, at| drop(w.quarantine("b-b", at)),
            |w, at| drop(w.remove("a-a", at)),
            |w, at| drop(w.clear("b-b", at)),
            |w, at| drop(w.create("a-a", "v", at)),
        ];
        for act in acts {
            act(&mut world, at);
            history.push((world.last_serial(), listed(&world, world.last_serial())));
        }
        assert_eq!(history.iter().map(|(_, lines)| lines.len()).collect::<Vec<_>>(), [0, 1, 2, 1, 0, 1, 2]);
        for (serial, lines) in history {
            assert_eq!(listed(&world, serial), lines, "as of {serial}");
        }
    }
}
