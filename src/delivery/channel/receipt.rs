//! What an attempt came to: who has it, who never will, what is left, and whether another attempt can help.

use std::time::Duration;

use crate::model::{Fate, Reached, Recipient};

/// What the receiver said. Store `settled` before anything else happens, and give it to the next attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Recipients whose fate this attempt decided. Empty for channels with one receiver.
    pub settled: Vec<Recipient>,
    pub left: Left,
}

/// What an attempt left to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// The receiver has it, or everybody's fate is known: see [`outcome`].
    Nothing,
    /// Recipients of another message: attempt again at once.
    More,
    /// Recipients who have to be asked again, for this reason.
    Later(DeliveryError),
}

impl Receipt {
    /// One receiver, and it has it.
    pub(super) fn taken() -> Self {
        Self { settled: Vec::new(), left: Left::Nothing }
    }
}

/// What a notice with nobody left came to: a remark where it did not reach everybody.
///
/// # Errors
/// `GiveUp` when nobody took it.
pub fn outcome(settled: &[Recipient]) -> Result<Option<String>, DeliveryError> {
    let refusals: Vec<&str> = settled.iter().filter_map(refusal).collect();
    let others = settled.len() - refusals.len();
    match (refusals.is_empty(), others) {
        (true, _) => Ok(None),
        (false, 0) => Err(DeliveryError::give_up(refusals.join("; "))),
        (false, 1) => Ok(Some(format!("{}; 1 other recipient took it", refusals.join("; ")))),
        (false, others) => Ok(Some(format!("{}; {others} other recipients took it", refusals.join("; ")))),
    }
}

fn refusal(recipient: &Recipient) -> Option<&str> {
    match &recipient.fate {
        Fate::Accepted => None,
        Fate::Refused { reason } => Some(reason),
    }
}

/// Why an attempt failed, and whether another can help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The channel as a whole: unreachable, throttled, or closed to us. Whatever else waits for it would fail alike, so
    /// one message tries it from time to time and the others wait.
    #[error("{reason}; the channel will be tried again")]
    Hold {
        /// How long the receiver asked us to wait, at most an hour.
        after: Option<Duration>,
        reached: Reached,
        reason: String,
    },
    /// This notice alone may pass later: a full mailbox, a server that wants to think about it.
    #[error("{reason}; it will be tried again")]
    Retry { after: Option<Duration>, reached: Reached, reason: String },
    /// The receiver will never take this notice on this channel.
    #[error("{reason}; given up")]
    GiveUp { reason: String },
}

impl DeliveryError {
    pub(super) fn hold(reason: impl Into<String>) -> Self {
        Self::Hold { after: None, reached: Reached::Perhaps, reason: reason.into() }
    }

    pub(super) fn retry(reason: impl Into<String>) -> Self {
        Self::Retry { after: None, reached: Reached::Perhaps, reason: reason.into() }
    }

    pub(super) fn give_up(reason: impl Into<String>) -> Self {
        Self::GiveUp { reason: reason.into() }
    }

    /// Whoever stops us wants the notice to be due as it was.
    pub(crate) fn stopped() -> Self {
        let reason = "stopped before the message was handed over".to_owned();
        Self::Retry { after: Some(Duration::ZERO), reached: Reached::Nobody, reason }
    }

    /// The same, where it is known whom the message may have reached.
    pub(super) fn reached(self, reached: Reached) -> Self {
        match self {
            Self::Hold { after, reason, .. } => Self::Hold { after, reached, reason },
            Self::Retry { after, reason, .. } => Self::Retry { after, reached, reason },
            Self::GiveUp { reason } => Self::GiveUp { reason },
        }
    }

    /// The same, of an attempt that ended before anything was handed over.
    pub(super) fn reached_nobody(self) -> Self {
        self.reached(Reached::Nobody)
    }

    /// The same, of an attempt that decided the fate of some: an earlier part of it may have reached them.
    pub(crate) fn after(self, settled: &[Recipient]) -> Self {
        if settled.is_empty() { self } else { self.reached(Reached::Perhaps) }
    }

    pub fn reason(&self) -> &str {
        match self {
            Self::Hold { reason, .. } | Self::Retry { reason, .. } | Self::GiveUp { reason } => reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_refusal_is_a_remark_and_only_refusals_are_the_end() {
        let (anna, ben) =
            (Recipient::accepted("anna@x.example"), Recipient::refused("ben@x.example", "be… was refused"));
        assert_eq!(outcome(&[]), Ok(None), "channels with one receiver");
        assert_eq!(outcome(std::slice::from_ref(&anna)), Ok(None));
        let remark = outcome(&[anna.clone(), ben.clone()]).expect("anna has it");
        assert_eq!(remark.as_deref(), Some("be… was refused; 1 other recipient took it"));
        let remark = outcome(&[anna.clone(), ben.clone(), anna]).expect("two have it");
        assert!(remark.is_some_and(|text| text.ends_with("2 other recipients took it")));
        assert_eq!(outcome(&[ben]), Err(DeliveryError::give_up("be… was refused")));
    }
}
