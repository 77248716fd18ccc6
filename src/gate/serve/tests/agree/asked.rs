//! Every way to ask for a page or a file, and what the answers have to say together.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::net::IpAddr;

use axum::http::header::{CACHE_CONTROL, CONTENT_RANGE, ETAG};
use axum::http::{HeaderMap, Request};
use hyper::ext::ReasonPhrase;
use serde_json::Value;

use super::super::world::sha256;
use super::oracle::{Fate, Found, Leads, PageFate};
use super::rules::name;
use super::stage::Stage;
use super::there::{FILES, Listed, NAME, Place, WORDS};
use crate::gate::Gate;
use crate::gate::form::Form;
use crate::gate::listing::Listing;
use crate::gate::page::ProjectPage;
use crate::gate::serve::answered;

/// What came.
#[derive(Clone, Debug)]
pub(super) struct Came {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    phrase: String,
    pub(super) body: Vec<u8>,
}

impl Came {
    pub(super) fn header(&self, name: impl axum::http::header::AsHeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// What a problem says: its type, and its words.
    pub(super) fn problem(&self) -> (String, String) {
        let problem: Value = serde_json::from_slice(&self.body).expect("a problem");
        let text = |key: &str| problem[key].as_str().unwrap_or_default().to_owned();
        (text("type").trim_start_matches("urn:namewarden:gate:").to_owned(), text("detail"))
    }

    pub(super) fn etag(&self) -> String {
        self.header(ETAG).to_owned()
    }

    /// Its body, as far as it is text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).chars().take(300).collect()
    }

    pub(super) fn unpacked(&self) -> String {
        let mut plain = Vec::new();
        match self.header("content-encoding") {
            "gzip" => drop(flate2::read::GzDecoder::new(&self.body[..]).read_to_end(&mut plain).expect("gzip")),
            "zstd" => drop(zstd::Decoder::new(&self.body[..]).expect("zstd").read_to_end(&mut plain).expect("zstd")),
            _ => plain.clone_from(&self.body),
        }
        String::from_utf8(plain).expect("text")
    }
}

/// As a client that this machine is.
pub(super) async fn ask(gate: &std::sync::Arc<Gate>, method: &str, path: &str, headers: &[(&str, &str)]) -> Came {
    let mut request = Request::builder().method(method).uri(path);
    for (key, value) in headers {
        request = request.header(*key, *value);
    }
    let (asked, ()) = request.body(()).expect("a request").into_parts();
    let response = answered(gate, &asked, Some(IpAddr::from([127, 0, 0, 1]))).await;
    let (parts, body) = response.into_parts();
    let phrase = parts.extensions.get::<ReasonPhrase>().map(|of| String::from_utf8_lossy(of.as_bytes()).into_owned());
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("a whole body").to_vec();
    Came { status: parts.status.as_u16(), headers: parts.headers, phrase: phrase.unwrap_or_default(), body }
}

/// In which form, and how compressed: so many ways there are.
pub(super) const FORMS: usize = 9;
pub(super) const ACCEPTS: [&str; 3] =
    ["application/vnd.pypi.simple.v1+json", "application/vnd.pypi.simple.v1+html", "text/html"];
pub(super) const CODINGS: [&str; 3] = ["identity", "gzip", "zstd"];

/// A page that was had before.
#[derive(Clone, Debug)]
pub(super) struct Had {
    etag: String,
    body: Vec<u8>,
    decisions: usize,
}

/// What whoever asked before has, by the form.
pub(super) type Kept = BTreeMap<usize, Vec<Had>>;

/// So many are asked with again.
const KEPT: usize = 4;

fn page_path() -> String {
    format!("/simple/{NAME}/")
}

impl Stage {
    /// All of it now: pages in these forms, and every file by these ways.
    pub(super) async fn agrees(&mut self, forms: u16, ways: u16, kept: &mut Kept) {
        let asked_before = super::there::held(&self.there).asked;
        let (leads, may_ask) = self.model.leads();
        for form in (0..FORMS).filter(|form| forms & (1 << form) != 0) {
            self.page_agrees(form, &leads, kept).await;
        }
        for name in 0..FILES.len() {
            self.file_agrees(name, &leads, ways).await;
        }
        let asked = super::there::held(&self.there).asked;
        assert!(may_ask || asked == asked_before, "PyPI was asked for a name of ours");
    }

