//! `Rule`: the ways a name can resemble a watch, as a closed set.

use serde::{Deserialize, Serialize};

/// The list, which `$with` gets: of each rule its variant, its file in `src/matcher/rules`, its id in tables, JSON and
/// `--help`, which never changes, what it goes by (`By`), and what a name is by it, after "it is", with `{}` for the watch. The
/// order breaks ties of the score: the first of two explanations is the better one.
macro_rules! every_rule {
    ($with:ident) => {
        $with! {
            /// The same project.
            Exact(exact, "exact", Words, "your internal name"),
            /// The same to PyPI's "too similar" check.
            Ultranormal(ultranormal, "ultranormal", Edits, "a twin of your {}"),
            /// Under a watched prefix.
            Prefix(prefix, "prefix", Words, "under your prefix {}"),
            /// On the team's own list of names to expect.
            Listed(listed, "listed", Words, "on your list of names like {}"),
            /// The same characters with separators elsewhere.
            Separators(separators, "separators", Edits, "your {} with other separators"),
            /// Characters that look alike: `rn`/`m`, `vv`/`w`, `cl`/`d`, `5`/`s`.
            Homoglyph(homoglyph, "homoglyph", Edits, "your {} in look-alike letters"),
            /// Two neighbouring characters swapped.
            Transposition(transposition, "transposition", Edits, "your {} with two letters swapped"),
            /// One character twice, or a block of them.
            Repetition(repetition, "repetition", Edits, "your {} with a part doubled"),
            /// One character left out.
            Omission(omission, "omission", Edits, "your {} with a letter left out"),
            /// One character for its neighbour on a keyboard.
            Keyboard(keyboard, "keyboard", Edits, "your {} with a neighbouring key"),
            /// One character added.
            Insertion(insertion, "insertion", Edits, "your {} with a letter added"),
            /// One character for any other.
            Substitution(substitution, "substitution", Edits, "your {} with a letter changed"),
            /// The same tokens in another order.
            Reorder(reorder, "reorder", Words, "your {} in another order"),
            /// A customary token for another: `py` for `python`.
            TokenSwap(token_swap, "token-swap", Words, "your {} with a word exchanged"),
            /// Two edits.
            TwoEdits(two_edits, "two-edits", Edits, "two edits from your {}"),
            /// Three edits.
            ThreeEdits(three_edits, "three-edits", Edits, "three edits from your {}"),
            /// The letters in another order, the first and the last in their places.
            Scramble(scramble, "scramble", Edits, "your {} with its letters scrambled"),
            /// The watched name without its last letters.
            Truncation(truncation, "truncation", Edits, "the beginning of your {}"),
            /// A customary token added or removed.
            Affix(affix, "affix", Words, "your {} with a word more or less"),
            /// Singular for plural.
            Plural(plural, "plural", Words, "the plural or singular of your {}"),
            /// A number added, removed or changed at the end.
            VersionSuffix(version_suffix, "version-suffix", Words, "your {} with another number"),
            /// A customary token and one edit.
            AffixEdit(affix_edit, "affix-edit", Edits, "your {} with a word and a letter changed"),
            /// The watched name without its last or first tokens.
            DroppedToken(dropped_token, "dropped-token", Words, "a part of your {}"),
            /// The watched name inside another.
            Contains(contains, "contains", Words, "a name that contains your {}"),
            /// A watched brand word is one of the tokens.
            Brand(brand, "brand", Words, "a name with your brand {}"),
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
    ($($(#[$doc:meta])* $rule:ident($file:ident, $id:literal, $by:ident, $words:literal),)*) => {
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

            /// What a name is to its watch by this rule, in a few words that read on after "it is": `{}` stands for the
            /// watch, once at most.
            pub fn words(self) -> &'static str {
                match self {
                    $(Self::$rule => $words,)*
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
