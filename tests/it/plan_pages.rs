//! The plan of claims comes in pages, all of them of one plan, whatever happens meanwhile.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use namewarden::api::refusal::Refusal;
use namewarden::api::service::CommandService;
use namewarden::api::v1::{ClaimsApplied, Command, Page, PlannedName};
use namewarden::clock::Clock;
use namewarden::model::{Actor, Channel, Event, OwnerId};
use namewarden::watchlist::routes::Routes;
use tokio::sync::watch;

use crate::bench::Bench;
use crate::known::service;

/// Twelve names that anybody can take, three a page.
async fn bench() -> Bench {
    let owners = "[owners.security]\nname = \"Security\"\nemail = [\"security@acme.example\"]\n".to_owned();
    let name = |n| {
        format!(
            "[[name]]\nname = \"zeta-part-{n:02}\"\nowner = \"security\"\nlatest_version = \"2.0\"\nfirst_use = 2020-01-01\n"
        )
    };
    let inventory = (0..12).map(name).fold(owners, |text, name| text + &name);
    let routes = Routes { default_owner: OwnerId("security".into()), channels: [Channel::Email].into() };
    Bench::with(&inventory, routes, &[]).await
}

fn served(bench: &Bench) -> CommandService {
    CommandService { clock: Clock::manual(bench.now), ..service(bench) }
}

async fn ask(service: &CommandService, after: Option<String>) -> Result<Page<PlannedName>, Refusal> {
    let command = Command::ClaimPlan { names: Vec::new(), after, limit: Some(3) };
    Ok(service.answer(&Actor::default(), command).await?.read().expect("a page"))
}

async fn rest(service: &CommandService, mut page: Page<PlannedName>) -> Vec<PlannedName> {
    let mut all = Vec::new();
    loop {
        all.append(&mut page.items);
        let Some(next) = page.next else { return all };
        page = ask(service, Some(next)).await.expect("the next page");
    }
}

async fn whole(service: &CommandService) -> Vec<PlannedName> {
    let first = ask(service, None).await.expect("a page");
    rest(service, first).await
}

/// A stranger takes the first name, so that all turns move, and time passes.
async fn something_happens(bench: &mut Bench, service: &CommandService) {
    bench.pass(TimeDelta::seconds(20));
    service.clock.advance(TimeDelta::seconds(20));
    let told = bench.told("zeta-part-00", Event::Created);
    bench.apply(vec![told]).await;
}

#[tokio::test]
async fn the_pages_of_one_list_are_of_one_plan_and_the_next_list_is_of_another() {
    let mut bench = bench().await;
    let service = served(&bench);
    let before = whole(&service).await;
    assert_eq!((before.len(), before[0].protection.as_str()), (12, "publish"));
    let first = ask(&service, None).await.expect("a page");
    something_happens(&mut bench, &service).await;
    assert_eq!(rest(&service, first).await, before);
    let after = whole(&service).await;
    assert_eq!((after.len(), after[11].protection.as_str()), (12, "case"));
    let turns = |plan: &[PlannedName]| plan.iter().filter_map(|name| name.turn).collect::<Vec<_>>();
    assert_eq!((turns(&before).len(), turns(&after).len()), (12, 11));
}

#[tokio::test]
async fn a_plan_that_was_let_go_is_made_again_the_same_or_its_cursor_is_refused() {
    let mut bench = bench().await;
    let service = served(&bench);
    let before = whole(&service).await;
    let first = ask(&service, None).await.expect("a page");
    bench.pass(TimeDelta::minutes(5));
    service.clock.advance(TimeDelta::minutes(5));
    service.listings.tidy(Duration::from_secs(3600));
    assert_eq!(rest(&service, first).await, before, "nothing happened, and turns are as of the first page");
    let first = ask(&service, None).await.expect("a page");
    something_happens(&mut bench, &service).await;
    service.listings.tidy(Duration::from_secs(3600));
    let problem = ask(&service, first.next.clone()).await.expect_err("two plans").problem();
    assert_eq!(problem.kind, "urn:namewarden:problem:bad-cursor");
    let said = problem.to_string();
    assert!(said.contains("the plan is another by now") && said.contains("begin without a cursor"), "{said}");
    // Nor is it made again as of another day.
    let later = CommandService { clock: Clock::manual(bench.now + TimeDelta::days(2)), ..service.clone() };
    ask(&later, first.next).await.expect_err("of the day before yesterday");
}

/// Whoever lets claims go reads on as in any list.
#[tokio::test]
async fn what_would_be_let_go_comes_in_pages_and_only_of_its_own_list() {
    let bench = bench().await;
    let service = served(&bench);
    let names = (0..12).map(|n| format!("zeta-part-{n:02}")).collect();
    let ada = Actor { uid: Some(54_321), user: Some("ada".to_owned()), ..Actor::default() };
    service.answer(&ada, Command::ClaimPropose { names }).await.expect("planned");
    let apply = async |after: Option<String>| {
        let command = Command::ClaimApply { names: Vec::new(), dry_run: true, after, limit: Some(5) };
        Ok::<ClaimsApplied, Refusal>(service.answer(&ada, command).await?.read().expect("an answer"))
    };
    let (mut keys, mut page) = (Vec::new(), apply(None).await.expect("a page"));
    loop {
        keys.extend(page.claims.iter().map(|claim| claim.key.clone()));
        let Some(next) = page.next else { break };
        page = apply(Some(next)).await.expect("the next page");
    }
    assert_eq!(keys, (0..12).map(|n| format!("zeta-part-{n:02}#1")).collect::<Vec<_>>());
    let plan = ask(&service, None).await.expect("a page").next;
    let problem = apply(plan).await.expect_err("of another list").problem();
    assert_eq!(problem.kind, "urn:namewarden:problem:bad-cursor");
}

/// What claims wait for is looked up once for many pages, and never told by other settings than those in force.
#[tokio::test]
async fn what_is_kept_between_pages_goes_with_the_settings_it_was_made_by() {
    let bench = bench().await;
    let mut service = served(&bench);
    let propose = Command::ClaimPropose { names: vec!["zeta-part-03".to_owned()] };
    // A number that no list of this machine says anything of.
    let ada = Actor { uid: Some(54_321), user: Some("ada".to_owned()), ..Actor::default() };
    service.answer(&ada, propose).await.expect("planned");
    let status = Command::ClaimStatus { names: Vec::new(), after: None, limit: None };
    let next = async |service: &CommandService| {
        let reply = service.answer(&Actor::default(), status.clone()).await.expect("an answer");
        let said: serde_json::Value = reply.read().expect("JSON");
        said["items"][0]["next"].as_str().unwrap_or_default().to_owned()
    };
    assert!(next(&service).await.starts_with("another person"));
    let mut settings = (**service.settings.borrow()).clone();
    settings.claim.one_person = true;
    service.settings = watch::channel(Arc::new(settings)).1;
    assert!(next(&service).await.starts_with("a person: "));
}
