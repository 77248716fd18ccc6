//! PyPI's refusals as setbacks of a claim: what each ends, and what it tells of the name.

use crate::model::claim::{Claim, ClaimState, Kind, Name, Setback};
use crate::registry::pypi::upload::exchange::NotMinted;
use crate::registry::pypi::upload::{Refused, UploadReply};

/// What is to be told of an answer that is no yes; `None` where it is one, or where nobody answered.
pub fn setback(reply: &UploadReply) -> Option<Setback> {
    let (code, said) = match reply {
        UploadReply::Accepted { .. } | UploadReply::AlreadyThere | UploadReply::Failing { .. } => return None,
        UploadReply::NoAnswer { .. } if reply.is_uncertain() => return None,
        UploadReply::NoAnswer { why, .. } => (UNSENT, why),
        UploadReply::Refused { why, said } => (why.as_str(), said),
        UploadReply::RateLimited { said, .. } => (Setback::RATE_LIMITED, said),
        UploadReply::NotUnderstood { said, .. } => ("not-understood", said),
    };
    let (kind, name) = match reply {
        UploadReply::Refused { why, .. } => (kind(*why), name(*why)),
        UploadReply::NotUnderstood { .. } => (Kind::Unknown, Name::Open),
        _ => (Kind::Passing, Name::Open),
    };
    Some(Setback {
        code: code.to_owned(),
        kind,
        name,
        meaning: reply.meaning().to_owned(),
        remedy: reply.remedy().to_owned(),
        said: Some(said.clone()).filter(|said| !said.is_empty()),
    })
}

/// What is to be told of an identity that was not exchanged for a token.
pub(super) fn unminted(why: NotMinted, said: &str) -> Setback {
    let (code, kind, name, meaning) = match why {
        NotMinted::Name(why) => (why.as_str(), kind(why), name(why), why.meaning()),
        NotMinted::InvalidPendingPublisher => {
            (Refused::NameTaken.as_str(), Kind::Final, Name::Held, "somebody created the project before")
        }
        NotMinted::NotEnabled => {
            ("publishing-closed", Kind::Passing, Name::Open, "PyPI takes no identity tokens at the moment")
        }
        NotMinted::InvalidPayload | NotMinted::InvalidToken => {
            ("identity-invalid", Kind::Account, Name::Open, "PyPI does not take the identity token")
        }
        NotMinted::InvalidPublisher => {
            ("no-publisher", Kind::Account, Name::Open, "PyPI knows no publisher that fits the identity token")
        }
        NotMinted::Reused => ("identity-reused", Kind::Account, Name::Open, "the identity token was exchanged before"),
    };
    let said = Some(said.to_owned()).filter(|said| !said.is_empty());
    Setback { code: code.to_owned(), kind, name, meaning: meaning.to_owned(), remedy: why.remedy().to_owned(), said }
}

/// The code of a package that did not arrive, whole.
const UNSENT: &str = "unsent";

/// Is it certain that PyPI did not count a new project (`warehouse` `packaging/services.py`, `_hit_ratelimits`)?
pub(super) fn costs_nothing(setback: &Setback) -> bool {
    let refused = Refused::ALL.iter().find(|why| why.as_str() == setback.code);
    match setback.code.as_str() {
        UNSENT | Setback::RATE_LIMITED => true,
        _ => refused.is_some_and(|why| !why.comes_after_creation()),
    }
}

/// Is it about what every package of ours has alike: its texts, its metadata, the form of its files? The next would be refused
/// for the same.
pub(super) fn is_of_the_text(setback: &Setback) -> bool {
    let refused = Refused::ALL.iter().find(|why| why.as_str() == setback.code);
    matches!(
        refused,
        Some(
            Refused::Description
                | Refused::InvalidMetadata
                | Refused::InvalidFile
                | Refused::InvalidFilename
                | Refused::FileTooLarge
                | Refused::SecondSdist
                | Refused::Attestations
        )
    )
}

