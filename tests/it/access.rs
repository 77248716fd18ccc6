//! Who signs in, and who is kept out: passwords, links, tokens, and the trail of all of it.

use chrono::TimeDelta;
use namewarden::api::refusal::Refusal;
use namewarden::api::v1::{AccountChange, AccountRole, Command, Hidden};
use namewarden::model::{Actor, Through};
use reqwest::Method;
use serde_json::{Value, json};

use crate::socket::ask;
use crate::world::{Browser, Setup, World, given};

const PASSWORD: &str = "correct horse battery";

async fn world() -> World {
    Setup { web: true, ..Setup::default() }.start().await
}

/// As whoever runs the daemon.
async fn told(world: &World, command: &Value) -> Value {
    let (status, said) = ask(world, command).await;
    assert_eq!(status, 200, "{said}");
    said
}

async fn add(world: &World, name: &str, role: &str, uid: Option<u32>) {
    let command = json!({"command": "user-change", "change": "add", "name": name, "role": role, "uid": uid, "password": PASSWORD});
    let said = told(world, &command).await;
    assert_eq!((&said["role"], &said["password"]), (&json!(role), &json!(true)), "{said}");
}

/// A page that is not there is shown to whoever is signed in alone.
async fn is_in(browser: &Browser) -> bool {
    browser.get("/nothing").await.status() == 404
}

#[tokio::test]
async fn whoever_knows_the_password_is_in_and_the_session_of_before_ends() {
    let world = world().await;
    add(&world, "ada", "viewer", None).await;
    let mut browser = world.browser().await;
    let planted = "A".repeat(43);
    browser.cookie = Some(planted.clone());
    let response = browser.sign_in("Ada", PASSWORD, "/findings?tier=page").await;
    let led = response.headers()["location"].to_str().expect("text");
    assert_eq!((response.status().as_u16(), led), (303, "/findings?tier=page"));
    let first = browser.cookie.clone().expect("a cookie");
    assert!(first != planted && first.len() == 43 && is_in(&browser).await, "a new one, and not what was planted");
    let mut again = world.browser().await;
    again.sign_in("ada", PASSWORD, "/").await;
    assert!(is_in(&browser).await && is_in(&again).await && again.cookie != Some(first), "two browsers, two sessions");
    let stored = world.engine().store.copied().await.expect("a copy");
    let bytes = std::io::read_to_string(std::io::BufReader::new(Latin(stored))).expect("read");
    for secret in [PASSWORD, again.cookie.as_deref().expect("a cookie")] {
        assert!(!bytes.contains(secret), "the store knows {secret}");
    }
    world.finish().await;
}

/// Bytes as letters, to look for a text in a file that is none.
struct Latin(std::fs::File);

impl std::io::Read for Latin {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.0.read(into)?;
        into[..read].iter_mut().for_each(|byte| *byte &= 0x7f);
        Ok(read)
    }
}

#[tokio::test]
async fn an_account_that_is_not_there_is_refused_in_the_same_words() {
    let world = world().await;
    add(&world, "ada", "viewer", None).await;
    told(&world, &json!({"command": "user-change", "change": "add", "name": "mute", "role": "viewer"})).await;
    let mut said = Vec::new();
    for (name, password) in [("ada", "wrong"), ("nobody", PASSWORD), ("mute", ""), ("mute", PASSWORD), ("a b", "x")] {
        let mut browser = world.browser().await;
        let response = browser.sign_in(name, password, "/").await;
        assert_eq!(response.status(), 401, "{name}");
        assert!(given(&response, "namewarden").is_none() && !is_in(&browser).await, "{name}");
        let (form, text) = (browser.open_form("/login").await.0, response.text().await.expect("text"));
        said.push(text.replace(name, "NAME").replace(&form, "WORD"));
    }
    assert!(said.iter().all(|text| text == &said[0] && text.contains("is wrong")), "{said:?}");
    world.finish().await;
}

