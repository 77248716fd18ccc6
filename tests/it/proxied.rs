//! A proxy that people sign in at names them: it is believed by its secret alone, and the session of nobody else is good beside its word.

use namewarden::daemon::Configured;
use reqwest::Method;
use serde_json::json;

use crate::socket::ask;
use crate::world::{Browser, Setup, World, given};

const SECRET: &str = "what-only-the-proxy-knows-0123456789";
const USER: &str = "x-forwarded-user";
const PROOF: &str = "x-namewarden-proxy";

async fn behind_a_proxy() -> World {
    let world = Setup { web: true, ..Setup::default() }.start().await;
    for name in ["ada", "eve"] {
        let add = json!({"command": "user-change", "change": "add", "name": name, "role": "viewer"});
        let (status, said) = ask(&world, &add).await;
        assert_eq!(status, 200, "{said}");
    }
    world.write("proxy-secret", SECRET);
    let text = std::fs::read_to_string(world.dir().join("namewarden.toml")).expect("reads");
    let reread = world
        .reconfigure(&format!(
            "{text}[web.proxy_user]\nheader = \"X-Forwarded-User\"\nsecret_file = \"proxy-secret\"\n"
        ))
        .await;
    assert!(matches!(reread.configuration, Configured::Applied { .. }), "{reread:?}");
    world
}

/// Headers of a request.
type Sent<'s> = &'s [(&'s str, &'s str)];

/// Opens a page as the proxy passes it on; gives the status, where it leads, and the text. What is given is kept.
async fn opened(browser: &mut Browser, path: &str, headers: &[(&str, &str)]) -> (u16, String, String) {
    let response = browser.send(Method::GET, path, headers, "").await;
    browser.cookie = given(&response, "namewarden").or(browser.cookie.take());
    let status = response.status().as_u16();
    let led = response.headers().get("location").map(|led| led.to_str().expect("text").to_owned());
    (status, led.unwrap_or_default(), response.text().await.expect("text"))
}

#[tokio::test]
async fn whoever_the_proxy_names_is_signed_in_for_as_long_as_it_names_them() {
    let world = behind_a_proxy().await;
    let mut browser = world.browser().await;
    let (ada, eve) = ([(USER, "Ada"), (PROOF, SECRET)], [(USER, "eve"), (PROOF, SECRET)]);
    let (status, led, _) = opened(&mut browser, "/nothing", &ada).await;
    assert_eq!((status, led.as_str()), (303, "/login?next=%2Fnothing"));
    let (status, led, _) = opened(&mut browser, &led, &ada).await;
    assert_eq!((status, led.as_str()), (303, "/nothing"));
    assert_eq!(opened(&mut browser, "/nothing", &ada).await.0, 404, "she is in");
    assert_eq!(opened(&mut browser, "/nothing", &eve).await.0, 303, "another person at the same browser is not she");
    let text = opened(&mut browser, "/login?next=%2F", &eve).await;
    assert_eq!((text.0, text.1.as_str()), (303, "/"), "and gets a session of their own");
    assert_eq!(opened(&mut browser, "/nothing", &ada).await.0, 303, "which is not hers");
    let (_, trail) = ask(&world, &json!({"command": "audit"})).await;
    assert!(trail.to_string().contains("the proxy"), "{trail}");
    world.finish().await;
}

/// Else who signs out is in again before they see it.
#[tokio::test]
async fn whoever_signs_out_is_out_until_they_ask_to_be_in() {
    let world = behind_a_proxy().await;
    let (mut browser, ada) = (world.browser().await, [(USER, "ada"), (PROOF, SECRET)]);
    opened(&mut browser, "/login", &ada).await;
    let csrf = browser.csrf();
    let out = [ada.as_slice(), &[("x-csrf-token", csrf.as_str())]].concat();
    let out = browser.send(Method::POST, "/logout", &out, "").await;
    browser.cookie = None;
    let led = out.headers()["location"].to_str().expect("text").to_owned();
    let (status, _, text) = opened(&mut browser, &led, &ada).await;
    assert!(status == 200 && text.contains("You are signed out here. The proxy"), "{status} {text}");
    assert!(browser.cookie.is_none() && text.contains("href=\"/login\""), "{text}");
    assert_eq!(opened(&mut browser, "/nothing", &ada).await.0, 303);
    assert_eq!(opened(&mut browser, "/login", &ada).await.0, 303, "she asks for it");
    assert!(browser.cookie.is_some());
    world.finish().await;
}

#[tokio::test]
async fn the_word_of_a_proxy_begins_no_more_sessions_than_a_person_needs() {
    let world = behind_a_proxy().await;
    let (ada, eve) = ([(USER, "ada"), (PROOF, SECRET)], [(USER, "eve"), (PROOF, SECRET)]);
    let mut statuses = Vec::new();
    for _ in 0..25 {
        statuses.push(opened(&mut world.browser().await, "/login", &ada).await.0);
    }
    assert!(statuses.starts_with(&[303; 20]) && statuses.ends_with(&[429]), "{statuses:?}");
    assert_eq!(opened(&mut world.browser().await, "/login", &eve).await.0, 303, "another is not concerned");
    world.finish().await;
}

#[tokio::test]
async fn nobody_is_believed_who_does_not_prove_to_be_the_proxy() {
    let world = behind_a_proxy().await;
    let cases: [(Sent<'_>, u16, &str); 6] = [
        (&[(USER, "ada")], 200, "does not prove to be the proxy"),
        (&[(USER, "ada"), (PROOF, "another-secret-of-enough-letters")], 200, "does not prove to be the proxy"),
        (&[(USER, "ada"), (PROOF, SECRET), (PROOF, "x")], 200, "does not prove to be the proxy"),
        (&[(USER, "mallory"), (PROOF, SECRET)], 403, "namewarden user add mallory --role viewer"),
        (&[(USER, "<b>"), (PROOF, SECRET)], 403, "no account can be called"),
        (&[(PROOF, SECRET)], 200, "Sign in"),
    ];
    for (headers, status, says) in cases {
        let mut browser = world.browser().await;
        let (seen, _, text) = opened(&mut browser, "/login", headers).await;
        assert!(seen == status && text.contains(says) && !text.contains("<b>"), "{headers:?}: {seen} {text}");
        assert!(browser.cookie.is_none() && !text.contains(SECRET), "{headers:?}");
    }
    world.finish().await;
}
