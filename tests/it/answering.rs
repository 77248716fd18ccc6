//! A message's link, from the mail and from Slack to what everybody else hears: opening it changes nothing, its buttons do once,
//! and it stands in no log.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use namewarden::model::{CaseId, Dashboard, FindingState, OwnerId, Role};
use reqwest::Method;
use tracing_subscriber::EnvFilter;

use crate::world::{Browser, Setup, Told, World};

const NAME: &str = "acme-billing";

async fn world() -> World {
    Setup { web: true, links: true, slack: true, ..Setup::default() }.start().await
}

/// Where the link of a message leads, at whatever address a test reaches it.
fn path(told: &Told) -> String {
    let words = told.text.split(|c: char| c.is_whitespace() || "\"\\".contains(c));
    let link = words.into_iter().find(|word| word.contains("/answer/")).unwrap_or_else(|| panic!("{}", told.text));
    link.strip_prefix("http://localhost:8470").expect("ours").to_owned()
}

/// Where a button of the page leads.
fn button(html: &str, act: &str) -> String {
    let actions = html.split("action=\"").filter_map(|rest| rest.split('"').next());
    actions.into_iter().find(|action| action.ends_with(act)).unwrap_or_else(|| panic!("{html}")).to_owned()
}

async fn open(browser: &Browser, path: &str) -> String {
    let response = browser.get(path).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["referrer-policy"], "no-referrer");
    assert_eq!(response.headers()["cache-control"], "no-store");
    response.text().await.expect("text")
}

async fn answered(browser: &Browser, path: &str, form: &str) -> (u16, String) {
    // As a browser sends a form under our referrer policy.
    let headers = [("origin", "null"), ("sec-fetch-site", "same-origin")];
    let response = browser.send(Method::POST, path, &headers, form).await;
    (response.status().as_u16(), response.text().await.expect("text"))
}

impl World {
    async fn stands(&self) -> (FindingState, usize) {
        let finding = self.findings_of(NAME).await.pop().expect("a case");
        let key = finding.key.clone();
        let lines = self.engine().store.read(move |tx| tx.findings().timeline(&key, 1000)).await.expect("reads");
        (finding.state, lines.iter().filter(|line| line.by.is_some()).count())
    }

    /// Who answered, what came of it, and what was said, by the trail.
    async fn trail(&self) -> Vec<(String, String, String)> {
        let lines = self.engine().store.read(|tx| tx.audit().since(chrono::DateTime::UNIX_EPOCH, 0, 100)).await;
        let lines = lines.expect("reads").into_iter().map(|audited| audited.line);
        lines
            .filter(|line| line.action == "answer")
            .map(|line| (line.by.to_string(), line.outcome, line.detail))
            .collect()
    }
}

/// Every page that a message may lead to is one, for whoever signs in, and says nothing to others.
#[tokio::test]
async fn a_message_leads_to_its_page_and_that_asks_who_comes() {
    let mut world = world().await;
    world.upload(NAME, "0.1", "mallory");
    let page = "http://localhost:8470/findings/nw-1";
    let mail = world.expect_mail("registered", NAME).await;
    assert!(
        mail.text.contains(&format!("On the dashboard, for whoever has an account there: {page} ")),
        "{}",
        mail.text
    );
    let slack = world.expect_slack(NAME).await;
    assert!(slack.text.contains(page), "{}", slack.text);
    let (viewer, nobody) = (world.signed_in(Role::Viewer).await, world.browser().await);
    let (dashboard, security) = (Dashboard::new(""), OwnerId("security".into()));
    let pages = [
        dashboard.case(CaseId(1)),
        dashboard.cases(&security),
        dashboard.names(&security),
        dashboard.report(Some(&security), world.clock.now()),
        dashboard.health(),
        dashboard.overview(),
    ];
    for path in pages {
        let shown = viewer.get(&path).await;
        assert_eq!(shown.status(), 200, "{path}");
        let text = shown.text().await.expect("text");
        assert!(!text.contains("role=\"alert\""), "{path}: {text}");
        let refused = nobody.get(&path).await;
        assert!(refused.status().is_redirection(), "{path}: {}", refused.status());
    }
    let claims = dashboard.claim(&NAME.parse().expect("a name")).replace(NAME, "{name}");
    assert!(world.routes().list().iter().any(|route| route.path == claims), "{claims}");
    world.finish().await;
}

