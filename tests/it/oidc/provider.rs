//! A provider of our own, with keys made for one test, that does as told: right, or wrong in one way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit as _, Mac as _};
use namewarden::clock::Clock;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(super) const CLIENT: &str = "namewarden";
pub(super) const SECRET: &str = "what-the-provider-and-we-know/+= 0123";

/// In what way it is wrong.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wrong {
    Nothing,
    /// An ID token whose claim is this in place of what it should be; `Null`: it has none.
    Claim(&'static str, fn(&Provider) -> Value),
    /// One that is signed by a key that nobody was told of, under the name of the one that was.
    Signature,
    /// And under its own name.
    UnknownKey,
    /// One that nobody signed (RFC 7519, section 6).
    Unsigned,
    /// One signed by what both know.
    Symmetric,
    NoToken,
    /// It says who somebody is only where it is asked with the access token; of whom, then.
    Apart(&'static str),
    /// It sends this back in place of a code.
    SendsBack(&'static str),
    /// It says this of the code.
    OfTheCode(u16, &'static str),
    /// It says this of itself in place of what it should.
    Metadata(&'static str, &'static str),
    /// It answers this where it says of itself how it is asked.
    Answers(u16, &'static str),
    /// It sends more than anybody reads.
    Huge,
    /// It takes the request for its keys and says nothing.
    Silent,
    /// It sends somebody back with this beside the code.
    Beside(&'static str, &'static str),
}

struct Model {
    wrong: Wrong,
    key: (String, Vec<u8>),
    person: Value,
    /// Codes that were given out and not used: what the browser brought for each.
    codes: BTreeMap<String, BTreeMap<String, String>>,
    /// Everything that nobody may ever read of us.
    secrets: Vec<String>,
    asked: BTreeMap<&'static str, u32>,
}

#[derive(Clone)]
pub(super) struct Provider {
    pub(super) issuer: String,
    clock: Clock,
    model: Arc<Mutex<Model>>,
}

impl Provider {
    #[expect(clippy::disallowed_methods, reason = "the provider ends with the test's runtime")]
    pub(super) async fn listen(clock: Clock) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}/realms/staff", listener.local_addr().expect("an address"));
        let person = json!({ "sub": "00u1", "email": "Ada@acme.example", "email_verified": true });
        let (codes, secrets, asked) = (BTreeMap::new(), vec![SECRET.to_owned()], BTreeMap::new());
        let model = Model { wrong: Wrong::Nothing, key: key("one"), person, codes, secrets, asked };
        let provider = Self { issuer, clock, model: Arc::new(Mutex::new(model)) };
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/jwks", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo));
        let app = Router::new().nest("/realms/staff", routes).with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        provider
    }

    pub(super) fn is_wrong(&self, wrong: Wrong) {
        self.model().wrong = wrong;
    }

    pub(super) fn says(&self, claim: &str, value: Value) {
        self.model().person[claim] = value;
    }

    /// From now on it signs by another key, and says so.
    pub(super) fn takes_another_key(&self, name: &str) {
        self.model().key = key(name);
    }

    pub(super) fn secrets(&self) -> Vec<String> {
        self.model().secrets.clone()
    }

    /// How often it was asked at this place.
    pub(super) fn asked(&self, place: &str) -> u32 {
        self.model().asked.get(place).copied().unwrap_or_default()
    }

    pub(super) fn after(&self, seconds: i64) -> Value {
        Value::from((self.clock.now() + TimeDelta::seconds(seconds)).timestamp())
    }

    fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock().expect("a lock")
    }

    /// What it is to do here, and that it was asked.
    fn told(&self, place: &'static str) -> Wrong {
        let mut model = self.model();
        *model.asked.entry(place).or_default() += 1;
        model.wrong
    }

    fn secret(&self, what: &str) -> String {
        let text = format!("{what}-of-the-test-{}", self.model().secrets.len());
        self.model().secrets.push(text.clone());
        text
    }

    fn claims(&self, nonce: Option<&String>, wrong: Wrong) -> Value {
        let mut claims =
            json!({ "iss": self.issuer, "aud": CLIENT, "exp": self.after(300), "iat": self.after(0), "nonce": nonce });
        let person = self.model().person.clone();
        for (claim, value) in person.as_object().expect("claims") {
            claims[claim] = value.clone();
        }
        if let Wrong::Apart(_) = wrong {
            claims["email"].take();
        }
        if let Wrong::Claim(claim, value) = wrong {
            claims[claim] = value(self);
        }
        Value::Object(claims.as_object().expect("claims").clone().into_iter().filter(|(_, of)| !of.is_null()).collect())
    }

    fn signed(&self, claims: &Value, wrong: Wrong) -> String {
        let (mut name, mut pair) = self.model().key.clone();
        if matches!(wrong, Wrong::Signature | Wrong::UnknownKey) {
            let (other, another) = key("stranger");
            pair = another;
            name = if matches!(wrong, Wrong::UnknownKey) { other } else { name };
        }
        let alg = match wrong {
            Wrong::Unsigned => "none",
            Wrong::Symmetric => "HS256",
            _ => "ES256",
        };
        let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(json!({ "alg": alg, "kid": name, "typ": "JWT" })), part(claims.clone()));
        let signature = match wrong {
            Wrong::Unsigned => Vec::new(),
            Wrong::Symmetric => {
                let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key");
                mac.chain_update(&text).finalize().into_bytes().to_vec()
            }
            _ => pair_of(&pair).sign(&SystemRandom::new(), text.as_bytes()).expect("signed").as_ref().to_vec(),
        };
        let token = format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
        self.model().secrets.push(token.clone());
        token
    }
}

