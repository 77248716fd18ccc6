//! The dashboard: every page is whole, what strangers wrote is harmless on it, and what people do on it is done.

mod beside_writer;
mod browser;
pub(crate) mod gate;
mod live;
mod reviews;
mod several;
mod shown;
mod slack;
mod stage;

use namewarden::model::Role;
use reqwest::Response;

use crate::world::{Browser, Setup, World};
use stage::{PAGES, Stage};

/// What nothing on a page may be: an inline style or script, or a handler.
fn is_strict(html: &str) -> bool {
    let lower = html.to_ascii_lowercase();
    let inline = lower.contains("<script>") || lower.contains(" style=") || lower.contains("<style");
    let tags = lower.split('<').skip(1).filter_map(|tag| tag.split('>').next());
    // Words between quotation marks are values.
    let bare = |tag: &str| tag.split('"').step_by(2).collect::<String>();
    !inline && !tags.map(bare).any(|tag| tag.contains(" on"))
}

async fn html(response: Response, path: &str) -> String {
    assert_eq!(response.status(), 200, "{path}");
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8", "{path}");
    let html = response.text().await.expect("text");
    assert!(is_strict(&html), "{path} is not strict");
    assert!(html.len() <= 200 * 1024, "{path} has {} bytes", html.len());
    html
}

async fn page(browser: &Browser, path: &str) -> String {
    html(browser.get(path).await, path).await
}

async fn empty() -> World {
    Setup { web: true, ..Setup::default() }.start().await
}

#[tokio::test]
async fn every_page_is_there_before_anything_happened() {
    let world = empty().await;
    let viewer = world.signed_in(Role::Viewer).await;
    for (name, path) in PAGES.iter().filter(|(name, _)| !name.starts_with("one-")) {
        let html = page(&viewer, path).await;
        assert!(html.contains("<h1"), "{name} has no heading");
        assert!(!html.contains("name=\"decision\""), "{name} lets a viewer decide");
    }
    let overview = page(&viewer, "/").await;
    assert!(overview.contains("Nothing pages and nothing alerts") && overview.contains("names that are exposed"));
    assert!(page(&viewer, "/findings").await.contains("No case is open."));
    assert!(page(&viewer, "/findings?search=zz&tier=page").await.contains("No case is like this."));
    assert!(page(&viewer, "/claims").await.contains("No name is being claimed."));
    assert!(page(&viewer, "/inventory?search=zz").await.contains("No watch is like this."));
    let health = page(&viewer, "/health").await;
    assert!(health.contains("Nothing keeps the watch from seeing or telling."));
    assert!(health.contains("No canary walks the path") && !health.contains("None is missing"), "{health}");
    let on = world.config().replace("canary = false", "canary = true");
    world.reconfigure(&on).await;
    let health = page(&viewer, "/health").await;
    assert!(health.contains("None has set out yet") && !health.contains("None is missing"), "{health}");
    world.finish().await;
}

/// A button that is refused is none.
#[tokio::test]
async fn whoever_runs_the_watch_and_nobody_else_looks_at_the_channels() {
    let world = empty().await;
    for (role, may) in [(Role::Responder, false), (Role::Approver, false), (Role::Admin, true)] {
        let person = world.signed_in(role).await;
        assert_eq!(page(&person, "/health").await.contains("Send every owner a test"), may, "{role}");
        assert_eq!(person.post("/health/probe", "").await.status().as_u16(), if may { 200 } else { 403 }, "{role}");
    }
    world.finish().await;
}

#[tokio::test]
async fn what_strangers_wrote_is_seen_and_does_nothing() {
    let mut stage = Stage::set().await;
    let responder = stage.world.signed_in(Role::Responder).await;
    for (name, path) in stage.pages() {
        let html = page(&responder, &path).await;
        let hidden = ['\u{202e}', '\u{200b}', '\u{2066}', '\u{7}', '\u{feff}'];
        assert!(!html.contains(hidden), "{name} shows a hidden character as it is");
        for markup in ["<img src=x", "<svg onload", "<b>mallory", "href=\"javascript", "</title><"] {
            assert!(!html.contains(markup), "{name} shows {markup} as markup");
        }
    }
    let case = page(&responder, &stage.case("torchtritom")).await;
    assert!(case.contains(r"\u{202e}") && case.contains("&#60;img src=x"), "what was written is to be seen: {case}");
    assert!(case.contains("Letter 11: n has become m."), "the names are compared: {case}");
    assert!(case.contains("class=\"change\""));
    shown::is_harmless_too(&stage).await;
    stage.end().await;
}