#[tokio::test]
async fn nobody_is_signed_in_by_somebody_elses_page_or_led_to_one() {
    let world = world().await;
    add(&world, "eve", "viewer", None).await;
    let (mut eve, victim) = (world.browser().await, world.browser().await);
    let (word, _) = eve.open_form("/login").await;
    let form = format!("form={word}&name=eve&password={}", PASSWORD.replace(' ', "+"));
    let response = victim.send(Method::POST, "/login", &[], &form).await;
    assert_eq!(response.status(), 403, "the word of eve's browser");
    assert!(given(&response, "namewarden").is_none());
    for headers in [[("origin", "http://evil.example")], [("sec-fetch-site", "cross-site")]] {
        assert_eq!(eve.send(Method::POST, "/login", &headers, &form).await.status(), 403, "{headers:?}");
    }
    for next in ["//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example"] {
        let response = eve.sign_in("eve", PASSWORD, next).await;
        let to = response.headers()["location"].to_str().expect("text").to_owned();
        assert!(to.starts_with('/') && !to.starts_with("//") && !to.contains('\\'), "{next} led to {to}");
        eve = world.browser().await;
    }
    let hostile = world.browser().await.get("/login?next=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await;
    let text = hostile.text().await.expect("text");
    assert!(!text.contains("<script") && text.contains("&#"), "{text}");
    world.finish().await;
}

#[tokio::test]
async fn whoever_guesses_has_to_wait() {
    let world = world().await;
    add(&world, "ada", "viewer", None).await;
    let mut statuses = Vec::new();
    for _ in 0..13 {
        let response = world.browser().await.sign_in("ada", "wrong", "/").await;
        if response.status() == 429 {
            let wait: u64 = response.headers()["retry-after"].to_str().expect("text").parse().expect("seconds");
            assert!((1..=10).contains(&wait), "{wait}");
        }
        statuses.push(response.status().as_u16());
    }
    assert_eq!(&statuses[..10], [401; 10]);
    assert!(statuses[10..].contains(&429), "{statuses:?}");
    world.finish().await;
}

#[tokio::test]
async fn a_link_signs_in_once_and_by_its_button_alone() {
    let world = world().await;
    add(&world, "ada", "viewer", None).await;
    let link = told(&world, &json!({"command": "user-link", "name": "ada"})).await;
    let path = link["path"].as_str().expect("a path");
    let code = path.split_once("code=").expect("a code").1;
    let mut browser = world.browser().await;
    for _ in 0..3 {
        let (_, text) = browser.open_form(path).await;
        assert!(text.contains("signs you in once") && !is_in(&browser).await, "a scanner opens it");
    }
    let (word, _) = browser.open_form(path).await;
    let form = format!("form={word}&code={code}");
    let used = browser.send(Method::POST, "/login/once", &[], &form).await;
    browser.cookie = given(&used, "namewarden");
    assert_eq!((used.status().as_u16(), is_in(&browser).await), (303, true));
    let next = told(&world, &json!({"command": "user-link", "name": "ada"})).await;
    let path = next["path"].as_str().expect("a path");
    let (word, _) = browser.open_form(path).await;
    let form_of_next = format!("form={word}&code={}", path.split_once("code=").expect("a code").1);
    let (status, before) =
        (browser.send(Method::POST, "/login/once", &[], &form_of_next).await.status(), is_in(&browser).await);
    assert_eq!((status.as_u16(), before), (303, false), "whoever is signed in may use one; the session of before ends");
    browser.cookie = None;
    let again = browser.send(Method::POST, "/login/once", &[], &form).await;
    assert_eq!(again.status(), 401, "once");
    let late = told(&world, &json!({"command": "user-link", "name": "ada"})).await;
    let late = late["path"].as_str().and_then(|path| path.split_once("code=")).expect("a code").1.to_owned();
    world.pass(TimeDelta::minutes(16));
    let form = format!("form={word}&code={late}");
    assert_eq!(browser.send(Method::POST, "/login/once", &[], &form).await.status(), 401, "too late");
    world.finish().await;
}

#[tokio::test]
async fn whatever_changes_an_account_signs_it_out() {
    let world = world().await;
    add(&world, "ada", "admin", None).await;
    let changes = [
        json!({"change": "role", "role": "viewer"}),
        json!({"change": "password", "password": "another horse battery"}),
        json!({"change": "remove"}),
    ];
    let mut password = PASSWORD;
    for change in changes {
        let mut browser = world.browser().await;
        browser.sign_in("ada", password, "/").await;
        assert!(is_in(&browser).await, "{change}");
        let mut command = change.clone();
        command["command"] = json!("user-change");
        command["name"] = json!("ada");
        told(&world, &command).await;
        assert!(!is_in(&browser).await, "{change}");
        if command["change"] == "password" {
            password = "another horse battery";
        }
    }
    world.finish().await;
}

/// A user of the machine who is neither root nor the daemon's.
fn member(uid: u32) -> Actor {
    Actor { uid: Some(uid), user: Some(format!("user-{uid}")), through: Through::Socket, token: None }
}

/// Else one human could be the two whom a claim needs.
#[tokio::test]
async fn not_everybody_at_the_socket_looks_after_accounts() {
    let world = world().await;
    add(&world, "ada", "approver", Some(4001)).await;
    add(&world, "root-of-web", "admin", Some(4002)).await;
    let service = &world.site().service;
    let change = |name: &str, change: AccountChange| Command::UserChange { name: name.to_owned(), change };
    let password = || AccountChange::Password { password: Some(Hidden("another horse battery".to_owned())) };
    let made = || AccountChange::Add { role: AccountRole::Approver, uid: None, password: None };
    let refused = [
        (member(4001), change("ada2", made())),
        (member(4001), change("root-of-web", password())),
        (member(4001), change("ada", AccountChange::Role { role: AccountRole::Admin })),
        (member(4001), Command::UserLink { name: "ada".to_owned() }),
        (member(4003), change("ada", password())),
        (
            member(4003),
            Command::TokenCreate {
                name: "x".to_owned(),
                user: Some("ada".to_owned()),
                scope: AccountRole::Viewer,
                days: 1,
            },
        ),
        (Actor { through: Through::Token, token: Some(1), ..member(4002) }, change("ada", AccountChange::Remove)),
        (
            Actor { uid: None, user: Some("ada".to_owned()), through: Through::Session, token: None },
            change("x", made()),
        ),
        (
            Actor { uid: Some(0), user: Some("ada".to_owned()), through: Through::Session, token: None },
            change("x", made()),
        ),
        (Actor::default(), change("x", made())),
    ];
    for (actor, command) in refused {
        let said = service.answer(&actor, command.clone()).await;
        assert!(matches!(said, Err(Refusal::Access(_))), "{actor} {command}: {said:?}");
    }
    let allowed = [
        (member(4001), change("ada", password())),
        (member(4002), change("bob", made())),
        (member(4001), Command::TokenCreate { name: "x".to_owned(), user: None, scope: AccountRole::Viewer, days: 1 }),
    ];
    for (actor, command) in allowed {
        let said = service.answer(&actor, command.clone()).await;
        assert!(said.is_ok(), "{actor} {command}: {said:?}");
    }
    world.finish().await;
}

#[tokio::test]
async fn a_token_does_what_its_scope_and_its_account_say_until_it_ends() {
    let world = world().await;
    add(&world, "ada", "responder", Some(4001)).await;
    let beyond = json!({"command": "token-create", "name": "ci", "user": "ada", "scope": "admin", "days": 90});
    assert_eq!(ask(&world, &beyond).await.0, 403, "no more than its account");
    let made = json!({"command": "token-create", "name": "ci", "user": "ada", "scope": "viewer", "days": 90});
    let made = told(&world, &made).await;
    let token = made["token"].as_str().expect("a token").to_owned();
    assert!(token.starts_with("nwt_") && token.len() == 47, "{token}");
    let listed = told(&world, &json!({"command": "tokens"})).await;
    assert!(!listed.to_string().contains(&token[4..]) && listed["items"][0]["used"].is_null(), "{listed}");
    let browser = world.browser().await;
    let shown =
        async |header: &str| browser.send(Method::GET, "/nothing", &[("authorization", header)], "").await.status();
    let good = format!("Bearer {token}");
    assert_eq!(shown(&good).await, 404, "it is in");
    let bad = ["Bearer nwt_", "Bearer x", &token, &format!("Basic {token}"), &format!("Bearer {token}x"), "Bearer"];
    for header in bad {
        assert_eq!(shown(header).await, 303, "{header}");
    }
    let post =
        browser.send(Method::POST, "/logout", &[("authorization", &good), ("origin", "http://evil.example")], "").await;
    assert_eq!(post.status(), 303, "no page of anybody's can show it, so it needs no word");
    let listed = told(&world, &json!({"command": "tokens"})).await;
    assert!(listed["items"][0]["used"].is_string(), "{listed}");
    let caller = Actor { uid: Some(4001), user: Some("ada".to_owned()), through: Through::Token, token: Some(1) };
    let approve = Command::ClaimDecide {
        names: vec!["acme-ledger".to_owned()],
        decision: namewarden::api::v1::ClaimDecision::Approve,
        note: None,
    };
    let said = world.site().service.answer(&caller, approve).await;
    assert!(matches!(said, Err(Refusal::Access(_))), "no program is one of two persons: {said:?}");
    world.pass(TimeDelta::days(91));
    assert_eq!(shown(&good).await, 303, "it has ended");
    world.finish().await;
}

#[tokio::test]
async fn a_token_that_is_revoked_or_whose_account_is_gone_is_nothing() {
    let world = world().await;
    add(&world, "ada", "admin", None).await;
    let browser = world.browser().await;
    let mut tokens = Vec::new();
    for name in ["one", "two"] {
        let made = json!({"command": "token-create", "name": name, "user": "ada", "scope": "admin", "days": 1});
        let made = told(&world, &made).await;
        tokens.push((made["id"].clone(), format!("Bearer {}", made["token"].as_str().expect("a token"))));
    }
    let is_good = async |n: usize| {
        browser.send(Method::GET, "/nothing", &[("authorization", &tokens[n].1)], "").await.status() == 404
    };
    assert!(is_good(0).await && is_good(1).await);
    told(&world, &json!({"command": "token-revoke", "id": tokens[0].0})).await;
    assert!(!is_good(0).await && is_good(1).await);
    told(&world, &json!({"command": "user-change", "change": "remove", "name": "ada"})).await;
    assert!(!is_good(1).await);
    add(&world, "ada", "admin", None).await;
    assert!(!is_good(1).await, "an account of the same name is another");
    world.finish().await;
}

#[tokio::test]
async fn who_did_what_is_in_the_trail_and_no_secret_is() {
    let world = world().await;
    add(&world, "ada", "viewer", Some(4001)).await;
    let mut browser = world.browser().await;
    browser.sign_in("ada", "wrong", "/").await;
    browser.sign_in("ada", PASSWORD, "/").await;
    browser.post("/logout", "").await;
    assert_eq!(
        ask(&world, &json!({"command": "judge", "cases": ["nw-9"], "decision": "acknowledge", "note": null})).await.0,
        200
    );
    ask(&world, &json!({"command": "cursor"})).await;
    let trail = told(&world, &json!({"command": "audit"})).await;
    let lines: Vec<&Value> = trail["items"].as_array().expect("a page").iter().collect();
    let said = |line: &&Value| {
        format!("{}|{}", line["action"].as_str().expect("text"), line["outcome"].as_str().expect("text"))
    };
    let said: Vec<String> = lines.iter().map(said).collect();
    let unknown = "judge|not done: there is no such case";
    assert_eq!(said, ["user-change|done", "sign-in|wrong", "sign-in|done", "sign-out|done", unknown]);
    assert_eq!(lines[2]["actor"]["uid"], 4001);
    assert_eq!((&lines[2]["actor"]["through"], &lines[2]["who"]), (&json!("session"), &json!("ada (uid 4001)")));
    assert!(lines[0]["detail"].as_str().expect("text").contains("name=ada"), "{trail}");
    assert!(
        !trail.to_string().contains("horse") && !trail.to_string().contains(browser.cookie.as_deref().expect("one"))
    );
    let page = told(&world, &json!({"command": "audit", "limit": 2})).await;
    let rest = told(&world, &json!({"command": "audit", "after": page["next"]})).await;
    assert_eq!((page["items"].as_array().map(Vec::len), rest["items"].as_array().map(Vec::len)), (Some(2), Some(3)));
    world.finish().await;
}
