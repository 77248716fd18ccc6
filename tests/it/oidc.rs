//! Whoever signs in at an OpenID Connect provider: who is let in, and how each way in which a provider can be wrong is refused.

mod browser;
mod provider;

use std::time::Duration;

use chrono::TimeDelta;
use namewarden::daemon::Configured;
use namewarden::upstream::{Egress, HttpClient};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::socket::ask;
use crate::world::{Browser, Setup, World, given};
use provider::{CLIENT, Provider, SECRET, Wrong};

const WAY: &str = "namewarden-oidc";
const NAME: &str = "Acme <SSO>";

struct Stage {
    world: World,
    provider: Provider,
    /// How people come.
    base: String,
    /// The configuration without a provider.
    text: String,
}

impl Stage {
    async fn set() -> Self {
        let stage = Self::prepared().await;
        stage.configure("").await;
        stage
    }

    /// With accounts, and without a provider.
    async fn prepared() -> Self {
        let world = Setup { web: true, ..Setup::default() }.start().await;
        for name in ["ada@acme.example", "00u1", "eve"] {
            let add = json!({"command": "user-change", "change": "add", "name": name, "role": "viewer"});
            let (status, said) = ask(&world, &add).await;
            assert_eq!(status, 200, "{said}");
        }
        let (provider, base) = (Provider::listen(world.clock.clone()).await, world.browser().await.base);
        world.write("oidc-secret", SECRET);
        let text = std::fs::read_to_string(world.dir().join("namewarden.toml")).expect("reads");
        let text = text.replace("[web]\n", &format!("[web]\npublic_url = \"{base}\"\n"));
        Self { world, provider, base, text }
    }

    /// With these lines more in the section.
    async fn configure(&self, more: &str) {
        self.trusts(&self.provider.issuer, more).await;
    }

    async fn trusts(&self, issuer: &str, more: &str) {
        let text = &self.text;
        let reread = self
            .world
            .reconfigure(&format!(
                "{text}[web.oidc]\nissuer = \"{issuer}\"\nclient_id = \"{CLIENT}\"\n\
             client_secret_file = \"oidc-secret\"\nname = \"{NAME}\"\n{more}\n"
            ))
            .await;
        assert!(matches!(reread.configuration, Configured::Applied { .. }), "{reread:?}");
    }

    /// A provider that could not be asked is asked again.
    fn forgets(&self) {
        self.world.clock.advance(TimeDelta::seconds(16));
    }

    /// Signs in as a browser does. Gives the answer to what came back, and what the browser holds then.
    async fn sign_in(&self) -> (Browser, Response) {
        let mut browser = self.world.browser().await;
        let (to, way) = self.left(&browser, "/nothing").await;
        let back = self.through(&to).await;
        let response = self.lands(&browser, &back, &way).await;
        browser.cookie = given(&response, "namewarden");
        (browser, response)
    }

    /// Where the browser is sent, and the cookie that it keeps.
    async fn left(&self, browser: &Browser, next: &str) -> (String, String) {
        let response = browser.get(&format!("/login/oidc?next={next}")).await;
        assert_eq!(response.status(), 303, "{}", response.text().await.expect("text"));
        (led(&response), given(&response, WAY).expect("a cookie"))
    }

    /// What the provider does with it: the path and query by which it leads back.
    async fn through(&self, to: &str) -> String {
        assert!(to.starts_with(&self.provider.issuer), "{to}");
        let egress =
            Egress { contact: "sec@acme.example", proxy: None, ca_file: None, timeout: Duration::from_secs(20) };
        let client = HttpClient::unmoved(&egress).expect("a client").raw().clone();
        let back = led(&client.get(to).send().await.expect("an answer"));
        back.strip_prefix(&self.base).unwrap_or_else(|| panic!("led to {back}")).to_owned()
    }

    async fn lands(&self, browser: &Browser, back: &str, way: &str) -> Response {
        browser
            .send(Method::GET, back, &[("cookie", &format!("{WAY}={way}")), ("sec-fetch-site", "cross-site")], "")
            .await
    }

