//! The simulator on the wire, held against the protocol facts it claims to follow.

pub(crate) mod clients;
mod faults;
pub(crate) mod wire;

use chrono::DateTime;
use namewarden::model::{ProjectName, Serial, Time};
use namewarden::sim::{Endpoint, Options, Order, Sim, World};
use wire::{ask, call, get, get_with};

const JSON: (&str, &str) = ("accept", "application/vnd.pypi.simple.v1+json");

fn at(second: i64) -> Time {
    DateTime::from_timestamp(second, 0).expect("in range")
}

/// Three projects: one released, one empty, one quarantined.
fn world() -> World {
    let mut world = World::empty(Order::default(), Serial(41_000_000));
    world
        .upload("Acme_Billing.Client", "0.0.1", "internal helper & stubs", "mallory", at(1_787_331_457))
        .expect("free");
    world.create("empty", "bob", at(1_787_331_500)).expect("free");
    world.upload("caught", "1.0", "malware", "eve", at(1_787_331_600)).expect("free");
    world.quarantine("caught", at(1_787_331_700)).expect("there");
    world
}

async fn sim() -> Sim {
    Sim::start(world(), Options::default()).await.expect("a free port")
}

#[tokio::test]
async fn rss_drops_empty_projects_after_the_limit() {
    let sim = sim().await;
    {
        let mut world = sim.world();
        for number in 0..39 {
            world.create(&format!("hollow-{number}"), "bob", at(1_787_400_000)).expect("free");
        }
    }
    let feed = get(sim.base_url(), "/rss/packages.xml").await.text();
    assert_eq!(feed.matches("<item>").count(), 1, "40 projects, one of them with a release: {feed}");
    assert!(feed.contains("<title>caught added to PyPI</title>"), "quarantine hides nothing here");
}

#[tokio::test]
async fn rss_items_are_to_the_letter() {
    let sim = sim().await;
    let answer = get(sim.base_url(), "/rss/packages.xml").await;
    assert_eq!(answer.header("content-type"), Some("text/xml; charset=UTF-8"));
    let feed = answer.text().replace(sim.base_url(), "INDEX");
    let item = &feed[feed.rfind("    <item>").expect("an item")..];
    insta::assert_snapshot!(item, @r"
        <item>
          <title>Acme_Billing.Client added to PyPI</title>
          <link>INDEX/project/acme-billing-client/</link>
          <guid>INDEX/project/acme-billing-client/</guid>
          <description>internal helper &amp; stubs</description>
          <author>mallory@users.example</author>
          <pubDate>Fri, 21 Aug 2026 16:57:37 GMT</pubDate>
        </item>
      </channel>
    </rss>
    ");
    let updates = get(sim.base_url(), "/rss/updates.xml").await.text();
    assert!(updates.contains("<title>Acme_Billing.Client 0.0.1</title>") && !updates.contains("<guid>"));
    let own = get(sim.base_url(), "/rss/project/ACME.billing-client/releases.xml").await.text();
    assert!(own.contains("<title>0.0.1</title>"), "{own}");
}

#[tokio::test]
async fn an_etag_is_honoured_until_something_changes() {
    let sim = sim().await;
    for path in ["/rss/packages.xml", "/simple/", "/simple/empty/", "/pypi/acme-billing-client/json"] {
        let first = get(sim.base_url(), path).await;
        let etag = first.header("etag").expect("a tag").to_owned();
        let again = get_with(sim.base_url(), path, &[("if-none-match", &etag)]).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
    }
    let etag = get(sim.base_url(), "/rss/packages.xml").await.header("etag").expect("a tag").to_owned();
    sim.world().upload("fresh", "1", "", "u", Sim::now()).expect("free");
    let changed = get_with(sim.base_url(), "/rss/packages.xml", &[("if-none-match", &etag)]).await;
    assert_eq!(changed.status, 200);
}

#[tokio::test]
async fn the_index_omits_quarantine_and_carries_serials() {
    let sim = sim().await;
    let answer = get_with(sim.base_url(), "/simple/", &[JSON]).await;
    assert_eq!(answer.header("content-type"), Some("application/vnd.pypi.simple.v1+json"));
    let serial = sim.world().last_serial();
    assert_eq!(answer.header("x-pypi-last-serial"), Some(serial.to_string().as_str()));
    let index = answer.json();
    assert_eq!(index["meta"], serde_json::json!({"_last-serial": serial, "api-version": "1.4"}));
    let names: Vec<&str> =
        index["projects"].as_array().expect("a list").iter().filter_map(|p| p["name"].as_str()).collect();
    assert_eq!(names, ["Acme_Billing.Client", "empty"]);
    let html = get(sim.base_url(), "/simple/").await;
    assert!(html.text().contains("<a href=\"/simple/acme-billing-client/\">Acme_Billing.Client</a>"));
    assert_eq!(html.header("content-type"), Some("text/html; charset=UTF-8"));
}

#[tokio::test]
async fn a_detail_page_has_the_exact_keys() {
    let sim = sim().await;
    let detail = get_with(sim.base_url(), "/simple/acme-billing-client/", &[JSON]).await.json();
    let keys =
        |value: &serde_json::Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(&detail), "files meta name project-status versions");
    assert_eq!(
        keys(&detail["files"][0]),
        "core-metadata data-dist-info-metadata filename hashes provenance requires-python size upload-time url yanked"
    );
    assert_eq!(detail["files"][0]["upload-time"], "2026-08-21T16:57:37Z");
    let url = detail["files"][0]["url"].as_str().expect("a url").replace(sim.base_url(), "");
    let file = get(sim.base_url(), &url).await;
    assert_eq!(file.body.len() as u64, detail["files"][0]["size"].as_u64().expect("a size"));
    let metadata = get(sim.base_url(), &format!("{url}.metadata")).await.text();
    assert!(metadata.starts_with("Metadata-Version: 2.1\nName: Acme_Billing.Client\nVersion: 0.0.1\n"), "{metadata}");
    let html = get(sim.base_url(), "/simple/acme-billing-client/").await.text();
    assert!(html.ends_with(&format!("<!--SERIAL {}-->", detail["meta"]["_last-serial"])), "{html}");
}

