//! The order in which the index lists projects. PyPI's is its database's collation, so nobody may rely on it.

use std::cmp::Ordering;

use serde::Deserialize;

use crate::model::ProjectName;

/// How the index is ordered. A client must read the same set from each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// As PyPI: hyphens are ignored (`0, 0-0, 000, 0-0-1, 00101s`).
    #[default]
    HyphenIgnoring,
    Bytewise,
    /// Pseudo-random, the same on every run.
    Shuffled,
}

/// A project's place in the index: its name, compared in the world's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    order: Order,
    pub(super) name: ProjectName,
}

impl Key {
    pub(super) fn new(order: Order, name: ProjectName) -> Self {
        Self { order, name }
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (self.name.as_str(), other.name.as_str());
        let rough = match self.order {
            Order::Bytewise => Ordering::Equal,
            Order::HyphenIgnoring => compare_letters(a.as_bytes(), b.as_bytes()),
            Order::Shuffled => hash(a).cmp(&hash(b)),
        };
        rough.then_with(|| a.cmp(b))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares without hyphens. A plain loop, since a million names are sorted by it in unoptimised tests too.
fn compare_letters(a: &[u8], b: &[u8]) -> Ordering {
    let (mut i, mut j) = (0, 0);
    loop {
        while i < a.len() && a[i] == b'-' {
            i += 1;
        }
        while j < b.len() && b[j] == b'-' {
            j += 1;
        }
        match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) if x == y => (i, j) = (i + 1, j + 1),
            (x, y) => return x.cmp(&y),
        }
    }
}

/// A fixed hash (FNV-1a, finished so that all bits move): what is arbitrary in the world is decided by it, so that
/// every run has the same world.
pub(super) fn hash(text: &str) -> u64 {
    let folded = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mixed = (folded ^ (folded >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(order: Order) -> Vec<String> {
        let mut keys: Vec<Key> = ["0-0-1", "00101s", "0", "000", "0-0"]
            .iter()
            .map(|name| Key::new(order, ProjectName::parse(name).expect("valid")))
            .collect();
        keys.sort();
        keys.into_iter().map(|key| key.name.to_string()).collect()
    }

    #[test]
    fn the_default_ignores_hyphens_as_postgres_does() {
        assert_eq!(sorted(Order::HyphenIgnoring), ["0", "0-0", "000", "0-0-1", "00101s"]);
    }

    #[test]
    fn the_other_orders_differ() {
        assert_eq!(sorted(Order::Bytewise), ["0", "0-0", "0-0-1", "000", "00101s"]);
        assert_ne!(sorted(Order::Shuffled), sorted(Order::Bytewise));
    }
}
