//! Answers what people ask about the gate's reviews. They are the gate's: this asks at its socket, decides nothing by itself, and says for
//! whom it asks. Whether that is believed is the gate's to say.

use std::time::Duration;

use serde::de::DeserializeOwned;

use super::ask_gate::{GLANCE, asked};
use super::cursor::List;
use super::lists::most;
use super::refusal::Refusal;
use super::reply::{Reply, reply};
use super::service::CommandService;
use super::v1::{self, Command};
use crate::gate::{Dossier, FoundReviews, GateQuestion, Review, ReviewDecision, ReviewState, SpokenFor, SpokenWay};
use crate::model::{Actor, ProjectName, Registry, Through};

/// Of one page.
const REVIEWS: usize = 50;
/// It is on this machine.
const PATIENCE: Duration = Duration::from_secs(6);
/// For all that is known of a review: the gate asks the index, and fetches files, for 8 s.
const LOOK: Duration = Duration::from_secs(9);

impl CommandService {
    /// What is asked of the gate.
    pub(super) async fn of_gate(&self, actor: &Actor, command: Command) -> Result<Reply, Refusal> {
        match command {
            Command::Gate => reply(self.gate_standing().await),
            Command::GateReviews { state, search, after, limit } => {
                self.gate_reviews((state, search), after, limit).await
            }
            Command::GateReview { review } => self.gate_review(&review).await,
            Command::GateDecide { review, act, reason, until, files_key } => {
                let decision = ReviewDecision { act, reason, until, files_key };
                self.gate_decide(actor, &review, decision).await
            }
            other => Err(Refusal::Failed(format!("this is not asked of the gate: {other}"))),
        }
    }

    /// How it stands: that it does not answer is an answer, too.
    async fn gate_standing(&self) -> v1::GateStanding {
        let question = GateQuestion::Sought { state: None, search: None, before: None, most: 0 };
        match self.ask_gate::<FoundReviews>(&question, GLANCE).await {
            Ok(found) => v1::GateStanding { running: true, open: found.open.unsigned_abs(), why: None },
            Err(refusal) => v1::GateStanding { running: false, open: 0, why: Some(refusal.to_string()) },
        }
    }

    async fn gate_reviews(
        &self,
        (state, search): (Option<ReviewState>, Option<String>),
        after: Option<String>,
        limit: Option<usize>,
    ) -> Result<Reply, Refusal> {
        let place = List::Reviews.place(after)?.map(|[id]| id.parse::<i64>()).transpose();
        let before = place.map_err(|_| Refusal::BadCursor("reviews"))?;
        // As names are kept: whoever looks for one in another spelling means it.
        let search = search.map(|search| search.trim().to_lowercase().replace(['_', '.'], "-"));
        let (most, search) = (most(limit, REVIEWS), search.filter(|search| !search.is_empty()));
        let question = GateQuestion::Sought { state, search, before, most: most + 1 };
        let found: FoundReviews = self.ask_gate(&question, PATIENCE).await?;
        reply(List::Reviews.page(found.reviews, most, |review| vec![review.id.to_string()]))
    }

    /// A review as the gate has it, without what is around it: the gate answers by its records alone.
    ///
    /// # Errors
    /// There is none, or the gate says nothing.
    pub(in crate::api) async fn shown_review(&self, id: i64) -> Result<Review, Refusal> {
        self.ask_gate(&GateQuestion::Show { id }, PATIENCE).await
    }

    async fn gate_review(&self, review: &str) -> Result<Reply, Refusal> {
        let id = number(review)?;
        let dossier: Dossier = self.ask_gate(&GateQuestion::Dossier { id }, LOOK).await?;
        let watchlist = self.watchlist.borrow().clone();
        let name = ProjectName::parse(&dossier.review.project).ok();
        let judged = name.map(|name| watchlist.matcher(Registry::Pypi).judge(&name));
        let (matches, more_resembles) = judged.map(|of| (of.matches, of.rest.len())).unwrap_or_default();
        reply(v1::ReviewDossier {
            dossier,
            resembles: matches.iter().map(v1::Resemblance::from).collect(),
            more_resembles,
        })
    }

    /// A process that opened the store itself asks the gate as who runs it.
    async fn gate_decide(&self, actor: &Actor, review: &str, decision: ReviewDecision) -> Result<Reply, Refusal> {
        let id = number(review)?;
        let name = actor.user.clone().unwrap_or_else(|| "somebody".to_owned());
        let way = if actor.through == Through::Slack { SpokenWay::Slack } else { SpokenWay::Dashboard };
        let on_behalf = self.running.then_some(SpokenFor { name, uid: actor.uid, way });
        let question = GateQuestion::Decide { id, decision, on_behalf };
        reply(self.ask_gate::<Review>(&question, PATIENCE).await?)
    }

    async fn ask_gate<T: DeserializeOwned>(&self, question: &GateQuestion, patience: Duration) -> Result<T, Refusal> {
        let socket = self.settings.borrow().gate.socket.clone();
        asked(&socket, question, patience).await
    }
}

fn number(review: &str) -> Result<i64, Refusal> {
    review.parse().map_err(|_| Refusal::NoReview("a review has a number: /gate/reviews lists them".to_owned()))
}
