//! Places where a test may kill the process: one after every durable step.
//!
//! Armed by the hidden `--crash-at STEP[:N]` of `run`, `gate` and `claim upload`; unarmed, a place costs one load of an atomic.

use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

/// The durable steps, in the order in which a registration passes them, and then a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Step {
    /// Half of the baseline is written, uncommitted.
    BaselineHalf = 1,
    /// A body was fetched and judged, nothing of it is stored.
    Fetched,
    /// Sightings, findings, notices, cursor and coverage are committed.
    Committed,
    /// An ownership look-up is stored.
    Learned,
    /// Notices are leased, none is sent.
    Leased,
    /// The receiver has accepted a notice, and it is not marked.
    Accepted,
    /// It is marked.
    Marked,
    /// An index pass and its ETag are committed.
    EtagStored,
    /// A round of the claims that go on by themselves is committed.
    ClaimMoved,
    /// What a person decided of a claim is committed, and not answered.
    ClaimRuled,
    /// The uploader's next piece of work is chosen, and not handed out.
    ClaimGiven,
    /// What the uploader told is committed, and not answered.
    ClaimStored,
    /// PyPI was looked at, and nothing of it is stored.
    ClaimSeen,
    /// A look at PyPI is committed.
    ClaimSettled,
    /// In the uploader: the package is built and tried, which nobody was told.
    ClaimTried,
    /// In the uploader: the daemon knows that the first byte is about to leave.
    ClaimBegun,
    /// In the uploader: the identity was exchanged for a token, which nobody was told.
    ClaimMinted,
    /// In the uploader: PyPI has answered, which nobody was told.
    ClaimAnswered,
    /// In the uploader: the answer is told.
    ClaimTold,
    /// In the gate: it is written that a name is ours, and nothing of it is given out.
    GateKept,
    /// In the gate: a review is written, and nobody knows its number.
    GateNoted,
    /// In the gate: a decision is written, not yet in force, and not told.
    GateDecided,
}

const NAMES: [(&str, Step); 22] = [
    ("baseline-half", Step::BaselineHalf),
    ("fetched", Step::Fetched),
    ("committed", Step::Committed),
    ("learned", Step::Learned),
    ("leased", Step::Leased),
    ("accepted", Step::Accepted),
    ("marked", Step::Marked),
    ("etag-stored", Step::EtagStored),
    ("claim-moved", Step::ClaimMoved),
    ("claim-ruled", Step::ClaimRuled),
    ("claim-given", Step::ClaimGiven),
    ("claim-stored", Step::ClaimStored),
    ("claim-seen", Step::ClaimSeen),
    ("claim-settled", Step::ClaimSettled),
    ("claim-tried", Step::ClaimTried),
    ("claim-begun", Step::ClaimBegun),
    ("claim-minted", Step::ClaimMinted),
    ("claim-answered", Step::ClaimAnswered),
    ("claim-told", Step::ClaimTold),
    ("gate-kept", Step::GateKept),
    ("gate-noted", Step::GateNoted),
    ("gate-decided", Step::GateDecided),
];

/// `STEP` or `STEP:N`: die at the Nth time this step is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crash {
    step: Step,
    nth: u32,
}

impl FromStr for Crash {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, nth) = text.split_once(':').unwrap_or((text, "1"));
        let step = NAMES.iter().find(|(known, _)| *known == name).map(|(_, step)| *step);
        let known: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
        let step = step.ok_or_else(|| format!("{name:?} is no step: write one of {}", known.join(", ")))?;
        let nth = nth.parse().map_err(|_| format!("{nth:?} is no number of times"))?;
        Ok(Self { step, nth })
    }
}

/// Step in the upper half, times left in the lower; zero is unarmed.
static ARMED: AtomicU64 = AtomicU64::new(0);

/// Arms one place for the life of the process.
pub fn arm(crash: Crash) {
    ARMED.store((u64::from(crash.step as u8) << 32) | u64::from(crash.nth), Ordering::SeqCst);
}

/// Dies here, without any farewell, when this place is armed and its turn has come.
pub fn hit(step: Step) {
    if ARMED.load(Ordering::Relaxed) >> 32 == u64::from(step as u8)
        && ARMED.fetch_sub(1, Ordering::SeqCst) & u64::from(u32::MAX) == 1
    {
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_a_name_and_wrong_ones_are_explained() {
        for (name, step) in NAMES {
            assert_eq!(name.parse::<Crash>().map(|c| (c.step, c.nth)), Ok((step, 1)));
        }
        assert_eq!("accepted:3".parse::<Crash>().map(|c| c.nth), Ok(3));
        assert!("acepted".parse::<Crash>().is_err_and(|e| e.contains("accepted")));
    }
}
