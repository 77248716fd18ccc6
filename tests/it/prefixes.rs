//! Pages of names under an exclusive prefix: what they wait for, and how long at most.

use chrono::TimeDelta;
use namewarden::model::Event;
use namewarden::model::FindingState::{Open, Ours};

use crate::bench::{Bench, cases, held_by, release};
use crate::world::Setup;

async fn register(bench: &mut Bench, names: &[&str]) {
    let created = names.iter().map(|name| bench.told(name, Event::Created)).collect();
    bench.apply(created).await;
}

async fn look_up(bench: &Bench, name: &str, holder: &str) {
    bench.learn(name, held_by(holder, bench.serial())).await;
}

/// How many cases each message that goes out now tells of.
async fn messages(bench: &Bench) -> Vec<usize> {
    bench.deliver().await.iter().map(cases).collect()
}

#[tokio::test]
async fn they_leave_together_when_the_last_is_looked_up() {
    let mut bench = Bench::new(&[]).await;
    register(&mut bench, &["zeta-internal-a", "zeta-internal-b", "zeta-internal-c"]).await;
    for name in ["zeta-internal-a", "zeta-internal-b"] {
        look_up(&bench, name, "mallory").await;
        assert_eq!(messages(&bench).await, [0; 0]);
    }
    look_up(&bench, "zeta-internal-c", "mallory").await;
    assert_eq!(messages(&bench).await, [3]);
}

/// Whoever of ours publishes under our own prefix wakes nobody, whichever is looked up last.
#[tokio::test]
async fn a_colleagues_project_is_not_told_and_keeps_no_other() {
    let (theirs, ours) = ("zeta-internal-x", "zeta-internal-tool");
    for order in [[theirs, ours], [ours, theirs]] {
        let mut bench = Bench::new(&[]).await;
        register(&mut bench, &order).await;
        for name in order {
            look_up(&bench, name, if name == ours { "acme-release-bot" } else { "mallory" }).await;
        }
        assert_eq!(messages(&bench).await, [1], "{order:?}");
        assert_eq!((bench.states(ours).await, bench.states(theirs).await), (vec![Ours], vec![Open]));
    }
}

#[tokio::test]
async fn nothing_that_a_stranger_registers_meanwhile_keeps_a_page_for_longer() {
    let mut bench = Bench::new(&[]).await;
    for second in 0..5 {
        register(&mut bench, &[&format!("zeta-internal-{second}")]).await;
        assert_eq!(messages(&bench).await, [0; 0]);
        bench.pass(TimeDelta::seconds(1));
    }
    assert_eq!(messages(&bench).await, [1], "nothing is known of it, and its five seconds are over");
    let released = vec![bench.told("zeta-internal-1", release("99.0"))];
    bench.apply(released).await;
    bench.pass(TimeDelta::seconds(1));
    assert_eq!(messages(&bench).await, [1], "nor does what it publishes");
}

/// RSS tells nothing of releases: sent as it is seen, each page would be followed by its correction.
#[tokio::test]
async fn one_message_says_what_the_project_offers_though_rss_saw_it_first() {
    let mut world = Setup { changelog: "off", ..Setup::default() }.start().await;
    world.register("zeta-internal-x", "mallory");
    let page = world.expect_mail("registered", "zeta-internal-x").await;
    assert!(page.text.contains("it offers 0.1"), "{}", page.text);
    world.expect_silence(std::time::Duration::from_secs(5)).await;
    world.finish().await;
}