    /// Nobody is signed in, the page says why, and nothing of what came is on it.
    async fn is_refused(&self, status: u16, says: &str) {
        let (browser, response) = self.sign_in().await;
        let seen = response.status().as_u16();
        assert!(given(&response, WAY).is_some_and(|cookie| cookie.is_empty()), "{says}: the way is over");
        let text = response.text().await.expect("text");
        assert!(seen == status && text.contains(says), "{says}: {seen} {}", alert(&text));
        self.is_harmless(&text);
        assert!(browser.cookie.is_none() && browser.get("/nothing").await.status() == 303, "{says}");
    }

    fn is_harmless(&self, text: &str) {
        assert!(!text.contains("<b>") && !text.contains("pwned"), "{text}");
        for secret in self.provider.secrets() {
            assert!(!text.contains(&secret), "{secret} is in {text}");
        }
    }
}

fn led(response: &Response) -> String {
    response.headers()["location"].to_str().expect("text").to_owned()
}

fn code_of(back: &str) -> String {
    let query = back.split_once('?').expect("a query").1;
    let code = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "code").expect("a code").1;
    code.into_owned()
}

fn alert(text: &str) -> String {
    text.split("role=\"alert\">").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or("no alert").to_owned()
}

#[tokio::test]
async fn whoever_the_provider_names_is_in_as_the_account_of_that_name() {
    let stage = Stage::set().await;
    let browser = stage.world.browser().await;
    assert!(stage.left(&browser, "/").await.0.contains("&scope=openid+email"), "no more than is needed");
    let page = stage.world.browser().await.get("/login?next=%2Fnothing").await.text().await.expect("text");
    assert!(page.contains("href=\"/login/oidc?next=%2Fnothing\">Sign in with Acme &#60;SSO&#62;</a>"), "{page}");
    let (browser, response) = stage.sign_in().await;
    assert_eq!((response.status().as_u16(), led(&response).as_str()), (303, "/nothing"));
    let cookies: Vec<_> =
        response.headers().get_all("set-cookie").iter().map(|one| one.to_str().expect("text")).collect();
    assert!(cookies[0].ends_with("; HttpOnly; SameSite=Lax"), "the provider's page leads here: {cookies:?}");
    assert_eq!(cookies[1], format!("{WAY}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"));
    assert_eq!(browser.get("/nothing").await.status(), 404, "she is in");
    assert_eq!(led(&browser.get("/login/oidc?next=/claims").await), "/claims", "whoever is in goes on");
    let (_, trail) = ask(&stage.world, &json!({"command": "audit"})).await;
    let trail = trail.to_string();
    assert!(trail.contains("OpenID Connect, from 127.0.0.1") && trail.contains("ada@acme.example"), "{trail}");
    stage.is_harmless(&trail);
    let asked = ["metadata", "keys", "token", "userinfo"].map(|place| stage.provider.asked(place));
    assert_eq!(asked, [1, 1, 1, 0], "once, and no more than is needed");
    let stored = stage.world.engine().store.copied().await.map(Plain).expect("a copy");
    stage.is_harmless(&std::io::read_to_string(stored).expect("read"));
    stage.world.finish().await;
}

/// Signed out at the provider by what it said itself, and here whatever it says.
#[tokio::test]
async fn whoever_came_by_a_provider_signs_out_there_too() {
    let stage = Stage::set().await;
    let (browser, _) = stage.sign_in().await;
    let out = browser.post("/logout", "").await;
    assert_eq!(given(&out, "namewarden").as_deref(), Some(""), "the cookie is gone");
    let leads = out.headers()["refresh"].to_str().expect("text").to_owned();
    let to = url::Url::parse(leads.strip_prefix("0;url=").expect("an address")).expect("an address");
    assert!(to.as_str().starts_with(&format!("{}/logout?realm=staff&", stage.provider.issuer)), "{to}");
    let said = |key: &str| to.query_pairs().find(|(name, _)| name == key).expect("said").1.into_owned();
    assert!(stage.provider.secrets().contains(&said("id_token_hint")), "its own word");
    assert_eq!(
        (said("client_id"), said("post_logout_redirect_uri")),
        (CLIENT.to_owned(), stage.base.clone() + "/login")
    );
    assert_eq!(browser.get("/nothing").await.status(), 303, "she is out");
    for wrong in ["http://login.acme.example/", "nowhere", ""] {
        let (browser, _) = stage.sign_in().await;
        stage.provider.is_wrong(Wrong::Metadata("end_session_endpoint", wrong));
        stage.world.pass(TimeDelta::minutes(10));
        let out = browser.post("/logout", "").await;
        assert_eq!((out.status().as_u16(), led(&out).as_str()), (303, "/login"), "{wrong:?} is nowhere to go");
        assert_eq!(stage.sign_in().await.1.status(), 303, "{wrong:?} keeps nobody out");
        stage.provider.is_wrong(Wrong::Nothing);
    }
    stage.world.finish().await;
}

