//! `/files/NAME/FILENAME`, and `.metadata` behind it: decided like the page, at the moment that it is asked for.

use std::sync::Arc;

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;

use super::answer::{ASK_AGAIN, etag, is_known, unchanged};
use super::progress::whole;
use super::refusals::{refused, refused_to};
use super::sending::sent;
use super::state::{Gate, WholeProject};
use super::supply::AtIndex;
use crate::gate::agent::Agent;
use crate::gate::delivered::{Delivered, Delivery};
use crate::gate::files::FileError;
use crate::gate::notary::NotaryErrand;
use crate::gate::page::{PageFile, ProjectPage};
use crate::gate::policy::Policy;
use crate::gate::refusal::Refusal;
use crate::gate::review::HeldRequest;
use crate::gate::ruling::{Cause, Hold, Origin, Ruling};
use crate::gate::seldom::Seldom;
use crate::model::{ProjectName, Requester, Time};
use crate::upstream::FetchError;

/// PyPI's own limit can be raised to some gigabytes.
const FILE_LIMIT: u64 = 10_000_000_000;
/// What a wheel's metadata may weigh.
const METADATA_LIMIT: u64 = 10_000_000;
const METADATA: &str = ".metadata";

/// What is asked for: a file, or the metadata of one.
struct Wanted {
    address: url::Url,
    sha256: String,
    limit: u64,
    /// What whoever gets it has received then; `None`: words about a file alone.
    delivers: Option<Bytes>,
}

/// The bytes of a file.
struct Bytes {
    file: Delivered,
    /// Every rule but the one about evidence let it through, or persons did.
    is_admitted: bool,
    is_private: bool,
    /// It was admitted by every rule, or persons approved it: when the first file was uploaded that its project has.
    used: Option<Time>,
    /// What a rule that holds nothing has against it.
    observed: Option<Hold>,
    /// Persons are to look at it.
    advised: Option<HeldRequest>,
    /// Where who published it may be attested.
    attested: Option<NotaryErrand>,
}

/// How it is asked for.
struct Asking<'a> {
    method: &'a Method,
    headers: &'a HeaderMap,
    client: Requester,
}

pub(super) async fn file(gate: &Arc<Gate>, (name, file): (&str, &str), asked: &Parts, client: Requester) -> Response {
    let Ok(name) = ProjectName::parse(name) else { return refused(&Refusal::missing(name)) };
    let asking = Asking { method: &asked.method, headers: &asked.headers, client };
    match given(gate, &name, file, &asking).await {
        Ok(response) => response,
        Err(refusal) => refused_to((&gate.refusals, &gate.public), asking.headers, refusal, name).await,
    }
}

async fn given(gate: &Arc<Gate>, name: &ProjectName, file: &str, asking: &Asking<'_>) -> Result<Response, Refusal> {
    let (whole, policy) = gate.whole(name, Some(&asking.client)).await?;
    let wanted = wanted(gate, &policy, file, &whole, asking).await?;
    let etag = etag(&wanted.sha256);
    if is_known(asking.headers, &etag) {
        return Ok(unchanged(etag, ASK_AGAIN));
    }
    let (files, index) = (Arc::clone(&gate.files), gate.sources.index(whole.origin).clone());
    let (origin, is_of) = (whole.origin, wanted.sha256.clone());
    let Wanted { address, sha256, limit, delivers: _ } = wanted;
    // What is here waits for nobody. Whoever leaves while they wait for their turn has nothing fetched.
    let share = if files.has(&sha256) { None } else { gate.shares.one(Some(&asking.client)).await };
    let fetched = gate.fetching.to_the_end(async move {
        let _share = share;
        files.get(&sha256, &AtIndex { index, address, limit }).await
    });
    let opened = fetched.await.ok_or_else(|| Refusal::not_now("the gate ends"))?;
    let opened = opened.map_err(|why| unavailable(file, &why, &gate.sources.seldom))?;
    let size = opened.size;
    let response = sent(&gate.small, opened, (asking.method, asking.headers), etag).await;
    let response = response.map_err(|why| unavailable(file, &Arc::new(why.into()), &gate.sources.seldom))?;
    // To fetch and to read it took its time: somebody may have decided meanwhile, or the index taken it back.
    let (whole, policy) = gate.whole(name, Some(&asking.client)).await?;
    let Wanted { sha256, delivers, .. } = self::wanted(gate, &policy, file, &whole, asking).await?;
    if (whole.origin, &sha256) != (origin, &is_of) {
        return Err(Refusal::not_now(&format!("{file} became another while it was fetched")));
    }
    match delivers.filter(|_| *asking.method == Method::GET && response.status().is_success()) {
        Some(mut bytes) => {
            if let Some(request) = bytes.advised.take() {
                gate.desk.note(request).await;
            }
            Ok(noted(gate, bytes, asking.client.clone(), size, response))
        }
        None => Ok(response),
    }
}

