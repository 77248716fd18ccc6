//! That the gate has a review of the project of a case.

use super::ask_gate::{GLANCE, asked};
use super::gate_part::is_there;
use super::refusal::Refusal;
use super::service::CommandService;
use super::v1::HeldProject;
use crate::gate::{FoundReviews, GateQuestion, Review, ReviewState};

/// Reviews of projects in whose names that of the case stands.
const MOST: usize = 200;

impl CommandService {
    /// The newest open review of this project; `None`: there is none, or no gate.
    ///
    /// # Errors
    /// The gate does not say at once; why.
    pub(super) async fn held(&self, project: &str) -> Result<Option<HeldProject>, Refusal> {
        let settings = self.settings.borrow().clone();
        if !is_there(&self.store, &settings.gate, self.clock.now()).await? {
            return Ok(None);
        }
        let (state, search) = (Some(ReviewState::Open), Some(project.to_owned()));
        let question = GateQuestion::Sought { state, search, before: None, most: MOST };
        let found: FoundReviews = asked(&settings.gate.socket, &question, GLANCE).await?;
        let mut of: Vec<Review> = found.reviews.into_iter().filter(|review| review.project == project).collect();
        let Some(more) = of.len().checked_sub(1) else { return Ok(None) };
        let Review { id, asked_by, more_peers, given_out, .. } = of.swap_remove(0);
        Ok(Some(HeldProject { review: id, clients: asked_by.0.len(), more_clients: more_peers, given_out, more }))
    }
}
