//! The web among strangers: nothing for whoever is not signed in, or may not, or was sent by somebody else's page.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use chrono::TimeDelta;
use namewarden::api::status::Level;
use namewarden::api::v1::resource::RESOURCES;
use namewarden::api::web::{Needs, Route};
use namewarden::model::Role;
use reqwest::{Method, Response};

use crate::world::{Browser, Setup, World};

async fn world() -> World {
    Setup { web: true, ..Setup::default() }.start().await
}

/// What a browser made of an answer.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// The handler was reached, whatever it said.
    Reached,
    SignIn,
    Refused(u16),
    /// What was filled in is nothing.
    Unfit,
}

fn answer(response: &Response, api: bool) -> Answer {
    let location = response.headers().get("location").map(|to| to.to_str().expect("text").to_owned());
    match response.status().as_u16() {
        303 if location.is_some_and(|to| to.starts_with("/login?next=")) && !api => Answer::SignIn,
        401 if api => Answer::SignIn,
        400 if !api => Answer::Unfit,
        status @ (403 | 421) => Answer::Refused(status),
        _ => Answer::Reached,
    }
}

/// A path that the route answers.
fn at(route: &Route) -> String {
    let parts = route.path.split('/').map(|part| if part.starts_with('{') { "nw-1" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

async fn said(browser: &Browser, route: &Route, headers: &[(&str, &str)]) -> Answer {
    let path = at(route);
    answer(
        &browser.send(route.method.clone(), &path, headers, "").await,
        path.starts_with("/api/") || path == "/metrics",
    )
}

/// The router's own list, walked by everybody who should not get in.
#[tokio::test]
async fn a_stranger_gets_nothing() {
    let world = world().await;
    let nobody = world.browser().await;
    // Who may do all was signed in, and went home.
    let expired = world.signed_in(Role::Admin).await;
    world.pass(TimeDelta::hours(9));
    let mut browsers = Vec::new();
    for role in Role::ALL {
        browsers.push((role, world.signed_in(role).await));
    }
    let mut made_up = world.browser().await;
    made_up.cookie = Some("A".repeat(43));
    let mut closed = 0;
    for route in world.routes().list() {
        if route.needs == Needs::Link {
            linked(&nobody, &browsers, route).await;
            continue;
        }
        if route.needs == Needs::Signature {
            for browser in browsers.iter().map(|(_, browser)| browser).chain([&nobody]) {
                let csrf = browser.csrf();
                let refused = said(browser, route, &[("x-csrf-token", &csrf)]).await;
                assert_eq!(refused, Answer::SignIn, "{route:?} is not there without a secret, whoever is signed in");
            }
            continue;
        }
        let Needs::Role(needed) = route.needs else { continue };
        closed += 1;
        assert_eq!(said(&nobody, route, &[]).await, Answer::SignIn, "{route:?} without a session");
        assert_eq!(said(&made_up, route, &[]).await, Answer::SignIn, "{route:?} with a cookie that is made up");
        let word = expired.csrf();
        for headers in [&[][..], &[("x-csrf-token", word.as_str())]] {
            assert_eq!(said(&expired, route, headers).await, Answer::SignIn, "{route:?} when its session was over");
        }
        for (role, browser) in browsers.iter().filter(|(role, _)| !role.suffices(needed)) {
            let refused = said(browser, route, &[("x-csrf-token", &browser.csrf())]).await;
            assert_eq!(refused, Answer::Refused(403), "{route:?} as {role}");
        }
        let (_, able) = browsers.iter().find(|(role, _)| *role == needed).expect("one of each");
        let elsewhere = said(able, route, &[("host", "evil.example"), ("x-csrf-token", &able.csrf())]).await;
        assert_eq!(elsewhere, Answer::Refused(421), "{route:?} of another host");
        if !route.method.is_safe() {
            forged(able, &browsers[0].1, route).await;
        }
    }
    assert!(closed > 0, "no route is closed");
    world.finish().await;
}

/// A link that is none of ours gives nothing, whoever is signed in beside it.
async fn linked(nobody: &Browser, browsers: &[(Role, Browser)], route: &Route) {
    for browser in browsers.iter().map(|(_, browser)| browser).chain([nobody]) {
        let csrf = browser.csrf();
        let refused = said(browser, route, &[("x-csrf-token", &csrf)]).await;
        assert!(matches!(refused, Answer::Refused(403) | Answer::Unfit), "{route:?}: {refused:?}");
    }
    assert_eq!(
        said(nobody, route, &[("host", "evil.example")]).await,
        Answer::Refused(421),
        "{route:?} of another host"
    );
    if !route.method.is_safe() {
        let foreign = said(nobody, route, &[("origin", "http://evil.example")]).await;
        assert_eq!(foreign, Answer::Refused(403), "{route:?} forged");
    }
}

/// Whoever may is sent by a page that is not ours.
async fn forged(able: &Browser, other: &Browser, route: &Route) {
    let csrf = able.csrf();
    let mut tries = vec![
        vec![],
        vec![("x-csrf-token", "")],
        vec![("x-csrf-token", "forged")],
        vec![("x-csrf-token", csrf.as_str()), ("origin", "http://evil.example")],
        vec![("x-csrf-token", csrf.as_str()), ("origin", "null")],
        vec![("x-csrf-token", csrf.as_str()), ("sec-fetch-site", "cross-site")],
        vec![("x-csrf-token", csrf.as_str()), ("sec-fetch-site", "same-site")],
    ];
    let foreign = other.csrf();
    if other.cookie != able.cookie {
        tries.push(vec![("x-csrf-token", foreign.as_str())]);
    }
    for headers in tries {
        assert_eq!(said(able, route, &headers).await, Answer::Refused(403), "{route:?} forged: {headers:?}");
    }
}

/// Whoever opens another route to everybody has to say so here.
#[tokio::test]
async fn nothing_is_open_but_health_the_ways_in_and_what_pages_look_like() {
    let world = world().await;
    let routes = world.routes();
    let open = routes.list().iter().filter(|route| route.needs == Needs::Open);
    let open: Vec<String> = open.map(|route| format!("{} {}", route.method, route.path)).collect();
    let ways_in =
        ["GET /login", "POST /login", "GET /login/oidc", "GET /login/oidc/back", "GET /login/once", "POST /login/once"];
    assert_eq!(open, [&["GET /healthz"], ways_in.as_slice(), &["GET /assets/{digest}/{file}"]].concat());
    world.finish().await;
}

#[tokio::test]
async fn what_is_not_there_is_not_told_to_strangers() {
    let world = world().await;
    let (nobody, viewer) = (world.browser().await, world.signed_in(Role::Viewer).await);
    for path in ["/", "/nothing", "/logout", "/api/v1/nothing", "/healthz/x", "//evil.example", "/..%2fetc"] {
        let api = path.starts_with("/api/");
        assert_eq!(answer(&nobody.get(path).await, api), Answer::SignIn, "{path}");
    }
    for (path, status) in [("/nothing", 404), ("/logout", 405), ("/api/v1/nothing", 404)] {
        assert_eq!(viewer.get(path).await.status(), status, "{path}");
    }
    let health = nobody.send(Method::GET, "/healthz", &[("host", "10.0.0.7")], "").await;
    assert_eq!((health.status().as_u16(), health.text().await.expect("text").as_str()), (200, "ok\n"));
    world.finish().await;
}

#[tokio::test]
async fn a_session_survives_a_restart_and_ends_by_time_by_hand_and_with_its_account() {
    let mut world = world().await;
    let mut browser = world.signed_in(Role::Viewer).await;
    assert_eq!(browser.get("/nothing").await.status(), 404, "signed in");
    world.restart().await;
    browser.base = world.browser().await.base;
    assert_eq!(browser.get("/nothing").await.status(), 404, "still");
    let out = browser.post("/logout", "").await;
    let cookie = out.headers()["set-cookie"].to_str().expect("text").to_owned();
    assert_eq!((out.status().as_u16(), out.headers()["location"].to_str().expect("text")), (303, "/login"));
    assert_eq!(cookie, "namewarden=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    assert_eq!(browser.get("/nothing").await.status(), 303, "the cookie alone is nothing");
    let idle = world.signed_in(Role::Viewer).await;
    world.pass(TimeDelta::hours(7));
    assert_eq!(idle.get("/nothing").await.status(), 404);
    world.pass(TimeDelta::hours(8));
    assert_eq!(idle.get("/nothing").await.status(), 303, "not used for eight hours");
    let removed = world.signed_in(Role::Viewer).await;
    let name = "viewer".parse().expect("a name");
    world.engine().store.write(move |tx| tx.users().remove(&name).map(drop)).await.expect("stored");
    assert_eq!(removed.get("/nothing").await.status(), 303);
    world.finish().await;
}

/// What keeps itself up to date asks as whoever left it open, who may have gone home.
#[tokio::test]
async fn a_page_that_was_left_open_is_no_use_of_its_session() {
    let world = world().await;
    let viewer = world.signed_in(Role::Viewer).await;
    world.pass(TimeDelta::hours(7));
    for by_itself in [("x-live", "1"), ("accept", "text/event-stream")] {
        let answer = viewer.send(Method::GET, "/nothing", &[by_itself], "").await;
        assert_eq!(answer.status(), 404, "{by_itself:?}: it is signed in");
    }
    world.pass(TimeDelta::hours(2));
    assert_eq!(viewer.get("/nothing").await.status(), 303, "nobody used it for nine hours");
    world.finish().await;
}

/// A person may do by a page what they may do by the API, and no more.
#[tokio::test]
async fn a_page_takes_the_role_that_its_command_takes() {
    let does = [
        ("/findings/judge", "judge"),
        ("/findings/snooze", "snooze"),
        ("/inventory/preview", "inventory-preview"),
        ("/claims/propose", "claim-propose"),
        ("/claims/decide", "claim-decide"),
        ("/claims/apply/preview", "claim-apply"),
        ("/claims/apply", "claim-apply"),
        ("/gate/reviews/{id}/decide", "gate-decide"),
        ("/health/acknowledge", "acknowledge-health"),
        ("/health/probe", "probe"),
        ("/health/test", "test-alert"),
    ];
    let world = world().await;
    let routes = world.routes();
    let is_page = |route: &&Route| !route.method.is_safe() && matches!(route.needs, Needs::Role(_));
    let pages = routes.list().iter().filter(is_page).filter(|route| !route.path.starts_with("/api/"));
    for route in pages.filter(|route| route.path != "/logout") {
        let word = does.iter().find(|(path, _)| *path == route.path).map(|(_, word)| *word);
        let resource = RESOURCES.iter().find(|resource| Some(resource.word) == word);
        let role = resource.unwrap_or_else(|| panic!("{} does what?", route.path)).role.expect("for accounts");
        assert_eq!(route.needs, Needs::Role(role), "{}", route.path);
    }
    world.finish().await;
}

/// Every answer, also those of strangers and of what is not there.
#[tokio::test]
async fn every_answer_is_strict() {
    let world = world().await;
    let (nobody, viewer) = (world.browser().await, world.signed_in(Role::Viewer).await);
    for response in [nobody.get("/healthz").await, nobody.get("/").await, viewer.get("/nothing").await] {
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().expect("text").to_owned());
        let policy = header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"));
        assert_eq!(header("referrer-policy").as_deref(), Some("no-referrer"));
        assert_eq!(header("cache-control").as_deref(), Some("no-store"));
        assert_eq!(header("www-authenticate"), None);
    }
    let unknown = nobody.get("/api/v1/status").await;
    assert_eq!(
        (unknown.status().as_u16(), &unknown.headers()["www-authenticate"]),
        (401, &"Bearer".parse().expect("a value"))
    );
    world.finish().await;
}

fn connect(browser: &Browser) -> TcpStream {
    let stream = TcpStream::connect(browser.base.trim_start_matches("http://")).expect("accepted");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
    stream
}

fn whole(mut stream: TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).expect("written");
    let mut text = String::new();
    // A connection that is cut is an answer, too.
    let _ = stream.read_to_string(&mut text);
    text
}

/// What two servers in a row might read as two requests, or as another host.
#[tokio::test(flavor = "multi_thread")]
async fn requests_that_can_be_read_in_two_ways_are_refused() {
    let world = world().await;
    let browser = world.browser().await;
    let requests = [
        "POST /logout HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n",
        "POST /logout HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        "GET / HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\nconnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nconnection: close\r\n\r\n",
        "GET http://evil.example/ HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: localhost@evil.example\r\nconnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nhost : localhost\r\nconnection: close\r\n\r\n",
    ];
    for request in requests {
        let said = whole(connect(&browser), request);
        let status = said.split(' ').nth(1).unwrap_or("cut").to_owned();
        assert!(["400", "421", "403", "303", "cut"].contains(&status.as_str()), "{request:?}: {said}");
        assert!(!said.contains("ok\n"), "{request:?} was two: {said}");
    }
    world.finish().await;
}

/// A thousand who say nothing, half a word, or a huge one, cost seats that others get.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_slow_gives_way_and_whoever_is_huge_is_refused() {
    let world = world().await;
    let viewer = world.signed_in(Role::Viewer).await;
    let mut silent = Vec::new();
    for n in 0..400 {
        let mut stream = connect(&viewer);
        if n % 2 == 0 {
            stream
                .write_all(b"POST /logout HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{")
                .expect("written");
        }
        silent.push(stream);
    }
    assert_eq!(viewer.get("/nothing").await.status(), 404, "there is a seat");
    let huge = format!("note={}", "x".repeat(70_000));
    assert_eq!(viewer.post("/logout", &huge).await.status(), 413);
    assert_eq!(viewer.get("/nothing").await.status(), 404, "nothing was done");
    let mut first = &silent[1];
    assert!(matches!(first.read(&mut [0]), Ok(0) | Err(_)), "who was silent for longest had to go");
    let head = format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "x".repeat(40_000));
    let said = whole(connect(&viewer), &head);
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 431"), "{said}");
    world.finish().await;
}

