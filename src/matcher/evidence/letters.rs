//! Letters whatever their order: which ones a name has, and how many of them another lacks.

use super::text::CAP;

/// Characters of names: letters, digits, and one place for what no name holds.
pub(in crate::matcher) const PLACES: usize = 37;

/// Where a character stands among them.
#[inline]
pub(in crate::matcher) const fn place(byte: u8) -> usize {
    PLACE[byte as usize] as usize
}

static PLACE: [u8; 256] = places();

const fn places() -> [u8; 256] {
    let mut table = [PLACES as u8 - 1; 256];
    let mut at = 0;
    while at < PLACES as u8 - 1 {
        let byte = if at < 26 { b'a' + at } else { b'0' + at - 26 };
        table[byte as usize] = at;
        at += 1;
    }
    table
}

/// Which letters a name has, one bit each (digits share six): an edit changes at most two bits.
pub(in crate::matcher) fn signature(joined: &[u8]) -> u32 {
    joined.iter().fold(0, |bits, byte| bits | BITS[usize::from(*byte)])
}

static BITS: [u32; 256] = bits();

const fn bits() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte {
            0x61..=0x7a => 1 << (byte - 0x61),
            other => 1 << (26 + other % 6),
        };
        byte += 1;
    }
    table
}

/// How many letters the first has that the second has not, and the other way round.
pub(in crate::matcher) fn letters_apart(a: &[u8], b: &[u8]) -> (usize, usize) {
    let mut balance = [0_i8; PLACES];
    a.iter().for_each(|c| balance[place(*c)] += 1);
    b.iter().for_each(|c| balance[place(*c)] -= 1);
    let extra = balance.iter().map(|n| usize::from(n.max(&0).unsigned_abs())).sum();
    let missing = balance.iter().map(|n| usize::from(n.min(&0).unsigned_abs())).sum();
    (extra, missing)
}

/// The length of the longest common subsequence, the longest text that deletions leave of both; `b` has at most `CAP` characters.
pub(in crate::matcher) fn common(a: &[u8], b: &[u8]) -> usize {
    let mut row = [0_usize; CAP + 1];
    for x in a {
        let mut diagonal = 0;
        for (at, y) in b.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if x == y { diagonal + 1 } else { above.max(row[at]) };
            diagonal = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_are_counted_both_ways() {
        assert_eq!(letters_apart(b"selemni", b"selenium"), (0, 1));
        assert_eq!(letters_apart(b"abc", b"cab"), (0, 0));
        assert_eq!(letters_apart(b"aab", b"bcd"), (2, 2));
    }

    #[test]
    fn what_two_texts_have_in_common_is_in_order() {
        assert_eq!((common(b"requests", b"reqeyst"), common(b"abc", b"cba"), common(b"", b"a")), (6, 1, 0));
    }

    proptest! {
        #[test]
        fn one_letter_changes_two_bits_at_most(a in "[a-z0-9]{1,20}", at in 0_usize..20, letter in "[a-z0-9]") {
            let mut b = a.clone().into_bytes();
            let at = at % b.len();
            b[at] = letter.as_bytes()[0];
            prop_assert!((signature(a.as_bytes()) ^ signature(&b)).count_ones() <= 2);
        }
    }
}
