//! What goes by itself: a window in which people can stop it, and names that a stranger had; and nothing else.

use chrono::TimeDelta;

use super::world::{self, World, ada, bob};
use crate::claims::setback;
use crate::model::claim::{ClaimState, Party, Publicity, Terms};
use crate::model::health::HealthIssue;
use crate::model::{Channel, Event, Exposure, Time};
use crate::registry::pypi::upload::{Refused, UploadReply};
use crate::store::NoticeState;

const AUTO: Terms = Terms { publicity: Publicity::Unsaid, auto: true };

#[tokio::test]
async fn the_configuration_waits_for_the_owner_and_anybody_may_stop_it() {
    let names = ["acme-a", "acme-b"].map(str::to_owned);
    let mut world = World::new(&names, AUTO).await;
    world.automatic().await;
    world.pass(TimeDelta::days(3)).await;
    world.automatic().await;
    assert_eq!(world.state("acme-a").await, ClaimState::Planned, "nobody was told yet");
    let pages = world.pages().await;
    assert_eq!(pages.iter().filter(|page| page.contains("acme-")).count(), 2, "{pages:?}");
    world.deliver().await;
    world.automatic().await;
    world.mind(TimeDelta::hours(23)).await;
    assert_eq!(world.state("acme-a").await, ClaimState::Planned);
    world.reject("acme-b", &ada()).await;
    world.mind(TimeDelta::hours(2)).await;
    world.work_off().await;
    assert_eq!(world.state("acme-a").await, ClaimState::Ours);
    world.pass(TimeDelta::days(30)).await;
    world.automatic().await;
    assert_eq!(world.state("acme-b").await, ClaimState::Abandoned, "what a person stopped stays stopped");
    let trail = world.trail("acme-a").await;
    let approved = trail.iter().find(|line| line.event == "approve").expect("an approval");
    assert_eq!((&approved.by, approved.detail.as_str()), (&Party::Configuration, "and let go"));
}

/// Whatever keeps people from stopping it (no daemon, claims switched off, another clock), the window begins anew, and is told.
#[tokio::test]
async fn a_window_counts_only_while_somebody_could_stop_it() {
    enum Gap {
        Down,
        Off,
        Clock(TimeDelta),
    }
    let clocks = [TimeDelta::hours(30), TimeDelta::hours(-30), TimeDelta::days(400)].map(Gap::Clock);
    for (at, gap) in [Gap::Down, Gap::Off].into_iter().chain(clocks).enumerate() {
        let mut world = World::new(&["acme-a".to_owned()], AUTO).await;
        world.automatic().await;
        world.deliver().await;
        world.mind(TimeDelta::hours(23)).await;
        match gap {
            Gap::Down => world.pass(TimeDelta::hours(30)).await,
            Gap::Off => {
                world.settings.enabled = false;
                world.mind(TimeDelta::hours(30)).await;
                world.settings.enabled = true;
            }
            Gap::Clock(step) => world.set_clock(step).await,
        }
        world.mind(TimeDelta::hours(30)).await;
        assert_eq!(world.state("acme-a").await, ClaimState::Planned, "gap {at}: nobody was told anew");
        world.deliver().await;
        world.mind(TimeDelta::hours(23)).await;
        assert_eq!(world.state("acme-a").await, ClaimState::Planned, "gap {at}");
        world.mind(TimeDelta::hours(2)).await;
        assert_eq!(world.state("acme-a").await, ClaimState::Approved, "gap {at}");
    }
}

/// A daemon that is started anew, and a clock that is set right by some minutes, are no gap.
#[tokio::test]
async fn a_short_gap_ends_no_window() {
    let mut world = World::new(&["acme-a".to_owned()], AUTO).await;
    world.automatic().await;
    world.deliver().await;
    world.mind(TimeDelta::hours(12)).await;
    world.pass(TimeDelta::minutes(10)).await;
    world.set_clock(TimeDelta::minutes(-12)).await;
    world.mind(TimeDelta::hours(12)).await;
    assert_eq!(world.state("acme-a").await, ClaimState::Approved);
}

