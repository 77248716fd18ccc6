//! What the eye sees of a name, and what PyPI's own check sees.

use crate::model::name::ultranormal_byte;

/// PyPI's ultranormal form of a normalized name, byte by byte.
pub(super) fn ultranormal(text: &str) -> impl Iterator<Item = u8> + '_ {
    text.bytes().filter(|b| *b != b'-').map(ultranormal_byte)
}

/// Characters that look alike made one. A function of the ultranormal form, so that equal ultranormal forms have equal
/// folds.
pub(in crate::matcher) fn fold(joined: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (image, width) = look(*joined.get(at)?, joined.get(at + 1).copied().unwrap_or(0));
        at += width;
        Some(image)
    })
}

/// What one or two characters look like, and how many were used.
#[inline]
fn look(byte: u8, next: u8) -> (u8, usize) {
    match (byte, next) {
        (b'r' | b'n', b'n') => (b'm', 2),
        (b'v', b'v') => (b'w', 2),
        (b'c', b'l' | b'i' | b'1') => (b'd', 2),
        _ => (LOOKS[byte as usize], 1),
    }
}

/// What each character looks like.
static LOOKS: [u8; 256] = looks();

const fn looks() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let ultranormal = ultranormal_byte(byte as u8);
        table[byte] = match ultranormal {
            b'2' => b'z',
            b'3' => b'e',
            b'4' => b'a',
            b'5' => b's',
            b'7' => b't',
            b'8' => b'b',
            b'9' => b'g',
            other => other,
        };
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_fold_to_one() {
        for (a, b) in [
            ("modern", "modem"),
            ("vvheel", "wheel"),
            ("click", "dick"),
            ("r3qu35t5", "requests"),
            ("84d9er", "badger"),
        ] {
            assert!(fold(a.as_bytes()).eq(fold(b.as_bytes())), "{a} {b}");
        }
    }
}
