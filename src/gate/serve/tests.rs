//! What the gate answers: in which words, how soon, and by which clock.

mod agree;
mod attesting;
mod inspecting;
mod known;
mod limits;
mod on_the_way;
mod ranges;
mod sending;
mod sent;
mod world;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use reqwest::StatusCode;
use reqwest::header::ETAG;
use serde_json::Value;

use crate::gate::malware::MalwareRecords;
use crate::gate::policy::{Binding, Mode, Modes};
use crate::gate::review::ReviewAct;
use crate::gate::serve::tests::world::{World, noon};
use crate::model::recall::{RecallCause, RecallMark};
use crate::model::{ProjectName, WatchId};

/// Decisions, one after the other.
const TURNS: usize = 40;
/// Of installers, and of one that is none.
const AGENTS: [&str; 3] = ["pip/25.3 {}", "uv/0.9", "curl/8"];

/// Somebody rejects and reopens what many ask for at the time: who asks after a decision goes by it.
#[test]
fn no_request_that_begins_after_a_decision_goes_by_the_one_before() {
    World::run(async |world| {
        world.decide(ReviewAct::Approve).await;
        assert_eq!(world.ask("GET", world::HELD, &[]).await.status, StatusCode::OK);
        // Even: open. Odd: refused. While it is being decided nobody may tell.
        let (begun, decided, told) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        let decide = async {
            for turn in 1..=TURNS {
                begun.store(turn, Ordering::SeqCst);
                let again =
                    if turn % 2 == 1 { &[ReviewAct::Reject][..] } else { &[ReviewAct::Reopen, ReviewAct::Approve] };
                for act in again {
                    world.decide(*act).await;
                }
                decided.store(turn, Ordering::SeqCst);
                while told.load(Ordering::SeqCst) < turn {
                    tokio::task::yield_now().await;
                }
            }
        };
        let ask = async || {
            while told.load(Ordering::SeqCst) < TURNS {
                let before = decided.load(Ordering::SeqCst);
                let metadata = format!("{}.metadata", world::HELD);
                let (file, head) =
                    (world.ask("GET", world::HELD, &[]).await, world.ask("HEAD", world::HELD, &[]).await);
                let part = world.ask("GET", world::HELD, &[("range", "bytes=0-0")]).await;
                let (known, words) = ([("if-none-match", "*")], world.ask("GET", &metadata, &[]).await);
                let again = world.ask("GET", world::HELD, &known).await;
                let pages = [world.page(&[]).await, world.page(&[("accept-encoding", "zstd")]).await];
                if begun.load(Ordering::SeqCst) == before {
                    let is_held = pages.map(|page| String::from_utf8_lossy(&page.unpacked()).contains("rejected by "));
                    assert_eq!(is_held, [before % 2 == 1; 2], "turn {before}");
                    let told = [file, head, part, words, again].map(|answer| answer.status.as_u16());
                    let ought = if before % 2 == 0 { [200, 200, 206, 200, 304] } else { [451; 5] };
                    assert_eq!(told, ought, "turn {before}");
                }
                told.fetch_max(before, Ordering::SeqCst);
            }
        };
        tokio::join!(decide, ask(), ask(), ask());
    });
}

/// What rules only advise against is given out, to be looked at by persons, who can still say no.
#[test]
fn what_goes_out_against_advice_is_a_review() {
    World::run(async |world| {
        let reviews = async || world.gate.desk.list(None, 10).await.expect("listed").reviews;
        for (mode, status, all) in [(Mode::Observe, 200, 0), (Mode::Advise, 200, 1), (Mode::Enforce, 451, 1)] {
            world.rule(|rules| rules.age.modes = Modes::all(mode));
            assert_eq!(world.ask("GET", world::HELD, &[]).await.status.as_u16(), status, "{mode:?}");
            assert_eq!(reviews().await.len(), all, "{mode:?}");
        }
        assert!(!reviews().await[0].given_out, "{:?}", reviews().await);
        world.rule(|rules| rules.age.modes = Modes::all(Mode::Advise));
        let review = reviews().await.remove(0);
        assert!(review.given_out && review.why.starts_with("given out, and to be looked at until 2026"), "{review:?}");
        assert_eq!(review.times_asked, 2, "whoever received it and whoever was refused");
        world.decide(ReviewAct::Reject).await;
        assert_eq!(world.ask("GET", world::HELD, &[]).await.status.as_u16(), 451);
        assert_eq!(reviews().await.remove(0).why, "rejected by ada: looked at");
    });
}