/// What the inventory no longer says is not done, wherever it stands; and what stands there again begins anew, with a window.
#[tokio::test]
async fn what_is_no_longer_automatic_stops_until_the_first_byte() {
    for hours in [1, 25] {
        let mut world = World::new(&["acme-a".to_owned()], AUTO).await;
        world.automatic().await;
        world.deliver().await;
        world.mind(TimeDelta::hours(hours)).await;
        world.set_terms(Terms::default());
        world.mind(TimeDelta::hours(30)).await;
        world.work_off().await;
        assert_eq!((world.state("acme-a").await, world.pypi.asked), (ClaimState::Abandoned, 0), "after {hours} h");
        world.set_terms(AUTO);
        world.automatic().await;
        assert_eq!(world.state("acme-a").await, ClaimState::Planned, "it is told and waits again");
    }
}

#[tokio::test]
async fn one_person_does_not_end_the_window_of_an_automatic_claim() {
    let names = ["acme-a".to_owned()];
    let mut world = World::new(&names, AUTO).await;
    world.automatic().await;
    world.deliver().await;
    world.mind(TimeDelta::hours(1)).await;
    world.approve(&names, &ada()).await;
    let alone = world.try_apply(&ada()).await.lines.remove(0).refused.expect("refused");
    assert!(alone.contains("another person has to let it go"), "{alone}");
    world.work_off().await;
    assert_eq!(world.pypi.asked, 0);
    world.mind(TimeDelta::hours(24)).await;
    world.work_off().await;
    assert_eq!(world.state("acme-a").await, ClaimState::Ours, "its window is over");
}

/// A log that nobody may read, and a channel that fails, are no announcement.
#[tokio::test]
async fn the_console_alone_tells_nobody_and_the_default_owner_hears_too() {
    let mut world = World::new(&["acme-a".to_owned()], AUTO).await;
    world.by_console();
    world.automatic().await;
    world.deliver_by(&Channel::Console).await;
    world.mind(TimeDelta::hours(30)).await;
    assert_eq!(world.state("acme-a").await, ClaimState::Planned);
    assert_eq!(world.announced("acme-a#1").await, ["security", "standby"]);
}

/// The mail server of the owner is dead when it is due: that the default owner has it ends no window, until the mail is given up.
#[tokio::test]
async fn the_window_counts_from_what_reached_the_owner_and_the_default_owner_stands_in_for_whom_nothing_reaches() {
    let hook = Channel::Webhook("soc".to_owned());
    for is_given_up in [false, true] {
        let mut world = World::new(&["acme-a".to_owned()], AUTO).await;
        world.with_standby(&hook);
        world.automatic().await;
        world.deliver_by(&hook).await;
        if is_given_up {
            world.settle_by(&Channel::Email, NoticeState::GivenUp).await;
        }
        world.mind(TimeDelta::hours(30)).await;
        let waits = if is_given_up { ClaimState::Approved } else { ClaimState::Planned };
        assert_eq!(world.state("acme-a").await, waits, "given up: {is_given_up}");
        world.deliver().await;
        world.mind(TimeDelta::hours(25)).await;
        assert_eq!(world.state("acme-a").await, ClaimState::Approved);
    }
}

/// What is lost to a stranger comes back by itself; what was withdrawn or has gone for another reason is for people.
#[tokio::test]
async fn only_what_a_stranger_was_seen_to_hold_comes_back_by_itself() {
    let back = async |is_let_go: bool, holder: Option<&str>, changes: bool, told: &[(i64, &str)]| {
        let names = ["acme-a".to_owned()];
        let mut world = World::new(&names, Terms::default()).await;
        world.propose(&names, &ada()).await;
        world.approve(&names, &bob()).await;
        if is_let_go {
            world.apply(&ada()).await;
        }
        world.pass(TimeDelta::hours(1)).await;
        world.register("acme-a", holder).await;
        for (minutes, action) in told {
            world.pass(TimeDelta::minutes(*minutes)).await;
            world.happens("acme-a", Event::RolesChanged { action: (*action).to_owned() }).await;
        }
        world.expose("acme-a", Exposure::Taken).await;
        world.withdraw().await;
        world.automatic().await;
        world.expose("acme-a", Exposure::Removed).await;
        if changes {
            world.set_terms(Terms { publicity: Publicity::Public, auto: false });
        }
        world.pass(TimeDelta::hours(1)).await;
        world.automatic().await;
        world.claims_of(&world::name("acme-a")).await.len() == 2
    };
    assert!(back(true, Some("mallory"), false, &[]).await, "a stranger held it");
    assert!(!back(false, Some("mallory"), false, &[]).await, "nobody let it go");
    assert!(!back(true, Some("acme-bot"), false, &[]).await, "it was ours");
    assert!(!back(true, None, false, &[]).await, "nobody saw whose it was");
    assert!(!back(true, Some("mallory"), true, &[]).await, "the inventory says otherwise");
    // Gone within seconds, before a page of it had a file: the changelog alone says whose it was.
    assert!(back(true, None, false, &[(0, "add Owner mallory")]).await, "a stranger made it");
    assert!(!back(true, None, false, &[(0, "add Owner Acme-Bot")]).await, "we made it");
    let joined = [(0, "add Owner mallory"), (5, "accepted Maintainer acme-bot")];
    assert!(!back(true, None, false, &joined).await, "we had a part in it");
    // Made in an organization, which may be ours: PyPI names nobody with it, whoever comes to it later.
    assert!(!back(true, None, false, &[(5, "add Owner eve")]).await, "nobody saw who made it");
    assert!(!back(true, None, false, &[(0, "accepted Owner eve")]).await, "nobody saw who made it");
}

