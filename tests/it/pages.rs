//! Lists of the service come in pages, and no reply grows with what strangers do.

use std::collections::BTreeSet;

use namewarden::model::command::{Command, FindingFilter};
use namewarden::model::{Actor, Event, Finding, FindingKey};
use serde_json::Value;

use crate::bench::Bench;
use crate::known::service;

async fn page(bench: &Bench, after: Option<FindingKey>, limit: Option<usize>) -> Vec<Finding> {
    let filter = FindingFilter { after, limit, ..FindingFilter::default() };
    let said: Value = service(bench).answer(&Actor::default(), Command::Findings { filter }).await.expect("an answer");
    serde_json::from_value(said).expect("findings")
}

#[tokio::test]
async fn every_finding_is_on_one_page_and_no_page_is_long() {
    let mut bench = Bench::new(&[]).await;
    let told = (0..450).map(|n| bench.told(&format!("zeta-internal-{n}"), Event::Created)).collect();
    bench.apply(told).await;
    bench.pass(chrono::TimeDelta::hours(1));
    let later = bench.told("zeta-internal-later", Event::Created);
    bench.apply(vec![later]).await;
    let (mut seen, mut pages, mut after) = (BTreeSet::new(), Vec::new(), None);
    loop {
        let found = page(&bench, after, None).await;
        let Some(last) = found.last() else { break };
        after = Some(last.key.clone());
        pages.push(found.len());
        seen.extend(found.into_iter().map(|finding| finding.key));
    }
    assert_eq!((seen.len(), pages), (451, vec![200, 200, 51]));
    assert_eq!(page(&bench, None, Some(1)).await[0].project().as_str(), "zeta-internal-later", "newest first");
    assert_eq!(page(&bench, None, Some(1_000_000)).await.len(), 200);
}
