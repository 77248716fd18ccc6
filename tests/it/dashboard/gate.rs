//! A gate as the daemon sees it: a socket that answers what it is asked, with reviews that strangers wrote in.

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::UnixListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// What it was asked to decide.
type Heard = Arc<Mutex<Vec<Value>>>;

pub(crate) struct FakeGate {
    pub(crate) heard: Heard,
    /// Nobody is shown a review while somebody else has it.
    pub(crate) way: Arc<Semaphore>,
    /// Until it is dropped.
    _task: JoinSet<()>,
}

pub(crate) const EVIL: &str = "1.0\u{202e}<img src=x onerror=window.hostile=1>`";

pub(crate) fn review(id: i64, project: &str, state: &str) -> Value {
    json!({
        "id": id, "project": project, "version": EVIL, "state": state,
        "why": "held until 2026-12-04 12:00 UTC: uploaded 2026-11-27 12:00 UTC", "until": null,
        "files": [{"filename": "x-1.0.tar.gz<script>", "sha256": "ab".repeat(32), "uploaded": "2026-11-27T12:00:00Z"}],
        "more_files": false, "files_key": "0123456789abcdef", "project_since": null,
        "first_asked": "2026-11-27T12:00:00Z", "last_asked": "2026-11-27T12:00:00Z", "times_asked": 3,
        "peers": ["ci-1"], "asked_by": [{"peer": "ci-1", "user": "ci-1", "host": "10.0.0.7"}], "more_peers": false, "closed": null,
        "steps": [{"at": "2026-11-27T12:00:00Z", "by": "eve<b>", "uid": 7, "act": "reopen", "reason": "\u{202e}<i>", "until": null,
                   "files_key": "0123456789abcdef"}],
    })
}

/// The number of one that nobody decided yet.
pub(crate) const UNDECIDED: i64 = 18;

fn shown(id: i64) -> Value {
    let mut of = review(id, "acme-biling", "open");
    if id == UNDECIDED {
        of["steps"] = json!([]);
    }
    of
}

fn dossier(id: i64) -> Value {
    let mut of = shown(id);
    let more = json!({
        "askers": [{"peer": "ci-1", "user": "ci-1", "host": "10.0.0.7", "tool": "pip", "is_ci": true, "first": "2026-11-27T12:00:00Z", "last": "2026-11-27T12:00:00Z", "times": 3}],
        "listed": {"versions": 4, "files": 9, "since": "2026-11-01T12:00:00Z", "is_quarantined": false,
                   "namespaces": [{"name": "acme-<b>", "owned": false}],
                   "version_since": "2026-11-27T12:00:00Z", "version_until": "2026-11-27T13:00:00Z", "sizes": {}},
        "against": {"version": "0.9", "received": "2026-11-20T12:00:00Z", "is_listed": true, "gained": ["cp312-cp312-linux_x86_64"],
                    "lost": ["sdist"], "requires_python": {"was": ">=3.9", "is": "<img>"}, "was_yanked": false, "is_yanked": false,
                    "was_attested": true, "is_attested": false},
        "contents": [inside()], "contents_left_out": 7,
        "publishers": {"before": ["https://hub.example/acme/x by ci.yml"], "now": ["https://hub.example/<b>eve</b> by ci.yml"]},
        "near": [{"project": "acme-billing<b>", "of": "downloads", "number": 5}],
        "counted": [{"of": "downloads", "number": 120000, "as_of": "2026-11-01T00:00:00Z"}],
        "malware": {"record": null, "records": 3, "through": "2026-11-01T00:00:00Z", "is_younger": true},
        "votes": {"needs": 2, "kinds": [{"kind": "prior use", "speaks": true, "of_the_file": false}],
                  "lack": "nothing speaks for this file <b>"},
        "finding": "nw-3",
        "before": [{"review": 5, "version": "0.8", "at": "2026-11-01T12:00:00Z", "by": "ada", "uid": 7, "act": "reject",
                    "reason": "no", "until": null, "files_key": ""}],
    });
    of.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    of
}

/// What is in a file of it, as a stranger made it.
fn inside() -> Value {
    let none = json!({"count": 0, "first": []});
    let evil = "\u{202e}`<script>window.hostile=1</script>.pth";
    json!({"filename": "x-1.0-py3-none-any.whl", "beside": "x-0.9-py3-none-any.whl", "is_like": true, "is_awaited": false,
           "unread": ["x-1.0.tar.gz<b> was not read: it is broken"],
           "difference": {"files": 901, "added": {"count": 900, "first": [evil]}, "removed": none, "changed": none,
                          "notable": [{"kind": "path-file", "what": evil, "is_new": true}], "more_notable": 3,
                          "requirements_known": true, "dependencies_added": {"count": 1, "first": ["evil-core<img src=x>=1"]},
                          "requirements_changed": none, "requirements_removed": none, "entry_points_added": none,
                          "entry_points_removed": none}})
}

