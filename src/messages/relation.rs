//! What a project has to do with a watch, in a few words.

use crate::model::notice::Case;
use crate::model::{Rule, WatchId, WatchKind};

use super::hostile::shown;
use super::marks::code;

/// What the best explanation makes of the name, for the owner of the watch; reads on after "it is".
pub(crate) fn relation(case: &Case) -> String {
    let Some(first) = case.finding.first() else { return "near one of your names".to_owned() };
    let watch = watch_label(&first.watch);
    let Some(rule) = first.matches.first().map(|m| m.rule) else { return format!("near your {watch}") };
    match rule {
        Rule::Exact => "your internal name".to_owned(),
        Rule::Ultranormal => format!("a twin of your {watch}"),
        Rule::Prefix => format!("under your prefix {watch}"),
        Rule::Listed => format!("on your list of names like {watch}"),
        Rule::Separators => format!("your {watch} with other separators"),
        Rule::Homoglyph => format!("your {watch} in look-alike letters"),
        Rule::Transposition => format!("your {watch} with two letters swapped"),
        Rule::Repetition => format!("your {watch} with a part doubled"),
        Rule::Omission => format!("your {watch} with a letter left out"),
        Rule::Keyboard => format!("your {watch} with a neighbouring key"),
        Rule::Insertion => format!("your {watch} with a letter added"),
        Rule::Substitution => format!("your {watch} with a letter changed"),
        Rule::Reorder => format!("your {watch} in another order"),
        Rule::TokenSwap => format!("your {watch} with a word exchanged"),
        Rule::TwoEdits => format!("two edits from your {watch}"),
        Rule::ThreeEdits => format!("three edits from your {watch}"),
        Rule::Scramble => format!("your {watch} with its letters scrambled"),
        Rule::Truncation => format!("the beginning of your {watch}"),
        Rule::Affix => format!("your {watch} with a word more or less"),
        Rule::Plural => format!("the plural or singular of your {watch}"),
        Rule::VersionSuffix => format!("your {watch} with another number"),
        Rule::AffixEdit => format!("your {watch} with a word and a letter changed"),
        Rule::DroppedToken => format!("a part of your {watch}"),
        Rule::Contains => format!("a name that contains your {watch}"),
        Rule::Brand => format!("a name with your brand {watch}"),
    }
}

/// The watch as people write it, marked, without the `brand:` that `relation` already says.
pub(crate) fn watch_label(watch: &WatchId) -> String {
    code(&match watch.kind {
        WatchKind::Brand => shown(&watch.text, 60),
        WatchKind::Name | WatchKind::Prefix => shown(&watch.label(), 60),
    })
}