#[tokio::test]
async fn a_provenance_is_where_the_page_says_for_whom_it_may_be() {
    let sim = sim().await;
    let filename = "acme_billing_client-0.0.1-py3-none-any.whl";
    let page = async || get_with(sim.base_url(), "/simple/acme-billing-client/", &[JSON]).await.json();
    let before = page().await;
    assert_eq!(
        (&before["files"][0]["filename"], &before["files"][0]["provenance"]),
        (&filename.into(), &serde_json::Value::Null)
    );
    let path = format!("/integrity/acme-billing-client/0.0.1/{filename}/provenance");
    let none = get(sim.base_url(), &path).await;
    assert_eq!(
        (none.status, none.text()),
        (404, format!("{{\"message\":\"No provenance available for {filename}\"}}"))
    );
    let missing = sim.world().attest("acme-billing-client", "acme-9.whl", "{}");
    assert!(missing.is_err(), "there is no such file");
    let text = "{\"version\":1,\"attestation_bundles\":[]}";
    sim.world().attest("acme-billing-client", filename, text).expect("there");
    assert_eq!(page().await["files"][0]["provenance"], format!("{}{path}", sim.base_url()));
    let html = get(sim.base_url(), "/simple/acme-billing-client/").await.text();
    assert!(html.contains(&format!(" data-provenance=\"{}{path}\">", sim.base_url())), "{html}");
    for (accept, status, kind) in [
        ("application/vnd.pypi.integrity.v1+json", 200, "application/vnd.pypi.integrity.v1+json"),
        ("application/json", 200, "application/json"),
        ("text/html", 406, "application/json"),
    ] {
        let answer = get_with(sim.base_url(), &path, &[("accept", accept)]).await;
        assert_eq!((answer.status, answer.header("content-type")), (status, Some(kind)), "{accept}");
        assert_eq!(answer.text() == text, status == 200, "{accept}");
    }
}

#[tokio::test]
async fn empty_and_quarantined_projects_differ_by_their_status() {
    let sim = sim().await;
    for (name, status) in [("empty", "active"), ("caught", "quarantined")] {
        let detail = get_with(sim.base_url(), &format!("/simple/{name}/"), &[JSON]).await.json();
        assert_eq!(detail["project-status"]["status"], status);
        assert_eq!((&detail["files"], &detail["versions"]), (&serde_json::json!([]), &serde_json::json!([])));
        let json = get(sim.base_url(), &format!("/pypi/{name}/json")).await;
        assert_eq!((json.status, json.text().as_str()), (404, "{\"message\": \"Not Found\"}"));
    }
}

#[tokio::test]
async fn addresses_are_corrected_as_pypi_corrects_them() {
    let sim = sim().await;
    for (path, location) in [
        ("/simple", "/simple/"),
        ("/simple/empty", "/simple/empty/"),
        ("/simple/Acme_Billing.Client/", "/simple/acme-billing-client/"),
        ("/pypi/empty/json/", "/pypi/empty/json"),
        ("/pypi?:action=packages_rss", "/rss/packages.xml"),
    ] {
        let answer = get(sim.base_url(), path).await;
        assert_eq!((answer.status, answer.header("location")), (301, Some(location)), "{path}");
    }
    let missing = get(sim.base_url(), "/simple/missing/").await;
    assert_eq!((missing.status, missing.text().as_str()), (404, "404 Not Found"));
    assert!(missing.header("content-type").expect("a type").starts_with("text/plain"));
    assert_eq!(get(sim.base_url(), "/pypi/Acme_Billing.Client/json").await.status, 200, "normalized silently");
}

