//! What the server's answers mean: for each recipient, for the notice, for the channel. Pure.
//!
//! Up to MAIL nothing was said about any one message, so a failure is the channel's. After that it may be this message or
//! this recipient that the server dislikes, and must not cost the others: only a code that speaks of us holds the channel.

use super::super::{DeliveryError, Left, Receipt};
use super::address::masked;
use super::failure::{Cause, Failure, Phase};
use super::reply::Reply;
use super::session::Asked;
use crate::model::Recipient;

/// What a refusal of one recipient is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// Us: a greeting, a login or an order of commands that the server wants otherwise.
    Client,
    /// This recipient, for good.
    Recipient,
    /// Too many recipients in one message.
    Number,
    /// It may pass, or it may be about us: asking again loses nobody.
    Unclear,
}

/// `others`: somebody was accepted from us, so a refusal is not about us. `now`: in this very message.
fn about(reply: &Reply, others: bool, now: bool) -> About {
    let mailbox = matches!(reply.enhanced(), Some((1 | 2, _)));
    match reply.code {
        // RFC 3463, 3.6: X.5.3 is too many recipients, for good only in this message.
        _ if now && reply.enhanced() == Some((5, 3)) => About::Number,
        // RFC 5321, 4.5.3.1.10: 552 is what it was called once.
        452 | 552 if now && !mailbox => About::Number,
        _ if !reply.is_permanent() => About::Unclear,
        _ if mailbox => About::Recipient,
        _ if is_about_us(reply) => About::Client,
        _ if others => About::Recipient,
        // "550 relaying denied" and "550 no such user" are one code.
        _ => About::Unclear,
    }
}

/// Unknown command, wrong order, unwanted parameters (a name in EHLO that is none); no mail here; logging in (RFC 4954, 6).
fn is_about_us(reply: &Reply) -> bool {
    matches!(reply.code, 500 | 502 | 503 | 504 | 521 | 530 | 534 | 535 | 538)
}

/// What becomes of the notice. `before`: somebody took it in an earlier message.
///
/// # Errors
/// When nobody's fate is decided.
pub(super) fn receipt(asked: Asked, before: bool, say: impl Fn(&Reply) -> String) -> Result<Receipt, DeliveryError> {
    let now = !asked.accepted.is_empty();
    let (mut settled, mut more) = (asked.settled, asked.more);
    settled.extend(asked.accepted.into_iter().map(Recipient::accepted));
    let (mut waiting, mut ours) = (Vec::new(), Vec::new());
    for (address, reply) in asked.others {
        let reason = |what: &str| format!("{} was {what} ({})", masked(&address), say(&reply));
        match about(&reply, before || now, now) {
            About::Client => ours.push(reason("refused")),
            About::Recipient => settled.push(Recipient::refused(&address, reason("refused"))),
            About::Number => more = true,
            About::Unclear => waiting.push(reason("put off")),
        }
    }
    waiting.extend(asked.put_off.iter().map(|(address, why)| format!("{} was put off ({why})", masked(address))));
    let error = match (ours.is_empty(), waiting.is_empty(), more) {
        (false, _, _) => DeliveryError::hold(ours.join("; ")),
        (true, false, _) => DeliveryError::retry(waiting.join("; ")),
        (true, true, true) => DeliveryError::retry("there was no time to ask for anybody"),
        (true, true, false) => return Ok(Receipt { settled, left: Left::Nothing }),
    };
    match (settled.is_empty(), more) {
        (true, _) => Err(error),
        // Those who were not asked yet are not held up by those who have to wait.
        (false, true) => Ok(Receipt { settled, left: Left::More }),
        (false, false) => Ok(Receipt { settled, left: Left::Later(error) }),
    }
}

/// The fate of those who were accepted for a message that the server then would not have.
///
/// # Errors
/// When that may pass, or is not about the message.
pub(super) fn unwanted(failure: &Failure, accepted: &[String], reason: &str) -> Result<Vec<Recipient>, DeliveryError> {
    let refused =
        |address: &String| Recipient::refused(address, format!("{} did not get it: {reason}", masked(address)));
    match &failure.cause {
        Cause::Said(reply) if failure.at >= Phase::Data && reply.is_permanent() && !is_about_us(reply) => {
            Ok(accepted.iter().map(refused).collect())
        }
        _ => Err(broken(failure, reason)),
    }
}