/// Bytes as letters, to look for a text in a file that is none.
struct Plain(std::fs::File);

impl std::io::Read for Plain {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.0.read(into)?;
        into[..read].iter_mut().for_each(|byte| *byte &= 0x7f);
        Ok(read)
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_told_in_its_own_words() {
    let stage = Stage::set().await;
    let wrong: [(Wrong, &str); 22] = [
        (Wrong::Claim("nonce", |_| "another".into()), "not said for this sign-in"),
        (Wrong::Claim("nonce", |_| Value::Null), "not said for this sign-in"),
        (Wrong::Claim("aud", |_| "another".into()), "said to another service"),
        (Wrong::Claim("aud", |_| json!([CLIENT, "another"])), "said to another service"),
        (Wrong::Claim("azp", |_| "another".into()), "said to another service"),
        (Wrong::Claim("iss", |_| "https://login.evil.example".into()), "said by another"),
        (Wrong::Claim("exp", |provider| provider.after(-61)), "over by the clock of this machine"),
        (Wrong::Claim("iat", |provider| provider.after(120)), "in the future by the clock"),
        (Wrong::Claim("exp", |_| Value::Null), "cannot be understood"),
        (Wrong::Signature, "a wrong signature"),
        (Wrong::UnknownKey, "a key that it does not name"),
        (Wrong::Unsigned, "is not signed"),
        (Wrong::Symmetric, "signed in a way that is not taken"),
        (Wrong::NoToken, "there is no ID token"),
        (Wrong::Claim("email_verified", |_| false.into()), "not verified your mail address"),
        (Wrong::Claim("email_verified", |_| "false".into()), "not verified your mail address"),
        (Wrong::Claim("email", |_| "<b>@acme.example".into()), "as no account can be called"),
        (
            Wrong::Claim("email", |_| "mallory@acme.example".into()),
            "namewarden user add mallory@acme.example --role viewer",
        ),
        (Wrong::Apart("another"), "cannot be understood"),
        (Wrong::Beside("iss", "https://login.evil.example"), "said by another"),
        (Wrong::OfTheCode(400, "invalid_grant"), "this code no longer"),
        (Wrong::OfTheCode(401, "invalid_client"), "client_id with its secret"),
    ];
    for (wrong, says) in wrong {
        stage.provider.is_wrong(wrong);
        let status = match says {
            "cannot be understood" | "client_id with its secret" => 503,
            says if says.starts_with("namewarden user add") => 403,
            _ => 401,
        };
        stage.is_refused(status, says).await;
    }
    stage.provider.is_wrong(Wrong::Claim("exp", |provider| provider.after(-30)));
    assert_eq!(stage.sign_in().await.1.status(), 303, "two clocks differ a little");
    stage.world.finish().await;
}

#[tokio::test]
async fn what_a_provider_sends_back_is_never_repeated() {
    let stage = Stage::set().await;
    for (wrong, status, says) in [
        (Wrong::SendsBack("access_denied"), 401, "you declined"),
        (Wrong::SendsBack("server_error"), 503, "not ready"),
        (Wrong::SendsBack("invalid_scope"), 503, "how this asks"),
        (Wrong::SendsBack("<b>pwned</b>"), 401, "no reason that is known here"),
        (Wrong::OfTheCode(400, "<b>pwned</b>"), 401, "no reason that is known here"),
        (Wrong::OfTheCode(302, "x"), 401, "no reason that is known here"),
    ] {
        stage.provider.is_wrong(wrong);
        stage.is_refused(status, says).await;
    }
    stage.world.finish().await;
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_is_told_and_passwords_go_on() {
    let stage = Stage::set().await;
    for (wrong, says) in [
        (Wrong::Metadata("issuer", "https://login.evil.example"), "by another address"),
        (Wrong::Metadata("token_endpoint", "nowhere"), "cannot be understood"),
        (Wrong::Metadata("jwks_uri", "http://keys.acme.example/"), "an address without TLS"),
        (Wrong::Answers(200, "<b>pwned</b>"), "cannot be understood"),
        (Wrong::Answers(302, ""), "HTTP 302"),
        (Wrong::Answers(500, "<b>pwned</b>"), "HTTP 500"),
        (Wrong::Huge, "larger than 1 MB"),
        (Wrong::Silent, "no complete answer within the time limit"),
    ] {
        stage.provider.is_wrong(wrong);
        stage.forgets();
        let response = stage.world.browser().await.get("/login/oidc?next=%2Fclaims").await;
        let (status, way) = (response.status(), given(&response, WAY));
        let text = response.text().await.expect("text");
        assert!(status == 503 && text.contains(says) && way.is_none(), "{wrong:?}: {status} {}", alert(&text));
        assert!(text.contains("name=\"password\"") && text.contains("value=\"/claims\""), "{text}");
        stage.is_harmless(&text);
    }
    let before = stage.provider.asked("metadata");
    assert_eq!(stage.world.browser().await.get("/login/oidc").await.status(), 503);
    assert_eq!(stage.provider.asked("metadata"), before, "it is left alone for a moment");
    stage.provider.is_wrong(Wrong::Nothing);
    stage.forgets();
    assert_eq!(stage.sign_in().await.1.status(), 303);
    stage.world.finish().await;
}

/// What it says of itself is understood, and kept for minutes; nobody is sent where it leads.
#[tokio::test]
async fn a_provider_that_leads_into_clear_text_is_not_followed() {
    let stage = Stage::set().await;
    stage.provider.is_wrong(Wrong::Metadata("authorization_endpoint", "http://login.acme.example/"));
    let response = stage.world.browser().await.get("/login/oidc?next=%2Fclaims").await;
    let (status, way) = (response.status(), given(&response, WAY));
    let text = response.text().await.expect("text");
    assert!(status == 503 && text.contains("an address without TLS") && way.is_none(), "{status} {}", alert(&text));
    stage.is_harmless(&text);
    stage.world.finish().await;
}

#[tokio::test]
async fn what_comes_back_belongs_to_one_browser_and_once() {
    let stage = Stage::set().await;
    let browser = stage.world.browser().await;
    let (to, way) = stage.left(&browser, "//evil.example").await;
    let back = stage.through(&to).await;
    let (_, other) = stage.left(&browser, "/").await;
    let stranger = back.replace("state=", "state=x");
    for (back, way) in [
        (&back, "A".repeat(43)),
        (&back, other),
        (&stranger, way.clone()),
        (&"/login/oidc/back".to_owned(), way.clone()),
    ] {
        let response = stage.lands(&browser, back, &way).await;
        assert!(response.status() == 403 && given(&response, "namewarden").is_none(), "{back}");
        assert!(response.text().await.expect("text").contains("not what this browser asked for"), "{back}");
    }
    let response = stage.lands(&browser, &back, &way).await;
    assert_eq!((response.status().as_u16(), led(&response).as_str()), (303, "/"), "to no other's page");
    let again = stage.lands(&browser, &back, &way).await;
    assert!(again.status() == 403 && given(&again, "namewarden").is_none(), "once");
    let (spent, (to, _)) = (back, stage.left(&browser, "/").await);
    let back = stage.through(&to).await;
    // A code that was used, and one of another sign-in, which the provider gave to whoever has another verifier.
    for code in [code_of(&spent), code_of(&back)] {
        let (to, way) = stage.left(&browser, "/").await;
        let fresh = stage.through(&to).await;
        let response = stage.lands(&browser, &fresh.replace(&code_of(&fresh), &code), &way).await;
        assert!(response.status() == 401 && given(&response, "namewarden").is_none());
        assert!(response.text().await.expect("text").contains("this code no longer"));
    }
    stage.world.finish().await;
}

#[tokio::test]
async fn a_new_key_is_asked_for_and_no_more_often_than_it_helps() {
    let stage = Stage::set().await;
    assert_eq!(stage.sign_in().await.1.status(), 303);
    stage.provider.takes_another_key("two");
    stage.world.clock.advance(TimeDelta::seconds(11));
    assert_eq!(stage.sign_in().await.1.status(), 303, "by the new key");
    assert_eq!((stage.provider.asked("metadata"), stage.provider.asked("keys")), (2, 2));
    stage.provider.is_wrong(Wrong::UnknownKey);
    for _ in 0..3 {
        stage.is_refused(401, "a key that it does not name").await;
    }
    assert!(stage.provider.asked("keys") < 5, "nobody has it asked all the time");
    stage.world.finish().await;
}

#[tokio::test]
async fn each_claim_names_an_account_and_what_a_token_lacks_is_asked_for() {
    let stage = Stage::set().await;
    stage.provider.is_wrong(Wrong::Apart("00u1"));
    assert_eq!((stage.sign_in().await.1.status().as_u16(), stage.provider.asked("userinfo")), (303, 1));
    stage.provider.is_wrong(Wrong::Nothing);
    stage.provider.says("email", Value::Null);
    stage.is_refused(401, "does not say your email").await;
    for (account, claim, name) in [("sub", "sub", "00u1"), ("preferred_username", "preferred_username", "Eve")] {
        stage.configure(&format!("account = \"{account}\"")).await;
        stage.provider.says(claim, name.into());
        let (browser, response) = stage.sign_in().await;
        assert!(response.status() == 303 && browser.get("/nothing").await.status() == 404, "{account}");
    }
    stage.world.finish().await;
}

#[tokio::test]
async fn whoever_a_proxy_names_is_no_other_by_a_provider() {
    let stage = Stage::set().await;
    stage.world.write("proxy-secret", "what-only-the-proxy-knows-0123456789");
    stage.configure("[web.proxy_user]\nheader = \"X-Forwarded-User\"\nsecret_file = \"proxy-secret\"").await;
    let browser = stage.world.browser().await;
    let (to, way) = stage.left(&browser, "/").await;
    let back = stage.through(&to).await;
    let named = [
        ("cookie", &*format!("{WAY}={way}")),
        ("x-forwarded-user", "eve"),
        ("x-namewarden-proxy", "what-only-the-proxy-knows-0123456789"),
    ];
    let response = browser.send(Method::GET, &back, &named, "").await;
    assert!(response.status() == 403 && given(&response, "namewarden").is_none());
    assert!(response.text().await.expect("text").contains("names another than the provider"));
    stage.world.finish().await;
}

#[tokio::test]
async fn without_a_provider_there_is_no_way_to_one() {
    let mut world = Setup { web: true, ..Setup::default() }.start().await;
    let browser = world.browser().await;
    for path in ["/login/oidc?next=/claims", "/login/oidc/back?code=x&state=y"] {
        assert_eq!(led(&browser.get(path).await), "/login", "{path}");
    }
    assert!(!browser.get("/login").await.text().await.expect("text").contains("/login/oidc"));
    let text = std::fs::read_to_string(world.dir().join("namewarden.toml")).expect("reads");
    world.write("oidc-secret", SECRET);
    let section = "[web.oidc]\nissuer = \"https://login.acme.example\"\nclient_id = \"x\"\nclient_secret_file = \"oidc-secret\"\n";
    let Configured::Broken { error } = world.reconfigure(&format!("{text}{section}")).await.configuration else {
        panic!("a provider that cannot lead back is taken")
    };
    assert!(error.contains("web.oidc") && error.contains("the port of [web] listen is another"), "{error}");
    world.expect_unwell("configuration-broken").await;
    world.reconfigure(&text).await;
    world.expect_well("configuration-broken").await;
    world.finish().await;
}
