//! The page, the file, its metadata, HEAD, a range and 304 are of one mind, whatever the file.

use serde_json::Value;

use super::{JSON, Stage};

/// Paths of files that the page of a project lists, with whether each is yanked in words.
pub(super) async fn listed(stage: &Stage, name: &str) -> Vec<(String, bool)> {
    let page = stage.get(&format!("/simple/{name}/"), &[JSON]).await;
    assert_eq!(page.status, 200, "{name}");
    let page: Value = serde_json::from_str(&page.text()).expect("JSON");
    let file = |file: &Value| {
        let url = file["url"].as_str().expect("an address");
        let path = url.strip_prefix(&format!("http://127.0.0.1:{}", stage.port)).expect("below the gate");
        (path.to_owned(), file["yanked"].as_str().is_some_and(|why| why.contains("held until")))
    };
    page["files"].as_array().expect("files").iter().map(file).collect()
}

#[tokio::test]
async fn every_way_to_a_file_is_open_or_none() {
    let stage = Stage::new().await;
    for (name, open) in [("widgets", vec![true, false]), ("brandnew", vec![false]), ("acme-billing", vec![true])] {
        let files = listed(&stage, name).await;
        assert_eq!(files.len(), open.len(), "{name}");
        for ((path, yanked), open) in files.iter().zip(open) {
            let wanted = |well: u16| if open { well } else { 451 };
            let whole = stage.get(path, &[]).await;
            assert_eq!(whole.status, wanted(200), "{path}");
            assert_eq!(stage.get(&format!("{path}.metadata"), &[]).await.status, wanted(200), "{path}");
            assert_eq!(stage.get(path, &[("range", "bytes=0-9")]).await.status, wanted(206), "{path}");
            assert_eq!(stage.get(path, &[("if-none-match", "*")]).await.status, wanted(304), "{path}");
            assert_eq!(stage.get(path, &[("range", "bytes=-5"), ("if-range", "\"other\"")]).await.status, wanted(200));
            assert!(open || *yanked || name == "brandnew", "{path}");
            let keeps = whole.header("cache-control").expect("said");
            let wanted = if open { "private, max-age=0, must-revalidate" } else { "no-store" };
            assert_eq!(keeps, wanted, "{path}");
        }
    }
}

#[tokio::test]
async fn a_page_has_a_tag_of_its_own_a_form_as_asked_and_the_words_of_its_rules() {
    let stage = Stage::new().await;
    let page = stage.get("/simple/widgets/", &[JSON]).await;
    let (etag, vary) = (page.header("etag").expect("a tag").to_owned(), page.header("vary"));
    assert_eq!((page.header("content-type"), vary), (Some(JSON.1), Some("Accept, Accept-Encoding")));
    let age: u64 =
        page.header("cache-control").and_then(|keeps| keeps.split(['=', ',']).nth(2)?.parse().ok()).expect("an age");
    assert!(age <= 600);
    assert!(
        page.header("cache-control").is_some_and(|keeps| keeps.starts_with("private, ")),
        "nobody keeps it for others"
    );
    assert_eq!(stage.get("/simple/widgets/", &[JSON, ("if-none-match", &etag)]).await.status, 304);
    let html = stage.get("/simple/widgets/", &[]).await;
    assert_eq!(html.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(html.text().contains("data-yanked=\"held until "), "{}", html.text());
    assert_ne!(html.header("etag"), Some(&*etag));
    assert_eq!(stage.get("/simple/Widgets/", &[JSON]).await.header("location"), Some("/simple/widgets/"));
    assert_eq!(stage.get("/simple/widgets", &[JSON]).await.header("location"), Some("/simple/widgets/"));
    assert_eq!(stage.get("/simple/widgets/", &[("accept", "image/png")]).await.status, 406);
    for missing in [
        "/simple/",
        "/simple/nobody-has-this/",
        "/files/widgets/widgets-9.0.tar.gz",
        "/files/widgets/..%2f..%2fetc%2fpasswd",
    ] {
        assert_eq!(stage.get(missing, &[JSON]).await.status, 404, "{missing}");
    }
}

#[tokio::test]
async fn to_observe_is_to_give_out() {
    let stage = Stage::with("mode = \"observe\"\n", true).await;
    for name in ["widgets", "brandnew"] {
        for (path, yanked) in listed(&stage, name).await {
            assert_eq!((stage.get(&path, &[]).await.status, yanked), (200, false), "{path}");
        }
    }
    assert_eq!(stage.get("/simple/acme-planned/", &[JSON]).await.status, 451, "what is ours is ours in every mode");
}