#[tokio::test]
async fn the_json_api_tells_who_owns_a_project() {
    let sim = sim().await;
    let owned = get(sim.base_url(), "/pypi/acme-billing-client/json").await.json();
    assert_eq!(
        owned["ownership"],
        serde_json::json!({"roles": [{"role": "Owner", "user": "mallory"}], "organization": null})
    );
    assert_eq!((&owned["info"]["name"], &owned["info"]["version"]), (&"Acme_Billing.Client".into(), &"0.0.1".into()));
    assert_eq!(owned["urls"], owned["releases"]["0.0.1"]);
    let release = get(sim.base_url(), "/pypi/acme-billing-client/0.0.1/json").await.json();
    assert!(release.get("releases").is_none());
    assert_eq!(get(sim.base_url(), "/pypi/acme-billing-client/9/json").await.status, 404);
}

#[tokio::test]
async fn the_changelog_is_five_tuples_in_pages() {
    let sim = Sim::start(world(), Options { page_cap: 4, ..Options::default() }).await.expect("a free port");
    let page =
        call(sim.base_url(), "changelog_since_serial", "<param><value><int>41000000</int></value></param>").await;
    assert!(page.header("ratelimit").expect("a header").starts_with("\"xmlrpc.client\";r=3599;t="));
    let text = page.text().replace('\n', "");
    assert_eq!(text.matches("<array>").count(), 1 + 4, "a page of four events");
    let first = sim.world().journal()[0].serial;
    assert!(
        text.contains(&format!(
            "<value><array><data><value><string>Acme_Billing.Client</string></value><value><nil/></value>\
         <value><int>1787331457</int></value><value><string>create</string></value><value><int>{first}</int></value>\
         </data></array></value>"
        )),
        "{text}"
    );
    let last = call(sim.base_url(), "changelog_last_serial", "").await.text();
    assert!(last.contains(&format!("<int>{}</int>", sim.world().last_serial())));
}

#[tokio::test]
async fn xmlrpc_faults_are_http_200() {
    let sim = sim().await;
    let string = "<param><value><string>5</string></value></param>";
    for (method, params, code, text) in [
        ("nonsense", "", -32601, "server error; requested method not found"),
        ("changelog_last_serial", string, -32602, "server error; invalid method params"),
        ("changelog_since_serial", "", -32602, "server error; invalid method params"),
        ("changelog_since_serial", string, -32602, "client error; serial: "),
        ("changelog", "", -32500, "ValueError: "),
        ("list_packages", "", -32500, "RuntimeError: "),
    ] {
        let answer = call(sim.base_url(), method, params).await;
        assert_eq!(answer.status, 200);
        let body = answer.text();
        assert!(body.contains(&format!("<int>{code}</int>")) && body.contains(text), "{method}: {body}");
    }
    let broken = ask(sim.base_url(), "POST", "/RPC2", &[("content-type", "text/xml")], "<oops").await;
    assert!(broken.status == 200 && broken.text().contains("-32700"));
    assert_eq!(
        ask(sim.base_url(), "POST", "/pypi", &[], "<methodCall/>").await.status,
        404,
        "the type is part of the route"
    );
}

#[tokio::test]
async fn the_log_counts_and_knows_what_was_never_asked() {
    let sim = sim().await;
    get(sim.base_url(), "/rss/packages.xml").await;
    get(sim.base_url(), "/pypi/empty/json").await;
    call(sim.base_url(), "package_roles", "<param><value>caught</value></param>").await;
    assert_eq!(sim.log().count(Endpoint::RssPackages), 1);
    assert_eq!(sim.log().count(Endpoint::Xmlrpc), 1);
    assert!(sim.log().mentions("EMPTY") && sim.log().mentions("caught") && !sim.log().mentions("acme"));
}

#[tokio::test]
async fn a_removed_project_is_gone_but_its_file_is_not() {
    let sim = sim().await;
    let detail = get_with(sim.base_url(), "/simple/acme-billing-client/", &[JSON]).await.json();
    let url = detail["files"][0]["url"].as_str().expect("a url").replace(sim.base_url(), "");
    sim.world().remove("acme-billing-client", at(1_787_332_000)).expect("there");
    assert_eq!(get(sim.base_url(), "/simple/acme-billing-client/").await.status, 404);
    assert_eq!(get(sim.base_url(), &url).await.status, 200);
    let name = ProjectName::parse("acme-billing-client").expect("valid");
    assert!(sim.world().project(&name).is_none());
}