    fn page_fate(&self, leads: &Leads) -> PageFate {
        match leads {
            Leads::Found(found) => self.model.ruled().page(found, self.model.now()),
            Leads::Internal => PageFate::Held("internal"),
            Leads::Missing => PageFate::Missing,
            Leads::NotNow => PageFate::NotNow,
        }
    }

    async fn page_agrees(&self, form: usize, leads: &Leads, kept: &mut Kept) {
        let headers = [("accept", ACCEPTS[form / 3]), ("accept-encoding", CODINGS[form % 3])];
        let whole = ask(&self.gate, "GET", &page_path(), &headers).await;
        let head = ask(&self.gate, "HEAD", &page_path(), &headers).await;
        assert_eq!((head.status, &head.headers), (whole.status, &whole.headers));
        let fate = self.page_fate(leads);
        let (listed, found) = match (&fate, leads) {
            (PageFate::Listed(listed), Leads::Found(found)) => (listed, found),
            _ => return is_refused_page(&whole, &fate),
        };
        assert_eq!(whole.status, 200, "{whole:?}");
        let text = whole.unpacked();
        assert_eq!(text, self.fresh(form).await, "what is kept is what would be made now");
        is_listed_so(form, &text, listed, found);
        self.is_kept_no_longer(&whole, leads);
        assert_eq!(whole.header("x-pypi-last-serial"), "7");
        self.goes_on(form, &headers, &whole, kept).await;
    }

    /// As it would be made if nothing of it were there.
    async fn fresh(&self, form: usize) -> String {
        let (whole, policy) = self.gate.whole(&name(NAME), None).await.expect("there");
        let listing =
            Listing::new(&whole.read.page, &policy.on(&whole.read.page, whole.origin, self.gate.clock.present()));
        listing.body(Form::wanted(Some(ACCEPTS[form / 3])).expect("a form"), &self.gate.public)
    }

    /// Until what is to be had by it is another by itself, as far as the next ten minutes are concerned.
    fn is_kept_no_longer(&self, whole: &Came, leads: &Leads) {
        let cache = whole.header(CACHE_CONTROL);
        let age = cache.strip_prefix("private, max-age=").and_then(|rest| rest.strip_suffix(", must-revalidate"));
        let age: i64 = age.and_then(|age| age.parse().ok()).expect("for so long");
        let Leads::Found(found) = leads else { return };
        let of = |now| {
            let fates: Vec<bool> =
                (0..FILES.len()).map(|at| self.model.ruled().file(found, at, now) == Fate::Given).collect();
            (self.model.ruled().page(found, now), fates)
        };
        let now = of(self.model.now());
        let turn = (0..10).map(|minutes| 30 + 60 * minutes).find(|left| of(self.model.in_(left + 1)) != now);
        assert!((0..=turn.unwrap_or(600)).contains(&age), "{cache}, and it changes in {turn:?}");
    }

    /// Whoever has a page from before goes on with it where it is this one, and nothing was decided since.
    async fn goes_on(&self, form: usize, headers: &[(&str, &str)], whole: &Came, kept: &mut Kept) {
        let (etag, decisions) = (whole.header(ETAG).to_owned(), self.model.decisions);
        let had = kept.entry(form).or_default();
        for before in &*had {
            let is_same = before.body == whole.body && before.decisions == decisions;
            assert_eq!(before.etag == etag, is_same, "{before:?} {whole:?}");
            let with = [headers, &[("if-none-match", before.etag.as_str())]].concat();
            for method in ["GET", "HEAD"] {
                let again = ask(&self.gate, method, &page_path(), &with).await;
                assert_eq!(again.status, if is_same { 304 } else { 200 });
                assert!(!is_same || again.body.is_empty() && again.header(ETAG) == etag);
                assert_eq!(again.header(CACHE_CONTROL), whole.header(CACHE_CONTROL));
            }
        }
        had.retain(|before| before.etag != etag);
        had.insert(0, Had { etag, body: whole.body.clone(), decisions });
        had.truncate(KEPT);
    }

