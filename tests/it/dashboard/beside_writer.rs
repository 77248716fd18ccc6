//! Who reads waits for nobody who writes: every page and every answer is there while somebody has the store's only writer.

use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use chrono::TimeDelta;
use namewarden::api::web::Route;
use namewarden::model::Role;
use namewarden::store::{Store, StoreError};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinSet;

use super::stage::Stage;
use crate::world::Browser;

/// No answer takes as long, on a busy machine too.
const LONG: Duration = Duration::from_secs(30);

/// The writer in the hands of a test, which lets it go by dropping the first.
async fn held(store: &Store) -> (Sender<()>, JoinSet<Result<(), StoreError>>) {
    let ((let_go, wait), (inside, mut begun)) = (channel::<()>(), unbounded_channel());
    let (store, wait, mut writing) = (store.clone(), Mutex::new(wait), JoinSet::new());
    writing.spawn(async move {
        let work = move |_: &namewarden::store::Tx<'_>| {
            let _ = inside.send(());
            let _ = wait.lock().expect("sound").recv();
            Ok(())
        };
        store.write(work).await
    });
    begun.recv().await.expect("the writer is taken");
    (let_go, writing)
}

/// A path of the route at which there is something.
fn filled(stage: &Stage, route: &Route, link: &str, asset: &str) -> String {
    let path = match route.path.as_str() {
        "/answer/{token}" => return link.to_owned(),
        "/assets/{digest}/{file}" => return asset.to_owned(),
        "/reports/file" => "/reports/file?form=html",
        "/api/v1/check" => "/api/v1/check?name=acme-biling",
        path => path,
    };
    let path = path.replace("{case}", &stage.id("torchtritom")).replace("{name}", "corp-mail");
    path.replace("{form}", "html").replace("{review}", "17").replace("{id}", "17")
}

async fn answer(browser: &Browser, path: &str, headers: &[(&str, &str)]) -> Option<Response> {
    tokio::time::timeout(LONG, browser.send(Method::GET, path, headers, "")).await.ok()
}

async fn token(admin: &Browser) -> String {
    let (csrf, body) = (admin.csrf(), json!({"name": "ci", "scope": "viewer", "days": 1}).to_string());
    let headers = [("x-csrf-token", csrf.as_str()), ("content-type", "application/json")];
    let made: Value = admin.send(Method::POST, "/api/v1/tokens", &headers, &body).await.json().await.expect("JSON");
    format!("Bearer {}", made["token"].as_str().expect("a token"))
}

/// The router's own list, as the test of strangers walks it.
#[tokio::test]
async fn whoever_reads_waits_for_nobody_who_writes() {
    let mut stage = Stage::set().await;
    let link = stage.link("acme-leger", "payments").await;
    let (admin, nobody) = (stage.world.signed_in(Role::Admin).await, stage.world.browser().await);
    let (bearer, html) = (token(&admin).await, admin.get("/").await.text().await.expect("text"));
    let asset = html.split("href=\"").find_map(|rest| rest.strip_prefix("/assets/")?.split('"').next());
    let asset = format!("/assets/{}", asset.expect("a style"));
    let (let_go, mut writing) = held(&stage.world.engine().store).await;

    let (mut asked, mut wrong) = (0, Vec::new());
    for route in stage.world.routes().list().iter().filter(|route| route.method == Method::GET) {
        let path = filled(&stage, route, &link, &asset);
        let answer = answer(&admin, &path, &[]).await;
        asked += 1;
        // Whoever is signed in, or comes back from no provider, is led on.
        let status = answer.map(|answer| answer.status().as_u16());
        if !matches!(status, Some(200 | 303)) {
            wrong.push((path, status));
        }
    }
    assert!(asked > 30 && wrong.is_empty(), "of {asked}: {wrong:?}");
    for (path, form) in
        [("/inventory/preview", "form=names&text=acme-new"), ("/claims/apply/preview", "name=corp-mail")]
    {
        let answer = tokio::time::timeout(LONG, admin.post(path, form)).await;
        assert_eq!(answer.ok().map(|answer| answer.status().as_u16()), Some(200), "{path} changes nothing");
    }

    // That somebody comes back is written down when there is time.
    stage.world.pass(TimeDelta::minutes(2));
    let by_token = answer(&nobody, "/metrics", &[("authorization", &bearer)]).await.expect("in time");
    let by_session = answer(&admin, "/findings", &[]).await.expect("in time");
    assert_eq!((by_token.status().as_u16(), by_session.status().as_u16()), (200, 200));
    assert!(writing.try_join_next().is_none(), "the writer was held all the while");
    drop(let_go);
    writing.join_next().await.expect("one").expect("runs").expect("stored");
    // The writer's queue is in order: what was to be written down stands before this.
    stage.world.engine().store.write(|_| Ok(())).await.expect("stored");
    let tokens: Value = admin.get("/api/v1/tokens").await.json().await.expect("JSON");
    assert!(tokens["items"][0]["used"].is_string(), "{tokens}");
    stage.end().await;
}
