//! The gate's control socket: what its verbs ask, as JSON over HTTP on a Unix socket. Who asks is the user whom the kernel names.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Extension, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::desk::{DeskError, ListedReviews};
use super::learned::UsedRelease;
use super::news::GateNews;
use super::preview::{PreviewRules, PreviewedRelease};
use super::proposal::{ProposalError, ProposedPolicy};
use super::recalled::{GateRecalls, told};
use super::replies::{GateReviews, LearnedProjects};
use super::review::{ReviewDecision, ReviewState};
use super::serve::Gate;
use super::sought::SoughtReviews;
use super::speaker::SpokenFor;
use super::troubles::GateTrouble;
use crate::crowd::ending;
use crate::model::held::ReviewMark;
use crate::model::recall::RecallMark;
use crate::model::{Actor, ProjectName, Suspect, Time};
use crate::socket::{Knocking, Socket, admit};

/// Its version changes when what is asked does.
pub const GATE_PATH: &str = "/v1/gate";
/// All findings that are told at once, whatever the length of their names.
const BODY_LIMIT: usize = 4 * 1024 * 1024;
/// Of one answer.
const MOST: usize = 10_000;
/// Of a preview.
const MOST_RULES: usize = 16;
/// Of a page of reviews.
const MOST_SOUGHT: usize = 200;
/// Projects of one message.
const MOST_KNOWN: usize = 20;
/// What one message shows.
const MOST_NEWS: usize = 20;

/// What a verb asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum GateQuestion {
    /// The open reviews, or those of another state, or all.
    Reviews {
        state: Option<ReviewState>,
        all: bool,
    },
    Show {
        id: i64,
    },
    /// All that is known of a review.
    Dossier {
        id: i64,
    },
    /// A page of reviews, the newest first: of this state, of projects in whose names this stands, with a number below this.
    Sought {
        state: Option<ReviewState>,
        search: Option<String>,
        before: Option<i64>,
        most: usize,
    },
    Decide {
        id: i64,
        decision: ReviewDecision,
        /// Only the daemon's user speaks for others.
        #[serde(default)]
        on_behalf: Option<SpokenFor>,
    },
    /// A version, whether or not anybody asked for it.
    Reject {
        project: ProjectName,
        version: String,
        reason: String,
    },
    Who {
        project: ProjectName,
        version: Option<String>,
    },
    /// Files that went out on that day (of UTC) or later, from this one on.
    Received {
        since: Time,
        after: i64,
    },
    /// What each of these rules would do to each of these releases.
    Preview {
        releases: Vec<PreviewedRelease>,
        rules: Vec<PreviewRules>,
    },
    /// The policy of another configuration, for previews: the gate reads the evidence that it names.
    Propose {
        policy: Box<ProposedPolicy>,
    },
    /// A person vouches for these, since they are used: `source` says what named them.
    Learn {
        releases: Vec<UsedRelease>,
        source: String,
    },
    /// Nobody vouches for it any more, and nobody used it.
    Forget {
        project: ProjectName,
    },
    /// What persons vouch for, by name, from this one on.
    Learned {
        after: String,
    },
    /// What may be told to other organisations, of the projects behind this one.
    Share {
        after: String,
    },
    /// What is open and was not told by then.
    News {
        after: ReviewMark,
    },
    /// What turned out to be bad after it was given out, or is no more, and was not told by then.
    Recalls {
        after: RecallMark,
    },
    /// What a report says of it: of what was after the first time and until the second, and as things stand.
    Report {
        since: Time,
        until: Time,
    },
    /// Who waits for each of these projects, and who has it.
    Known {
        projects: Vec<ProjectName>,
    },
    /// All projects of PyPI that are open findings, as the daemon knows them now.
    Suspect {
        suspects: BTreeMap<ProjectName, Suspect>,
    },
}

