//! `Rule`: the ways a name can resemble a watch, as a closed set.

use serde::{Deserialize, Serialize};

/// The list, which `$with` gets: of each rule its variant, its file in `src/matcher/rules`, its id in tables, JSON and
/// `--help`, which never changes, and what it goes by (`By`). The order breaks ties of the score: the first of two
/// explanations is the better one.
macro_rules! every_rule {
    ($with:ident) => {
        $with! {
            /// The same project.
            Exact(exact, "exact", Words),
            /// The same to PyPI's "too similar" check.
            Ultranormal(ultranormal, "ultranormal", Edits),
            /// Under a watched prefix.
            Prefix(prefix, "prefix", Words),
            /// On the team's own list of names to expect.
            Listed(listed, "listed", Words),
            /// The same characters with separators elsewhere.
            Separators(separators, "separators", Edits),
            /// Characters that look alike: `rn`/`m`, `vv`/`w`, `cl`/`d`, `5`/`s`.
            Homoglyph(homoglyph, "homoglyph", Edits),
            /// Two neighbouring characters swapped.
            Transposition(transposition, "transposition", Edits),
            /// One character twice, or a block of them.
            Repetition(repetition, "repetition", Edits),
            /// One character left out.
            Omission(omission, "omission", Edits),
            /// One character for its neighbour on a keyboard.
            Keyboard(keyboard, "keyboard", Edits),
            /// One character added.
            Insertion(insertion, "insertion", Edits),
            /// One character for any other.
            Substitution(substitution, "substitution", Edits),
            /// The same tokens in another order.
            Reorder(reorder, "reorder", Words),
            /// A customary token for another: `py` for `python`.
            TokenSwap(token_swap, "token-swap", Words),
            /// Two edits.
            TwoEdits(two_edits, "two-edits", Edits),
            /// Three edits.
            ThreeEdits(three_edits, "three-edits", Edits),
            /// The letters in another order, the first and the last in their places.
            Scramble(scramble, "scramble", Edits),
            /// The watched name without its last letters.
            Truncation(truncation, "truncation", Edits),
            /// A customary token added or removed.
            Affix(affix, "affix", Words),
            /// Singular for plural.
            Plural(plural, "plural", Words),
            /// A number added, removed or changed at the end.
            VersionSuffix(version_suffix, "version-suffix", Words),
            /// A customary token and one edit.
            AffixEdit(affix_edit, "affix-edit", Edits),
            /// The watched name without its last or first tokens.
            DroppedToken(dropped_token, "dropped-token", Words),
            /// The watched name inside another.
            Contains(contains, "contains", Words),
            /// A watched brand word is one of the tokens.
            Brand(brand, "brand", Words),
        }
    };
}
pub(crate) use every_rule;

/// What a rule goes by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// Letters or separators of the watched name, changed.
    Edits,
    /// Whole words, or the name as it is.
    Words,
}

macro_rules! define {
    ($($(#[$doc:meta])* $rule:ident($file:ident, $id:literal, $by:ident),)*) => {
        /// Why a name resembles a watch.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Rule {
            $($(#[$doc])* $rule,)*
        }

        impl Rule {
            pub const ALL: [Self; [$($id),*].len()] = [$(Self::$rule),*];

            /// The id in tables, JSON and `--help`: the kebab-case of the variant.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$rule => $id,)*
                }
            }

            fn by(self) -> By {
                match self {
                    $(Self::$rule => By::$by,)*
                }
            }
        }
    };
}

every_rule!(define);

impl Rule {
    /// Is it a spelling of the watched name, changed by letters or separators? Two of those within the hour are no
    /// coincidence; two names built around one word may be.
    pub fn is_by_edits(self) -> bool {
        self.by() == By::Edits
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
