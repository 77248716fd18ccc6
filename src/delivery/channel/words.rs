//! What receivers say and what goes wrong, as text for logs, the store and people: without secrets, harmless, short.
//!
//! Every text that is not ours goes through here, and loses the secrets first: whatever is cut or escaped before could
//! keep half of one.

use std::error::Error;

use crate::config::Redactor;
use crate::messages::hostile;
use crate::model::causes;

#[derive(Default)]
pub(super) struct Words(Redactor);

impl Words {
    pub(super) fn new(redactor: Redactor) -> Self {
        Self(redactor)
    }

    /// A page, or the beginning of one (`cut`), in one line. It cannot be clicked on.
    pub(super) fn quoted(&self, page: &[u8], cut: bool) -> String {
        let text = String::from_utf8_lossy(page);
        let text = if cut { self.0.redacted_beginning(&text) } else { self.0.redacted(&text) };
        hostile::inert(&text, 200)
    }

    /// The reply of a server, in one line.
    pub(super) fn said(&self, text: &str) -> String {
        hostile::shown(&self.0.redacted(text), 400)
    }

    /// An error with its causes, in one line.
    pub(super) fn chain(&self, error: &dyn Error) -> String {
        self.said(&causes::chain(error))
    }
}
