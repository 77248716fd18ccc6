//! A prefix that others might use is ours alone from now on: what stands under it is worth more than when it was judged.

use chrono::TimeDelta;
use namewarden::cases::{self, Ruling};
use namewarden::model::command::Decision;
use namewarden::model::notice::NoticeEvent;
use namewarden::model::timeline::Person;
use namewarden::model::{Actor, CaseRef, Channel, Event, FindingState, OwnerId, Tier};
use namewarden::watchlist::routes::Routes;

use crate::bench::{Bench, release};

const NAME: &str = "acme-tooling";

fn inventory(exclusive: bool) -> String {
    let prefix = format!("[[prefix]]\ntext = \"acme-*\"\nowner = \"security\"\nexclusive = {exclusive}\n");
    format!("[owners.security]\nemail = [\"s@acme.example\"]\nnames = [\"zeta-vault==1.0\"]\n{prefix}")
}

async fn bench(standing: &[&'static str]) -> Bench {
    let routes = Routes { default_owner: OwnerId("security".into()), channels: [Channel::Email].into() };
    Bench::with(&inventory(false), routes, standing).await
}

async fn stands(bench: &Bench) -> (FindingState, Tier) {
    let case = bench.findings(NAME).await.remove(0);
    (case.state, case.tier)
}

async fn told(bench: &mut Bench) -> Vec<NoticeEvent> {
    bench.pass(TimeDelta::minutes(20));
    bench.deliver().await.iter().map(|row| row.event).collect()
}

#[tokio::test]
async fn an_alert_under_a_prefix_that_becomes_exclusive_is_a_page() {
    for decision in [None, Some(Decision::Acknowledge), Some(Decision::Resolve)] {
        let mut bench = bench(&[]).await;
        let created = bench.told(NAME, Event::Created);
        bench.apply(vec![created]).await;
        let released = bench.told(NAME, release("0.1"));
        bench.apply(vec![released]).await;
        assert_eq!(told(&mut bench).await, [NoticeEvent::Registered]);
        assert_eq!(stands(&bench).await, (FindingState::Open, Tier::Alert));
        if let Some(decision) = decision {
            let who = Person { actor: Actor::default(), declared: "ann".to_owned() };
            let (ruling, now, of) = (Ruling { decision, who, note: None }, bench.now, [CaseRef(NAME.to_owned())]);
            bench.store.write(move |tx| cases::judge_each(tx, &of, &ruling, now)).await.expect("ruled");
        }
        bench.follow(&inventory(true)).await;
        assert_eq!(stands(&bench).await, (FindingState::Open, Tier::Page), "{decision:?}");
        assert_eq!(told(&mut bench).await, [NoticeEvent::Worsened], "{decision:?}");
        // And less again, which is no news.
        bench.follow(&inventory(false)).await;
        assert_eq!(stands(&bench).await, (FindingState::Open, Tier::Alert), "{decision:?}");
        assert_eq!(told(&mut bench).await, [], "{decision:?}");
    }
}

/// It wakes nobody, and from then on its first release does.
#[tokio::test]
async fn what_stood_under_a_prefix_that_becomes_exclusive_is_looked_at_and_followed() {
    let mut bench = bench(&[NAME]).await;
    let due = async |bench: &Bench| {
        let now = bench.now;
        let due = bench.store.read(move |tx| tx.facts().due_look_alike(now)).await.expect("reads");
        due.map(|look| look.project.to_string())
    };
    assert_eq!((stands(&bench).await.0, due(&bench).await), (FindingState::PreExisting, None));
    bench.follow(&inventory(true)).await;
    assert_eq!(stands(&bench).await, (FindingState::PreExisting, Tier::Page));
    assert_eq!(due(&bench).await.as_deref(), Some(NAME));
    assert_eq!(told(&mut bench).await, [], "it stood before");
}