/// Any bytes are received, and whoever took all of them uses the project.
fn noted(gate: &Arc<Gate>, bytes: Bytes, who: Requester, size: u64, response: Response) -> Response {
    let Bytes { file, is_admitted, is_private, used, observed, advised: _, attested } = bytes;
    if let Some(held) = observed {
        gate.observed.note(&file, &held, &who);
    }
    let received = file.clone();
    gate.ledger.note(Delivery { file, who: who.clone(), at: gate.clock.now(), is_admitted, is_private });
    let Some(born) = used.filter(|_| response.status() == StatusCode::OK) else { return response };
    let gate = Arc::clone(gate);
    whole(response, size, move || {
        if let Some((notary, errand)) = gate.notary.as_ref().zip(attested) {
            notary.received(errand, gate.clock.present().passed);
        }
        gate.ledger.note_use(received, who, gate.clock.present(), born);
    })
}

/// The file that its page has by this name, where it may be given out now.
async fn wanted(
    gate: &Gate,
    policy: &Policy,
    asked: &str,
    whole: &WholeProject,
    asking: &Asking<'_>,
) -> Result<Wanted, Refusal> {
    let page = &whole.read.page;
    if let Some(held) = whole.held() {
        return Err(Refusal::of(&page.name, Some(asked.strip_suffix(METADATA).unwrap_or(asked)), &held));
    }
    let of = asked.strip_suffix(METADATA).and_then(|filename| Some((page.file(filename)?, true)));
    let (file, is_metadata) =
        page.file(asked).map(|file| (file, false)).or(of).ok_or_else(|| Refusal::missing(asked))?;
    let ruling = policy.on(page, whole.origin, gate.clock.present()).ruling(file);
    if let (Some(notary), Ruling::Refuse(held) | Ruling::Noted(held)) = (&gate.notary, &ruling) {
        notary.held(page, file, held);
    }
    if let Ruling::Refuse(held) = &ruling {
        return Err(held_back(gate, page, file, held, asking).await);
    }
    if is_metadata {
        return metadata_of(file);
    }
    let is_advised = matches!(ruling, Ruling::Advised(_));
    let advised = if is_advised { request(gate, page, file, asking) } else { None };
    Ok(all_of(page, file, whole.origin, ruling, advised))
}

/// Whoever asks for what is too young begins a review of it.
async fn held_back(gate: &Gate, page: &ProjectPage, file: &PageFile, held: &Hold, asking: &Asking<'_>) -> Refusal {
    let refusal = Refusal::of(&page.name, Some(&file.filename), held);
    let request = request(gate, page, file, asking).filter(|_| held.cause.is_for_review());
    let review = match (&held.cause, request) {
        (Cause::Rejected(rejected), _) => Some(rejected.review),
        (_, Some(request)) => gate.desk.note(request).await,
        (_, None) => None,
    };
    refusal.in_review(&file.filename, held, review, gate.dashboard.as_deref())
}

fn request(gate: &Gate, page: &ProjectPage, file: &PageFile, asking: &Asking<'_>) -> Option<HeldRequest> {
    let request = HeldRequest::of(page, file, asking.client.clone(), gate.clock.now());
    request.map(|request| request.with(Agent::of(asking.headers)))
}

/// What is of the private index is no use: it needs no evidence.
fn all_of(page: &ProjectPage, file: &PageFile, origin: Origin, ruling: Ruling, advised: Option<HeldRequest>) -> Wanted {
    let delivered = Delivered {
        project: page.name.clone(),
        version: file.version.clone(),
        filename: file.filename.clone(),
        sha256: file.sha256.clone(),
    };
    let is_admitted = ruling.is_old_enough();
    let used = page.first_upload.filter(|_| origin == Origin::Pypi && ruling.is_use());
    let observed = match ruling {
        Ruling::Noted(held) | Ruling::Advised(held) => Some(held),
        _ => None,
    };
    let is_private = origin == Origin::Private;
    let attested = used.and_then(|_| NotaryErrand::of(page, file));
    let delivers = Some(Bytes { file: delivered, is_admitted, is_private, used, observed, advised, attested });
    // Whatever its index says else, an index that does not end must not fill the disk.
    let limit = file.size.filter(|size| *size > 0).map_or(FILE_LIMIT, |size| size.min(FILE_LIMIT));
    Wanted { address: file.url.clone(), sha256: file.sha256.clone(), limit, delivers }
}

/// It stands beside the file (PEP 658), and is checked by the digest that came with it.
fn metadata_of(file: &PageFile) -> Result<Wanted, Refusal> {
    let sha256 = file.metadata.clone().ok_or_else(|| Refusal::missing(&format!("{}{METADATA}", file.filename)))?;
    let mut address = file.url.clone();
    address.set_path(&format!("{}{METADATA}", file.url.path()));
    Ok(Wanted { address, sha256, limit: METADATA_LIMIT, delivers: None })
}

fn unavailable(file: &str, why: &Arc<FileError>, seldom: &Seldom) -> Refusal {
    match &**why {
        FileError::Fetch(FetchError::NotFound | FetchError::Gone) => Refusal::missing(file),
        why => {
            if let Some(left_out) = seldom.of("file") {
                tracing::warn!(file, left_out, "nothing can be given out: {why}");
            }
            Refusal::not_now(&format!("{file}: {why}"))
        }
    }
}