/// Two come back when one more may be made that day: each owner is told what holds, and it holds.
#[tokio::test]
async fn what_comes_back_says_when_its_turn_comes_and_on_whose_word() {
    let names = ["acme-a", "acme-b", "acme-c", "acme-d"].map(str::to_owned);
    let (lost, held) = names.split_at(2);
    let mut world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    world.pass(TimeDelta::hours(1)).await;
    for name in lost {
        world.register(name, Some("mallory")).await;
        world.expose(name, Exposure::Taken).await;
    }
    world.work_off().await;
    for name in held {
        assert_eq!(world.state(name).await, ClaimState::Ours);
    }
    world.pass(TimeDelta::hours(1)).await;
    for name in lost {
        world.expose(name, Exposure::Removed).await;
    }
    world.automatic().await;
    let pages = world.pages().await;
    let turn = |claim: &str| -> Option<Time> {
        let bodies = pages.iter().map(|body| serde_json::from_str::<serde_json::Value>(body).expect("JSON"));
        let mut told = bodies.map(|body| body["announced"].clone()).filter(|announced| announced["claim"] == claim);
        let told = told.next().unwrap_or_else(|| panic!("nobody was told of {claim}: {pages:?}"));
        serde_json::from_value(told["turn"].clone()).expect("a time or none")
    };
    assert_eq!(turn("acme-a#2"), None, "at once");
    let turn = turn("acme-b#2").expect("a time");
    let planned = world.trail_of("acme-b", 2).await.remove(0);
    let wanted = "claimed back, as acme-b#1 was approved by bob (uid 1002) on 2026-";
    assert!(planned.detail.starts_with(wanted) && planned.detail.contains("let go by ada"), "{planned:?}");
    let mut ours = Vec::new();
    while ours.len() < 2 {
        world.mind(TimeDelta::minutes(10)).await;
        world.work_off().await;
        for name in lost.iter().filter(|name| !ours.contains(*name)).collect::<Vec<_>>() {
            if world.state(name).await == ClaimState::Ours {
                ours.push(name.clone());
                let is_due = (world.now - turn).abs() <= TimeDelta::minutes(20);
                assert_eq!(
                    is_due,
                    name == "acme-b",
                    "{name} at {}, and the turn was said to come at {turn}",
                    world.now
                );
            }
        }
    }
}

/// Lost and claimed back a second time: the trail names the persons on whose word it rests, and not what goes on by it.
#[tokio::test]
async fn what_comes_back_again_says_on_whose_word_it_rested_first() {
    let names = ["acme-a".to_owned()];
    let mut world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    for _ in 0..2 {
        world.pass(TimeDelta::hours(1)).await;
        world.register("acme-a", Some("mallory")).await;
        world.expose("acme-a", Exposure::Taken).await;
        world.withdraw().await;
        world.pass(TimeDelta::hours(1)).await;
        world.expose("acme-a", Exposure::Removed).await;
        world.automatic().await;
    }
    let [second, third] = [2, 3].map(|number| world.trail_of("acme-a", number));
    let (second, third) = (second.await.remove(0), third.await.remove(0));
    assert!(third.detail.contains("acme-a#1 was approved by bob"), "{third:?}");
    assert_eq!(second.detail, third.detail);
}