    /// Can the bytes be had?
    fn is_there(&self, found: &Found, file: &Listed, digest: &str) -> bool {
        let is_private = found.is_private && file.place != Place::Pypi;
        let side = if is_private { self.model.private.as_ref() } else { Some(&self.model.pypi) };
        self.model.cached.contains(digest) || side.is_some_and(|side| !side.down) && !self.model.tampers
    }

    async fn file_agrees(&mut self, name: usize, leads: &Leads, ways: u16) {
        let path = format!("/files/{NAME}/{}", FILES[name].0);
        let found = match leads {
            Leads::Found(found) => found,
            Leads::Internal => return self.is_refused(&path, &Fate::Held(["internal"].into()), ways).await,
            Leads::Missing => return self.is_refused(&path, &Fate::Missing, ways).await,
            Leads::NotNow => return self.is_refused(&path, &Fate::NotNow, ways).await,
        };
        let fate = self.model.ruled().file(found, name, self.model.now());
        if fate != Fate::Given {
            return self.is_refused(&path, &fate, ways).await;
        }
        let file = *found.project.files.iter().find(|file| file.name == name).expect("listed");
        let bytes = file.bytes();
        self.is_given(&path, (found, &file), &bytes, ways).await;
        let metadata = format!("{path}.metadata");
        match file.has_metadata {
            true => self.is_given(&metadata, (found, &file), WORDS, ways).await,
            false => assert_eq!(ask(&self.gate, "GET", &metadata, &[]).await.status, 404, "{metadata}"),
        }
    }

    /// By every way, with the same words.
    async fn is_refused(&self, path: &str, fate: &Fate, ways: u16) {
        let mut said = Vec::new();
        let any = ("if-none-match", "*");
        for (method, end, headers) in [
            ("GET", "", &[][..]),
            ("HEAD", "", &[]),
            ("GET", "", &[("range", "bytes=0-0")]),
            ("GET", "", &[("range", "bytes=999-"), ("if-range", "\"other\"")]),
            ("GET", "", &[any]),
            ("HEAD", "", &[any]),
            ("GET", ".metadata", &[]),
            ("HEAD", ".metadata", &[]),
            ("GET", ".metadata", &[any]),
            ("GET", ".metadata", &[("range", "bytes=-1")]),
        ]
        .into_iter()
        .enumerate()
        .filter_map(|(at, way)| (ways & (1 << at) != 0).then_some(way))
        {
            let came = ask(&self.gate, method, &format!("{path}{end}"), headers).await;
            let (kind, words) = came.problem();
            let status = match fate {
                Fate::Held(kinds) => {
                    assert!(kinds.contains(&*kind), "{path}: {kind} ({words}), and not {kinds:?}");
                    451
                }
                Fate::Missing => 404,
                _ => 503,
            };
            assert_eq!(
                (came.status, came.header(CACHE_CONTROL)),
                (status, "no-store"),
                "{method} {path}{end} {headers:?}: {came:?}"
            );
            assert!(came.headers.get(ETAG).is_none() && came.headers.get(CONTENT_RANGE).is_none());
            assert!(came.phrase.len() <= 100 && came.phrase.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            if status == 451 {
                said.push((kind, unnumbered(&words), unnumbered(&came.phrase)));
            }
        }
        assert!(said.windows(2).all(|two| two[0] == two[1]), "{path}: {said:?}");
    }

    /// By every way, and whole, as far as the bytes can be had.
    async fn is_given(&mut self, path: &str, (found, file): (&Found, &Listed), bytes: &str, ways: u16) {
        let digest = sha256(bytes.as_bytes());
        let (etag, weak) = (format!("\"{digest}\""), format!("\"other\", W/\"{digest}\""));
        let (is_there, size) = (self.is_there(found, file, &digest), bytes.len());
        let (last, behind) = (format!("bytes=2-{}", size - 2), format!("bytes={size}-"));
        let (all, part) = (bytes.as_bytes(), |from: usize, to: usize| &bytes.as_bytes()[from..to]);
        for (method, headers, status, body) in [
            ("HEAD", &[][..], 200, all),
            ("GET", &[], 200, all),
            ("GET", &[("range", "bytes=0-0")], 206, part(0, 1)),
            ("GET", &[("range", "bytes=-4"), ("if-range", etag.as_str())], 206, part(size - 4, size)),
            ("GET", &[("range", last.as_str())], 206, part(2, size - 1)),
            ("GET", &[("range", "bytes=0-0"), ("if-range", "\"other\"")], 200, all),
            ("GET", &[("range", behind.as_str())], 416, b""),
            ("GET", &[("if-none-match", etag.as_str())], 304, b""),
            ("GET", &[("if-none-match", weak.as_str()), ("range", "bytes=0-0")], 304, b""),
            ("HEAD", &[("if-none-match", "*")], 304, b""),
            ("GET", &[("if-none-match", "\"other\"")], 200, all),
        ]
        .into_iter()
        .enumerate()
        .filter_map(|(at, way)| (ways & (1 << at) != 0).then_some(way))
        {
            let came = ask(&self.gate, method, path, headers).await;
            if !is_there && status != 304 {
                assert_eq!((came.status, came.header(CACHE_CONTROL)), (503, "no-store"), "{path}: {came:?}");
                continue;
            }
            assert_eq!(came.status, status, "{method} {path} {headers:?}: {came:?}");
            assert_eq!(String::from_utf8_lossy(&came.body), String::from_utf8_lossy(body), "{path} {headers:?}");
            if status != 416 {
                assert_eq!(came.header(CACHE_CONTROL), "private, max-age=0, must-revalidate");
                assert_eq!(came.header(ETAG), etag, "{path}");
            }
            assert_eq!(came.headers.contains_key(CONTENT_RANGE), matches!(status, 206 | 416));
        }
        if is_there {
            self.model.cached.insert(digest);
        }
    }
}

/// Without the numbers of reviews: one closes by itself, and the next request begins another.
fn unnumbered(words: &str) -> String {
    ["review ", "gate show "].into_iter().fold(words.to_owned(), |words, before| {
        let mut parts = words.split(before);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |all, part| all + before + part.trim_start_matches(|c: char| c.is_ascii_digit()))
    })
}