/// A key of this name.
fn key(name: &str) -> (String, Vec<u8>) {
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    (name.to_owned(), made.expect("a key").as_ref().to_vec())
}

fn pair_of(key: &[u8]) -> EcdsaKeyPair {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key, &SystemRandom::new()).expect("a key")
}

async fn metadata(State(provider): State<Provider>) -> Response {
    let issuer = &provider.issuer;
    let mut says = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize?realm=staff"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "end_session_endpoint": format!("{issuer}/logout?realm=staff"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
    });
    match provider.told("metadata") {
        Wrong::Metadata(key, value) => says[key] = value.into(),
        Wrong::Answers(status, body) => {
            let status = StatusCode::from_u16(status).expect("a status");
            return (status, [(header::LOCATION, "/elsewhere")], body).into_response();
        }
        Wrong::Huge => says["scopes_supported"] = json!(["x".repeat(1_100_000)]),
        _ => {}
    }
    Json(says).into_response()
}

async fn keys(State(provider): State<Provider>) -> Response {
    if matches!(provider.told("keys"), Wrong::Silent) {
        tokio::time::sleep(Duration::from_mins(5)).await;
    }
    let (name, pair) = provider.model().key.clone();
    let pair = pair_of(&pair);
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    let part = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let ours =
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": name, "x": part(x), "y": part(y) });
    let strange = json!({ "kty": "of another world", "kid": "x" });
    Json(json!({ "keys": [strange, ours] })).into_response()
}

type Pairs = BTreeMap<String, String>;

/// Everybody who comes is Ada, and has agreed.
async fn authorize(State(provider): State<Provider>, Query(asked): Query<Pairs>) -> Redirect {
    for (key, wanted) in
        [("realm", "staff"), ("client_id", CLIENT), ("response_type", "code"), ("code_challenge_method", "S256")]
    {
        assert_eq!(asked.get(key).map(String::as_str), Some(wanted), "{key}");
    }
    assert!(["openid", "openid email", "openid profile"].contains(&asked["scope"].as_str()), "{asked:?}");
    let mut back = url::Url::parse(&asked["redirect_uri"]).expect("an address");
    match provider.told("authorize") {
        Wrong::SendsBack(error) => {
            back.query_pairs_mut().append_pair("error", error).append_pair("error_description", "<b>pwned</b>");
        }
        wrong => {
            let code = provider.secret("code");
            back.query_pairs_mut().append_pair("code", &code);
            provider.model().codes.insert(code, asked.clone());
            if let Wrong::Beside(key, value) = wrong {
                back.query_pairs_mut().append_pair(key, value);
            }
        }
    }
    back.query_pairs_mut().append_pair("state", &asked["state"]);
    Redirect::to(back.as_str())
}

async fn token(State(provider): State<Provider>, headers: HeaderMap, Form(sent): Form<Pairs>) -> Response {
    let wrong = provider.told("token");
    if let Wrong::OfTheCode(status, error) = wrong {
        let said = json!({ "error": error, "error_description": "<b>pwned</b>" });
        return (StatusCode::from_u16(status).expect("a status"), Json(said)).into_response();
    }
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    let encoded: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let ours = format!("Basic {}", BASE64_STANDARD.encode(format!("{CLIENT}:{encoded}")));
    if headers.get(header::AUTHORIZATION).is_none_or(|shown| shown != ours.as_str()) {
        return refused("invalid_client");
    }
    let Some(asked) = provider.model().codes.remove(&sent["code"]) else { return refused("invalid_grant") };
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&sent["code_verifier"]));
    provider.model().secrets.push(sent["code_verifier"].clone());
    if challenge != asked["code_challenge"] || sent["redirect_uri"] != asked["redirect_uri"] {
        return refused("invalid_grant");
    }
    let claims = provider.claims(asked.get("nonce"), wrong);
    let mut answer = json!({ "access_token": provider.secret("access"), "token_type": "Bearer", "expires_in": 60 });
    if !matches!(wrong, Wrong::NoToken) {
        answer["id_token"] = provider.signed(&claims, wrong).into();
    }
    Json(answer).into_response()
}

async fn userinfo(State(provider): State<Provider>, headers: HeaderMap) -> Response {
    let wrong = provider.told("userinfo");
    let shown = headers[header::AUTHORIZATION].to_str().expect("text").to_owned();
    assert!(provider.secrets().iter().any(|secret| shown == format!("Bearer {secret}")), "{shown}");
    let mut person = provider.model().person.clone();
    if let Wrong::Apart(sub) = wrong {
        person["sub"] = sub.into();
    }
    Json(person).into_response()
}
