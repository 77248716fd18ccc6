//! What is known here of projects, as whoever tells of a case asks for it: who waits for one, and who has it.

use super::desk::DeskError;
use super::review::{Review, ReviewState};
use super::serve::Gate;
use super::sought::SoughtReviews;
use crate::model::ProjectName;
use crate::model::at_gate::{HeldAtGate, ProjectAtGate};

/// Reviews that are looked through at once, of projects in whose names another stands.
const PAGE: usize = 200;

impl Gate {
    /// Of each, in their order.
    pub(super) async fn known(&self, projects: Vec<ProjectName>) -> Result<Vec<ProjectAtGate>, DeskError> {
        let mut known = Vec::with_capacity(projects.len());
        for project in projects {
            let held = self.open_review(&project).await?;
            // What came before it was written down from where is, under a name of ours, taken for ours.
            let is_ours = self.policy.borrow().binding.of(&project).is_some();
            // A log that cannot be read hides nothing else.
            let received = self.ledger.of_strangers(project, is_ours).await.and_then(Result::ok);
            known.push(ProjectAtGate { held, received });
        }
        Ok(known)
    }

    async fn open_review(&self, project: &ProjectName) -> Result<Option<HeldAtGate>, DeskError> {
        let (mut newest, mut number, mut before) = (None::<Review>, 0, None);
        loop {
            let (state, search) = (Some(ReviewState::Open), Some(project.to_string()));
            let found = self.desk.sought(SoughtReviews { state, search, before, most: PAGE }).await?;
            before = found.reviews.last().map(|last| last.id);
            let mut of = found.reviews.into_iter().filter(|review| review.project == project.as_str());
            newest = newest.or_else(|| of.next().inspect(|_| number += 1));
            number += of.count() as u64;
            if !found.more || before.is_none() {
                break;
            }
        }
        let held = |Review { id, asked_by, more_peers, given_out, .. }| HeldAtGate {
            review: id,
            clients: asked_by.0.len() as u64,
            more_clients: more_peers,
            given_out,
            more: number - 1,
        };
        Ok(newest.map(held))
    }
}
