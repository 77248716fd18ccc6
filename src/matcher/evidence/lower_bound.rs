//! A lower bound of what a script of edits costs: how unusual a name must at least be to be told as so many edits from a watch, before anybody looks which edits they are.

use std::sync::LazyLock;

use super::cost::{
    self, ANAGRAM_BITS, FIRST_BITS, SEPARATOR_BITS, SEVERAL_BITS, SEVERAL_SHORT_BITS, SHORT, SLIP_MIN, edit_bits,
    length_bits,
};
use super::edits::{EDITS_MAX, Kind};
use super::score::DIGEST_BITS;

/// What is known of two names without looking at where they differ.
#[derive(Clone, Copy)]
pub(in crate::matcher) struct Apart {
    pub(in crate::matcher) edits: u8,
    /// Characters of the name and of the watch.
    pub(in crate::matcher) lengths: (usize, usize),
    /// Letters that only the name has, and only the watch.
    pub(in crate::matcher) letters: (u32, u32),
    /// Do both begin alike, and have they as many words?
    pub(in crate::matcher) same_start: bool,
    pub(in crate::matcher) same_words: bool,
}

/// How unusual a name must at least be for so many edits, at most three, to be told: `script_bits` of the cheapest.
pub(in crate::matcher) fn lower_bound(apart: &Apart) -> f32 {
    let (name, watch) = apart.lengths;
    let shorter = name.min(watch);
    if apart.edits == 1 && watch >= SLIP_MIN {
        return 0.0;
    }
    let cheapest = CHEAPEST[usize::from(apart.edits)][(name + EDITS_MAX).saturating_sub(watch).min(LONGER - 1)]
        [(apart.letters.0 as usize).min(EDITS_MAX)][(apart.letters.1 as usize).min(EDITS_MAX)];
    let charge = |applies: bool, bits: f32| if applies { bits } else { 0.0 };
    let several = SEVERAL_BITS
        + charge(shorter <= SHORT, SEVERAL_SHORT_BITS)
        + charge(apart.edits == 3 || apart.letters == (0, 0), ANAGRAM_BITS);
    let technique = if apart.edits == 1 { cheapest.min(cost::PLURAL) } else { cheapest + several };
    DIGEST_BITS
        + technique
        + length_bits(shorter)
        + charge(!apart.same_start, FIRST_BITS)
        + charge(!apart.same_words, SEPARATOR_BITS)
}

const LONGER: usize = 2 * EDITS_MAX + 1;
/// The least that so many edits cost which make a name so much longer (`EDITS_MAX` stands for as long), bring so many
/// letters and take so many.
type Cheapest = [[[[f32; EDITS_MAX + 1]; EDITS_MAX + 1]; LONGER]; EDITS_MAX + 1];

static CHEAPEST: LazyLock<Cheapest> = LazyLock::new(|| {
    let mut table: Cheapest = [[[[f32::INFINITY; EDITS_MAX + 1]; EDITS_MAX + 1]; LONGER]; EDITS_MAX + 1];
    table[0][EDITS_MAX][0][0] = 0.0;
    for edits in 1..=EDITS_MAX {
        // After another edit a letter may be doubled that the watch has not: `aa` for `o` is a vowel and a repetition.
        let bringing = (Kind::Repeat, 1, usize::from(edits > 1), 0);
        for (kind, longer, brings, takes) in EFFECTS.into_iter().chain([bringing]) {
            for (before, extra, missing) in places() {
                let after = before.checked_add_signed(longer).filter(|after| *after < LONGER);
                let cost = table[edits - 1][before][extra.saturating_sub(brings)][missing.saturating_sub(takes)];
                if let Some(cell) = after.map(|after| &mut table[edits][after][extra][missing]) {
                    *cell = cell.min(cost + edit_bits(kind));
                }
            }
        }
    }
    table
});

/// What the cheapest edit of each effect does: how much longer it makes a name, and how many letters it brings and takes.
const EFFECTS: [(Kind, isize, usize, usize); 6] = [
    (Kind::Swap, 0, 0, 0),
    (Kind::Repeat, 1, 0, 0),
    (Kind::Undouble, -1, 0, 0),
    (Kind::Omit, -1, 0, 1),
    (Kind::Insert, 1, 1, 0),
    (Kind::LookAlike, 0, 1, 1),
];

fn places() -> impl Iterator<Item = (usize, usize, usize)> {
    let letters = || (0..=EDITS_MAX).flat_map(|extra| (0..=EDITS_MAX).map(move |missing| (extra, missing)));
    (0..LONGER).flat_map(move |longer| letters().map(move |(extra, missing)| (longer, extra, missing)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::distance;
    use super::super::forms::Forms;
    use super::super::letters::signature;
    use super::super::name::Name;
    use super::super::pair::Pair;
    use super::super::weigh::script_bits;
    use super::*;
    use crate::model::WatchKind;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// Else a pair that a rule would tell is never looked at.
        #[test]
        fn no_script_costs_less(name in "[a-d0]{3,9}(-[a-d0]{1,3})?", watch in "[a-d0]{3,9}(-[a-d0]{1,3})?") {
            let (name, watch) = (Name::new(&name), Forms::new(&watch));
            let pair = Pair::new(&name, &watch, WatchKind::Name);
            let (a, b) = (name.forms.joined(), watch.joined());
            let Some(script) = distance::script(a, b).filter(|script| script.len > 0) else { return Ok(()) };
            let (letters, watched) = (signature(a), signature(b));
            let apart = Apart {
                edits: script.len,
                lengths: (a.len(), b.len()),
                letters: ((letters & !watched).count_ones(), (watched & !letters).count_ones()),
                same_start: a.first() == b.first(),
                same_words: name.forms.tokens() == watch.tokens(),
            };
            prop_assert!(lower_bound(&apart) <= DIGEST_BITS + script_bits(&pair, &script));
        }
    }
}
