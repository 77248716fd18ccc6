//! Every refusal that PyPI's upload endpoint gives, as it comes to a claim over HTTP: where the claim stands then, how the name does,
//! what a person is told to do, whether it is tried again, and what it cost.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use futures_util::StreamExt as _;
use namewarden::model::claim::{ClaimDecision, ClaimState};
use namewarden::model::health::HealthIssue;
use namewarden::model::{Exposure, Time};
use namewarden::registry::pypi::upload::{Distribution, Refused};
use namewarden::sim::Fault;
use namewarden::sim::world::{Fields, Holder, Organization, StoredFile, Token, Upload, User};

use super::bench::{Bench, Spoil};
use super::proxy::Edit;
use super::stage::{NAME, TOKEN, name};

/// What makes PyPI refuse it.
#[derive(Clone, Copy)]
enum Cause {
    World(fn(&Bench)),
    Fault(Fault),
    Proxy(&'static [Edit]),
    Package(Spoil),
}

/// What happens after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    /// Nothing: the claim is over.
    Never,
    /// The claim is over, and what all packages have alike is to blame: everything stops until somebody has looked.
    Halts,
    /// It is sent again until it is taken.
    ByItself,
    /// Everything stops, is a page, and goes on when somebody has looked.
    ByAPerson,
}

use Again::{ByAPerson, ByItself, Halts, Never};
use Cause::{Fault as Broken, Package, Proxy, World};
use ClaimState::{Failed, Refused as Over, Rehearsed};

/// The refusal, its cause, where the claim stands, how the name does, what comes next, and what it cost by PyPI's count and ours.
type Case = (Refused, Cause, ClaimState, Exposure, Again, [usize; 2]);

/// Lives at one time.
const AT_ONCE: usize = 4;
const SIMILAR: Exposure = Exposure::Shielded { sibling: String::new() };

/// All that a new project can meet.
fn names() -> Vec<Case> {
    let stranger = |bench: &Bench| drop(bench.sim.world().create(NAME, "mallory", bench.now));
    vec![
        (Refused::NameStdlib, Proxy(&[Edit::Set("name", "os.path")]), Over, Exposure::Refused, Never, [0, 0]),
        (
            Refused::NameProhibited,
            World(|bench| done(bench.sim.world().prohibit(NAME, bench.now))),
            Over,
            Exposure::Refused,
            Never,
            [0, 0],
        ),
        (
            Refused::NameSimilar,
            World(|bench| done(bench.sim.world().create("acme-bi11ing", "mallory", bench.now))),
            Over,
            SIMILAR,
            Never,
            [0, 0],
        ),
        (Refused::NameTaken, Broken(Fault::UploadRace), Over, Exposure::Taken, Never, [0, 0]),
        (Refused::NotOurs, World(stranger), Over, Exposure::Taken, Never, [0, 0]),
        (
            Refused::NamespaceReserved,
            World(|bench| done(bench.sim.world().reserve_namespace("acme", "other"))),
            Over,
            Exposure::Refused,
            Never,
            [0, 0],
        ),
        (Refused::InvalidName, Proxy(&[Edit::Set("name", "a b")]), Over, Exposure::Refused, Never, [0, 0]),
    ]
}

/// All that the package can be.
fn packages() -> Vec<Case> {
    let (free, over) = (Exposure::Exposed, Over);
    let case = |why, cause, slots| (why, cause, over, free.clone(), Never, slots);
    let of_all = |why, cause, slots| (why, cause, over, free.clone(), Halts, slots);
    vec![
        of_all(
            Refused::Description,
            Proxy(&[Edit::Set("description_content_type", "text/x-rst"), Edit::Set("description", "A title\n===\n")]),
            [1, 1],
        ),
        of_all(Refused::FileTooLarge, World(|bench| bench.sim.world().policy.file_limit = 100), [1, 1]),
        case(Refused::ProjectTooLarge, World(|bench| bench.sim.world().policy.project_limit = 100), [1, 1]),
        case(Refused::FileExists, World(a_stranger_has_our_content), [1, 1]),
        case(Refused::FileNameUsed, World(came_and_went), [1, 1]),
        case(
            Refused::ReleaseClosed,
            World(|bench| a_release_of_ours(bench, "acme_billing-0.0.1-cp39-abi3-any.whl", 20)),
            [0, 0],
        ),
        (
            Refused::SecondSdist,
            World(|bench| a_release_of_ours(bench, "acme-billing-0.0.1.tar.gz", 1)),
            Failed,
            free.clone(),
            Halts,
            [0, 1],
        ),
        of_all(Refused::InvalidFile, Package(longer), [1, 1]),
        of_all(Refused::InvalidFilename, Package(elsewhere_named), [1, 1]),
        of_all(Refused::Attestations, Proxy(&[Edit::Set("attestations", "[]")]), [1, 1]),
        of_all(Refused::InvalidMetadata, Proxy(&[Edit::Set("classifiers", "Private :: Do Not Upload")]), [0, 0]),
    ]
}