/// Why not, and the status of HTTP.
struct Reply(u16, &'static str, String);

/// Answers until it is dropped, and every connection with it.
pub async fn control(socket: Socket, gate: Arc<Gate>) {
    let router = Router::new()
        .route(GATE_PATH, post(answered))
        .fallback(async || said(&Reply(404, "no-such-path", format!("verbs of the gate post to {GATE_PATH}"))))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(gate);
    let mut connections = JoinSet::new();
    admit(socket, router, |connection| {
        while connections.try_join_next().is_some() {}
        connections.spawn(connection);
    })
    .await;
}

async fn answered(
    State(gate): State<Arc<Gate>>,
    Extension(asked): Extension<Arc<Knocking>>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let turn = asked.patience.heard();
    let question = body.ok().and_then(|body| serde_json::from_slice(&body).ok());
    let question: Result<GateQuestion, Reply> = question.ok_or_else(|| {
        Reply(400, "unknown-command", "the gate does not know this command, it may be of another version".to_owned())
    });
    let answer = match question {
        Ok(question) => gate.asked(&asked.actor, question).await,
        Err(reply) => Err(reply),
    };
    ending(turn, answer.map_or_else(|reply| said(&reply), |value| Json(value).into_response()))
}

/// RFC 9457, in the words of the daemon's.
fn said(Reply(status, word, detail): &Reply) -> Response {
    let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let problem = json!({
        "type": format!("urn:namewarden:problem:{word}"),
        "title": "The gate did not do it",
        "detail": detail,
        "remedy": Value::Null,
    });
    (status, [(CONTENT_TYPE, "application/problem+json")], problem.to_string()).into_response()
}

impl Gate {
    async fn asked(&self, by: &Actor, question: GateQuestion) -> Result<Value, Reply> {
        match question {
            GateQuestion::Reviews { state, all } => {
                let state = if all { None } else { Some(state.unwrap_or(ReviewState::Open)) };
                let ListedReviews { reviews, dropped, last_dropped } = self.desk.list(state, MOST).await?;
                value(&GateReviews { reviews, dropped, last_dropped, observed: self.observed.counts() })
            }
            GateQuestion::Show { id } => value(&self.desk.show(id).await?),
            GateQuestion::Dossier { id } => value(&self.dossier(id).await?),
            GateQuestion::Sought { state, search, before, most } => {
                let sought = SoughtReviews { state, search, before, most: most.min(MOST_SOUGHT) };
                value(&self.desk.sought(sought).await?)
            }
            GateQuestion::Decide { id, decision, on_behalf } => {
                let by = self.speaker(by, on_behalf).await?;
                value(&self.desk.decide(id, by, decision).await?)
            }
            GateQuestion::Reject { project, version, reason } => {
                value(&self.desk.reject(project, version, by.clone(), reason).await?)
            }
            GateQuestion::News { after } => {
                let news = self.desk.news(after, MOST_NEWS).await?;
                let known = Arc::clone(&self.policy.borrow().suspects);
                self.troubles.note(GateTrouble::SuspectsUnread, known.unread());
                let suspects = Some(known.own_key());
                // A log that cannot be read is a trouble, and hides nothing else.
                let recalled = self.ledger.recalled().await.and_then(Result::ok).map(Option::unwrap_or_default);
                value(&GateNews { troubles: self.troubles.told(), suspects, recalled, ..news })
            }
            GateQuestion::Recalls { after } => value(&self.recalls(after).await?),
            GateQuestion::Report { since, until } => value(&self.report((since, until)).await?),
            GateQuestion::Known { mut projects } => {
                projects.truncate(MOST_KNOWN);
                value(&self.known(projects).await?)
            }
            GateQuestion::Suspect { suspects } => {
                self.only_the_daemon(by).await?;
                value(&self.desk.suspect(by.clone(), suspects).await?)
            }
            GateQuestion::Preview { releases, rules } if rules.len() <= MOST_RULES => {
                value(&self.foresee(releases, &rules).await.ok_or_else(unproposed)?)
            }
            GateQuestion::Preview { .. } => {
                Err(Reply(422, "too-many", format!("at most {MOST_RULES} rules are compared in one question")))
            }
            GateQuestion::Propose { policy } => value(&self.propose(*policy).await?),
            GateQuestion::Learn { releases, source } => value(&self.learn(by, releases, &source).await?),
            GateQuestion::Forget { project } => value(&self.forget(by, project).await?),
            GateQuestion::Learned { after } => {
                let projects = self.desk.learned(after, MOST).await?;
                value(&LearnedProjects { more: projects.len() >= MOST, projects })
            }
            GateQuestion::Share { after } => value(&self.shared(after).await?),
            GateQuestion::Received { since, after } => value(&self.received(since, after, MOST).await?),
            GateQuestion::Who { project, version } => value(&self.receipts(project, version, MOST).await?),
        }
    }

    /// What changed after this mark of what turned out to be bad.
    async fn recalls(&self, after: RecallMark) -> Result<GateRecalls, DeskError> {
        let (lines, last) = self.ledger.recalls(after).await.ok_or(DeskError::Busy)??;
        Ok(GateRecalls { recalls: told(lines), last })
    }
}

fn unproposed() -> Reply {
    let what = "what was proposed is not known any more, since the gate was started again, or others proposed more: preview again";
    Reply(422, "no-such-proposal", what.to_owned())
}

fn value(of: &impl Serialize) -> Result<Value, Reply> {
    serde_json::to_value(of).map_err(|error| Reply(500, "failed", error.to_string()))
}

impl From<ProposalError> for Reply {
    fn from(error: ProposalError) -> Self {
        let word = if matches!(error, ProposalError::Slow) { "slow" } else { "stopping" };
        Self(503, word, error.to_string())
    }
}

impl From<DeskError> for Reply {
    fn from(error: DeskError) -> Self {
        let (status, word) = match &error {
            DeskError::Refused(refusal) if refusal.is_unknown() => (404, "no-such-review"),
            DeskError::Refused(_) => (422, "review-refused"),
            DeskError::Records(_) | DeskError::Suspects(_) => (500, "store"),
            DeskError::Busy | DeskError::Awaited | DeskError::Ended => (503, "stopping"),
        };
        Self(status, word, error.to_string())
    }
}
