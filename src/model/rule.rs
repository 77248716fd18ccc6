//! `Rule`: the ways a name can resemble a watch, as a closed set.

use serde::{Deserialize, Serialize};

/// Why a name resembles a watch. The order breaks ties of the score: the first of two explanations is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The same project.
    Exact,
    /// The same to PyPI's "too similar" check.
    Ultranormal,
    /// Under a watched prefix.
    Prefix,
    /// On the team's own list of names to expect.
    Listed,
    /// The same characters with separators elsewhere.
    Separators,
    /// Characters that look alike: `rn`/`m`, `vv`/`w`, `cl`/`d`, `5`/`s`.
    Homoglyph,
    /// Two neighbouring characters swapped.
    Transposition,
    /// One character twice, or a block of them.
    Repetition,
    /// One character left out.
    Omission,
    /// One character for its neighbour on a keyboard.
    Keyboard,
    /// One character added.
    Insertion,
    /// One character for any other.
    Substitution,
    /// The same tokens in another order.
    Reorder,
    /// A customary token for another: `py` for `python`.
    TokenSwap,
    /// Two edits.
    TwoEdits,
    /// Three edits.
    ThreeEdits,
    /// The letters in another order, the first and the last in their places.
    Scramble,
    /// The watched name without its last letters.
    Truncation,
    /// A customary token added or removed.
    Affix,
    /// Singular for plural.
    Plural,
    /// A number added, removed or changed at the end.
    VersionSuffix,
    /// A customary token and one edit.
    AffixEdit,
    /// The watched name without its last or first tokens.
    DroppedToken,
    /// The watched name inside another.
    Contains,
    /// A watched brand word is one of the tokens.
    Brand,
}

impl Rule {
    pub const ALL: [Self; 25] = [
        Self::Exact,
        Self::Ultranormal,
        Self::Prefix,
        Self::Listed,
        Self::Separators,
        Self::Homoglyph,
        Self::Transposition,
        Self::Repetition,
        Self::Omission,
        Self::Keyboard,
        Self::Insertion,
        Self::Substitution,
        Self::Reorder,
        Self::TokenSwap,
        Self::TwoEdits,
        Self::ThreeEdits,
        Self::Scramble,
        Self::Truncation,
        Self::Affix,
        Self::Plural,
        Self::VersionSuffix,
        Self::AffixEdit,
        Self::DroppedToken,
        Self::Contains,
        Self::Brand,
    ];

    /// Is it a spelling of the watched name, changed by letters or separators? Two of those within the hour are no
    /// coincidence; two names built around one word may be.
    pub fn is_by_edits(self) -> bool {
        match self {
            Self::Ultranormal
            | Self::Separators
            | Self::Homoglyph
            | Self::Transposition
            | Self::Repetition
            | Self::Omission
            | Self::Keyboard
            | Self::Insertion
            | Self::Substitution
            | Self::TwoEdits
            | Self::ThreeEdits
            | Self::Scramble
            | Self::Truncation
            | Self::AffixEdit => true,
            Self::Exact
            | Self::Prefix
            | Self::Listed
            | Self::Reorder
            | Self::TokenSwap
            | Self::Affix
            | Self::Plural
            | Self::VersionSuffix
            | Self::DroppedToken
            | Self::Contains
            | Self::Brand => false,
        }
    }

    /// The id in tables, JSON and `--help`: the kebab-case of the variant.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Ultranormal => "ultranormal",
            Self::Prefix => "prefix",
            Self::Listed => "listed",
            Self::Separators => "separators",
            Self::Homoglyph => "homoglyph",
            Self::Transposition => "transposition",
            Self::Repetition => "repetition",
            Self::Omission => "omission",
            Self::Keyboard => "keyboard",
            Self::Insertion => "insertion",
            Self::Substitution => "substitution",
            Self::Reorder => "reorder",
            Self::TokenSwap => "token-swap",
            Self::TwoEdits => "two-edits",
            Self::ThreeEdits => "three-edits",
            Self::Scramble => "scramble",
            Self::Truncation => "truncation",
            Self::Affix => "affix",
            Self::Plural => "plural",
            Self::VersionSuffix => "version-suffix",
            Self::AffixEdit => "affix-edit",
            Self::DroppedToken => "dropped-token",
            Self::Contains => "contains",
            Self::Brand => "brand",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_the_serialized_form() {
        for rule in Rule::ALL {
            assert_eq!(serde_json::to_string(&rule).expect("plain"), format!("{:?}", rule.as_str()));
        }
        assert!(Rule::ALL.is_sorted());
    }
}
