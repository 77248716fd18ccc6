//! One page in one form: decided, written and compressed once, and good until a decision in it may be another.

use std::io::Write as _;
use std::sync::{Arc, Weak};

use axum::body::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use moka::future::Cache;
use sha2::{Digest as _, Sha256};

use crate::gate::form::Form;
use crate::gate::listing::Listing;
use crate::gate::page::ProjectPage;
use crate::gate::policy::Policy;
use crate::gate::refusal::Refusal;
use crate::gate::ruling::{Cause, Hold, Origin};
use crate::model::hex::hex;
use crate::model::{ProjectName, Time};
use crate::registry::pypi::ProjectStatus;

/// Bytes of pages that are kept written.
const ROOM: u64 = 64 << 20;

/// Pages as they go out.
pub(super) type Rendered = Cache<(ProjectName, Form), Arc<Sheet>>;

/// None yet.
pub(super) fn rendered() -> Rendered {
    let weigh = |_: &(ProjectName, Form), sheet: &Arc<Sheet>| {
        u32::try_from(sheet.plain.len() + sheet.gzip.len()).unwrap_or(u32::MAX)
    };
    Cache::builder().max_capacity(ROOM).weigher(weigh).build()
}

/// One page in one form.
#[derive(Debug)]
pub(super) struct Sheet {
    /// What it was made of, and by which rules: they live on as long as something else wants them.
    of: Weak<ProjectPage>,
    by: Weak<Policy>,
    /// From then on it is made again.
    pub(super) changes: Option<Time>,
    pub(super) plain: Bytes,
    pub(super) gzip: Bytes,
    /// Of the plain text and of the decisions that were made about the project: nobody goes on with a page from before one.
    pub(super) digest: String,
}

impl Sheet {
    /// `public`: how clients reach the gate.
    ///
    /// # Errors
    /// The refusal, where nothing of the project is given out.
    pub(super) fn new(
        public: &str,
        (of, origin): (Arc<ProjectPage>, Origin),
        by: Arc<Policy>,
        form: Form,
        now: Time,
    ) -> Result<Self, Refusal> {
        if origin == Origin::Pypi && of.status == ProjectStatus::Quarantined {
            return Err(Refusal::of(&of.name, None, &Hold::for_good(Cause::Quarantined)));
        }
        let listing = Listing::new(&of, &by.on(&of, origin, now));
        let (changes, plain) = (listing.changes, Bytes::from(listing.body(form, public)));
        let digest = Sha256::new().chain_update(&plain).chain_update(by.exemptions.epoch(&of.name).to_be_bytes());
        let (gzip, digest) = (Bytes::from(squeezed(&plain)), hex(&digest.finalize()));
        Ok(Self { changes, plain, gzip, digest, of: Arc::downgrade(&of), by: Arc::downgrade(&by) })
    }

    /// Is it what would be made of these now?
    pub(super) fn is_current(&self, of: &Arc<ProjectPage>, by: &Arc<Policy>, now: Time) -> bool {
        let is_due = self.changes.is_some_and(|changes| now >= changes);
        // An address is nobody else's as long as something points to it.
        self.of.as_ptr() == Arc::as_ptr(of) && self.by.as_ptr() == Arc::as_ptr(by) && !is_due
    }
}

fn squeezed(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // A Vec takes every byte.
    let _ = encoder.write_all(plain);
    encoder.finish().unwrap_or_default()
}
