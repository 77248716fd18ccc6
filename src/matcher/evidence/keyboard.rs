//! Which keys touch, on QWERTY, QWERTZ and AZERTY.

use std::sync::LazyLock;

/// Rows from the top, each shifted half a key to the right of the one above.
static LAYOUTS: [[&[u8]; 4]; 3] = [
    [b"1234567890", b"qwertyuiop", b"asdfghjkl", b"zxcvbnm"],
    [b"1234567890", b"qwertzuiop", b"asdfghjkl", b"yxcvbnm"],
    [b"1234567890", b"azertyuiop", b"qsdfghjklm", b"wxcvbn"],
];

/// For each character a bit for each one beside it.
static BESIDE: LazyLock<[u128; 128]> = LazyLock::new(|| {
    let beside = |a: usize| (0..128_u8).filter(|b| touches(a, *b)).fold(0, |bits, b| bits | 1 << b);
    std::array::from_fn(beside)
});

/// Do two characters sit on keys that touch, in any of the three layouts?
pub(in crate::matcher) fn adjacent(a: u8, b: u8) -> bool {
    a < 128 && b < 128 && BESIDE[usize::from(a)] & 1 << b != 0
}

fn touches(a: usize, b: u8) -> bool {
    u8::try_from(a).is_ok_and(|a| LAYOUTS.iter().any(|layout| touch(layout, a, b)))
}

fn touch(layout: &[&[u8]; 4], a: u8, b: u8) -> bool {
    let (Some((row, column)), Some((other_row, other_column))) = (key(layout, a), key(layout, b)) else { return false };
    match (row.min(other_row), row.abs_diff(other_row)) {
        (_, 0) => column.abs_diff(other_column) == 1,
        (upper, 1) => {
            let (above, below) = if row == upper { (column, other_column) } else { (other_column, column) };
            above == below || above == below + 1
        }
        _ => false,
    }
}

fn key(layout: &[&[u8]; 4], byte: u8) -> Option<(usize, usize)> {
    layout.iter().enumerate().find_map(|(row, keys)| Some((row, keys.iter().position(|k| *k == byte)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_touch_in_some_layout() {
        for (a, b) in [(b'q', b'w'), (b'r', b'f'), (b'f', b't'), (b'z', b'x'), (b't', b'z'), (b'a', b'z'), (b'9', b'o')]
        {
            assert!(adjacent(a, b) && adjacent(b, a), "{} {}", char::from(a), char::from(b));
        }
        for (a, b) in [(b'q', b'p'), (b'a', b'a'), (b'q', b'-'), (b'1', b'g')] {
            assert!(!adjacent(a, b), "{} {}", char::from(a), char::from(b));
        }
    }
}
