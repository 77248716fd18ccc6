//! However much comes at once, an owner gets few messages.

use std::fmt::Write as _;

use namewarden::daemon::Reload;
use namewarden::model::FindingState;
use namewarden::sim::{Fault, Sim};

use crate::world::{INVENTORY, Setup};

/// Messages an owner may get about one burst, on each channel.
const FEW: usize = 3;

/// Fifty names, each one edit from `quickparser`.
fn neighbours() -> Vec<String> {
    let base = "quickparser";
    let edited = |at: usize, c: char| format!("{}{c}{}", &base[..at], &base[at + 1..]);
    (1..base.len()).flat_map(|at| "vwxyz".chars().map(move |c| edited(at, c))).take(50).collect()
}

#[tokio::test]
async fn one_project_against_fifty_watches_is_one_message_a_channel() {
    let mut inventory = INVENTORY.to_owned();
    for name in neighbours() {
        let _ = write!(inventory, "[[name]]\nname = \"{name}\"\nowner = \"security\"\n");
    }
    let mut world = Setup { inventory, slack: true, ..Setup::default() }.start().await;
    world.register("quickparser", "mallory");
    let mail = world.expect_mail("registered", "quickparser").await;
    assert!(mail.subject.contains("49 more watches"), "{}", mail.subject);
    world.expect_slack("quickparser").await;
    let findings = world.findings_of("quickparser").await;
    assert_eq!(findings.iter().map(|finding| finding.others()).collect::<Vec<_>>(), [49], "one case");
    world.finish().await;
}

#[tokio::test]
async fn five_hundred_look_alikes_in_one_page_are_few_messages() {
    let mut world = Setup { faults: vec![Fault::RssDown], ..Setup::default() }.start().await;
    {
        let mut pypi = world.sim.world();
        for n in 0..500 {
            pypi.upload(&format!("zeta-internal-n{n}"), "1.0", "x", "mallory", Sim::now()).expect("free");
        }
    }
    world.until("all are found", async |w| w.findings().await.len() == 500).await;
    world.until("all are told", async |w| w.nothing_waits().await).await;
    let told = world.unread().len();
    assert!((1..=FEW).contains(&told), "{told} messages");
    let mut named = std::collections::BTreeSet::new();
    for _ in 0..told {
        let mail = world.expect("all of them", |_| true).await;
        let words = mail.text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        named.extend(words.filter(|word| word.starts_with("zeta-internal-n")).map(str::to_owned));
    }
    assert_eq!(named.len(), 500, "every one is named");
    world.finish().await;
}

fn five_thousand() -> Vec<String> {
    (0..5_000).map(|n| format!("acmecorp-{n}")).collect()
}

#[tokio::test]
async fn a_brand_word_in_five_thousand_names_of_the_baseline_is_one_greeting() {
    let world = Setup { standing: five_thousand(), ..Setup::default() }.start().await;
    let findings = world.findings().await;
    assert_eq!(findings.len(), 5_000);
    assert!(findings.iter().all(|finding| finding.state == FindingState::PreExisting));
    world.finish().await;
}

#[tokio::test]
async fn a_brand_word_added_to_five_thousand_names_is_one_message() {
    let brand = "\n[[brand]]\nword = \"acmecorp\"\nowner = \"security\"\n";
    let without = INVENTORY.replace(brand, "");
    assert_ne!(without, INVENTORY);
    let mut world = Setup { standing: five_thousand(), inventory: without, ..Setup::default() }.start().await;
    assert_eq!(world.findings().await.len(), 0);
    let outcome = world.reload(INVENTORY).await;
    assert_eq!(outcome, Reload::Applied { added: 1, removed: 0, pre_existing: 5_000 });
    let mail = world.expect_mail("startup", "").await;
    assert!(mail.text.contains("5000") || mail.text.contains("5,000"), "{}", mail.text);
    world.finish().await;
}
