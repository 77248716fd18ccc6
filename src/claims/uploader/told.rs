//! What an answer is to the claim. Pure.

use super::super::setback::{setback, unminted};
use crate::model::claim::{ClaimEvent, Kind};
use crate::registry::pypi::upload::exchange::Exchanged;
use crate::registry::pypi::upload::{Distribution, Refused, UploadReply};

/// What PyPI's answer to a file is.
pub(super) fn told(file: &Distribution, reply: &UploadReply) -> ClaimEvent {
    if is_taken(reply) {
        return ClaimEvent::Accepted { filename: file.filename.clone() };
    }
    match setback(reply) {
        Some(setback) => ClaimEvent::SetBack { setback, wait: wait(reply) },
        None => ClaimEvent::Unanswered { why: reply.cause() },
    }
}

/// How long it is not worth asking again, seconds. What was not sent cost nothing, and the daemon counts how often.
fn wait(reply: &UploadReply) -> Option<u32> {
    match reply {
        UploadReply::RateLimited { again_in, .. } => again_in.and_then(|wait| u32::try_from(wait.as_secs()).ok()),
        UploadReply::NoAnswer { .. } => Some(0),
        _ => None,
    }
}

fn is_taken(reply: &UploadReply) -> bool {
    matches!(reply, UploadReply::Accepted { .. } | UploadReply::AlreadyThere)
}

/// What an exchange that gave no token is.
pub(super) fn shut(exchanged: &Exchanged) -> ClaimEvent {
    match exchanged {
        Exchanged::Refused { why, said } => ClaimEvent::SetBack { setback: unminted(*why, said), wait: None },
        Exchanged::Uncertain { why } => ClaimEvent::Unanswered { why: why.clone() },
        Exchanged::Minted { .. } => ClaimEvent::Created,
    }
}

/// What the test index makes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    Taken,
    /// It has that name or file in other hands, and so says nothing about the package.
    Silent(String),
    /// PyPI would not take it.
    Unfit(String),
    /// The index could not try it, or its account has to be mended, which is no fault of the package.
    Later {
        why: String,
        /// Seconds that it asked to be left alone.
        wait: Option<u32>,
    },
}

pub(super) fn tried(file: &Distribution, reply: &UploadReply) -> Tried {
    let name = &file.filename;
    let later = |why: String| Tried::Later { why, wait: wait(reply) };
    match reply {
        _ if is_taken(reply) => Tried::Taken,
        UploadReply::Refused { why, .. } if is_of_the_index(*why) => {
            Tried::Silent(format!("{name}: {}", why.meaning()))
        }
        _ => match setback(reply) {
            Some(setback) if setback.kind == Kind::Account => later(format!(
                "the test index did not let us in with its token: {}; {}",
                setback.in_full(),
                setback.remedy
            )),
            Some(setback) if setback.kind == Kind::Final => {
                let said = setback.in_full();
                Tried::Unfit(format!("the test index refused {name}: {said}; {}, then plan it again", setback.remedy))
            }
            _ => later(format!("the test index did not take {name}: {}", reply.cause())),
        },
    }
}

/// Is it about what stands there, and not about the package?
fn is_of_the_index(why: Refused) -> bool {
    matches!(
        why,
        Refused::NotOurs
            | Refused::NameTaken
            | Refused::NameSimilar
            | Refused::NameProhibited
            | Refused::NamespaceReserved
            | Refused::FileExists
            | Refused::FileNameUsed
            | Refused::ReleaseClosed
            | Refused::SecondSdist
            | Refused::ProjectTooLarge
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::registry::pypi::upload::Sent;
    use crate::registry::pypi::upload::exchange::NotMinted;

    fn file() -> Distribution {
        let metadata = "Metadata-Version: 2.4\nName: acme\nVersion: 0.0.1\n";
        Distribution::new("acme-0.0.1-py3-none-any.whl", *b"x", metadata).expect("a wheel")
    }

    fn refused(why: Refused) -> UploadReply {
        UploadReply::Refused { why, said: "no".to_owned() }
    }

    #[test]
    fn only_what_is_there_is_accepted_and_only_what_may_be_there_is_unanswered() {
        let told = |reply: &UploadReply| told(&file(), reply);
        assert!(matches!(told(&UploadReply::AlreadyThere), ClaimEvent::Accepted { .. }));
        assert!(matches!(told(&UploadReply::Accepted { warnings: vec![] }), ClaimEvent::Accepted { .. }));
        let lost = |sent| UploadReply::NoAnswer { sent, why: "reset".to_owned() };
        assert!(matches!(told(&lost(Sent::All)), ClaimEvent::Unanswered { .. }));
        assert!(matches!(
            told(&UploadReply::Failing { status: 502, said: String::new() }),
            ClaimEvent::Unanswered { .. }
        ));
        for reply in [lost(Sent::Part), lost(Sent::Nothing)] {
            assert!(matches!(told(&reply), ClaimEvent::SetBack { .. }), "{reply:?}");
        }
        let limited = UploadReply::RateLimited { again_in: Some(Duration::from_secs(90)), said: String::new() };
        assert!(matches!(told(&limited), ClaimEvent::SetBack { wait: Some(90), .. }));
        for why in Refused::ALL {
            assert!(matches!(told(&refused(*why)), ClaimEvent::SetBack { .. }), "{why:?}");
        }
    }

    #[test]
    fn what_the_test_index_holds_against_the_package_ends_it_and_what_it_has_itself_does_not() {
        let tried = |reply: &UploadReply| tried(&file(), reply);
        assert_eq!(tried(&UploadReply::AlreadyThere), Tried::Taken);
        assert!(matches!(tried(&refused(Refused::NotOurs)), Tried::Silent(_)));
        for why in [Refused::InvalidMetadata, Refused::Description] {
            assert!(matches!(tried(&refused(why)), Tried::Unfit(told) if told.contains("plan it again")), "{why:?}");
        }
        // A token that is wrong there says nothing about the package, and costs no approval.
        for why in [Refused::ReadOnly, Refused::UploadsClosed, Refused::TokenInvalid, Refused::TokenScope] {
            assert!(matches!(tried(&refused(why)), Tried::Later { .. }), "{why:?}");
        }
        let strange = UploadReply::NotUnderstood { status: 299, said: String::new() };
        assert!(matches!(tried(&strange), Tried::Later { .. }));
    }

    #[test]
    fn an_exchange_that_gave_nothing_is_a_setback_or_is_looked_at() {
        let of = |why| shut(&Exchanged::Refused { why, said: "no".to_owned() });
        let kind = |why| match of(why) {
            ClaimEvent::SetBack { setback, .. } => (setback.kind, setback.code, setback.remedy.is_empty()),
            other => panic!("{other:?}"),
        };
        assert_eq!(kind(NotMinted::Reused), (Kind::Account, "identity-reused".to_owned(), false));
        assert_eq!(kind(NotMinted::InvalidPendingPublisher), (Kind::Final, "name-taken".to_owned(), false));
        let similar = NotMinted::Name(Refused::NameSimilar);
        assert_eq!(kind(similar), (Kind::Final, "name-similar".to_owned(), false));
        assert_eq!(kind(NotMinted::NotEnabled).0, Kind::Passing);
        let uncertain = Exchanged::Uncertain { why: "reset".to_owned() };
        assert!(matches!(shut(&uncertain), ClaimEvent::Unanswered { .. }));
    }
}
