//! Who vouches for a project: each person once, on the disk before anything goes by it, and until somebody takes it back.

use super::*;

/// Projects that may be vouched for.
const PROJECTS: [&str; 3] = ["gadgets", "leftpad", "widgets"];

#[derive(Clone, Debug)]
enum Act {
    /// These projects at once.
    Vouch(u32, Vec<usize>),
    /// Takes it back, of all who did.
    Forget(u32, usize),
    Pass(i64),
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    let who = || prop::sample::select(vec![ADA, BOB, ADA, BOB, OWN, LENT, 0]);
    let some = prop::sample::subsequence((0..PROJECTS.len()).collect::<Vec<_>>(), 1..=2);
    prop_oneof![
        4 => (who(), some).prop_map(|(who, projects)| Act::Vouch(who, projects)),
        1 => (who(), 0..PROJECTS.len()).prop_map(|(who, project)| Act::Forget(who, project)),
        2 => (1_i64..100).prop_map(Act::Pass),
        1 => Just(Act::Restart),
    ]
}

/// As a person learned it from a lock.
fn learned(world: &World, uid: u32, project: &str) -> LearnedProject {
    LearnedProject {
        project: project.to_owned(),
        at: world.clock.now(),
        by: format!("user-{uid}"),
        uid: Some(uid),
        version: "1.0".to_owned(),
        sha256: "ab".repeat(32),
        source: "uv.lock".to_owned(),
    }
}

/// Who vouches for what, and when they did last.
type Ought = BTreeMap<(&'static str, u32), Time>;

async fn happens(world: &mut World, act: Act, ought: &mut Ought) {
    match act {
        Act::Vouch(uid, projects) => {
            let new: Vec<LearnedProject> = projects.iter().map(|at| learned(world, uid, PROJECTS[*at])).collect();
            let done = world.desk().learn(user(uid), new).await;
            assert_eq!(done.is_ok(), [ADA, BOB].contains(&uid), "{uid}: {done:?}");
            if done.is_ok() {
                ought.extend(projects.iter().map(|at| ((PROJECTS[*at], uid), world.clock.now())));
            }
        }
        Act::Forget(uid, at) => {
            // What lets less through is open to everybody.
            let was_there = world.desk().forget(user(uid), name(PROJECTS[at])).await.expect("written");
            let before = ought.len();
            ought.retain(|(project, _), _| *project != PROJECTS[at]);
            assert_eq!(was_there, ought.len() < before);
        }
        Act::Pass(hours) => world.clock.advance(TimeDelta::hours(hours)),
        Act::Restart => world.restart(),
    }
}

/// What is in force, and what is listed, page by page.
async fn is_as_it_ought_to_be(world: &World, ought: &Ought) {
    let exemptions = Arc::clone(&world.policy.borrow().exemptions);
    for project in PROJECTS {
        let of: Vec<Time> = ought.iter().filter(|((of, _), _)| *of == project).map(|(_, at)| *at).collect();
        let mut vouched: Vec<Time> = exemptions.vouched(&name(project)).collect();
        vouched.sort_unstable();
        assert!(
            vouched.len() == of.len() && of.iter().all(|at| vouched.contains(at)),
            "{project}: {vouched:?} {ought:?}"
        );
        for uid in [ADA, BOB, OWN, LENT, 0] {
            assert_eq!(exemptions.vouched_by(&name(project), Some(uid)), ought.get(&(project, uid)).copied());
        }
    }
    let (mut listed, mut after) = (Vec::new(), String::new());
    loop {
        let page = world.desk().learned(after.clone(), 1).await.expect("well");
        let Some(last) = page.last() else { break };
        assert!(last.project > after, "behind the page before");
        after.clone_from(&last.project);
        listed.extend(page.into_iter().map(|of| (of.project, of.uid.expect("known"))));
    }
    assert!(
        listed.iter().map(|(project, uid)| (project.as_str(), *uid)).eq(ought.keys().copied()),
        "{listed:?} {ought:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_person_vouches_once_and_what_is_no_person_never(acts in prop::collection::vec(act(), 1..20)) {
        let dir = tempfile::tempdir().expect("a directory");
        let mut world = World::new(dir.path().to_owned(), 1, page("widgets", &[]));
        let mut ought = Ought::new();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            for act in acts {
                happens(&mut world, act, &mut ought).await;
                is_as_it_ought_to_be(&world, &ought).await;
            }
        });
    }
}

/// What is refused says what to do, and changes nothing.
#[tokio::test]
async fn what_could_have_no_effect_is_refused_with_the_remedy() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = World::new(dir.path().to_owned(), 2, stranger(0));
    let ours = std::iter::once(crate::model::WatchId::name(&name("acme-billing")));
    let binding = Binding::of_watches(ours, BTreeSet::new());
    world.policy.send_modify(|now| *now = Arc::new(Policy { binding, ..Policy::clone(now) }));
    let reject = async |project: &str, version: &str, reason: &str| {
        let by = user(ADA);
        world.desk().reject(name(project), version.to_owned(), by, reason.to_owned()).await.expect_err("no").to_string()
    };
    assert!(
        reject("widgets", "latest", "a worm").await.contains("\"latest\" is no version as installers compare them")
    );
    assert!(reject("widgets", "1.0", " \n").await.contains("say why: --reason TEXT"));
    let bound = reject("acme-bi11ing", "1.0", "a worm").await;
    assert!(
        bound.contains("acme-bi11ing is internal by acme-billing") && bound.contains("take it away there"),
        "{bound}"
    );
    let id = world.ask(&world.page.files[0].clone(), "10.0.0.1").await.expect("noted");
    let decide = async |id: i64, by: u32, act, reason: &str, until| {
        let decision = ReviewDecision { act, reason: reason.to_owned(), until, files_key: None };
        world.desk().decide(id, user(by), decision).await.map_err(|error| error.to_string())
    };
    let approve = ReviewAct::Approve;
    for (by, reason, until, words) in
        [(ADA, "", None, "say why"), (ADA, "fine", Some(noon()), "that time has passed"), (OWN, "fine", None, "person")]
    {
        let said = decide(id, by, approve, reason, until).await.expect_err(words);
        assert!(said.contains(words), "{said}");
    }
    assert!(world.desk().show(id).await.expect("there").steps.is_empty(), "nothing was decided");
    decide(id, ADA, approve, "fine", None).await.expect("one of two");
    let twice = decide(id, ADA, approve, "fine", None).await.expect_err("the same");
    assert!(twice.contains("another person has to: ask one to run `namewarden gate approve 1`"), "{twice}");
    assert!(decide(id, BOB, ReviewAct::Reopen, "hm", None).await.expect_err("open").contains("review 1 is open"));
    assert!(decide(77, BOB, approve, "fine", None).await.expect_err("none").contains("there is no review 77: "));
}