#[tokio::test]
async fn what_is_decided_on_a_page_is_done_and_said_once() {
    let mut stage = Stage::set().await;
    let responder = stage.world.signed_in(Role::Responder).await;
    let id = stage.id("torchtritom");
    let said =
        responder.post("/findings/judge", &format!("case={id}&decision=acknowledge&note=mine&back=/findings")).await;
    assert_eq!((said.status().as_u16(), said.headers()["location"].to_str().expect("text")), (303, "/findings"));
    let cookie = said.headers()["set-cookie"].to_str().expect("text").split(';').next().expect("a pair").to_owned();
    let told = html(responder.get_with("/findings?state=all", &cookie).await, "/findings").await;
    assert!(told.contains(&format!("{id} is now acknowledged.")), "{told}");
    assert!(!page(&responder, "/findings?state=all").await.contains("is now acknowledged."), "once");
    let case = page(&responder, &stage.case("torchtritom")).await;
    assert!(case.contains("“<bdi>mine</bdi>”") && case.contains("by <bdi>"), "{case}");
    let nothing = responder.post("/findings/judge", "decision=acknowledge&back=//evil.example").await;
    assert_eq!(nothing.headers()["location"], "/", "nobody is led away");
    let bad = responder.post("/findings/judge", &format!("case={id}&decision=burn")).await;
    assert_eq!(bad.status(), 400);
    assert!(bad.text().await.expect("text").contains("is no decision about a case"));
    let silent = responder.post("/findings/judge", &format!("case={id}&decision=suppress&back=/findings")).await;
    assert_eq!(silent.status(), 303);
    assert!(!page(&responder, &stage.case("torchtritom")).await.contains("suppressed"), "harmless needs a reason");
    several::are_acknowledged(&stage, &responder).await;
    stage.end().await;
}

#[tokio::test]
async fn what_is_not_there_is_a_page_that_says_what_to_do() {
    let world = empty().await;
    let viewer = world.signed_in(Role::Viewer).await;
    for (path, status, word) in [
        ("/nothing", 404, "Begin at /"),
        ("/findings/nw-999", 404, "There is no such case"),
        ("/findings/%3Cb%3E%2F..", 404, "There is no such case"),
        ("/claims/of/acme-billing", 404, "no claim of acme-billing"),
        ("/reports/file?form=pdf", 400, "is no form of a report"),
        ("/assets/0000000000000000/style.css", 404, "Begin at /"),
    ] {
        let answer = viewer.get(path).await;
        assert_eq!(answer.status(), status, "{path}");
        let html = answer.text().await.expect("text");
        assert!(is_strict(&html) && html.contains(word), "{path}: {html}");
    }
    for path in ["/findings?after=x", "/findings?owner=nobody", "/inventory?after=x", "/claims/plan?name=zz"] {
        assert!(page(&viewer, path).await.contains("role=\"alert\""), "{path} says why there is no list");
    }
    let mail = page(&viewer, "/claims/request").await;
    assert!(mail.contains("There is no mail yet") && mail.contains("[claim]"), "{mail}");
    world.finish().await;
}

