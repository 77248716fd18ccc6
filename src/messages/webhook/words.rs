//! Values as the body has them: harmless, and no longer than they may be.

use crate::messages::hostile::visible;
use crate::model::Time;

/// Of a stranger's string, and of a list of them (the newest stay).
const STRING: usize = 500;
pub(super) const LIST: usize = 50;

pub(super) fn time(time: Time) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

pub(super) fn text(text: &str) -> String {
    visible(text, STRING)
}

pub(super) fn maybe(value: Option<&String>) -> Option<String> {
    value.map(|value| text(value))
}