/// Confidential and back, out of the inventory and back: that is for people, although nothing is different by then.
#[tokio::test]
async fn what_the_inventory_took_back_is_for_people() {
    for secret in [true, false] {
        let names = ["acme-a".to_owned()];
        let mut world = World::new(&names, Terms::default()).await;
        world.propose(&names, &ada()).await;
        world.approve(&names, &bob()).await;
        world.apply(&ada()).await;
        let before = world.watchlist.clone();
        match secret {
            true => world.set_terms(Terms { publicity: Publicity::Confidential, auto: false }),
            false => world.forget(),
        }
        world.withdraw().await;
        world.watchlist = before;
        world.mind(TimeDelta::hours(2)).await;
        world.work_off().await;
        assert_eq!((world.state("acme-a").await, world.pypi.asked), (ClaimState::Abandoned, 0), "secret: {secret}");
    }
}

/// A refusal of the texts would be that of every package.
#[tokio::test]
async fn what_is_refused_for_its_text_costs_one_name_and_stops_the_others() {
    let names = ["acme-a", "acme-b", "acme-c"].map(str::to_owned);
    let mut world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    let reply = UploadReply::Refused { why: Refused::Description, said: "400 no".to_owned() };
    world.pypi.answers.push_back(world::Answer::Refused(setback(&reply).expect("a refusal")));
    world.work_off().await;
    world.pass(TimeDelta::days(2)).await;
    world.work_off().await;
    assert_eq!((world.pypi.asked, world.published()), (1, 0));
    assert!(world.pages().await.iter().any(|page| page.contains("claims-stopped")));
}

/// What PyPI says of its quota is no reason to flood it, nor to wait for years.
#[tokio::test]
async fn a_quota_that_is_full_until_now_is_left_alone_for_an_hour() {
    for (seconds, hours) in [(0, 1), (1, 1), (7_200, 2), (u32::MAX, 48)] {
        let names = ["acme-a", "acme-b"].map(str::to_owned);
        let mut world = World::new(&names, Terms::default()).await;
        world.propose(&names, &ada()).await;
        world.approve(&names, &bob()).await;
        world.apply(&ada()).await;
        world.pypi.answers.push_back(world::Answer::RateLimited { seconds });
        world.work_off().await;
        world.pass(TimeDelta::hours(hours) - TimeDelta::seconds(1)).await;
        world.work_off().await;
        assert_eq!(world.pypi.asked, 1, "{seconds} s");
        world.pass(TimeDelta::seconds(2)).await;
        world.work_off().await;
        assert_eq!(world.published(), 2, "{seconds} s");
    }
}

/// "Taken", and then nothing there: sent again it would be said again.
#[tokio::test]
async fn what_pypi_said_to_have_taken_and_lost_is_not_sent_again_before_somebody_has_looked() {
    let names = ["acme-a", "acme-b"].map(str::to_owned);
    let mut world = World::new(&names[..1], Terms::default()).await;
    world.propose(&names[..1], &ada()).await;
    world.approve(&names[..1], &bob()).await;
    world.apply(&ada()).await;
    world.pypi.forgets = true;
    world.work_off().await;
    world.pass(TimeDelta::minutes(16)).await;
    world.work_off().await;
    world.pass(TimeDelta::days(3)).await;
    world.work_off().await;
    assert_eq!((world.state("acme-a").await, world.pypi.asked), (ClaimState::Uncertain, 2));
    assert!(world.pages().await.iter().any(|page| page.contains("claims-stopped")));
    world.pypi.forgets = false;
    world.retry("acme-a", &bob()).await;
    world.work_off().await;
    assert_eq!(world.state("acme-a").await, ClaimState::Ours);
}

/// Nobody could take it when its claim ended, since one that reads the same stood; that is gone, and somebody hears so once.
#[tokio::test]
async fn a_name_that_opens_again_after_its_claim_ended_is_told_until_somebody_leaves_it_so() {
    let names = ["acme-a".to_owned()];
    let mut world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    let reply = UploadReply::Refused { why: Refused::NameSimilar, said: "400 no".to_owned() };
    world.pypi.answers.push_back(world::Answer::Refused(setback(&reply).expect("a refusal")));
    world.work_off().await;
    let reopened = async |world: &World| world.write(|desk, tx| desk.tell_of_reopened_names(tx)).await;
    world.expose("acme-a", Exposure::Shielded { sibling: "acmea".to_owned() }).await;
    assert!(!reopened(&world).await, "nobody can take it");
    world.expose("acme-a", Exposure::Exposed).await;
    assert!(reopened(&world).await && !reopened(&world).await, "told once");
    let issue = HealthIssue::ClaimEnded { name: world::name("acme-a") };
    assert_eq!(world.acknowledge(issue, &ada()).await, crate::cases::Acknowledged::Closed);
    assert!(!reopened(&world).await, "it stays so");
}