#[tokio::test]
async fn every_case_is_on_one_page_most_urgent_first() {
    let mut stage = Stage::set().await;
    stage.multiply(130).await;
    let viewer = stage.world.signed_in(Role::Viewer).await;
    let (mut path, mut seen, mut tiers) = ("/findings?state=all".to_owned(), Vec::new(), Vec::new());
    loop {
        let html = page(&viewer, &path).await;
        for row in html.split("<li data-row data-key=\"").skip(1) {
            seen.push(row.split('"').next().expect("a key").to_owned());
            tiers
                .push(row.split("badge b-").nth(1).and_then(|rest| rest.split('"').next()).expect("a tier").to_owned());
        }
        let next = html.split("rel=\"next\"").next().filter(|rest| rest.len() < html.len());
        let Some(next) = next.and_then(|rest| rest.rsplit("href=\"").next()) else { break };
        path = next.trim_end_matches("\" ").replace("&#38;", "&").replace("&amp;", "&");
    }
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((all, seen.len()), (stage.cases().await, stage.cases().await));
    let rank = |tier: &String| ["page", "alert", "digest"].iter().position(|known| known == tier);
    assert!(tiers.is_sorted_by_key(rank), "{tiers:?}");
    stage.end().await;
}

#[tokio::test]
async fn a_change_of_the_inventory_is_shown_and_not_made() {
    let world = empty().await;
    let viewer = world.signed_in(Role::Viewer).await;
    let preview = viewer.post("/inventory/preview", "form=names&text=acme-new%0Aordinary-1%0Aacme-billing").await;
    let html = html(preview, "/inventory/preview").await;
    assert!(
        html.contains("A reload would put it in force") && html.contains("2 watches added, 0 watches removed"),
        "{html}"
    );
    assert!(html.contains("acme-new") && html.contains("b-taken") && html.contains("b-exposed"));
    assert!(
        html.contains("acme-new\nordinary-1\nacme-billing</textarea>"),
        "what was sent stands there to be changed: {html}"
    );
    let whole = viewer
        .post("/inventory/preview", "form=whole&text=%5Bowners.security%5D%0Anames+%3D+%5B%22acme-ledger%22%5D")
        .await;
    let html = self::html(whole, "/inventory/preview").await;
    assert!(html.contains("held until a person applies it"), "{html}");
    let many: String = (0..3_500).map(|n| format!("acme-part-number-{n:05}%0A")).collect();
    let large = viewer.post("/inventory/preview", &format!("form=names&text={many}")).await;
    let large = self::html(large, "/inventory/preview").await;
    assert!(large.contains("3500 watches added") && large.contains("… and 3200 more"), "{large}");
    assert!(large.contains("What you sent, 81 KB, is too long") && !large.contains("acme-part-number-03499"));
    assert!(large.len() < 100_000, "{}", large.len());
    let huge = viewer.post("/inventory/preview", &format!("form=names&text={}", many.repeat(10))).await;
    assert_eq!(huge.status(), 413);
    let html = huge.text().await.expect("text");
    assert!(html.contains("namewarden preview --inventory FILE --new"), "{html}");
    let bad = viewer.post("/inventory/preview", "form=whole&text=%5Bowners").await;
    assert!(self::html(bad, "/inventory/preview").await.contains("It cannot be used as it is"));
    assert!(!page(&viewer, "/inventory").await.contains("acme-new"), "nothing was put in force");
    assert!(page(&viewer, "/inventory/lint").await.contains("inventory.toml"));
    world.finish().await;
}

#[tokio::test]
async fn reports_are_shown_and_taken_along() {
    let mut stage = Stage::set().await;
    let viewer = stage.world.signed_in(Role::Viewer).await;
    let shown = page(&viewer, "/reports?show=yes&owner=ml").await;
    assert!(shown.contains("Cases that are open") && shown.contains("<svg"), "{shown}");
    for (form, kind) in [("html", "text/html"), ("text", "text/plain"), ("watches", "text/csv"), ("cases", "text/csv")]
    {
        let file = viewer.get(&format!("/reports/file?form={form}&since=2026-01-01")).await;
        assert_eq!(file.status(), 200, "{form}");
        assert!(file.headers()["content-type"].to_str().expect("text").starts_with(kind));
        assert!(file.headers()["content-disposition"].to_str().expect("text").starts_with("attachment;"), "{form}");
        let length = file.content_length();
        assert_eq!(length, Some(file.text().await.expect("text").len() as u64), "{form}");
    }
    assert!(page(&viewer, "/reports?show=yes&since=never").await.contains("is no day"));
    stage.end().await;
}