/// All that is logged on this thread, where a test's daemon runs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("whole").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn opening_a_link_changes_nothing_and_its_button_does_once_and_no_log_has_it() {
    let log = Log::default();
    let writer = log.clone();
    let filter = EnvFilter::new("info,namewarden=trace");
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(move || writer.clone()).finish();
    let _kept = tracing::subscriber::set_default(subscriber);
    // Where there is but one, whichever thread comes first by a place decides if anybody listens there.
    let _other = tracing::Dispatch::new(tracing_subscriber::registry());
    let mut world = world().await;
    world.upload(NAME, "0.1", "mallory");
    let path = path(&world.expect_mail("registered", NAME).await);
    world.expect_slack(NAME).await;
    let nobody = world.browser().await;
    assert_eq!(world.stands().await, (FindingState::Open, 0));
    for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::PUT, Method::DELETE, Method::POST] {
        let response = nobody.send(method.clone(), &path, &[], "").await;
        let token = path.trim_start_matches("/answer/");
        let location = response.headers().get("location").map(|to| to.to_str().expect("text").to_owned());
        assert!(!location.is_some_and(|to| to.contains(token)), "{method} leads on with it");
        assert_eq!(world.stands().await, (FindingState::Open, 0), "{method} changes something");
    }
    let html = open(&nobody, &path).await;
    assert!(
        html.contains(NAME) && html.contains("as <bdi>security by email</bdi>") && !html.contains("<script"),
        "{html}"
    );
    let acknowledge = button(&html, "/acknowledge");
    let (status, said) = answered(&nobody, &acknowledge, "").await;
    assert!(status == 200 && said.contains("nw-1 is acknowledged: reminders have stopped."), "{said}");
    let (status, said) = answered(&nobody, &acknowledge, "").await;
    assert!(status == 200 && said.contains("and was so already"), "{said}");
    assert_eq!(world.stands().await, (FindingState::Acknowledged, 1));
    let line = |outcome: &str| {
        ("a link to security by email".to_owned(), outcome.to_owned(), "case=nw-1 act=acknowledge".to_owned())
    };
    assert_eq!(world.trail().await, [line("done"), line("it stood so already")]);
    world.finish().await;
    let logged = String::from_utf8_lossy(&log.0.lock().expect("whole")).into_owned();
    assert!(logged.contains("notice delivered"), "nothing was logged");
    for token in [&path, &acknowledge].map(|path| path.split('/').nth(2).expect("a token")) {
        assert!(token.len() > 90 && !logged.contains(&token[..20]) && !logged.contains(&token[70..]), "it is logged");
    }
}