impl FakeGate {
    pub(crate) fn at(socket: &Path) -> Self {
        let (heard, way) = (Heard::default(), Arc::new(Semaphore::new(1)));
        let state = (Arc::clone(&heard), Arc::clone(&way));
        let router = Router::new().route("/v1/gate", post(answered)).with_state(state);
        let listener = UnixListener::bind(socket).expect("bound");
        let mut task = JoinSet::new();
        task.spawn(async move { axum::serve(listener, router).await.expect("serves") });
        Self { heard, way, _task: task }
    }
}

async fn answered(
    State((heard, way)): State<(Heard, Arc<Semaphore>)>,
    Json(asked): Json<Value>,
) -> (StatusCode, Json<Value>) {
    if asked["ask"] == "show" {
        let _free = way.acquire().await;
    }
    match asked["ask"].as_str() {
        Some("sought") => (StatusCode::OK, Json(sought(&asked))),
        Some("known") => (StatusCode::OK, Json(known(&asked))),
        Some("report") => (StatusCode::OK, Json(reported(&asked))),
        Some("show") if asked["id"] == 17 => (StatusCode::OK, Json(shown(17))),
        Some("show") if asked["id"] == UNDECIDED => (StatusCode::OK, Json(shown(UNDECIDED))),
        Some("dossier") if asked["id"] == 17 => (StatusCode::OK, Json(dossier(17))),
        Some("dossier") if asked["id"] == UNDECIDED => (StatusCode::OK, Json(dossier(UNDECIDED))),
        Some("dossier" | "show") => refused(404, "no-such-review", "there is no review 99"),
        Some("decide") if asked["decision"]["reason"] == "refuse" => refused(
            422,
            "review-refused",
            "review 17 has other files by now: look at it again with `namewarden gate show 17`",
        ),
        Some("decide") => {
            let id = asked["id"].as_i64().expect("a number");
            heard.lock().expect("whole").push(asked);
            (StatusCode::OK, Json(review(id, "acme-biling", "approved")))
        }
        _ => refused(400, "unknown-command", "the gate does not know this command"),
    }
}

fn refused(status: u16, word: &str, detail: &str) -> (StatusCode, Json<Value>) {
    let kind = format!("urn:namewarden:problem:{word}");
    let problem = json!({"type": kind, "title": "no", "detail": detail, "remedy": null});
    (StatusCode::from_u16(status).expect("a status"), Json(problem))
}

/// Of every project the same.
fn known(asked: &Value) -> Value {
    let of = json!({"held": {"review": 120, "clients": 1, "more_clients": false, "given_out": false, "more": 59},
                    "received": {"clients": 2, "since": "2026-11-27T12:00:00Z"}});
    asked["projects"].as_array().expect("a list").iter().map(|_| of.clone()).collect()
}

/// Of a look-alike, and of what resembles nothing.
fn reported(asked: &Value) -> Value {
    assert!(asked["since"].as_str().is_some_and(|since| asked["until"].as_str().is_some_and(|until| since < until)));
    let open = |review: i64, project: &str| {
        json!({"review": review, "project": project, "version": EVIL, "since": "2026-11-27T12:00:00Z", "asked": 6, "clients": 3,
               "more_clients": false, "until": null, "given_out": false})
    };
    json!({
        "counts": {"began": 4, "approved": 1, "rejected": 1, "matured": 0, "open": 2}, "median_seconds": 7200,
        "open": [open(17, "acme-biling"), open(18, "leftpad")], "ended": [], "more_ended": 0, "made_room": null,
        "recalls": {"recalls": [{"project": "leftpad", "cause": {"kind": "malware", "record": "MAL-2026-1"}, "files": 1,
                                 "clients": 2, "since": "2026-11-27T12:00:00Z"}],
                    "omitted": 0, "bad_files": 1, "clients": 2, "gone_files": 0},
        "troubles": {"records-old": "the newest is of 1999"},
    })
}

/// 120 of them, from the newest.
fn sought(asked: &Value) -> Value {
    let (before, most) = (asked["before"].as_i64().unwrap_or(121), asked["most"].as_i64().expect("a number"));
    let search = asked["search"].as_str().unwrap_or_default();
    let all = (1..before).rev().map(|id| (id, if id % 2 == 0 { "acme-biling" } else { "leftpad" }));
    let found: Vec<(i64, &str)> = all.filter(|(_, project)| project.contains(search)).collect();
    let page = found.iter().take(most as usize).map(|(id, project)| review(*id, project, "open"));
    json!({"reviews": page.collect::<Vec<_>>(), "more": found.len() > most as usize, "open": 120})
}
