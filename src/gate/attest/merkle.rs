//! Is a leaf in a tree of this root? RFC 6962, section 2.1.1; how it is asked is in RFC 9162, section 2.1.3.2.

use sha2::{Digest as _, Sha256};

pub(super) type TreeHash = [u8; 32];

pub(super) fn leaf_hash(leaf: &[u8]) -> TreeHash {
    Sha256::new().chain_update([0]).chain_update(leaf).finalize().into()
}

fn node_hash(left: &TreeHash, right: &TreeHash) -> TreeHash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// `index`: of the leaf, from 0. `path`: from the leaf's sibling up.
pub(super) fn is_in(leaf: TreeHash, (index, size): (u64, u64), path: &[TreeHash], root: &TreeHash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            // Where no sibling stands to the right, the node is that of higher levels as well.
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6962, 2.1: as it is defined.
    fn root(leaves: &[TreeHash]) -> TreeHash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => *one,
            many => {
                let split = many.len().next_power_of_two() / 2;
                node_hash(&root(&many[..split]), &root(&many[split..]))
            }
        }
    }

    fn path(leaves: &[TreeHash], index: usize) -> Vec<TreeHash> {
        if leaves.len() < 2 {
            return Vec::new();
        }
        let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
        let (mut path, sibling) = match index.checked_sub(left.len()) {
            None => (path(left, index), root(right)),
            Some(index) => (path(right, index), root(left)),
        };
        path.push(sibling);
        path
    }

    #[test]
    fn each_leaf_is_in_its_tree_at_its_place_and_in_no_other() {
        for size in 1..=33_u64 {
            let leaves: Vec<TreeHash> = (0..size).map(|leaf| leaf_hash(&leaf.to_be_bytes())).collect();
            let root = root(&leaves);
            for index in 0..size {
                let at = usize::try_from(index).expect("small");
                let (leaf, mut path) = (leaves[at], path(&leaves, at));
                assert!(is_in(leaf, (index, size), &path, &root), "{index} of {size}");
                assert!(!is_in(leaf, (index + size, size), &path, &root));
                assert!(!is_in(leaf_hash(b"another"), (index, size), &path, &root));
                assert!(size == 1 || !is_in(leaf, ((index + 1) % size, size), &path, &root), "{index} of {size}");
                path.push(leaf);
                assert!(!is_in(leaf, (index, size), &path, &root), "too long");
                path.truncate(path.len().saturating_sub(2));
                assert!(size == 1 || !is_in(leaf, (index, size), &path, &root), "too short");
            }
        }
    }
}