fn is_refused_page(came: &Came, fate: &PageFate) {
    let status = match fate {
        PageFate::Held(word) => {
            assert_eq!(came.problem().0, *word, "{came:?}");
            451
        }
        PageFate::Missing => 404,
        _ => 503,
    };
    assert_eq!((came.status, came.header(CACHE_CONTROL)), (status, "no-store"), "{fate:?}: {came:?}");
    assert!(came.headers.get(ETAG).is_none());
}

/// In JSON or in HTML: as many files, and those yanked that are held, with a reason.
fn is_listed_so(form: usize, text: &str, listed: &BTreeMap<usize, bool>, found: &Found) {
    let said: BTreeMap<String, Value> = match form / 3 {
        0 => {
            let page: Value = serde_json::from_str(text).expect("JSON");
            let file = |file: &Value| (file["filename"].as_str().expect("a name").to_owned(), file["yanked"].clone());
            page["files"].as_array().expect("files").iter().map(file).collect()
        }
        _ => {
            let base = "http://gate.example/simple/widgets/".parse().expect("an address");
            let page = ProjectPage::read_html(&name(NAME), &base, text);
            let files = page.map(|page| page.files).unwrap_or_default();
            files.iter().map(|file| (file.filename.clone(), file.said()["yanked"].clone())).collect()
        }
    };
    for file in &found.project.files {
        if form >= 3 && FILES[file.name].1.is_none() {
            continue;
        }
        let yanked = said.get(file.filename()).expect("listed");
        let why = yanked.as_str().unwrap_or_default();
        let is_held = yanked.is_string() && Some(why) != file.yanked;
        assert_eq!(is_held, listed[&file.name], "{} {yanked}", file.filename());
        let is_yanked = !matches!(yanked, Value::Null | Value::Bool(false));
        assert_eq!(is_yanked, is_held || file.yanked.is_some(), "{} {yanked}", file.filename());
    }
}
