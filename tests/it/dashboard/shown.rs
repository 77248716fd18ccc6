//! Pages that no address alone leads to: what a form is answered with, and why somebody gets nothing. What strangers wrote, and what
//! whoever asks sends along, is harmless there, too.

use namewarden::model::Role;
use reqwest::{Method, Response};

use super::is_strict;
use super::stage::{HOSTILE, Stage};
use crate::world::Browser;

/// What is seen: hidden fields, what an entry of a list stands for, and what was typed into a large field are given back as they were.
fn seen(html: &str) -> String {
    let without = |html: &str, begin: &str, end: &str| {
        let mut pieces = html.split(begin);
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |text, piece| text + piece.split_once(end).expect("an end").1)
    };
    let open = without(&without(html, "<textarea", "</textarea>"), "<input type=\"hidden\"", "\">");
    without(&open, "<option value=\"", "\"")
}

fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A page of this status on which nothing works that a stranger wrote.
async fn harmless(name: &str, response: Response, status: u16) -> String {
    assert_eq!(response.status().as_u16(), status, "{name}");
    let whole = response.text().await.expect("text");
    let html = seen(&whole);
    assert!(is_strict(&whole) && html.contains("<h1"), "{name}: {html}");
    for hidden in ['\u{202e}', '\u{200b}', '\u{2066}', '\u{7}', '\u{feff}'] {
        assert!(!html.contains(hidden), "{name} shows a hidden character as it is");
    }
    for markup in ["<img src=x", "<svg onload", "<b>mallory", "href=\"javascript", "</title><"] {
        assert!(!html.contains(markup), "{name} shows {markup} as markup");
    }
    html
}

async fn of_nobody(stage: &Stage) {
    let mut nobody = stage.world.browser().await;
    let code = form(&[("code", HOSTILE)]);
    harmless("a link that signs in", nobody.get(&format!("/login/once?{code}")).await, 200).await;
    harmless("signed out", nobody.get("/login?out=true").await, 200).await;
    harmless("one that signs in", nobody.get(&format!("/login?{}", form(&[("next", HOSTILE)]))).await, 200).await;
    let wrong = harmless("a wrong account", nobody.sign_in(HOSTILE, "wrong", "/").await, 401).await;
    assert!(wrong.contains("role=\"alert\"") && wrong.contains(r"\u{202e}"), "{wrong}");
    let word = nobody.open_form("/login/once?code=x").await.0;
    let over = nobody.send(Method::POST, "/login/once", &[], &form(&[("form", &word), ("code", HOSTILE)])).await;
    assert!(harmless("a link that is over", over, 401).await.contains("has been used"));
}

/// The link of a mail about what strangers wrote, to its end.
async fn of_links(stage: &Stage) {
    let (nobody, link) = (stage.world.browser().await, stage.link("torchtritom", "ml").await);
    let page = harmless("a link", nobody.get(&link).await, 200).await;
    let to = page.split("action=\"").filter_map(|rest| rest.split('"').next()).find(|to| to.ends_with("/harmless"));
    let sent = nobody.send(Method::POST, to.expect("a form"), &[], &form(&[("reason", HOSTILE)])).await;
    assert!(harmless("an answer", sent, 200).await.contains("closed as harmless"));
    harmless("a link that was answered", nobody.get(&link).await, 410).await;
    let unfit = nobody.send(Method::POST, to.expect("a form"), &[], "reason=").await;
    harmless("no reason", unfit, 400).await;
    harmless("a link of nobody's", nobody.get("/answer/%3Cimg%20src=x%3E").await, 403).await;
}

async fn of_forms(approver: &Browser) {
    for (whole, text, says) in [
        ("names", "acme-new\ntorchtritom\n".to_owned(), "A reload would put it in force"),
        ("names", format!("acme-new\n{HOSTILE}\n"), "It cannot be used as it is"),
        ("whole", format!("[owners.\"{}\"]\nnames = [\"<b>mallory\"]\n", HOSTILE.replace('"', "'")), "It cannot be"),
    ] {
        let sent = form(&[("form", whole), ("text", &text)]);
        let page = harmless(whole, approver.post("/inventory/preview", &sent).await, 200).await;
        assert!(page.contains(says), "{whole}: {page}");
    }
    let sent = form(&[("name", "corp-mail"), ("name", HOSTILE)]);
    let page = harmless("publish", approver.post("/claims/apply/preview", &sent).await, 200).await;
    assert!(page.contains("corp-mail") && page.contains("has no claim that goes on"), "{page}");
    assert!(!page.contains("action=\"/claims/apply\""), "none is approved, so none is offered: {page}");
}

/// What is answered and what is refused.
pub(super) async fn is_harmless_too(stage: &Stage) {
    of_nobody(stage).await;
    of_links(stage).await;
    let approver = stage.world.signed_in(Role::Approver).await;
    of_forms(&approver).await;
    for (name, path, status) in [
        ("not there", format!("/findings/{}", urlencoded(HOSTILE)), 404),
        ("nothing", format!("/{}", urlencoded("<b>mallory\u{202e}")), 404),
        ("a search", format!("/findings?{}", form(&[("search", HOSTILE)])), 200),
        ("an owner", format!("/findings?{}", form(&[("owner", HOSTILE)])), 200),
    ] {
        harmless(name, approver.get(&path).await, status).await;
    }
    harmless("not allowed", approver.post("/health/probe", "").await, 403).await;
    let sent = form(&[("case", "nw-1"), ("decision", HOSTILE)]);
    harmless("no decision", approver.post("/findings/judge", &sent).await, 400).await;
}

fn urlencoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