/// All that is about the account, its token, or the way to PyPI.
fn accounts() -> Vec<Case> {
    let case = |why, cause, slots| (why, cause, Rehearsed, Exposure::Exposed, ByAPerson, slots);
    vec![
        case(Refused::NoDigest, Proxy(&[Edit::Drop("sha256_digest"), Edit::Drop("blake2_256_digest")]), [0, 0]),
        case(Refused::NoFile, Proxy(&[Edit::Drop("content")]), [0, 0]),
        case(Refused::Protocol, Proxy(&[Edit::Set("protocol_version", "2")]), [0, 0]),
        case(Refused::OrganizationInactive, World(an_organization_without_a_bill), [0, 0]),
        case(Refused::DigestMismatch, Proxy(&[Edit::Flip]), [1, 1]),
        case(
            Refused::PublisherMismatch,
            World(|bench| with_token(bench, |token| token.holder = Holder::Publisher("repo:acme".to_owned()))),
            [0, 0],
        ),
        case(Refused::Unauthenticated, World(|bench| done(bench.sim.world().revoke_token(TOKEN))), [0, 0]),
        // `me:hunter2`.
        case(Refused::Password, Proxy(&[Edit::Login("bWU6aHVudGVyMg==")]), [0, 0]),
        case(
            Refused::TokenScope,
            World(|bench| with_token(bench, |token| token.projects = Some([name("acme-ledger")].into()))),
            [1, 1],
        ),
        case(
            Refused::TokenInvalid,
            World(|bench| with_token(bench, |token| token.expires = Some(Time::default()))),
            [1, 1],
        ),
        case(
            Refused::EmailUnverified,
            World(|bench| with_user(bench, User { unverified: true, ..User::default() })),
            [0, 0],
        ),
        case(
            Refused::NoTwoFactor,
            World(|bench| with_user(bench, User { without_second_factor: true, ..User::default() })),
            [0, 0],
        ),
        case(Refused::WrongAddress, Proxy(&[Edit::Set(":action", "nothing")]), [0, 0]),
        case(Refused::Retired, Proxy(&[Edit::Set(":action", "submit")]), [0, 0]),
    ]
}

/// All that passes.
fn closures() -> Vec<Case> {
    let case = |why, fault| (why, Broken(fault), Rehearsed, Exposure::Exposed, ByItself, [0, 0]);
    vec![
        case(Refused::ReadOnly, Fault::UploadReadOnly),
        case(Refused::UploadsClosed, Fault::UploadClosed),
        case(Refused::RegistrationClosed, Fault::UploadRegistrationClosed),
    ]
}

fn done<T, E: std::fmt::Debug>(result: Result<T, E>) {
    result.expect("PyPI does it");
}

fn with_user(bench: &Bench, user: User) {
    bench.sim.world().accounts.users.insert("acme-bot".to_owned(), user);
}

fn with_token(bench: &Bench, change: fn(&mut Token)) {
    change(bench.sim.world().accounts.tokens.get_mut(TOKEN).expect("there"));
}

fn an_organization_without_a_bill(bench: &Bench) {
    let mut world = bench.sim.world();
    done(world.create_for_organization(NAME, "acme", bench.now));
    let members = BTreeSet::from(["acme-bot".to_owned()]);
    world.accounts.organizations.insert("acme".to_owned(), Organization { members, inactive: true });
}