/// Whoever is refused asks the person, and not everybody.
#[test]
fn who_said_no_stands_on_the_page_with_the_file_and_with_its_metadata() {
    World::run(async |world| {
        world.decide(ReviewAct::Reject).await;
        let metadata = format!("{}.metadata", world::HELD);
        for asked in
            [world.page(&[]).await, world.ask("GET", world::HELD, &[]).await, world.ask("GET", &metadata, &[]).await]
        {
            let body = String::from_utf8_lossy(&asked.body).into_owned();
            assert!(body.contains("rejected by ada in review 1: looked at"), "{} {body}", asked.status);
        }
    });
}

/// What is kept of a refusal is for whoever asks with that tool, for that file, and as long as it is refused for that.
#[test]
fn a_refusal_that_was_written_before_says_what_one_that_is_written_now_says() {
    World::run(async |world| {
        let metadata = format!("{}.metadata", world::HELD);
        let said = async || {
            let mut said = Vec::new();
            for (path, agent) in [world::HELD, &metadata].into_iter().flat_map(|path| AGENTS.map(|agent| (path, agent)))
            {
                let answer = world.ask("GET", path, &[("user-agent", agent)]).await;
                assert_eq!(answer.status.as_u16(), 451, "{path} {agent}");
                said.push(String::from_utf8(answer.body).expect("UTF-8"));
            }
            said
        };
        let before = said().await;
        let kept = said().await;
        assert_eq!(kept, before);
        assert!(before[0].contains("gate setup pip`") && before[1].contains("gate setup uv`"), "{before:?}");
        assert!(!before[2].contains("gate setup"), "{before:?}");
        world.decide(ReviewAct::Reject).await;
        for (now, before) in said().await.iter().zip(&before) {
            assert!(now.contains("rejected by ada") && now != before, "{now}");
        }
    });
}

/// However many ask for a large page that nobody has, it is asked for once, and all get the same.
#[test]
fn a_page_that_many_want_is_asked_for_and_made_once() {
    World::run(async |world| {
        let asked = futures_util::future::join_all((0..40).map(|_| world.page(&[("accept-encoding", "zstd")]))).await;
        assert_eq!(world.index().pages_asked, 1);
        assert!(asked.iter().all(|page| page.status == StatusCode::OK && page.body == asked[0].body));
        assert!(asked[0].headers.contains_key(ETAG));
    });
}

/// What becomes of the file that is held at noon: on the page, and by itself.
async fn of_held(world: &World) -> (bool, u16) {
    let page: Value = serde_json::from_slice(&world.page(&[]).await.body).expect("JSON");
    let is_listed = page["files"].as_array().expect("files")[2]["yanked"] == Value::Bool(false);
    (is_listed, world.ask("GET", world::HELD, &[]).await.status.as_u16())
}

#[test]
fn a_clock_that_is_set_ahead_lets_nothing_out_before_its_time() {
    World::run(async |world| {
        assert_eq!(of_held(&world).await, (false, 451));
        let ahead = TimeDelta::days(10);
        world.clock.step(ahead);
        world.index().behind = ahead;
        let asked = world.index().pages_asked;
        assert_eq!(of_held(&world).await, (false, 451), "by what the index said, before it says more");
        assert_eq!(world.index().pages_asked, asked);
        world.clock.advance(TimeDelta::days(4));
        assert_eq!(of_held(&world).await, (false, 451), "six days old");
        world.clock.advance(TimeDelta::days(2));
        assert_eq!(of_held(&world).await, (true, 200), "a week and a day");
    });
}

/// What is good until a time ends by whichever clock is the later.
#[test]
fn an_approval_that_has_ended_stays_so_when_the_clock_is_set_back() {
    World::run(async |world| {
        world.decide_until(ReviewAct::Approve, Some(noon() + TimeDelta::hours(1))).await;
        let back = TimeDelta::days(1);
        world.clock.step(-back);
        world.index().behind = -back;
        assert_eq!(of_held(&world).await, (true, 200), "an hour is left of it");
        world.clock.advance(TimeDelta::minutes(61));
        assert_eq!(of_held(&world).await, (false, 451));
    });
}

/// It cannot make a file older than the clock of this machine does, and not for good.
#[test]
fn an_index_whose_time_was_wrong_is_gone_by_once_it_is_right() {
    World::run(async |world| {
        let ahead = TimeDelta::days(10);
        world.clock.step(ahead);
        assert_eq!(of_held(&world).await, (true, 200), "both say so");
        world.index().behind = ahead;
        for _ in 0..3 {
            world.clock.advance(TimeDelta::minutes(61));
            world.page(&[]).await;
        }
        assert_eq!(of_held(&world).await, (false, 451), "the page that was written before is written anew");
        world.index().behind = TimeDelta::days(1000);
        world.clock.advance(TimeDelta::minutes(61));
        assert_eq!(of_held(&world).await.1, 451, "one that is years behind holds what is to come for it");
    });
}