/// What a session that broke off means.
pub(super) fn broken(failure: &Failure, reason: &str) -> DeliveryError {
    match &failure.cause {
        Cause::Said(reply) if is_about_us(reply) => DeliveryError::hold(reason),
        _ if failure.at < Phase::Recipient => DeliveryError::hold(reason),
        _ => DeliveryError::retry(reason),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::reply::Arriving;
    use super::super::wire::WireError;
    use super::*;

    fn reply(line: &str) -> Reply {
        let (_, reply) = Arriving::default().take(format!("{line}\r\n").as_bytes()).expect("a reply");
        reply.expect("it is whole")
    }

    fn asked(accepted: &[&str], others: &[(&str, &str)]) -> Asked {
        Asked {
            accepted: accepted.iter().map(|&who| who.to_owned()).collect(),
            others: others.iter().map(|(who, line)| ((*who).to_owned(), reply(line))).collect(),
            ..Asked::default()
        }
    }

    fn outcome(asked: Asked) -> Result<Receipt, DeliveryError> {
        receipt(asked, false, Reply::text)
    }

    #[test]
    fn a_refusal_that_may_be_about_us_loses_nobody() {
        for line in ["504 5.5.2 <host>: Helo command rejected", "530 5.7.0 STARTTLS first", "535 who are you", "503 no"]
        {
            assert!(matches!(outcome(asked(&[], &[("a@x", line)])), Err(DeliveryError::Hold { .. })), "{line}");
            let mixed = outcome(asked(&["b@x"], &[("a@x", line)])).expect("b has it");
            assert!(matches!(mixed.left, Left::Later(DeliveryError::Hold { .. })), "{mixed:?}");
        }
        for line in
            ["550 Invalid HELO name", "550 5.7.1 relaying denied", "554 go away", "450 later", "451", "452 full"]
        {
            assert!(matches!(outcome(asked(&[], &[("a@x", line)])), Err(DeliveryError::Retry { .. })), "{line}");
        }
    }

    #[test]
    fn a_refusal_of_one_is_for_good_when_it_speaks_of_the_mailbox_or_another_was_welcome() {
        let alone = outcome(asked(&[], &[("a@x", "550 5.1.1 no such user")])).expect("settled");
        assert_eq!((alone.settled.len(), alone.left), (1, Left::Nothing));
        for line in ["550 no", "554", "553 5.7.1 not you", "550 5.2.1 closed"] {
            let mixed = outcome(asked(&["b@x"], &[("a@x", line)])).expect("settled");
            assert_eq!((mixed.settled.len(), mixed.left), (2, Left::Nothing), "{line}");
            let later = receipt(asked(&[], &[("a@x", line)]), true, Reply::text).expect("settled");
            assert_eq!(later.settled.len(), 1, "b had it before: {line}");
        }
    }

    #[test]
    fn too_many_at_once_are_asked_again_at_once() {
        for line in ["452 4.5.3 too many", "552 too many recipients", "550 5.5.3 too many recipients"] {
            let receipt = outcome(asked(&["b@x"], &[("a@x", line)])).expect("b has it");
            assert_eq!((receipt.settled, receipt.left), (vec![Recipient::accepted("b@x")], Left::More), "{line}");
            assert!(outcome(asked(&[], &[("a@x", line)])).is_err(), "no progress, no haste: {line}");
        }
    }

    #[test]
    fn a_broken_session_is_the_channels_trouble_until_the_message_is_spoken_of() {
        let said = |at, line| Failure { at, cause: Cause::Said(reply(line)) };
        let closed = |at| Failure { at, cause: Cause::Wire(WireError::Closed) };
        for failure in [
            said(Phase::Greeting, "554 no"),
            said(Phase::Hello, "550 who"),
            said(Phase::Login, "535 no"),
            said(Phase::Sender, "550 5.7.1 not you"),
            said(Phase::Data, "503 no"),
            closed(Phase::Connection),
            closed(Phase::Sender),
        ] {
            assert!(matches!(unwanted(&failure, &[], ""), Err(DeliveryError::Hold { .. })), "{failure:?}");
        }
        for failure in
            [said(Phase::Recipient, "421"), said(Phase::Data, "451"), said(Phase::End, "421"), closed(Phase::End)]
        {
            assert!(matches!(unwanted(&failure, &[], ""), Err(DeliveryError::Retry { .. })), "{failure:?}");
        }
        let spam = unwanted(&said(Phase::End, "554 5.7.1 spam"), &["a@x".to_owned()], "554 spam").expect("settled");
        assert_eq!(spam, [Recipient::refused("a@x", "a…@x did not get it: 554 spam")]);
    }

    /// Codes that servers send to RCPT, with and without what they mean by RFC 3463.
    const REPLIES: [&str; 16] = [
        "450 4.2.0 later",
        "450 later",
        "451 4.3.0 x",
        "452 4.5.3 too many",
        "452 4.2.2 full",
        "452 full",
        "500 what",
        "503 bad sequence",
        "530 5.7.0 auth",
        "550 5.1.1 no such user",
        "550 no",
        "550 5.7.1 denied",
        "552 5.2.2 full",
        "552 too many",
        "553 5.1.3 bad",
        "554 no",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whoever was asked is told, refused for good, or asked again; whoever is refused for good was by a reply for good, about them.
        #[test]
        fn nobody_who_was_asked_is_forgotten_or_given_up_for_what_may_pass(
            welcome in 0..3_usize, others in prop::collection::vec(prop::sample::select(REPLIES.to_vec()), 0..5),
            put_off in 0..2_usize, more in any::<bool>(), before in any::<bool>(),
        ) {
            let name = |kind: &str, n: usize| format!("{kind}{n}@x.example");
            let welcome: Vec<String> = (0..welcome).map(|n| name("w", n)).collect();
            let others: Vec<(String, &str)> = others.into_iter().enumerate().map(|(n, line)| (name("o", n), line)).collect();
            let of = Asked {
                accepted: welcome.clone(),
                others: others.iter().map(|(who, line)| (who.clone(), reply(line))).collect(),
                put_off: (0..put_off).map(|n| (name("p", n), "421 leaving".to_owned())).collect(),
                more,
                ..Asked::default()
            };
            let asked_for_nobody = welcome.is_empty() && others.is_empty() && put_off == 0 && !more;
            let receipt = match receipt(of, before, Reply::text) {
                Ok(receipt) => receipt,
                Err(error) => {
                    prop_assert!(welcome.is_empty(), "who has it is never forgotten: {error}");
                    let gave_up = matches!(error, DeliveryError::GiveUp { .. });
                    prop_assert!(!gave_up, "{error}");
                    return Ok(());
                }
            };
            let fate = |who: &str| receipt.settled.iter().filter(|of| of.address == who).collect::<Vec<_>>();
            for who in &welcome {
                let accepted = Recipient::accepted(who);
                prop_assert_eq!(fate(who), [&accepted]);
            }
            let mut waits = put_off > 0 || more;
            for (who, line) in &others {
                let fate = fate(who);
                prop_assert!(fate.len() <= 1);
                waits |= fate.is_empty();
                let about_them = line.starts_with("55") && (before || !welcome.is_empty() || line.contains(" 5.1.") || line.contains(" 5.2."));
                prop_assert!(fate.is_empty() || about_them, "{who} was refused by {line}");
                let mailbox = line.starts_with("550 5.1.") || line.starts_with("553 5.1.") || line.starts_with("552 5.2.");
                prop_assert!(!fate.is_empty() || !mailbox, "{who} is asked again after {line}");
            }
            prop_assert_eq!(receipt.left == Left::Nothing, !waits, "{:?}", receipt);
            prop_assert!(asked_for_nobody || waits || !receipt.settled.is_empty());
        }
    }
}