/// A stranger had the name and a file of the name that ours has, and both were removed: the name is free, the file's is not.
fn came_and_went(bench: &Bench) {
    let mut world = bench.sim.world();
    done(world.upload(NAME, "0.0.1", "", "mallory", bench.now));
    done(world.remove(NAME, bench.now));
}

/// A colleague published by hand with our account, so many days ago.
fn a_release_of_ours(bench: &Bench, filename: &str, days: i64) {
    let mut world = bench.sim.world();
    let at = bench.now - TimeDelta::days(days);
    done(world.create(NAME, "acme-bot", at));
    let python = if filename.ends_with(".whl") { "cp39" } else { "source" };
    let file = StoredFile {
        filename: filename.to_owned(),
        bytes: "a".into(),
        metadata: None,
        python: python.to_owned(),
        uploaded: at,
    };
    done(world.store_upload(Upload {
        display: NAME.to_owned(),
        version: "0.0.1".to_owned(),
        fields: Fields::new(),
        file,
    }));
}

/// The very content of our wheel, in a project of a stranger: anybody can make it, as it is the same on every machine.
fn a_stranger_has_our_content(bench: &Bench) {
    let mut world = bench.sim.world();
    done(world.create("other", "mallory", bench.now));
    let file = bench.package().remove(0);
    let file = StoredFile {
        filename: "other-9.0-py3-none-any.whl".to_owned(),
        bytes: file.content.to_vec().into(),
        metadata: None,
        python: "py3".to_owned(),
        uploaded: bench.now,
    };
    done(world.store_upload(Upload {
        display: "other".to_owned(),
        version: "9.0".to_owned(),
        fields: Fields::new(),
        file,
    }));
}

fn longer(mut files: Vec<Distribution>) -> Vec<Distribution> {
    let (file, metadata) = (files[0].clone(), metadata());
    let content = [&file.content[..], b"x"].concat();
    files[0] = Distribution::new(&file.filename, content, &metadata).expect("a wheel");
    files
}

fn elsewhere_named(mut files: Vec<Distribution>) -> Vec<Distribution> {
    files[0].filename = format!("there/{}", files[0].filename);
    files
}

