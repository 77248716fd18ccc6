//! Receivers and addresses that hear nothing, held to what became of every message: said as long as it is so, and no longer.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use proptest::prelude::*;

use super::refused::refused;
use super::unreached::unreached;
use crate::config::source::Source;
use crate::model::health::HealthIssue;
use crate::model::notice::{Lane, NoticeEvent, NoticeKey};
use crate::model::{Channel, OwnerId, Recipient, Tier, Time};
use crate::store::{NewNotice, NoticeBody, NoticeState, Store, StoreError, Tx};
use crate::watchlist::routes::Routes;
use crate::watchlist::{self, Watchlist};

const OWNERS: [&str; 3] = ["security", "payments", "data"];
/// Of each owner; the second inventory has no second address, and `data` has left.
const ADDRESSES: [&str; 2] = ["lead", "oncall"];

fn watchlist(second: bool) -> Watchlist {
    let mut text = String::new();
    for owner in &OWNERS[..if second { 2 } else { 3 }] {
        let all = &ADDRESSES[..if second { 1 } else { 2 }];
        let emails: Vec<String> = all.iter().map(|who| format!("\"{}\"", address(owner, who))).collect();
        text += &format!(
            "[owners.{owner}]\nemail = [{}]\nslack = [\"team\"]\nnames = [\"acme-{owner}\"]\n",
            emails.join(", ")
        );
    }
    let source = Source::new(std::path::Path::new("inventory.toml"), text);
    let inventory = watchlist::from_source(source, &OwnerId("security".into())).expect("a good inventory");
    let routes = Routes { default_owner: OwnerId("security".into()), channels: [Channel::Email, slack()].into() };
    Watchlist::new(inventory, routes)
}

fn address(owner: &str, who: &str) -> String {
    format!("{owner}-{who}@acme.example")
}

fn slack() -> Channel {
    Channel::Slack("team".to_owned())
}

#[derive(Clone, Debug)]
enum Step {
    /// What became of a message, and by mail of each recipient: whether the server took it for them.
    Message {
        owner: usize,
        mail: bool,
        took: [bool; 2],
    },
    Inventory(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let message = (0..OWNERS.len(), any::<bool>(), any::<[bool; 2]>());
    let step = prop_oneof![
        6 => message.prop_map(|(owner, mail, took)| Step::Message { owner, mail, took }),
        1 => any::<bool>().prop_map(Step::Inventory),
    ];
    prop::collection::vec(step, 1..20)
}

/// All that happened, as a person would remember it.
#[derive(Default)]
struct Memory {
    /// Was the last message of an owner and a channel refused for good?
    refused: BTreeMap<(usize, bool), bool>,
    /// Does an address hear nothing while another of its owner does?
    deaf: BTreeMap<(usize, usize), bool>,
}

impl Memory {
    fn message(&mut self, owner: usize, mail: bool, took: [bool; 2]) {
        let arrived = is_taken(mail, took);
        if arrived && !mail {
            // Whoever posts there, it is one receiver.
            self.refused.iter_mut().filter(|((_, by_mail), _)| !by_mail).for_each(|(_, refused)| *refused = false);
        }
        self.refused.insert((owner, mail), !arrived);
        for (at, taken) in took.into_iter().enumerate().filter(|_| mail) {
            let deaf = self.deaf.entry((owner, at)).or_default();
            *deaf = if taken { false } else { *deaf || arrived };
        }
    }

    fn issues(&self, second: bool) -> BTreeSet<HealthIssue> {
        let there = |owner: usize| !second || owner < 2;
        let refused = self.refused.iter().filter(|((owner, _), refused)| **refused && there(*owner));
        let channel = |mail: bool| if mail { Channel::Email } else { slack() }.to_string();
        let refused = refused.map(|((_, mail), _)| HealthIssue::Refused { channel: channel(*mail) });
        let deaf = self.deaf.iter().filter(|((owner, at), deaf)| **deaf && there(*owner) && (!second || *at == 0));
        let deaf = deaf.map(|((owner, _), _)| HealthIssue::RecipientRefused {
            owner: OwnerId(OWNERS[*owner].to_owned()),
            channel: channel(true),
        });
        refused.chain(deaf).collect()
    }
}

fn is_taken(mail: bool, took: [bool; 2]) -> bool {
    if mail { took.contains(&true) } else { took[0] }
}

fn deliver(tx: &Tx<'_>, number: usize, step: (usize, bool, [bool; 2]), now: Time) -> Result<(), StoreError> {
    let (owner, mail, took) = step;
    let notice = NewNotice {
        key: NoticeKey(format!("{number:032x}")),
        owner: OwnerId(OWNERS[owner].to_owned()),
        channel: if mail { Channel::Email } else { slack() },
        event: NoticeEvent::Test,
        lane: Lane::Alert,
        tier: Tier::Alert,
        due: now,
        body: NoticeBody::Proof,
    };
    let id = tx.notices().add(&notice, now)?.expect("it is new");
    for (who, taken) in ADDRESSES.iter().zip(took).filter(|_| mail) {
        let who = address(OWNERS[owner], who);
        let fate = if taken { Recipient::accepted(&who) } else { Recipient::refused(&who, "550 no such user") };
        tx.recipients().settle(&notice.key, &notice.owner, &notice.channel, &fate, now)?;
    }
    let state = if is_taken(mail, took) { NoticeState::Delivered } else { NoticeState::GivenUp };
    tx.notices().settle(id, state, Some("550 no such user"), now)
}

/// What the health cases are after each step, beside what they should be.
async fn play(steps: Vec<Step>) -> Vec<(BTreeSet<HealthIssue>, BTreeSet<HealthIssue>)> {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(dir.path()).expect("opens");
    let (mut memory, mut second, mut seen) = (Memory::default(), false, Vec::new());
    let mut now: Time = "2026-11-20T12:00:00Z".parse().expect("a time");
    for (number, step) in steps.into_iter().enumerate() {
        now += TimeDelta::minutes(1);
        let message = match step {
            Step::Inventory(other) => {
                second = other;
                None
            }
            Step::Message { owner, mail, took } => {
                memory.message(owner, mail, took);
                Some((owner, mail, took))
            }
        };
        let list = watchlist(second);
        let round = move |tx: &Tx<'_>| {
            message.map_or(Ok(()), |message| deliver(tx, number, message, now))?;
            // The next round finds the same, and says it of the same case.
            for now in [now, now + TimeDelta::seconds(30)] {
                refused(tx, &list, now)?;
                unreached(tx, &list, now)?;
            }
            tx.health().all_open()
        };
        let open = store.write(round).await.expect("stored");
        let issues: BTreeSet<HealthIssue> = open.iter().map(|case| case.issue.clone()).collect();
        assert_eq!(issues.len(), open.len(), "one case each: {open:?}");
        seen.push((issues, memory.issues(second)));
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_hears_nothing_is_a_case_until_a_message_is_taken_or_nobody_is_told_by_it(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        for (at, (is, should)) in runtime.block_on(play(steps.clone())).into_iter().enumerate() {
            prop_assert_eq!(is, should, "after {} of {:?}", at + 1, steps);
        }
    }
}
