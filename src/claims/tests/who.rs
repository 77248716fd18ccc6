//! Who may do what, over all who can ask and all that can be asked: what the desk does is what `docs/claims.md` says.

use super::world::{Answer, SERVICE, World, ada, bob, name, user};
use crate::cases::{self, Acknowledged};
use crate::claims::ClaimRuling;
use crate::claims::Unbuildable;
use crate::model::ProjectName;
use crate::model::claim::{ClaimDecision, ClaimState, Party, Terms};
use crate::model::health::HealthIssue;
use crate::store::CLAIM_HALT;

const NAME: &str = "acme-billing";

/// What a verb asks for.
#[derive(Clone, Copy, Debug)]
enum Verb {
    Propose,
    Decide(ClaimDecision),
    Apply,
    Agree,
    /// `health ack` of what changed, or ended.
    Acknowledge(fn(ProjectName) -> HealthIssue),
}

fn changed(name: ProjectName) -> HealthIssue {
    HealthIssue::ClaimChanged { name }
}

fn ended(name: ProjectName) -> HealthIssue {
    HealthIssue::ClaimEnded { name }
}

/// In the order of the columns there.
const VERBS: [(&str, &[Verb]); 7] = [
    ("`propose`", &[Verb::Propose]),
    ("`approve`", &[Verb::Decide(ClaimDecision::Approve)]),
    ("`apply --yes`", &[Verb::Apply]),
    ("`retry`", &[Verb::Decide(ClaimDecision::Retry)]),
    ("`agree`", &[Verb::Agree]),
    ("`health ack`", &[Verb::Acknowledge(changed), Verb::Acknowledge(ended)]),
    ("`reject`, `abandon`", &[Verb::Decide(ClaimDecision::Reject), Verb::Decide(ClaimDecision::Abandon)]),
];

/// Those whom the desk can tell apart, by the rows there.
fn who() -> [(&'static str, Vec<Party>); 3] {
    let hidden = user(65_534, "nobody");
    let unknown = Party::User { uid: None, user: Some("ada".to_owned()) };
    [
        ("who planned it, by whatever login name", vec![ada(), user(1001, "ada-admin")]),
        ("another person", vec![bob()]),
        (
            "root, the daemon's own user, users of other services (the uploader's, the gate's, whoever cannot log in), a number without a user or one that `/etc/subuid` lends, a user whom its sandbox hides, an account of the web without `--uid`, or that its user has not confirmed",
            vec![
                user(0, "root"),
                user(SERVICE, "namewarden"),
                user(997, "namewarden-claim"),
                user(61_184, "made-for-a-unit"),
                user(1500, "uploader"),
                user(1501, "gate"),
                user(231_077, "of-a-namespace"),
                Party::User { uid: Some(4242), user: None },
                hidden,
                unknown,
                Party::Daemon,
                Party::Uploader,
            ],
        ),
    ]
}

/// Where the verb finds its moment: planned, approved or let go by ada and bob, or stopped by an answer nobody understood.
async fn at_its_moment(verb: Verb, one_person: bool) -> World {
    let names = [NAME.to_owned()];
    let mut world = World::new(&names, Terms::default()).await;
    world.settings.one_person = one_person;
    if matches!(verb, Verb::Propose | Verb::Agree) {
        return world;
    }
    world.propose(&names, &ada()).await;
    if let Verb::Acknowledge(issue) = verb {
        let issue = issue(name(NAME));
        world.write(move |desk, tx| cases::raise_health(tx, &desk.watchlist, &issue, "look at it", desk.now)).await;
    }
    if matches!(verb, Verb::Apply | Verb::Decide(ClaimDecision::Retry)) {
        world.approve(&names, &bob()).await;
    }
    if matches!(verb, Verb::Decide(ClaimDecision::Retry)) {
        world.apply(&ada()).await;
        world.pypi.answers.push_back(Answer::Strange);
        world.work_off().await;
    }
    world
}

/// Asks, and says whether it was done; what is refused has changed nothing.
async fn is_done(verb: Verb, by: &Party, one_person: bool) -> bool {
    let (world, names) = (at_its_moment(verb, one_person).await, [NAME.to_owned()]);
    let before = world.standing().await;
    let refused = match verb {
        Verb::Propose => world.try_propose(&names, by).await.remove(0).refused,
        Verb::Decide(decision) => world.decide(&names, decision, by).await.remove(0).refused,
        Verb::Apply => world.try_apply(by).await.lines.remove(0).refused,
        Verb::Agree => {
            let by = by.clone();
            world.write(move |desk, tx| desk.agree(tx, "pypi/support#1", &by)).await.err()
        }
        Verb::Acknowledge(issue) => match world.acknowledge(issue(name(NAME)), by).await {
            Acknowledged::Closed => None,
            Acknowledged::Refused(refusal) => Some(refusal.to_string()),
            Acknowledged::NotByHand => panic!("it is open"),
        },
    };
    assert_eq!(refused.is_some(), world.standing().await == before, "{verb:?} by {by:?}: {refused:?}");
    assert!(refused.iter().all(|why| why.contains("ask ") || why.contains("take ")), "no remedy: {refused:?}");
    refused.is_none()
}

async fn cell(verbs: &[Verb], by: &[Party]) -> &'static str {
    let mut cells = Vec::new();
    for verb in verbs {
        for party in by {
            cells.push(match (is_done(*verb, party, false).await, is_done(*verb, party, true).await) {
                (true, true) => "yes",
                (false, true) => "by `one_person`",
                (false, false) => "no",
                (true, false) => panic!("{verb:?}: one person may do less than two"),
            });
        }
    }
    assert!(cells.windows(2).all(|two| two[0] == two[1]), "{verbs:?} by {by:?}: {cells:?}");
    cells[0]
}