/// The word of a session in its form, in other forms of body, and twice.
#[tokio::test]
async fn the_word_of_a_session_counts_in_a_header_and_in_a_form_alone() {
    let world = world().await;
    let viewer = world.signed_in(Role::Viewer).await;
    let csrf = viewer.csrf();
    let (form, json) = (format!("csrf={csrf}"), format!("{{\"csrf\":\"{csrf}\"}}"));
    let refused = [
        ("text/plain", form.as_str()),
        ("multipart/form-data; boundary=x", form.as_str()),
        ("application/json", json.as_str()),
        ("application/x-www-form-urlencoded", "csrf=&csrf=x"),
        ("application/x-www-form-urlencoded", "Csrf=x"),
        ("application/x-www-form-urlencoded", ""),
    ];
    for (kind, body) in refused {
        let headers = [("content-type", kind)];
        let said = viewer.send(Method::POST, &format!("/logout?csrf={csrf}"), &headers, body).await;
        assert_eq!(said.status(), 403, "{kind} {body}");
        let why = said.text().await.expect("text");
        assert!(why.contains("Open the page anew") && !why.contains(&csrf), "{why}");
    }
    assert_eq!(viewer.get("/nothing").await.status(), 404, "still signed in");
    assert_eq!(viewer.send(Method::POST, "/logout", &[], &form).await.status(), 303);
    assert_eq!(viewer.get("/nothing").await.status(), 303, "signed out by the form");
    world.finish().await;
}