/// Whoever does not know what is malware does not know what is none.
#[test]
fn while_records_are_awaited_nothing_is_given_out_that_they_could_name() {
    World::run(async |world| {
        let paths = ["/simple/widgets/", "/files/widgets/widgets-1-py3-none-any.whl"];
        world.rule(|rules| rules.malware = std::sync::Arc::new(MalwareRecords::awaited()));
        for path in paths {
            let answer = world.ask("GET", path, &[]).await;
            assert!(answer.status == StatusCode::SERVICE_UNAVAILABLE && answer.headers.contains_key("retry-after"));
        }
        assert_eq!(world.index().pages_asked, 0);
        let ready = async || world.ask("GET", "/readyz", &[]).await.status;
        assert_eq!(ready().await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(world.ask("GET", "/healthz", &[]).await.status, StatusCode::OK, "a start would change nothing");
        world.record(true);
        assert_eq!(ready().await, StatusCode::OK);
        world.index().down = true;
        assert_eq!(ready().await, StatusCode::OK, "an index that is down says nothing of what is kept");
        world.index().down = false;
        for path in paths {
            assert_eq!(world.ask("GET", path, &[]).await.status, StatusCode::OK, "{path}");
        }
    });
}

/// PyPI lets nobody use the name of a file twice, and dates nothing back.
#[test]
fn what_contradicts_the_page_of_before_is_held_in_every_mode_and_told_until_persons_decide() {
    World::run(async |mut world| {
        let path = |version: usize| format!("/files/widgets/widgets-{version}-py3-none-any.whl");
        let told = |world: &World| world.gate.troubles.told().get("files-altered").cloned().unwrap_or_default();
        let refused = async |world: &World, version: usize| {
            let answer = world.ask("GET", &path(version), &[]).await;
            let problem: Value = serde_json::from_slice(&answer.body).expect("words");
            (answer.status.as_u16(), problem["type"].clone(), problem["detail"].to_string())
        };
        assert_eq!(world.ask("GET", &path(1), &[]).await.status, StatusCode::OK);
        assert_eq!(told(&world), "");
        world.index().files[0].replaced = true;
        world.upload(noon() - TimeDelta::days(90));
        world.clock.advance(TimeDelta::minutes(61));
        for mode in [Mode::Enforce, Mode::Advise, Mode::Observe] {
            world.rule(|rules| rules.age.modes = Modes::all(mode));
            for (version, why) in [(1, "other bytes under this name"), (4, "dates it to before it was there")] {
                let (status, kind, said) = refused(&world, version).await;
                assert!(
                    status == 451 && kind == "urn:namewarden:gate:altered" && said.contains(why),
                    "{status} {said}"
                );
            }
        }
        let named = told(&world);
        assert!(named.contains("widgets-1-py3-none-any.whl, widgets-4-py3-none-any.whl"), "{named}");
        let open = world.gate.desk.list(None, 10).await.expect("listed").reviews;
        assert!(open.len() == 2 && open[0].why.contains("dates it to before"), "held by what is kept of it: {open:?}");
        world.decide_of(open[0].id, ReviewAct::Approve).await;
        world.decide_of(open[1].id, ReviewAct::Reject).await;
        assert_eq!(world.ask("GET", &path(4), &[]).await.status, StatusCode::OK, "by its bytes");
        assert_eq!(refused(&world, 1).await.1, "urn:namewarden:gate:rejected");
        assert_eq!(told(&world), "", "persons know");
    });
}

/// A client has so many files fetched at a time, and waits with no others.
const SHARE: usize = 16;

#[test]
fn what_is_here_waits_for_nothing_that_is_fetched_and_whoever_left_has_nothing_fetched() {
    World::run(async |mut world| {
        let path = |version: usize| format!("/files/widgets/widgets-{version}-py3-none-any.whl");
        (4..30).for_each(|_| world.upload(noon() - TimeDelta::days(90)));
        assert_eq!(world.ask("GET", &path(1), &[]).await.status, StatusCode::OK);
        let stalled = world.stalled().await;
        let under_way = futures_util::future::join_all((4..4 + SHARE).map(async |version| {
            assert_eq!(world.ask("GET", &path(version), &[]).await.status, StatusCode::OK, "{version}");
        }));
        let test = async {
            world.until(|index| index.files_asked.len() == 1 + SHARE).await;
            let (soon, left) = (Duration::from_secs(5), Duration::from_millis(300));
            let here = tokio::time::timeout(soon, world.ask("GET", &path(1), &[])).await;
            assert_eq!(here.expect("it waits for none").status, StatusCode::OK);
            assert!(tokio::time::timeout(left, world.ask("GET", &path(28), &[])).await.is_err(), "it is not its turn");
            // The gate hears of it while it hears others, on whichever thread that is.
            for _ in 0..50 {
                world.ask("GET", "/healthz", &[]).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            drop(stalled);
        };
        tokio::join!(under_way, test);
        assert_eq!(world.ask("GET", &path(29), &[]).await.status, StatusCode::OK, "its turn comes");
        let asked = world.index().files_asked.clone();
        assert!(!asked.iter().any(|file| file.starts_with("widgets-28")), "nobody waits for it: {asked:?}");
    });
}

#[test]
fn one_client_that_asks_for_everything_keeps_nobody_else_from_asking() {
    World::run(async |world| {
        let stalled = world.stalled().await;
        let many = futures_util::future::join_all(
            (0..200)
                .map(async |number| world.ask("GET", &format!("/simple/slow-{number}/"), &[]).await.status.as_u16()),
        );
        let other = async {
            world.until(|index| index.pages_asked >= SHARE).await;
            let path = "/simple/widgets/";
            let asked = tokio::time::timeout(Duration::from_secs(5), world.status_from("127.0.0.2:0", path)).await;
            let asked_for = world.index().pages_asked;
            drop(stalled);
            (asked.expect("it waits for none of them"), asked_for)
        };
        let (many, (status, asked_for)) = tokio::join!(many, other);
        assert_eq!((status.as_str(), asked_for), ("200", SHARE + 1), "one client has its share");
        assert!(many.iter().all(|status| *status == 404), "in turn: {many:?}");
    });
}

/// Nobody asks for it any more, since everybody has it.
#[test]
fn a_release_that_pypi_takes_away_is_told_to_whoever_received_it() {
    World::run(async |world| {
        let path = "/files/widgets/widgets-1-py3-none-any.whl";
        assert_eq!(world.ask("GET", path, &[]).await.status, StatusCode::OK);
        let said = async |told: RecallMark| {
            world.gate.look_behind(None).await.expect("one was received");
            let (lines, mark) = world.gate.ledger.recalls(told).await.expect("it stands").expect("readable");
            (mark, lines.into_iter().map(|line| (line.cause, line.is_over)).collect::<Vec<_>>())
        };
        let nothing = RecallMark::default();
        assert_eq!(said(nothing).await, (nothing, Vec::new()));
        let taken = world.index().files.remove(0);
        world.clock.advance(TimeDelta::minutes(2));
        let (mark, lines) = said(nothing).await;
        assert_eq!(lines, [(RecallCause::Removed, false)]);
        world.index().down = true;
        world.clock.advance(TimeDelta::hours(48));
        assert_eq!(said(nothing).await.1, lines, "who does not answer takes nothing back");
        world.index().down = false;
        world.index().files.insert(0, taken);
        world.clock.advance(TimeDelta::minutes(2));
        assert_eq!(said(mark).await.1, [(RecallCause::Removed, true)]);
        assert_eq!(said(nothing).await.1, [], "nobody heard of it");
    });
}

#[test]
fn names_in_public_that_nothing_would_bind_are_told() {
    World::run(async |world| {
        let name = |text: &str| ProjectName::parse(text).expect("valid");
        let ours = || std::iter::once(WatchId::name(&name("acme-open")));
        let told = async |public: &[&str]| {
            let public = public.iter().map(|of| name(of)).collect();
            world.rule(|rules| rules.binding = Binding::of_watches(ours(), public));
            world.gate.tell_of_idle_names().await;
            world.gate.troubles.told().remove("public-idle")
        };
        assert_eq!(told(&["acme-open", "acme-0pen"]).await, None);
        let said = told(&["acme-open", "nobody-has-this"]).await.expect("one would not");
        assert!(said.contains("1 of them (nobody-has-this)"), "{said}");
        assert_eq!(told(&["acme-open"]).await, None, "it was corrected");
    });
}

/// Whoever keeps a page goes by it (devpi), whether the page comes whole, not at all or not again.
#[test]
fn the_serial_of_the_index_goes_out_with_its_page_and_with_304() {
    World::run(async |world| {
        let (whole, head) = (world.page(&[]).await, world.ask("HEAD", "/simple/widgets/", &[]).await);
        let etag = whole.headers[ETAG].to_str().expect("text").to_owned();
        let unchanged = world.page(&[("if-none-match", &etag)]).await;
        assert_eq!(unchanged.status, StatusCode::NOT_MODIFIED);
        for answer in [whole, head, unchanged] {
            assert_eq!(answer.headers["x-pypi-last-serial"], "7", "{}", answer.status);
        }
        assert!(!world.ask("GET", world::HELD, &[]).await.headers.contains_key("x-pypi-last-serial"));
    });
}
