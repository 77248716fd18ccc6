//! That the gate has a review of the project of a case.

use super::ask_gate::{GLANCE, asked};
use super::gate_part::is_in_sight;
use super::refusal::Refusal;
use super::v1::HeldProject;
use crate::config::GateSettings;
use crate::gate::{FoundReviews, GateQuestion, Review, ReviewState};

/// Reviews of projects in whose names that of the case stands.
const MOST: usize = 200;

/// The newest open review of this project; `None`: there is none, or no gate. `was_heard`: was there one of late at
/// the socket of these settings?
///
/// # Errors
/// The gate does not say at once; why.
pub(super) async fn held(gate: &GateSettings, was_heard: bool, project: &str) -> Result<Option<HeldProject>, Refusal> {
    if !was_heard && !is_in_sight(gate) {
        return Ok(None);
    }
    let (state, search) = (Some(ReviewState::Open), Some(project.to_owned()));
    let question = GateQuestion::Sought { state, search, before: None, most: MOST };
    let found: FoundReviews = asked(&gate.socket, &question, GLANCE).await?;
    let mut of: Vec<Review> = found.reviews.into_iter().filter(|review| review.project == project).collect();
    let Some(more) = of.len().checked_sub(1) else { return Ok(None) };
    let Review { id, asked_by, more_peers, given_out, .. } = of.swap_remove(0);
    Ok(Some(HeldProject { review: id, clients: asked_by.0.len(), more_clients: more_peers, given_out, more }))
}