#[tokio::test]
async fn everybody_may_do_what_the_documents_say_and_nothing_else() {
    let docs = include_str!("../../../docs/claims.md");
    let heads = VERBS.map(|(head, _)| head).join(" | ");
    let mut table = vec![format!("| who asks | {heads} |")];
    for (label, by) in who() {
        let mut row = vec![label];
        for (_, verbs) in VERBS {
            row.push(cell(verbs, &by).await);
        }
        table.push(format!("| {} |", row.join(" | ")));
    }
    let missing: Vec<&String> = table.iter().filter(|row| !docs.lines().any(|line| line == **row)).collect();
    assert!(missing.is_empty(), "docs/claims.md says otherwise than: {missing:#?}");
}

impl World {
    /// Everything that a verb can change: states, agreements, what stops all.
    async fn standing(&self) -> String {
        let names = [name(NAME)];
        self.write(move |_, tx| {
            let (claim, trail) = match tx.claims().last_of(&names[0])? {
                Some(claim) => (Some(claim.clone()), tx.claims().trail(&claim.key)?),
                None => (None, Vec::new()),
            };
            let halt = tx.cursors().get::<String>(CLAIM_HALT)?;
            let open = tx.health().all_open()?;
            Ok(format!("{claim:?} {trail:?} {halt:?} {:?} {open:?}", tx.claims().agreement()?))
        })
        .await
    }
}

/// Whoever has taken over the daemon, or is behind root, cannot say that somebody has looked at what nobody understood.
#[tokio::test]
async fn what_stopped_everything_goes_on_by_a_person_alone_also_where_its_claim_is_over() {
    let names = [NAME, "acme-tax"].map(str::to_owned);
    let mut world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    world.pypi.answers.push_back(Answer::Strange);
    world.work_off().await;
    // A look finds that a stranger has the name that it stopped at: that claim is over, and the others wait.
    let stopped = world.pypi.asked_for[0].clone();
    world.pypi.strangers.insert(stopped.clone());
    world.pass(chrono::TimeDelta::minutes(16)).await;
    world.work_off().await;
    assert_eq!((world.state(stopped.as_str()).await, world.pypi.asked), (ClaimState::Refused, 1));
    let retry = async |world: &World, by: &Party| {
        let ruling = ClaimRuling { decision: ClaimDecision::Retry, note: None, unbuildable: Unbuildable::new() };
        let (names, by) = ([stopped.to_string()], by.clone());
        world.write(move |desk, tx| desk.decide(tx, &names, &ruling, &by)).await.remove(0).refused
    };
    for nobody in [user(0, "root"), user(SERVICE, "namewarden")] {
        assert!(retry(&world, &nobody).await.is_some_and(|why| why.contains("nobody in particular")));
    }
    world.work_off().await;
    assert_eq!(world.pypi.asked, 1, "nobody has looked");
    // The claim that the page names: `namewarden claim retry` of it is what lifts it.
    assert_eq!(retry(&world, &bob()).await, None);
    let trail = world.trail(stopped.as_str()).await;
    assert!(trail.last().is_some_and(|line| line.event == "retry" && line.by == bob()), "{trail:#?}");
    world.work_off().await;
    assert_eq!(world.published(), 1);
    assert!(retry(&world, &bob()).await.is_some_and(|why| why.contains("nothing more becomes of it")), "once");
}