/// A connection asks more than once, and a session that is used does not end.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_asks_more_than_once_and_a_session_that_is_used_goes_on() {
    let world = world().await;
    let viewer = world.signed_in(Role::Viewer).await;
    let stream = connect(&viewer);
    let ask = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
    for n in 0..3 {
        (&stream).write_all(ask.as_bytes()).expect("written");
        let mut part = [0; 2_000];
        let read = (&stream).read(&mut part).expect("an answer");
        let said = String::from_utf8_lossy(&part[..read]).into_owned();
        assert!(said.starts_with("HTTP/1.1 200") && said.ends_with("ok\n"), "{n}: {said}");
    }
    for _ in 0..4 {
        world.pass(TimeDelta::hours(6));
        assert_eq!(viewer.get("/nothing").await.status(), 404, "a day, and used every six hours");
    }
    for _ in 0..24 {
        world.pass(TimeDelta::hours(6));
        viewer.get("/nothing").await;
    }
    assert_eq!(viewer.get("/nothing").await.status(), 303, "a week is a week");
    world.finish().await;
}

/// What an account may do is that of now, not of when somebody signed in.
#[tokio::test]
async fn a_role_that_is_taken_away_is_gone_at_once() {
    let world = world().await;
    let viewer = world.signed_in(Role::Viewer).await;
    let routes = world.routes();
    let closed = routes.list().iter().find(|route| route.needs == Needs::Role(Role::Viewer)).expect("one");
    assert_eq!(said(&viewer, closed, &[("x-csrf-token", "")]).await, Answer::Refused(403), "signed in");
    let name = "viewer".parse().expect("a name");
    world.engine().store.write(move |tx| tx.users().remove(&name).map(drop)).await.expect("stored");
    assert_eq!(said(&viewer, closed, &[("x-csrf-token", "")]).await, Answer::SignIn, "the account is gone");
    world.finish().await;
}

/// Whoever looks at that address takes another's page for ours: it is told, and over once the address is ours.
#[tokio::test]
async fn an_address_that_another_program_has_is_told() {
    let other = TcpListener::bind("127.0.0.1:0").expect("binds");
    let taken = other.local_addr().expect("has an address");
    let mut world = world().await;
    let free = world.config();
    for (config, unwell) in [
        (free.replace("127.0.0.1:0\"", &format!("{taken}\"")), true),
        (free.clone(), false),
        (free.replace("127.0.0.1:0\"", &format!("{taken}\"")), true),
        (free.replace("[web]\nlisten = \"127.0.0.1:0\"\n", ""), false),
    ] {
        world.stop().await;
        world.write("namewarden.toml", &config);
        world.boot().await.unwrap_or_else(|error| panic!("{error}"));
        if unwell {
            let told = world.expect_unwell("web-closed").await;
            assert!(told.text.contains(&taken.to_string()), "{}", told.text);
            assert_eq!(world.unwell().await, ["web-closed"]);
            assert_eq!(world.status().await.level, Level::Warning);
        } else {
            world.expect_well("web-closed").await;
        }
    }
    world.finish().await;
}
