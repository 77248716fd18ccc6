//! That the gate has a review of the project of a case.

use super::ask_gate::{GLANCE, asked};
use super::service::CommandService;
use super::v1::HeldProject;
use crate::gate::{FoundReviews, GateQuestion, Review, ReviewState};

/// Reviews of projects in whose names that of the case stands.
const MOST: usize = 200;

impl CommandService {
    /// The newest open review of this project; `None`: there is none, or the gate does not say so at once.
    pub(super) async fn held(&self, project: &str) -> Option<HeldProject> {
        let socket = self.settings.borrow().gate.socket.clone();
        if !socket.exists() {
            return None;
        }
        let (state, search) = (Some(ReviewState::Open), Some(project.to_owned()));
        let question = GateQuestion::Sought { state, search, before: None, most: MOST };
        let found: FoundReviews = asked(&socket, &question, GLANCE).await.ok()?;
        let mut of: Vec<Review> = found.reviews.into_iter().filter(|review| review.project == project).collect();
        let more = of.len().checked_sub(1)?;
        let Review { id, peers, more_peers, given_out, .. } = of.swap_remove(0);
        Some(HeldProject { review: id, clients: peers.len(), more_clients: more_peers, given_out, more })
    }
}
