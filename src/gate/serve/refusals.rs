//! Refusals as they go out. Whoever is refused asks again, as do all others who build the same: what it says is put into words once.

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use hyper::ext::ReasonPhrase;
use moka::future::Cache;
use moka::policy::EvictionPolicy;

use crate::gate::refusal::Refusal;
use crate::gate::setup::SetupTool;
use crate::model::ProjectName;

/// Bytes of refusals that are kept written, with what they were written of.
const ROOM: u64 = 1 << 20;
/// What one takes beside its body: its words once more, its name, its place.
const PLACE: usize = 1024;
/// Bytes that nearly every refusal has room in, and heads of one.
const PROBLEM: usize = 512;
const HEADS: usize = 3;

/// A refusal of a project or of a file of it, and the tool of whoever is told. Nothing else is in what they read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Told {
    name: ProjectName,
    refusal: Refusal,
    tool: Option<SetupTool>,
}

/// In each of the ways that a client prints one.
#[derive(Clone, Debug)]
pub(super) struct Written {
    status: StatusCode,
    phrase: Option<ReasonPhrase>,
    /// In seconds.
    retry_after: Option<u16>,
    /// `application/problem+json`.
    body: Bytes,
}

/// The latest.
pub(super) type Refusals = Cache<Told, Written>;

/// None yet.
pub(super) fn refusals() -> Refusals {
    let weigh = |_: &Told, written: &Written| u32::try_from(written.body.len() + PLACE).unwrap_or(u32::MAX);
    Cache::builder().max_capacity(ROOM).weigher(weigh).eviction_policy(EvictionPolicy::lru()).build()
}

pub(super) fn refused(refusal: &Refusal) -> Response {
    Written::of(refusal).response()
}

/// The same of a project for whoever asked, with how their tool is kept to this gate. `gate`: what it keeps, and how clients reach it.
pub(super) async fn refused_to(
    (kept, gate): (&Refusals, &str),
    asked: &HeaderMap,
    refusal: Refusal,
    name: ProjectName,
) -> Response {
    // What cannot be decided, or is nowhere, is asked for in more ways than are worth being kept.
    if !refusal.is_decided() {
        return refused(&refusal);
    }
    let agent = asked.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    let told = Told { name, refusal, tool: agent.and_then(SetupTool::of_agent) };
    if let Some(written) = kept.get(&told).await {
        return written.response();
    }
    let written = Written::of(&told.refusal.clone().advising(told.tool, gate, &told.name));
    // On the heap, since each answer would carry the room for it.
    Box::pin(kept.insert(told, written.clone())).await;
    written.response()
}

impl Written {
    fn of(refusal: &Refusal) -> Self {
        let mut problem = Vec::with_capacity(PROBLEM);
        // Nothing in it can fail to be written.
        drop(serde_json::to_writer(&mut problem, &refusal.problem()));
        Self {
            status: StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            // It is printable ASCII.
            phrase: ReasonPhrase::try_from(refusal.phrase().into_bytes()).ok(),
            retry_after: refusal.retry_after,
            body: problem.into(),
        }
    }

    /// No client keeps it: what is held today is there tomorrow.
    fn response(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.reserve(HEADS);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(phrase) = &self.phrase {
            response.extensions_mut().insert(phrase.clone());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::ruling::{Cause, Hold};

    /// The body that goes out.
    async fn told(kept: &Refusals, name: &str, refusal: impl Fn(&ProjectName) -> Refusal) -> Bytes {
        let name = ProjectName::parse(name).expect("a name");
        let refusal = refusal(&name);
        let response = refused_to((kept, "http://gate.example"), &HeaderMap::new(), refusal, name).await;
        axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body")
    }

    fn quarantined(name: &ProjectName) -> Refusal {
        Refusal::of(name, None, &Hold::for_good(Cause::Quarantined))
    }

    #[tokio::test]
    async fn what_is_refused_again_is_not_written_again_and_what_is_nowhere_is_not_kept() {
        let kept = refusals();
        let first = told(&kept, "leftpad", quarantined).await;
        assert_eq!(told(&kept, "leftpad", quarantined).await.as_ptr(), first.as_ptr(), "the same bytes");
        assert_ne!(told(&kept, "rightpad", quarantined).await.as_ptr(), first.as_ptr());
        told(&kept, "nowhere", |name| Refusal::missing(name.as_str())).await;
        kept.run_pending_tasks().await;
        assert_eq!(kept.entry_count(), 2);
    }

    #[tokio::test]
    async fn no_more_is_kept_than_has_room() {
        let kept = refusals();
        for number in 0..ROOM / PLACE as u64 + 100 {
            told(&kept, &format!("leftpad-{number}"), quarantined).await;
        }
        kept.run_pending_tasks().await;
        assert!(kept.weighted_size() <= ROOM && kept.entry_count() > 100, "{} of {ROOM}", kept.weighted_size());
    }
}
