//! Addresses as mail servers take them: the domain in ASCII, and recipients in groups.

use std::collections::BTreeSet;

use lettre::Address;

use crate::model::{Owner, Recipient};

/// Recipients of one message. RFC 5321, 4.5.3.1.8 promises a hundred; many servers take fewer, and a message that is
/// refused or lost then concerns fewer.
const MOST: usize = 50;

/// A recipient: as the inventory writes it, and as the server is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct To {
    pub(super) written: String,
    pub(super) address: Address,
}

/// Whom one message goes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) to: Vec<To>,
    /// Their local parts need SMTPUTF8 (RFC 6531). They have a message of their own, so that whoever needs none of it is
    /// not held up.
    pub(super) utf8: bool,
    /// Others wait for another message.
    pub(super) more: bool,
    /// What the inventory calls an address and is none.
    pub(super) unusable: Vec<String>,
}

impl Group {
    /// The next recipients whose fate is not known; those that are `late` after all others.
    pub(super) fn next(owner: &Owner, settled: &[Recipient], late: &BTreeSet<String>) -> Self {
        let known: BTreeSet<&str> = settled.iter().map(|recipient| recipient.address.as_str()).collect();
        let waiting: BTreeSet<&str> = owner.emails.iter().map(String::as_str).collect();
        let (mut plain, mut utf8, mut unusable) = (Vec::new(), Vec::new(), Vec::new());
        for written in waiting.difference(&known) {
            let address = parse(written);
            let into =
                if address.as_ref().is_some_and(|address| address.user().is_ascii()) { &mut plain } else { &mut utf8 };
            match address {
                Some(address) => into.push(To { written: (*written).to_owned(), address }),
                None => unusable.push((*written).to_owned()),
            }
        }
        let is_late = |to: &To| late.contains(&to.written);
        let waits = plain.iter().all(is_late) && !utf8.iter().all(is_late);
        let (mut these, those) = if plain.is_empty() || waits { (utf8, plain) } else { (plain, utf8) };
        these.sort_by_key(is_late);
        let more = these.len() > MOST || !those.is_empty();
        let utf8 = these.first().is_some_and(|to| !to.address.user().is_ascii());
        Self { to: these.into_iter().take(MOST).collect(), utf8, more, unusable }
    }
}

/// An address with its domain in ASCII (RFC 5890); `None` when it is none.
pub(super) fn parse(text: &str) -> Option<Address> {
    let address = text.parse().ok().filter(|_| !text.contains(char::is_control))?;
    in_ascii(&address)
}

/// Does the part before the `@` need SMTPUTF8? What is no address needs nothing.
pub(super) fn needs_utf8(text: &str) -> bool {
    parse(text).is_some_and(|address| !address.user().is_ascii())
}

/// The same mailbox, its domain in ASCII.
pub(super) fn in_ascii(address: &Address) -> Option<Address> {
    Address::new(address.user(), domain(address.domain())?).ok()
}

/// A domain in ASCII, as DNS and certificates have it. What is ASCII already stays as it is, literals included.
pub(super) fn domain(text: &str) -> Option<String> {
    if text.is_ascii() { Some(text.to_owned()) } else { idna::domain_to_ascii(text).ok() }
}

/// `pa…ad@acme.example`: enough for the operator, not an address book in the log.
pub(super) fn masked(email: &str) -> String {
    let (local, domain) = email.rsplit_once('@').unwrap_or((email, "?"));
    let letters: Vec<char> = local.trim_end().chars().collect();
    let head: String = letters.iter().take(2).collect();
    // Two of one team are told apart.
    let tail: String = if letters.len() > 6 { letters[letters.len() - 2..].iter().collect() } else { String::new() };
    crate::messages::hostile::shown(&format!("{head}…{tail}@{domain}"), 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(emails: &[&str]) -> Owner {
        Owner { emails: emails.iter().map(|&email| email.to_owned()).collect(), ..Owner::default() }
    }

    fn next(owner: &Owner, settled: &[Recipient]) -> Group {
        Group::next(owner, settled, &BTreeSet::new())
    }

    fn written(group: &Group) -> Vec<&str> {
        group.to.iter().map(|to| to.written.as_str()).collect()
    }

    #[test]
    fn domains_are_sent_in_ascii() {
        for (written, sent) in [
            ("security@münchen.example", "security@xn--mnchen-3ya.example"),
            ("a@MÜNCHEN.example", "a@xn--mnchen-3ya.example"),
            ("a@例え。jp", "a@xn--r8jz45g.jp"),
            ("a@x.example", "a@x.example"),
            ("a@[127.0.0.1]", "a@[127.0.0.1]"),
            ("jürgen@münchen.example", "jürgen@xn--mnchen-3ya.example"),
        ] {
            assert_eq!(parse(written).map(|address| address.to_string()).as_deref(), Some(sent));
        }
        for bad in
            ["", "a", "a@", "@x.example", "a@x.example\r\nRCPT TO:<b@evil.example>", "a b@x.example", "a@x\0.example"]
        {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn whoever_is_settled_is_not_asked_again() {
        let owner = owner(&["b@x.example", "a@x.example", "b@x.example", "no address"]);
        let group = next(&owner, &[]);
        assert_eq!((written(&group), group.more), (vec!["a@x.example", "b@x.example"], false));
        assert_eq!(group.unusable, ["no address"]);
        let settled = [Recipient::accepted("a@x.example"), Recipient::refused("no address", "none")];
        let group = next(&owner, &settled);
        assert_eq!((written(&group), group.unusable.len()), (vec!["b@x.example"], 0));
    }

    #[test]
    fn many_are_told_in_groups_and_those_who_need_smtputf8_apart() {
        let many: Vec<String> =
            (0..120).map(|i| format!("p{i:03}@x.example")).chain(["jürgen@x.example".into()]).collect();
        let owner = Owner { emails: many, ..Owner::default() };
        let (mut settled, mut sizes) = (Vec::new(), Vec::new());
        loop {
            let group = next(&owner, &settled);
            sizes.push((group.to.len(), group.utf8));
            settled.extend(group.to.iter().map(|to| Recipient::accepted(&to.written)));
            if !group.more {
                break;
            }
        }
        assert_eq!(sizes, [(50, false), (50, false), (20, false), (1, true)]);
        assert_eq!(next(&owner, &settled), Group::default());
    }

    #[test]
    fn addresses_are_masked() {
        assert_eq!(masked("anna.smith@acme.example"), "an…th@acme.example");
        assert_ne!(masked("payments-lead@acme.example"), masked("payments-oncall@acme.example"));
        assert_eq!(masked("nonsense\r\n"), "no…se@?");
    }
}