#[tokio::test]
async fn what_one_of_them_calls_harmless_or_puts_off_is_told_to_all_and_lapses() {
    let mut world = world().await;
    world.upload(NAME, "0.1", "mallory");
    world.expect_mail("registered", NAME).await;
    let path = path(&world.expect_slack(NAME).await);
    let nobody = world.browser().await;
    let html = open(&nobody, &path).await;
    assert!(html.contains("as <bdi>security by slack:team</bdi>"), "each has a link of their own: {html}");
    let (status, said) = answered(&nobody, &button(&html, "/snooze"), "minutes=9000").await;
    assert!(status == 400 && said.contains("Choose for how long"), "{said}");
    assert_eq!(answered(&nobody, &button(&html, "/snooze"), "minutes=480").await.0, 200);
    let told = world.expect_mail("answered", NAME).await;
    assert!(
        told.subject.starts_with("[answered] acme-billing was snoozed by a link to security by slack:team"),
        "{}",
        told.subject
    );
    world.expect_slack("was snoozed by").await;
    let harmless = button(&html, "/harmless");
    assert_eq!(answered(&nobody, &harmless, "reason=+").await.0, 400, "a reason is a reason");
    let (status, said) = answered(&nobody, &harmless, "reason=our+fork+%3Cb%3E+https%3A%2F%2Fevil.example").await;
    assert!(status == 200 && said.contains("closed as harmless"), "{said}");
    assert_eq!(world.stands().await.0, FindingState::Resolved);
    let told = world.expect_mail("answered", NAME).await;
    assert!(told.text.contains("was declared harmless by a link to security by slack:team: our fork"), "{}", told.text);
    assert!(!told.text.contains("https://evil.example"), "{}", told.text);
    world.expect_slack("declared harmless by").await;
    let gone = nobody.get(&path).await;
    assert_eq!(gone.status(), 410);
    assert!(gone.text().await.expect("text").contains("This case is resolved already"));
    world.upload(NAME, "99.0", "mallory");
    let worse = world.expect_mail("worsened", NAME).await;
    world.expect_slack("pip would take acme-billing now").await;
    assert_eq!(world.stands().await.0, FindingState::Open);
    assert_eq!(nobody.get(&path).await.status(), 410, "that of before");
    assert_eq!(answered(&nobody, &harmless, "reason=again").await.0, 410);
    open(&nobody, &self::path(&worse)).await;
    world.finish().await;
}

/// Whoever is signed in is nobody else here, and no page of somebody else's answers.
#[tokio::test]
async fn a_link_is_all_that_counts_and_takes_nobody_anywhere_else() {
    let mut world = world().await;
    world.upload(NAME, "0.1", "mallory");
    let path = path(&world.expect_mail("registered", NAME).await);
    world.expect_slack(NAME).await;
    let admin = world.signed_in(Role::Admin).await;
    let acknowledge = button(&open(&admin, &path).await, "/acknowledge");
    let foreign = [("origin", "http://evil.example"), ("sec-fetch-site", "cross-site")];
    for header in foreign {
        let refused = admin.send(Method::POST, &acknowledge, &[header], "").await;
        assert_eq!(refused.status(), 403, "{header:?}");
    }
    for other in [acknowledge.replace("/acknowledge", "/harmless"), acknowledge.replace("/acknowledge", "/snooze")] {
        assert_eq!(answered(&admin, &other, "reason=x&minutes=60").await.0, 403, "another act");
    }
    assert_eq!(world.stands().await, (FindingState::Open, 0));
    let token = path.trim_start_matches("/answer/");
    for path in
        [format!("/?link={token}"), format!("/findings/nw-1/{token}"), format!("/api/v1/findings?token={token}")]
    {
        let stranger = world.browser().await.get(&path).await.status().as_u16();
        assert!([303, 401].contains(&stranger), "{path}: {stranger}");
    }
    let bearer = format!("Bearer {token}");
    let shown = world.browser().await.send(Method::GET, "/api/v1/findings", &[("authorization", &bearer)], "").await;
    assert_eq!(shown.status(), 401);
    assert_eq!(answered(&admin, &acknowledge, "").await.0, 200);
    assert_eq!(world.trail().await[0].0, "a link to security by email", "and no admin");
    world.finish().await;
}

#[tokio::test]
async fn whoever_opens_links_by_the_hundred_waits() {
    let world = world().await;
    let nobody = world.browser().await;
    let mut statuses = Vec::new();
    for n in 0..80 {
        statuses.push(nobody.get(&format!("/answer/{n}")).await.status().as_u16());
    }
    assert!(statuses.starts_with(&[403; 40]) && statuses.contains(&429), "{statuses:?}");
    world.finish().await;
}
