//! Where a page of a list ended, so that the next begins behind it.
//!
//! The place is made of content, by which the list is ordered, and not a number of rows: what comes or goes between two
//! pages moves nothing. Whoever asks is given it as one opaque word.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::refusal::Refusal;
use super::v1::Page;

/// No page of JSON is larger, but for one with a single item: 200 KB with what stands around it.
const BYTES: usize = 195_000;

/// The lists that have pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Findings,
    /// The same, most urgent first.
    Urgent,
    Watches,
    Health,
    Known,
    Plan,
    Claims,
    /// Claims that are let go, or would be.
    Apply,
    Audit,
    Reviews,
    Lints,
    Users,
    Tokens,
}

impl List {
    fn word(self) -> &'static str {
        match self {
            Self::Findings => "findings",
            Self::Urgent => "urgent findings",
            Self::Watches => "watches",
            Self::Health => "health",
            Self::Known => "known",
            Self::Plan => "plan",
            Self::Claims => "claims",
            Self::Apply => "claims that are let go",
            Self::Audit => "audit",
            Self::Reviews => "reviews",
            Self::Lints => "remarks",
            Self::Users => "accounts",
            Self::Tokens => "tokens",
        }
    }

    /// The cursor of a place.
    pub(super) fn cursor(self, place: &[String]) -> String {
        let words: Vec<&str> = std::iter::once(self.word()).chain(place.iter().map(String::as_str)).collect();
        // Text in a list is always JSON.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&words).unwrap_or_default())
    }

    /// The place of a cursor.
    pub(super) fn place<const N: usize>(self, cursor: Option<String>) -> Result<Option<[String; N]>, Refusal> {
        let Some(cursor) = cursor else { return Ok(None) };
        match self.read(&cursor) {
            Some(place) => Ok(Some(place)),
            None => Err(Refusal::BadCursor(self.word())),
        }
    }

    fn read<const N: usize>(self, cursor: &str) -> Option<[String; N]> {
        let words: Vec<String> = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (list, place) = words.split_first()?;
        (list == self.word()).then(|| place.to_vec().try_into().ok())?
    }

    /// A page of what comes at `place`s: at most `most`, fewer where they are large, and one at least.
    pub(super) fn page<T: Serialize>(
        self,
        all: impl IntoIterator<Item = T>,
        most: usize,
        place: impl Fn(&T) -> Vec<String>,
    ) -> Page<T> {
        let (mut page, mut bytes) = (Page { items: Vec::new(), next: None, total: None }, 0);
        for item in all {
            bytes += serde_json::to_string(&item).map_or(0, |json| json.len());
            if let Some(last) = page.items.last()
                && (page.items.len() >= most || bytes > BYTES)
            {
                page.next = Some(self.cursor(&place(last)));
                break;
            }
            page.items.push(item);
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Vec<String> {
        vec![text.to_owned()]
    }

    #[test]
    fn a_page_ends_at_its_number_or_its_size_and_never_before_the_first() {
        let page = |all: &[&str], most| List::Known.page(all.iter().map(ToString::to_string), most, |t| place(t));
        assert_eq!(page(&["a", "b"], 2), Page { items: vec!["a".to_owned(), "b".to_owned()], next: None, total: None });
        let cut = page(&["a", "b", "c"], 2);
        assert_eq!((cut.items.len(), cut.next), (2, Some(List::Known.cursor(&place("b")))));
        let huge = "x".repeat(BYTES + 1);
        assert_eq!(page(&[&huge, "b"], 9).items.len(), 1);
        assert_eq!(page(&[], 2).next, None);
    }

    #[test]
    fn a_cursor_is_of_its_list_alone_and_anything_else_is_refused() {
        let cursor = List::Health.cursor(&["17".to_owned(), "missed:\"…\"".to_owned()]);
        let read = List::Health.place::<2>(Some(cursor.clone())).expect("its own");
        assert_eq!(read, Some(["17".to_owned(), "missed:\"…\"".to_owned()]));
        assert_eq!(List::Health.place::<2>(None).expect("none"), None);
        let cut = cursor[..cursor.len() - 3].to_owned();
        for bad in ["", "nw-1", "0", &cut, &format!("{cursor}="), &List::Known.cursor(&place("a"))] {
            List::Health.place::<2>(Some(bad.to_owned())).expect_err(bad);
        }
        List::Health.place::<1>(Some(cursor)).expect_err("another number of parts");
    }
}
