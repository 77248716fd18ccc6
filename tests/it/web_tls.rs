//! The web over TLS: it begins, shows a renewed certificate and keeps the last good one, all by a reload.

use std::io::Read as _;
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use namewarden::api::web::csrf;
use namewarden::daemon::Configured;
use namewarden::model::Role;
use namewarden::upstream::{Egress, HttpClient};
use reqwest::header::HeaderMap;

use crate::world::{Setup, World};

const OWN: &str = include_str!("../fixtures/tls/self-signed.pem");
const KEY: &str = include_str!("../fixtures/tls/self-signed.key");
const STRANGER: &str = include_str!("../fixtures/tls/stranger.pem");

/// Whoever connects has to begin within this time, give way or not.
const HANDSHAKE: Duration = Duration::from_secs(9);

/// Asks as somebody who believes this certificate alone.
async fn asked(believed: &Path, address: &str) -> Result<(u16, String), reqwest::Error> {
    let egress =
        Egress { contact: "sec@acme.example", proxy: None, ca_file: Some(believed), timeout: Duration::from_secs(20) };
    let client = HttpClient::new(&egress).expect("a client").raw().clone();
    let response = client.get(address).send().await?;
    let cookie = response.headers().get("set-cookie").and_then(|value| value.to_str().ok());
    Ok((response.status().as_u16(), cookie.unwrap_or_default().to_owned()))
}

/// Headers of what somebody is told who ticked nothing, and is signed in by this cookie.
async fn told(believed: &Path, base: &str, cookie: &str) -> HeaderMap {
    let egress =
        Egress { contact: "sec@acme.example", proxy: None, ca_file: Some(believed), timeout: Duration::from_secs(20) };
    let client = HttpClient::unmoved(&egress).expect("a client").raw().clone();
    let asked = client.post(format!("{base}/findings/judge")).header("cookie", format!("__Host-namewarden={cookie}"));
    let response = asked.header("x-csrf-token", csrf(cookie)).send().await.expect("an answer");
    assert_eq!(response.status(), 303);
    response.headers().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_browsers_are_given_over_tls_is_for_this_host_alone() {
    let world = Setup { web: true, ..Setup::default() }.start().await;
    let base = world.browser().await.base.replace("http://", "https://");
    let cookie = world.signed_in(Role::Responder).await.cookie.expect("signed in");
    world.write("chain.pem", OWN);
    world.write("key.pem", KEY);
    let believed = world.dir().join("chain.pem");
    let tls = format!("{}[web.tls]\ncertificate_file = \"chain.pem\"\nkey_file = \"key.pem\"\n", settings(&world));
    let reread = world.reconfigure(&tls).await;
    assert!(matches!(reread.configuration, Configured::Applied { .. }), "{reread:?}");
    let headers = told(&believed, &base, &cookie).await;
    let said = headers["set-cookie"].to_str().expect("text");
    assert!(said.starts_with("__Host-namewarden-said=") && said.contains("; Secure"), "{said}");
    assert!(headers.get("strict-transport-security").is_none(), "others may be at this name");
    let named = tls.replace("[web]\n", "[web]\npublic_url = \"https://watch.acme.example\"\n");
    let reread = world.reconfigure(&named).await;
    assert!(matches!(reread.configuration, Configured::Applied { .. }), "{reread:?}");
    assert_eq!(told(&believed, &base, &cookie).await["strict-transport-security"], "max-age=31536000");
    world.finish().await;
}

fn settings(world: &World) -> String {
    std::fs::read_to_string(world.dir().join("namewarden.toml")).expect("reads")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_begins_tls_and_what_is_broken_leaves_the_last_certificate() {
    let mut world = Setup { web: true, ..Setup::default() }.start().await;
    let here = world.browser().await.base;
    let (clear, over_tls) = (format!("{here}/login"), format!("{}/login", here.replace("http://", "https://")));
    world.write("chain.pem", OWN);
    world.write("key.pem", KEY);
    let believed = world.dir().join("chain.pem");
    assert!(asked(&believed, &over_tls).await.is_err() && asked(&believed, &clear).await.is_ok(), "clear text so far");

    let text = format!("{}[web.tls]\ncertificate_file = \"chain.pem\"\nkey_file = \"key.pem\"\n", settings(&world));
    let reread = world.reconfigure(&text).await;
    assert!(matches!(reread.configuration, Configured::Applied { .. }), "{reread:?}");
    let (status, cookie) = asked(&believed, &over_tls).await.expect("TLS");
    assert_eq!(status, 200);
    assert!(cookie.starts_with("__Host-namewarden-form=") && cookie.ends_with("; Secure"), "{cookie}");
    assert!(asked(&believed, &clear).await.is_err(), "no clear text where there is TLS");
    let began = Instant::now();
    let silent: Vec<_> = (0..400).map(|_| TcpStream::connect(&here["http://".len()..]).expect("connects")).collect();
    assert_eq!(asked(&believed, &over_tls).await.expect("there is a seat").0, 200);
    assert!(matches!((&silent[0]).read(&mut [0]), Ok(0) | Err(_)), "who was silent for longest had to go");
    assert!(began.elapsed() < HANDSHAKE, "and not for its own time that was over");

    world.write("believed.pem", OWN);
    let believed = world.dir().join("believed.pem");
    for (chain, key, says) in [
        (STRANGER, KEY, "web.tls.key: the key is that of another certificate"),
        (OWN, OWN, "web.tls.key: there is no private key in PEM in it"),
        ("", KEY, "web.tls.certificate_file: there is no certificate in it"),
        ("-----BEGIN CERTIFICATE-----\nx", KEY, "web.tls.certificate_file: a certificate in it cannot be read"),
    ] {
        world.write("chain.pem", chain);
        world.write("key.pem", key);
        let Configured::Broken { error } = world.reload_all().await.configuration else { panic!("{says}: taken") };
        assert!(error.contains(says) && !error.contains("MH"), "{error}");
        assert_eq!(asked(&believed, &over_tls).await.expect("the last good one").0, 200, "{says}");
    }
    world.expect_unwell("configuration-broken").await;
    world.write("chain.pem", &format!("{OWN}{STRANGER}"));
    world.write("key.pem", KEY);
    assert!(matches!(world.reload_all().await.configuration, Configured::Applied { .. }), "a renewed one");
    world.expect_well("configuration-broken").await;
    assert_eq!(asked(&believed, &over_tls).await.expect("it is shown").0, 200);
    world.finish().await;
}
