//! What can go wrong at PyPI, as a closed list; each can be started and stopped while the simulator runs.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Deserialize;

/// One way in which PyPI, or the way to it, fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// RSS answers the edge's 503 page.
    RssDown,
    /// RSS serves the last body it served before the fault, with its old ETag.
    RssStale,
    /// RSS serves an older body than the last one, every other time.
    RssBackwards,
    /// RSS ends in the middle of an item.
    RssTruncated,
    /// RSS never ends before 200 MB.
    RssEndless,
    /// RSS holds characters that XML forbids, raw.
    RssIllegal,
    /// RSS serves its items oldest first.
    RssReordered,
    /// The index ends in the middle.
    IndexTruncated,
    /// The index answers 500.
    IndexError,
    /// The index stays as it was when the fault started.
    IndexStale,
    /// The index goes back to an earlier serial.
    IndexBackwards,
    /// Two caches answer in turn, one of them with an earlier serial.
    IndexAlternating,
    /// The index is valid JSON with half of the projects.
    IndexHalved,
    /// The index says a serial out of this world, in valid JSON.
    IndexAbsurd,
    /// The index lists nobody, in valid JSON.
    IndexEmpty,
    /// The first project of the index has a serial out of this world, and the second stands there in two spellings.
    IndexContradictory,
    /// The index and the changelog hold names that are none: half a surrogate pair, NUL, a right-to-left mark, and one of
    /// 60,000 characters.
    Unreadable,
    /// XML-RPC answers the edge's 503 page.
    XmlrpcDown,
    /// XML-RPC answers the throttle fault, with HTTP 200.
    XmlrpcThrottled,
    /// XML-RPC no longer knows the changelog's methods: fault -32601.
    XmlrpcGone,
    /// The changelog's methods are deprecated: fault -32500 that says so.
    XmlrpcDeprecated,
    /// The XML-RPC address answers 404.
    XmlrpcNotFound,
    /// The XML-RPC address answers 410.
    XmlrpcHttpGone,
    /// The changelog ends at an earlier serial than it did.
    XmlrpcBackwards,
    /// The changelog comes newest first.
    XmlrpcUnsorted,
    /// The last entry of the changelog has a serial out of this world.
    XmlrpcAbsurd,
    /// The changelog says that nothing happened, whatever happens, and that its last serial is the one asked for.
    XmlrpcEmpty,
    /// XML-RPC answers after `Options::slowness`.
    XmlrpcSlow,
    /// XML-RPC takes the request and never answers.
    XmlrpcHang,
    /// The JSON API and project pages answer after `Options::slowness`.
    JsonSlow,
    /// The JSON API answers 500.
    JsonError,
    /// The JSON API answers 404 for everything, as from a cache of a moment before.
    JsonNotFound,
    /// PyPI is in read-only mode: uploads are refused with 403.
    UploadReadOnly,
    /// New uploads are refused with 403.
    UploadClosed,
    /// New projects are refused with 403.
    UploadRegistrationClosed,
    /// Somebody registers the name between an upload's question and its answer: 409.
    UploadRace,
    /// The connection ends without an answer, and nothing was stored.
    UploadCutBefore,
    /// The connection ends without an answer, and the file was stored.
    UploadCutAfter,
    /// The file is stored, and no answer comes before the fault ends.
    UploadHang,
    /// The file is stored, and the answer is 500.
    UploadErrorAfter,
    /// The edge answers 502 with its page, and nothing was stored.
    UploadEdge,
    /// Somebody else answers 200 with a page to sign in at, and nothing was stored.
    UploadPortal,
    /// Trusted publishing is switched off.
    OidcClosed,
    /// Every answer comes after `Options::latency`.
    Latency,
    /// Connections are refused.
    Refused,
}

impl Fault {
    /// Every fault, for tests that go through all of them.
    pub const ALL: [Self; 45] = [
        Self::RssDown,
        Self::RssStale,
        Self::RssBackwards,
        Self::RssTruncated,
        Self::RssEndless,
        Self::RssIllegal,
        Self::RssReordered,
        Self::IndexTruncated,
        Self::IndexError,
        Self::IndexStale,
        Self::IndexBackwards,
        Self::IndexAlternating,
        Self::IndexHalved,
        Self::IndexAbsurd,
        Self::IndexEmpty,
        Self::IndexContradictory,
        Self::Unreadable,
        Self::XmlrpcDown,
        Self::XmlrpcThrottled,
        Self::XmlrpcGone,
        Self::XmlrpcDeprecated,
        Self::XmlrpcNotFound,
        Self::XmlrpcHttpGone,
        Self::XmlrpcBackwards,
        Self::XmlrpcUnsorted,
        Self::XmlrpcAbsurd,
        Self::XmlrpcEmpty,
        Self::XmlrpcSlow,
        Self::XmlrpcHang,
        Self::JsonSlow,
        Self::JsonError,
        Self::JsonNotFound,
        Self::UploadReadOnly,
        Self::UploadClosed,
        Self::UploadRegistrationClosed,
        Self::UploadRace,
        Self::UploadCutBefore,
        Self::UploadCutAfter,
        Self::UploadHang,
        Self::UploadErrorAfter,
        Self::UploadEdge,
        Self::UploadPortal,
        Self::OidcClosed,
        Self::Latency,
        Self::Refused,
    ];
}

/// The faults that are on.
#[derive(Debug, Default)]
pub struct Faults {
    active: Mutex<BTreeSet<Fault>>,
    changed: tokio::sync::Notify,
}

impl Faults {
    pub fn start(&self, fault: Fault) {
        self.lock().insert(fault);
        self.changed.notify_waiters();
    }

    pub fn stop(&self, fault: Fault) {
        self.lock().remove(&fault);
        self.changed.notify_waiters();
    }

    /// Stops all of them.
    pub fn clear(&self) {
        self.lock().clear();
        self.changed.notify_waiters();
    }

    pub fn active(&self, fault: Fault) -> bool {
        self.lock().contains(&fault)
    }

    /// Returns when `fault` is on, or off, as asked.
    pub(super) async fn until(&self, fault: Fault, on: bool) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.active(fault) == on {
                return;
            }
            changed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<Fault>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_fault_is_on_until_it_is_stopped() {
        let faults = Faults::default();
        faults.until(Fault::RssDown, false).await;
        faults.start(Fault::RssDown);
        faults.until(Fault::RssDown, true).await;
        assert!(faults.active(Fault::RssDown) && !faults.active(Fault::Latency));
        faults.clear();
        assert!(Fault::ALL.iter().all(|fault| !faults.active(*fault)));
    }
}
