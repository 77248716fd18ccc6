//! How unusual a name is, in bits, by the compiled-in table of token frequencies over all of PyPI.
//!
//! A name costs what its tokens cost (`listed`); a token that is not listed costs what its characters cost, or what a split into
//! listed words and rare partitions costs, whichever is least. Bits of a name: an unrelated project is called so with probability
//! 2^-bits.

use super::letters::place;
use super::listed::{EDGE, TABLE, UNHASHED, grown, hashed};

/// One more token or none: a coin.
const SEPARATOR_BITS: f32 = 1.0;
/// Two words in one token are rarer than with a separator between them.
const JOIN_BITS: f32 = 3.0;
/// Listed tokens are no longer than this (`make_tokens.py`), and rare partitions of a split are not either.
const PIECE_MAX: usize = 14;
const RARE_PIECE_MIN: usize = 3;
const LISTED_PIECE_MIN: usize = 2;
/// Partitions looked at per token; what is longer is unusual enough.
const TOKEN_MAX: usize = 64;

/// How unusual a normalized name is, in bits.
pub(in crate::matcher) fn bits(name: &str) -> f32 {
    words_bits(name.split('-').map(str::as_bytes))
}

/// Bits of words with separators between them.
pub(in crate::matcher) fn words_bits<'w>(words: impl Iterator<Item = &'w [u8]>) -> f32 {
    let mut before: &[u8] = b"";
    let word = |word: &'w [u8]| {
        let bits = SEPARATOR_BITS + token_bits(word).min(after_bits(before, word));
        before = word;
        bits
    };
    words.map(word).sum()
}

/// Bits of a run of tokens written without separators, as one token.
pub(in crate::matcher) fn joined_bits(joined: &[u8]) -> f32 {
    token_bits(joined)
}

fn token_bits(token: &[u8]) -> f32 {
    let token = &token[..token.len().min(TOKEN_MAX)];
    let hash = hashed(token);
    let whole = TABLE.of(hash, token).unwrap_or_else(|| rare_bits(token));
    whole.min(split_bits(token))
}

/// A token after another, where that is known.
fn after_bits(before: &[u8], token: &[u8]) -> f32 {
    TABLE.following(before, token).unwrap_or(f32::INFINITY)
}

/// A token that is not listed, by its characters.
fn rare_bits(token: &[u8]) -> f32 {
    let mut before = EDGE;
    let mut total = TABLE.unseen;
    for place in token.iter().map(|b| place(*b)).chain([EDGE]) {
        total += TABLE.pairs[before][place];
        before = place;
    }
    total
}

/// The cheapest split into partitions: `best[i]` is that of the first `i` characters.
fn split_bits(token: &[u8]) -> f32 {
    let mut best = [f32::INFINITY; TOKEN_MAX + 1];
    best[0] = 0.0;
    for from in 0..token.len() {
        let so_far = best[from];
        if so_far.is_finite() {
            each_piece(&token[from..], |len, cost| {
                best[from + len] = best[from + len].min(so_far + cost + JOIN_BITS);
            });
        }
    }
    best[token.len()]
}

/// What each piece at the beginning of a text costs, by its length: its listed cost, or that of its characters.
fn each_piece(text: &[u8], mut piece: impl FnMut(usize, f32)) {
    let (mut hash, mut rare, mut before) = (UNHASHED, TABLE.unseen, EDGE);
    for (len, byte) in (1..=PIECE_MAX).zip(text) {
        hash = grown(hash, *byte);
        rare += TABLE.pairs[before][place(*byte)];
        before = place(*byte);
        let listed = if len >= LISTED_PIECE_MIN { TABLE.of(hash, &text[..len]) } else { None };
        let by_characters = || (len >= RARE_PIECE_MIN).then(|| rare + TABLE.pairs[before][EDGE]);
        if let Some(cost) = listed.or_else(by_characters) {
            piece(len, cost);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_words_are_cheap_and_rare_ones_dear() {
        assert!(bits("django") < 10.0);
        assert!(bits("djanga") > 25.0);
        assert!(bits("data-tools") < bits("acme-billing"));
        assert!(bits("datatools") < bits("dotataols"), "words are recognized without separators");
        assert!(bits("acme-billing") < bits("acme-billing-reconciler"));
        assert!(bits("azure-mgmt") < bits("acme-mgmt"), "a word is common after another");
    }

    #[test]
    fn every_text_has_a_finite_cost() {
        for name in ["", "a", "-", "a-", "日本", &"x".repeat(10_000)] {
            assert!(bits(name).is_finite(), "{name}");
        }
    }
}
