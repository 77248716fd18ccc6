//! Lists, page by page: each is shown as it comes, so that no list is ever held as a whole.

use serde::de::DeserializeOwned;

use super::client::Client;
use super::failure::Failure;
use super::format::Format;
use super::output::say_json;
use super::tone::hint;
use crate::api::v1::{Command, Next, Page};

/// Which part of a list; all of it where nothing is said.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ListPart {
    /// At most so many.
    #[arg(long, value_name = "NUMBER", value_parser = parse_limit)]
    pub limit: Option<usize>,
    /// Only what follows this cursor, which a list that was cut ends with.
    #[arg(long, value_name = "CURSOR")]
    pub after: Option<String>,
}

/// What was shown of it.
pub(super) struct Shown {
    pub(super) items: usize,
    /// The cursor of what follows.
    next: Option<String>,
}

/// Asks for page after page, and gives each to `show`.
pub(super) async fn pages<T: DeserializeOwned>(
    client: &Client,
    part: ListPart,
    ask: impl Fn(ListPart) -> Command,
    mut show: impl FnMut(Vec<T>),
) -> Result<Shown, Failure> {
    let mut shown = Shown { items: 0, next: None };
    let next = |page: Page<T>| {
        shown.items += page.items.len();
        show(page.items);
        shown.next = page.next;
        let left = part.limit.map(|limit| limit.saturating_sub(shown.items));
        let wants = left != Some(0) && shown.next.is_some();
        wants.then(|| ask(ListPart { limit: left, after: shown.next.clone() }))
    };
    client.ask_on(ask(part.clone()), next).await?;
    Ok(shown)
}

impl Shown {
    /// Says where it goes on, where it was cut: to programs as the last line, to people beside it. `which`: the newest.
    pub(super) fn end(&self, format: Format, which: &str) {
        let Some(next) = &self.next else { return };
        if format == Format::Json {
            say_json(&Next { next: next.clone() });
        }
        hint(&format!(
            "namewarden: these are the {which} {}, there are more; --limit NUMBER shows them, --after {next} those that follow",
            self.items
        ));
    }
}

/// The limit of a list, for an option.
pub(super) fn parse_limit(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|limit| *limit > 0).ok_or_else(|| "write a number from 1 on".to_owned())
}
