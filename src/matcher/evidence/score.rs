//! The tier model: bits of evidence, the score they make, and the tiers cut from it.
//!
//! A name that resembles a watch is either an imitation or an accident. The accident is as likely as the name is
//! common: 2^-bits (`tokens`). The imitation is as likely as its technique is usual: 2^-cost (`cost`). The evidence is the
//! difference of the two, in bits. It depends on the name, the watch and the compiled-in tables, never on how many
//! other watches there are. The costs were fitted to published impostors of PyPI projects against new names that
//! resemble random projects, and rounded; `benches/README.md` has the measurement.

use crate::model::Tier;

/// No new name is more likely than this, however common its words: what is made of one common word was taken long ago
/// (`benches/README.md`, calibration).
pub(in crate::matcher) const COMMON_BITS: f32 = 22.0;

/// From which score on a match has a tier. Below the last one there is no match.
pub(in crate::matcher) const CUTOFFS: [(u8, Tier); 3] = [(90, Tier::Page), (60, Tier::Alert), (30, Tier::Digest)];

/// Bits of evidence at the cut-off of `Digest`, and at that of `Alert`.
pub(in crate::matcher) const DIGEST_BITS: f32 = 10.0;
pub(in crate::matcher) const ALERT_BITS: f32 = 18.0;
/// Evidence never makes a page: that takes the name itself, or a prefix that nobody else may use.
const EVIDENCE_MAX: f32 = 89.0;

/// How much a match weighs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::matcher) enum Weight {
    /// What the rule means does not depend on how unusual the name is.
    Fixed(u8),
    /// How unusual what the two share is, and what the technique costs, in bits.
    Bits { unusual: f32, technique: f32, use_: Use, least: Option<Tier> },
}

/// Who else uses a technique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::matcher) enum Use {
    /// Impostors, and chance.
    Imitation,
    /// Makers of companions, who are mostly honest where the watch is a word of everybody's.
    Companion,
    /// Honest projects every day: families, forks, versions.
    Everyday,
}

impl Use {
    /// Bits of evidence that alert, and how many points each gives from there on.
    fn alert(self) -> (f32, f32) {
        match self {
            Self::Imitation => (ALERT_BITS, 1.0),
            Self::Companion => (25.5, 0.5),
            Self::Everyday => (32.0, 0.5),
        }
    }
}

/// The score of a weight; `None` when it is too little to say anything.
pub(in crate::matcher) fn score(weight: Weight) -> Option<u8> {
    let score = match weight {
        Weight::Fixed(score) => f32::from(score),
        Weight::Bits { unusual, technique, use_, least } => from_bits(unusual - technique, use_).max(cut_off(least)),
    };
    (score >= f32::from(CUTOFFS[2].0)).then(|| rounded(score))
}

/// Bits of evidence that this weight is short of an alert, rounded up; a fixed one counts as if its score came of bits.
pub(in crate::matcher) fn lacks(weight: Weight) -> u8 {
    let a_bit = 30.0 / (ALERT_BITS - DIGEST_BITS);
    let short = match weight {
        Weight::Fixed(score) => (f32::from(CUTOFFS[1].0) - f32::from(score)) / a_bit,
        Weight::Bits { least: Some(Tier::Alert), .. } => 0.0,
        Weight::Bits { unusual, technique, use_, .. } => use_.alert().0 - (unusual - technique),
    };
    rounded(short.max(0.0).ceil())
}

/// From which score on a match has this tier.
fn cut_off(tier: Option<Tier>) -> f32 {
    CUTOFFS.iter().find(|(_, cut)| Some(*cut) == tier).map_or(0.0, |(score, _)| f32::from(*score))
}

/// 30 at the cut-off of the digest, 60 at that of the alert, and so many points a bit from there on.
fn from_bits(evidence: f32, use_: Use) -> f32 {
    let (alert, points) = use_.alert();
    let score = if evidence < alert {
        30.0 + (evidence - DIGEST_BITS) * 30.0 / (alert - DIGEST_BITS)
    } else {
        60.0 + (evidence - alert) * points
    };
    score.min(EVIDENCE_MAX)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between the lowest cut-off and 100")]
fn rounded(score: f32) -> u8 {
    score as u8
}

/// Why this tier, as the second sentence of an explanation.
pub(in crate::matcher) fn reason(weight: Weight, tier: Tier) -> String {
    let Weight::Bits { unusual, technique, use_, least } = weight else {
        return match tier {
            Tier::Page => "Page: nothing about the name tells it from yours.".to_owned(),
            Tier::Alert => "Alert: the name is close enough to be taken for yours, whatever it is called.".to_owned(),
            Tier::Digest => "Digest: many such names are harmless.".to_owned(),
        };
    };
    let title = match tier {
        Tier::Page => "Page",
        Tier::Alert => "Alert",
        Tier::Digest => "Digest",
    };
    let why = match tier {
        _ if from_bits(unusual - technique, use_) < cut_off(least) => "one edit of a name so long is always told",
        Tier::Digest => "chance is a fair explanation",
        Tier::Alert | Tier::Page => "chance is a poor explanation",
    };
    format!(
        "{title}: {why}; {:.1} bits of evidence ({unusual:.1} for how unusual the name is, less {technique:.1} for the \
         technique), digest from {DIGEST_BITS}, alert from {}.",
        unusual - technique,
        use_.alert().0
    )
}

pub(in crate::matcher) fn tier(score: u8) -> Tier {
    CUTOFFS.iter().find(|(from, _)| score >= *from).map_or(Tier::Digest, |(_, tier)| *tier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cut_offs_are_where_the_evidence_says() {
        for (evidence, expected) in [
            (DIGEST_BITS - 0.5, None),
            (DIGEST_BITS, Some((30, Tier::Digest))),
            (ALERT_BITS - 0.1, Some((59, Tier::Digest))),
            (ALERT_BITS, Some((60, Tier::Alert))),
            (300.0, Some((89, Tier::Alert))),
        ] {
            assert_eq!(
                score(Weight::Bits { unusual: evidence + 5.0, technique: 5.0, use_: Use::Imitation, least: None })
                    .map(|s| (s, tier(s))),
                expected,
                "{evidence}"
            );
        }
        assert_eq!(score(Weight::Fixed(100)).map(tier), Some(Tier::Page));
    }

    #[test]
    fn what_lacks_no_bit_alerts_and_everything_else_does_not() {
        let of = |use_, least| move |unusual: f32| Weight::Bits { unusual, technique: 5.0, use_, least };
        let (bits, slip) = (of(Use::Imitation, None), of(Use::Imitation, Some(Tier::Alert)));
        let (companion, weak) = (of(Use::Companion, None), of(Use::Everyday, Some(Tier::Digest)));
        let each = |n: f32| [bits(n), slip(n), companion(n), weak(n)];
        let all = (50_u16..1000).map(|n| f32::from(n) / 10.0).flat_map(each);
        for weight in all.chain((30..=100).map(Weight::Fixed)) {
            let alerts = score(weight).is_some_and(|score| tier(score) >= Tier::Alert);
            assert_eq!(alerts, lacks(weight) == 0, "{weight:?}");
        }
        assert_eq!([bits(15.0), bits(22.9), weak(15.0), Weight::Fixed(40)].map(lacks), [8, 1, 22, 6]);
    }
}