fn metadata() -> String {
    format!("Metadata-Version: 2.4\nName: {NAME}\nVersion: 0.0.1\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_leaves_a_state_an_exposure_and_a_remedy() {
    let cases: Vec<Case> = [names(), packages(), accounts(), closures()].concat();
    let reached: BTreeSet<Refused> = cases.iter().map(|case| case.0).collect();
    assert!(Refused::ALL.iter().all(|why| reached.contains(why)) && cases.len() == Refused::ALL.len());
    let lives = futures_util::stream::iter(cases.into_iter().map(refused));
    lives.buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

async fn refused((why, cause, state, exposure, again, slots): Case) {
    let mut bench = Bench::new().await;
    bench.spoil = if let Package(spoil) = cause { spoil } else { bench.spoil };
    bench.let_go().await;
    cause.begin(&bench);
    let undone = bench.work_off().await;
    assert!(
        undone.iter().any(|said| said.contains(why.meaning()) && said.contains(why.remedy())),
        "{why:?}: {undone:?}"
    );
    bench.pass(TimeDelta::minutes(20));
    bench.work_off().await;
    let file = bench.file().await;
    assert_eq!((file.claim.state, bench.exposure().await), (state, Some(exposure)), "{why:?}: {file:#?}");
    assert_eq!([bench.counted(), bench.slots().await], slots, "{why:?}: what it cost by PyPI's count and ours");
    let code = format!("{}: {}", why.as_str(), why.meaning());
    assert!(file.trail.iter().any(|line| line.event == "set-back" && line.detail.starts_with(&code)), "{file:#?}");
    tells(&bench, why, again).await;
    goes_on(&mut bench, cause, why, again).await;
}

/// Whoever asks, and whoever has to be told.
async fn tells(bench: &Bench, why: Refused, again: Again) {
    let (next, pages) = (bench.file().await.next, bench.pages().await);
    let stopped = pages.iter().any(|page| page.contains("claims-stopped"));
    assert_eq!(stopped, matches!(again, ByAPerson | Halts), "{why:?}: {pages:?}");
    // What leaves the name open, and is over, somebody has to hear of.
    let ended = bench.detail(HealthIssue::ClaimEnded { name: name(NAME) }).await;
    let is_open = bench.exposure().await == Some(Exposure::Exposed) || why == Refused::NamespaceReserved;
    let is_left = matches!(again, Never | Halts) && is_open && why != Refused::SecondSdist;
    assert_eq!(ended.is_some(), is_left, "{why:?}: {ended:?}");
    for part in [why.meaning(), why.remedy(), "claim propose acme-billing", "health ack claim-ended:acme-billing"] {
        assert!(ended.iter().all(|detail| detail.contains(part)), "{why:?}: {part} in {ended:?}");
    }
    match again {
        ByAPerson => {
            let detail = bench.detail(HealthIssue::ClaimsStopped).await.expect("a case");
            for part in [why.meaning(), why.remedy(), "`namewarden claim retry acme-billing`"] {
                assert!(detail.contains(part), "{why:?}: {part} in {detail}");
            }
            assert!(next.contains(why.meaning()) && next.contains(why.remedy()), "{why:?}: {next}");
        }
        Halts => {
            let detail = bench.detail(HealthIssue::ClaimsStopped).await.expect("a case");
            for part in [why.meaning(), why.remedy(), "`namewarden claim retry acme-billing`"] {
                assert!(detail.contains(part), "{why:?}: {part} in {detail}");
            }
            let changed = pages.iter().any(|page| page.contains("claim-changed:acme-billing"));
            assert_eq!(changed, why == Refused::SecondSdist, "{why:?}: {pages:?}");
        }
        Never => assert_eq!(next, why.remedy(), "{why:?}"),
        ByItself => assert!(next.contains(why.meaning()), "{why:?}: {next}"),
    }
}

/// More than a day later, and after the cause is gone.
async fn goes_on(bench: &mut Bench, cause: Cause, why: Refused, again: Again) {
    let before = bench.uploads();
    bench.hours(26).await;
    let more = bench.uploads() - before;
    assert_eq!(more > 0, again == ByItself, "{why:?}: sent {more} times more");
    cause.end(bench);
    bench.hours(2).await;
    assert_eq!(bench.file().await.claim.state == ClaimState::Ours, again == ByItself, "{why:?}");
    if again == ByAPerson {
        let ruled = bench.decides(ClaimDecision::Retry).await;
        assert_eq!(ruled.refused, None, "{why:?}");
        bench.hours(2).await;
        assert_eq!(bench.file().await.claim.state, ClaimState::Ours, "{why:?}: {:#?}", bench.file().await);
    }
    assert!(bench.slots().await >= bench.counted(), "{why:?}: PyPI has counted more than we know");
}

impl Cause {
    fn begin(self, bench: &Bench) {
        match self {
            World(change) => change(bench),
            Broken(fault) => bench.sim.faults().start(fault),
            Proxy(edits) => bench.proxy.edit(edits),
            Package(_) => {}
        }
    }

    /// Somebody mends it, where it can be.
    fn end(self, bench: &Bench) {
        bench.sim.faults().clear();
        bench.proxy.edit(&[]);
        let mut world = bench.sim.world();
        world.accounts.give_token(TOKEN, "acme-bot");
        world.accounts.users.clear();
        world.accounts.organizations.values_mut().for_each(|organization| organization.inactive = false);
    }
}

/// What PyPI refused because of a project that stood is anybody's again when that is gone, and is known to be.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_project_closed_is_open_again_when_that_project_is_gone() {
    for (project, stands) in [("acme-bi11ing", "shielded"), (NAME, "taken")] {
        let mut bench = Bench::new().await;
        bench.let_go().await;
        done(bench.sim.world().create(project, "mallory", bench.now));
        bench.work_off().await;
        bench.feed().await;
        let exposure = bench.exposure().await.expect("known");
        assert_eq!((bench.file().await.claim.state, exposure.as_str()), (Over, stands), "{project}");
        bench.pass(TimeDelta::hours(1));
        done(bench.sim.world().remove(project, bench.now));
        bench.feed().await;
        let exposure = bench.exposure().await.expect("known");
        assert!(matches!(exposure, Exposure::Exposed | Exposure::Removed), "{project}: {exposure:?}");
    }
}
