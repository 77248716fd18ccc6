//! One page in one form and one coding: decided, written and compressed once, and good until a decision in it may be another.

use std::io;
use std::sync::{Arc, Weak};

use axum::body::Bytes;
use axum::http::HeaderValue;
use moka::future::Cache;
use moka::policy::EvictionPolicy;
use sha2::{Digest as _, Sha256};

use super::answer::etag;
use super::coding::Coding;
use crate::gate::form::Form;
use crate::gate::listing::Listing;
use crate::gate::page::ProjectPage;
use crate::gate::pages::{Print, ReadPage};
use crate::gate::policy::Policy;
use crate::gate::present::Present;
use crate::gate::ruling::Origin;
use crate::gate::sources::Found;
use crate::gate::term::Term;
use crate::model::ProjectName;
use crate::model::hex::hex;

/// Bytes of pages that are kept written.
const ROOM: u64 = 18 << 20;
/// What one takes beside its text: its name, its place.
const PLACE: usize = 600;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Wanted {
    pub(super) name: ProjectName,
    pub(super) form: Form,
    pub(super) coding: Coding,
}

/// Pages as they go out.
pub(super) type Rendered = Cache<Wanted, Arc<Sheet>>;

/// None yet.
pub(super) fn rendered() -> Rendered {
    let weigh = |_: &Wanted, sheet: &Arc<Sheet>| u32::try_from(sheet.text.len() + PLACE).unwrap_or(u32::MAX);
    // By last use. By frequency, which moka counts up to 15, what weighs as much as 15 others would never come in, and be made for each request.
    Cache::builder().max_capacity(ROOM).weigher(weigh).eviction_policy(EvictionPolicy::lru()).build()
}

/// As `X-PyPI-Last-Serial` has it, beside the JSON that says the same (`warehouse` `api/simple.py`).
fn serial(page: &ProjectPage) -> Option<HeaderValue> {
    let serial = page.rest.get("meta")?.get("_last-serial")?.as_u64()?;
    Some(HeaderValue::from(serial))
}

/// One page in one form.
#[derive(Debug)]
pub(super) struct Sheet {
    /// What it was made of, from which index, and by which rules: those live on as long as something else wants them.
    of: (Origin, Print),
    by: Weak<Policy>,
    /// Between which moments it is what would be made.
    pub(super) term: Term,
    /// Compressed as it was asked for.
    pub(super) text: Bytes,
    /// Of the plain text and of the decisions that were made about the project: nobody goes on with a page from before one.
    pub(super) etag: HeaderValue,
    /// What PyPI calls the last change of the project, where its page says so.
    pub(super) serial: Option<HeaderValue>,
}

impl Sheet {
    /// `public`: how clients reach the gate.
    ///
    /// # Errors
    /// Where there is no memory for it.
    pub(super) fn new(
        public: &str,
        (read, origin): (&ReadPage, Origin),
        by: &Arc<Policy>,
        wanted: &Wanted,
        now: Present,
    ) -> io::Result<Self> {
        let listing = Listing::new(&read.page, &by.on(&read.page, origin, now));
        let (term, plain) = (listing.term, listing.body(wanted.form, public));
        let epoch = by.exemptions.epoch(&read.page.name).to_be_bytes();
        let digest = hex(&Sha256::new().chain_update(&plain).chain_update(epoch).finalize()[..16]);
        let etag = etag(&wanted.coding.name().map_or_else(|| digest.clone(), |coding| format!("{digest}-{coding}")));
        let text = Bytes::from(wanted.coding.of(plain)?);
        let serial = serial(&read.page);
        Ok(Self { term, text, etag, serial, of: (origin, read.print), by: Arc::downgrade(by) })
    }

    /// Is it what would be made of these now?
    pub(super) fn is_current(&self, found: &Found, by: &Arc<Policy>, now: Present) -> bool {
        let is_of_it = found.origin == self.of.0 && found.known.print() == Some(&self.of.1);
        // An address is nobody else's as long as something points to it.
        is_of_it && self.by.as_ptr() == Arc::as_ptr(by) && self.term.holds(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Time;

    fn wanted(name: &str) -> Wanted {
        let name = ProjectName::parse(name).expect("valid");
        Wanted { name, form: Form::wanted(None).expect("a form"), coding: Coding::Gzip }
    }

    fn sheet(bytes: usize) -> Arc<Sheet> {
        let (of, text) = ((Origin::Pypi, Print::from([0; 32])), Bytes::from(vec![0; bytes]));
        let (term, etag) = (Term::of(Time::UNIX_EPOCH.into()), HeaderValue::from_static("\"\""));
        Arc::new(Sheet { of, by: Weak::new(), term, serial: None, text, etag })
    }

    #[tokio::test]
    async fn a_large_page_is_kept_however_many_small_ones_were_asked_for() {
        let rendered = rendered();
        for number in 0..ROOM / 2_000 {
            rendered.insert(wanted(&format!("small-{number}")), sheet(2_000)).await;
        }
        rendered.run_pending_tasks().await;
        let large = wanted("large");
        rendered.insert(large.clone(), sheet(200_000)).await;
        rendered.run_pending_tasks().await;
        assert!(rendered.get(&large).await.is_some() && rendered.weighted_size() <= ROOM);
    }
}
