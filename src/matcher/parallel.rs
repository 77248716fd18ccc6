//! Work on shares of a large inventory, a thread each.

use std::thread;

/// Below so many pieces of work a thread costs more than it saves.
const SHARE_MIN: usize = 1 << 18;
/// More threads wait for memory and for one another.
const SHARES_MAX: usize = 4;

/// Into how many shares so much work is worth being divided.
pub(super) fn shares(work: usize) -> usize {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    processors.min(SHARES_MAX).min(work / SHARE_MIN).max(1)
}

/// Does each of the shares, the last one on this thread.
pub(super) fn each<T: Send>(shares: impl Iterator<Item = T>, work: impl Fn(T) + Sync) {
    let mut shares = shares.peekable();
    thread::scope(|scope| {
        while let Some(share) = shares.next() {
            if shares.peek().is_none() {
                return work(share);
            }
            scope.spawn(|| work(share));
        }
    });
}

/// What `of` makes of each item, in order.
pub(super) fn map<T: Sync, U: Clone + Default + Send>(items: &[T], of: impl Fn(&T) -> U + Sync) -> Vec<U> {
    let mut all = vec![U::default(); items.len()];
    let share = items.len().div_ceil(shares(items.len() * 16)).max(1);
    each(items.chunks(share).zip(all.chunks_mut(share)), |(items, made)| {
        items.iter().zip(made).for_each(|(item, made)| *made = of(item));
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_done_in_its_place() {
        for count in [0, 1, 3, 100_001] {
            let numbers: Vec<usize> = (0..count).collect();
            assert!(map(&numbers, |n| n * 2).into_iter().eq((0..count).map(|n| n * 2)));
        }
    }

    #[test]
    fn little_work_is_done_by_one_thread() {
        assert_eq!((shares(0), shares(SHARE_MIN)), (1, 1));
        assert!((1..=SHARES_MAX).contains(&shares(usize::MAX)));
    }
}
