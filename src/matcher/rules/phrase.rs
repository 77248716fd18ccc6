//! What the sentences of several rules say alike.

use crate::matcher::evidence::edits::Edit;
use crate::matcher::evidence::forms::Forms;
use crate::matcher::evidence::pair::Pair;

pub(super) fn core_text<'a>(forms: &'a Forms<'_>) -> &'a str {
    std::str::from_utf8(forms.core()).unwrap_or_default()
}

/// `NAME does WHAT in WATCH`, for rules of one edit.
pub(super) fn edit_said(pair: &Pair<'_>, what: impl Fn(Edit) -> String) -> String {
    let what = pair.script().and_then(|script| script.single()).map(what).unwrap_or_default();
    format!("{} {what} in {}", pair.forms().text, pair.watch.text)
}