/// Is it about file names, which PyPI never takes twice?
pub(super) fn is_of_the_file_name(setback: &Setback) -> bool {
    let refused = Refused::ALL.iter().find(|why| why.as_str() == setback.code);
    matches!(refused, Some(Refused::FileNameUsed | Refused::FileExists | Refused::ReleaseClosed | Refused::SecondSdist))
}

/// Did PyPI refuse it since it lies in an organization's namespace, which is not ours?
pub(super) fn is_reserved(claim: &Claim) -> bool {
    let code = claim.setback.as_ref().map(|setback| setback.code.as_str());
    claim.state == ClaimState::Refused && code == Some(Refused::NamespaceReserved.as_str())
}

/// Closed, so that a refusal that is new to the client has to be placed here.
fn kind(why: Refused) -> Kind {
    match why {
        Refused::NameStdlib
        | Refused::NameProhibited
        | Refused::NameSimilar
        | Refused::NameTaken
        | Refused::NamespaceReserved
        | Refused::InvalidName
        | Refused::Description
        | Refused::FileTooLarge
        | Refused::ProjectTooLarge
        | Refused::FileExists
        | Refused::FileNameUsed
        | Refused::ReleaseClosed
        | Refused::SecondSdist
        | Refused::InvalidFile
        | Refused::InvalidFilename
        | Refused::Attestations
        | Refused::InvalidMetadata
        | Refused::NotOurs => Kind::Final,
        Refused::ReadOnly | Refused::UploadsClosed | Refused::RegistrationClosed => Kind::Passing,
        Refused::NoDigest
        | Refused::NoFile
        | Refused::Protocol
        | Refused::OrganizationInactive
        | Refused::DigestMismatch
        | Refused::PublisherMismatch
        | Refused::Unauthenticated
        | Refused::Password
        | Refused::TokenScope
        | Refused::TokenInvalid
        | Refused::EmailUnverified
        | Refused::NoTwoFactor
        | Refused::WrongAddress
        | Refused::Retired => Kind::Account,
    }
}

fn name(why: Refused) -> Name {
    match why {
        Refused::NameStdlib | Refused::NameProhibited | Refused::NamespaceReserved | Refused::InvalidName => {
            Name::Closed
        }
        Refused::NameSimilar => Name::Similar,
        Refused::NameTaken | Refused::NotOurs => Name::Held,
        _ => Name::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::pypi::upload::Sent;

    #[test]
    fn every_refusal_ends_something_and_says_what_to_do() {
        for why in Refused::ALL {
            let told = setback(&UploadReply::Refused { why: *why, said: "400 x".to_owned() }).expect("a setback");
            assert_eq!(told.code, why.as_str());
            assert!(!told.meaning.is_empty() && !told.remedy.is_empty(), "{why:?}");
            // What passes by itself is tried again, and nothing else is.
            let passes = matches!(why, Refused::ReadOnly | Refused::UploadsClosed | Refused::RegistrationClosed);
            assert_eq!(told.kind == Kind::Passing, passes, "{why:?}");
            let names = matches!(why.as_str().split('-').next(), Some("name" | "namespace"));
            assert_eq!(
                told.name != Name::Open,
                names || matches!(why, Refused::InvalidName | Refused::NotOurs),
                "{why:?}"
            );
        }
    }

    #[test]
    fn what_says_that_no_project_was_made_is_known_by_its_code() {
        assert_eq!(Refused::PublisherMismatch.as_str(), Setback::NOT_MADE);
    }

    #[test]
    fn what_may_be_there_is_no_setback_and_what_was_not_sent_is() {
        let unanswered = |sent| UploadReply::NoAnswer { sent, why: "reset".to_owned() };
        assert_eq!(setback(&unanswered(Sent::All)), None);
        assert_eq!(setback(&UploadReply::Failing { status: 503, said: String::new() }), None);
        assert_eq!(setback(&unanswered(Sent::Part)).map(|told| told.kind), Some(Kind::Passing));
        let strange = UploadReply::NotUnderstood { status: 299, said: "hello".to_owned() };
        assert_eq!(setback(&strange).map(|told| told.kind), Some(Kind::Unknown));
    }
}
