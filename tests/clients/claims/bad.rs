//! What can be wrong on the way from an approval to a project: each is told with the thing, the place and the remedy, ends the verb as it
//! says, sends nothing, and costs nothing once it is mended.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use chrono::TimeDelta;
use namewarden::model::claim::{ClaimDecision, ClaimState};
use namewarden::model::health::HealthIssue;
use namewarden::sim::world::Pending;

use super::bench::Bench;
use super::stage::{Differs, NAME, Stage, TOKEN};

/// Something wrong with the token, how it ends, and what is said.
type Wrong = (&'static str, fn(&Stage), i32, &'static [&'static str]);

const MENDED: [&str; 2] = ["pypi-token", "write the secret on one line into"];

const WRONG: [Wrong; 5] = [
    ("missing", |stage| fs::remove_file(stage.dir().join("pypi-token")).expect("removed"), 78, &MENDED),
    ("open to others", |stage| mode(stage, 0o644), 78, &["pypi-token is open to every user", "chmod o="]),
    ("empty", |stage| stage.write("pypi-token", ""), 78, &["pypi-token is empty", "write the secret on one line"]),
    ("two lines", |stage| stage.write("pypi-token", &format!("{TOKEN}\nb\n")), 78, &["more than one line", MENDED[1]]),
    ("a directory", directory, 78, &["pypi-token", "cannot be read"]),
];

fn mode(stage: &Stage, mode: u32) {
    let token = stage.dir().join("pypi-token");
    fs::set_permissions(token, fs::Permissions::from_mode(mode)).expect("a mode");
}

fn directory(stage: &Stage) {
    let token = stage.dir().join("pypi-token");
    fs::remove_file(&token).expect("removed");
    fs::create_dir(&token).expect("made");
}

async fn says(stage: &Stage, what: &str, status: i32, parts: &[&str]) {
    let (ended, said) = stage.once().await;
    assert_eq!(ended, Some(status), "{what}: {said}");
    assert!(parts.iter().all(|part| said.contains(part)) && !said.contains(TOKEN), "{what}: {said}");
    assert_eq!(stage.uploads(), 0, "{what}: something was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_none_is_told_of_before_anything_is_asked_and_costs_nothing() {
    let stage = Stage::set().await;
    let daemon = stage.daemon(None);
    stage.until(ClaimState::Approved).await;
    for (what, breaks, status, parts) in WRONG {
        breaks(&stage);
        says(&stage, what, status, parts).await;
        // Whatever is there by now is taken away.
        let token = stage.dir().join("pypi-token");
        let _ = fs::remove_dir(&token);
        stage.write("pypi-token", TOKEN);
    }
    let (ended, said) = stage.once().await;
    assert_eq!(ended, Some(0), "mended: {said}");
    stage.until(ClaimState::Ours).await;
    let trail = stage.trail(NAME).await;
    assert!(trail.iter().all(|line| line.event != "hindered"), "{trail:#?}");
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_nobody_reaches_is_named_and_the_claim_waits_with_its_package() {
    let lines = "token_file = \"pypi-token\"\nper_day = 2";
    let stage = Stage::differing(&Differs { upload: Some(lines) }).await;
    fs::create_dir(stage.dir().join("namewarden.d")).expect("made");
    stage.write("namewarden.d/10.toml", "[claim.upload]\naddress = \"http://127.0.0.1:9/legacy/\"\n");
    let daemon = stage.daemon(None);
    stage.until(ClaimState::Approved).await;
    says(&stage, "nobody there", 1, &["the file could not be sent", "onnection refused", "check the way to PyPI"])
        .await;
    says(&stage, "asked again", 1, &["http://127.0.0.1:9/legacy", "claim retry acme-billing"]).await;
    let claim = stage.claim(NAME).await.expect("a claim");
    assert_eq!((claim.state, claim.seal.is_some()), (ClaimState::Rehearsed, true));
    daemon.stop().await;
}

/// The texts were good when somebody approved: the claim waits, its owner hears where they are broken, and no approval is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_breaks_after_the_approval_keeps_the_claim_and_the_owner_hears_its_place() {
    let stage = Stage::set().await;
    for dir in ["texts", "namewarden.d"] {
        fs::create_dir(stage.dir().join(dir)).expect("made");
    }
    stage.write("namewarden.d/10.toml", "[claim]\ntemplates = \"texts\"\n");
    stage.write("texts/README.md", "# {{ display }}\n");
    let daemon = stage.daemon(None);
    stage.until(ClaimState::Approved).await;
    stage.write("texts/README.md", "# {{ display }}\n\n{{ contcat }}\n");
    says(&stage, "broken", 1, &["texts/README.md:3", "`contcat` is undefined", "known here: "]).await;
    let told = || stage.told().into_iter().find(|body| body.contains("uploads-failing:package"));
    let told = crate::crash::wait_for("the owner hears", super::stage::PATIENCE, told).await;
    assert!(told.contains("texts/README.md:3") && told.contains("claim retry acme-billing"), "{told}");
    assert_eq!(stage.claim(NAME).await.expect("a claim").state, ClaimState::Approved);
    daemon.stop().await;
}

fn parts(many: usize) -> Vec<(String, String)> {
    (0..many).map(|n| (format!("acme-part-{n:02}"), "2020-01-01".to_owned())).collect()
}

fn texts(names: &[(String, String)]) -> Vec<String> {
    names.iter().map(|(name, _)| name.clone()).collect()
}

#[tokio::test]
async fn a_disk_that_is_full_when_claims_are_let_go_lets_none_go_and_loses_none() {
    let names = parts(30);
    let bench = Bench::of(&names).await;
    bench.agreement().await;
    bench.agreed(&texts(&names)).await;
    let full = bench.apply_on_a_full_disk().await.expect_err("there is no room");
    assert!(full.to_string().contains("is full"), "{full}");
    bench.make_room().await;
    let claims = bench.claims().await;
    assert!(claims.iter().all(|claim| claim.released.is_none() && claim.approved.is_some()), "{claims:#?}");
    let applied = bench.apply().await;
    assert!(applied.done && applied.lines.len() == 30, "{applied:?}");
}

/// Somebody mistyped our account: what we publish is nobody's whom we know. That stops after the first day's names, says where to
/// look, and goes on when it is mended.
#[tokio::test]
async fn an_account_of_ours_that_is_not_listed_stops_everything_and_is_said_to_be_ours() {
    let names = parts(5);
    let mut bench = Bench::of(&names).await;
    let listed = |bench: &mut Bench, user: &str| {
        let user = user.to_owned();
        bench.amend(move |inventory| inventory.registrants.users = [user.clone()].into());
    };
    listed(&mut bench, "acme-bto");
    bench.let_all_go(&texts(&names)).await;
    bench.hours(30).await;
    let told = bench.detail(HealthIssue::ClaimsStopped).await.expect("a page");
    for part in ["acme-bot holds the project", "[registrants]", "claim retry acme-part-0"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    assert_eq!(bench.counted(), 0, "nothing on the second day");
    assert_eq!(bench.uploads(), 6, "three names");
    listed(&mut bench, "acme-bot");
    let stopped = bench.claims().await.into_iter().find(|claim| claim.state == ClaimState::Refused).expect("one");
    assert_eq!(bench.retries(&stopped.key.name.to_string()).await.refused, None);
    bench.hours(3).await;
    let ours = bench.claims().await.into_iter().filter(|claim| claim.state == ClaimState::Ours).count();
    assert_eq!(ours, 2, "the others");
}

/// The token that was minted is another project's, since nobody made a pending publisher for this name: nothing was made, and it is
/// not said to be.
#[tokio::test]
async fn a_name_without_its_pending_publisher_is_not_there_and_goes_on_once_somebody_made_one() {
    let mut bench = Bench::new().await;
    bench.subject = Some("repo:acme");
    let standing = ("repo:acme".to_owned(), [super::stage::name("acme-ledger")].into());
    bench.sim.world().create("acme-ledger", "acme-bot", bench.now).expect("free");
    bench.sim.world().publishers.standing.extend([standing]);
    bench.let_go().await;
    let undone = bench.work_off().await;
    assert!(undone.iter().any(|why| why.contains("register a pending publisher for exactly this name")), "{undone:?}");
    let claim = bench.file().await.claim;
    assert_eq!((claim.state, claim.exists, bench.slots().await), (ClaimState::Rehearsed, false, 0), "{claim:#?}");
    assert!(bench.detail(HealthIssue::ClaimsStopped).await.is_some());
    let (user, subject, registered) = ("acme-bot".to_owned(), "repo:acme".to_owned(), bench.now);
    let pending = Pending { subject, display: NAME.to_owned(), user, organization: None, registered };
    bench.sim.world().register_publisher(pending).expect("room");
    assert_eq!(bench.decides(ClaimDecision::Retry).await.refused, None);
    bench.hours(2).await;
    assert_eq!((bench.file().await.claim.state, bench.uploads()), (ClaimState::Ours, 3));
}

/// Ours runs ahead, and believes that yesterday's projects are of the day before: PyPI's own count stands.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong_costs_no_project_and_loses_none() {
    for wrong in [TimeDelta::days(2), TimeDelta::days(-2)] {
        let names: Vec<(String, String)> =
            (0..6).map(|n| (format!("acme-part-{n}"), "2020-01-01".to_owned())).collect();
        let mut bench = Bench::of(&names).await;
        bench.let_all_go(&names.into_iter().map(|(name, _)| name).collect::<Vec<_>>()).await;
        bench.work_off().await;
        assert_eq!(bench.counted(), 3, "{wrong}");
        bench.set_clock(wrong);
        bench.work_off().await;
        assert!(bench.counted() <= 4, "{wrong}");
        let states = bench.claims().await.into_iter().map(|claim| claim.state).collect::<Vec<_>>();
        let waits =
            |state: &ClaimState| matches!(state, ClaimState::Ours | ClaimState::Rehearsed | ClaimState::Approved);
        assert!(states.iter().all(waits), "{wrong}: {states:?}");
        assert!(bench.pages().await.is_empty(), "{wrong}: a full quota wakes nobody");
        bench.hours(24 * 5).await;
        let ours = bench.claims().await.into_iter().filter(|claim| claim.state == ClaimState::Ours).count();
        assert_eq!((ours, bench.uploads() < 15), (6, true), "{wrong}: in {} uploads", bench.uploads());
    }
}
