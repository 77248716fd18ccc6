//! How many cases stand behind each choice of the list: what is counted as cases change, so that none is counted for a page.

use super::visit::Visit;
use crate::api::v1::{FindingState, Tier};
use crate::model;

/// Cases by tier and state, of an owner or of all.
pub(super) struct Tally {
    counts: Vec<(model::Tier, model::FindingState, u64)>,
    /// Only those that are not closed are counted by owner.
    open_alone: bool,
}

impl Tally {
    /// `None` where nothing could be read: a list without numbers is one all the same.
    pub(super) async fn of(visit: &Visit, owner: Option<String>) -> Option<Self> {
        let open_alone = owner.is_some();
        let counts = visit.site.service.tally(owner.map(model::OwnerId)).await.ok()?;
        Some(Self { counts, open_alone })
    }

    /// Those of a tier at least in one of these states, or in any where there are none; `None`: they are not counted.
    pub(super) fn count(&self, at_least: Option<Tier>, states: &[FindingState]) -> Option<u64> {
        let states: Vec<model::FindingState> = states.iter().map(|state| (*state).into()).collect();
        let is_closed = states.is_empty() || states.iter().any(|state| !state.is_open());
        if self.open_alone && is_closed {
            return None;
        }
        let least = at_least.map(model::Tier::from);
        let asked = self.counts.iter().filter(|(tier, state, _)| {
            least.is_none_or(|least| *tier >= least) && (states.is_empty() || states.contains(state))
        });
        Some(asked.map(|of| of.2).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FindingState::{Open as IsOpen, Resolved as IsResolved};
    use crate::model::Tier::{Alert as AnAlert, Page as APage};

    #[test]
    fn what_is_closed_is_counted_for_all_alone() {
        let counts = vec![(APage, IsOpen, 2), (AnAlert, IsOpen, 5), (AnAlert, IsResolved, 7)];
        let of = |open_alone| Tally { counts: counts.clone(), open_alone };
        assert_eq!(of(false).count(None, &[]), Some(14));
        assert_eq!(of(false).count(Some(Tier::Page), &[FindingState::Open]), Some(2));
        assert_eq!(of(true).count(Some(Tier::Alert), &[FindingState::Open]), Some(7));
        assert_eq!((of(true).count(None, &[]), of(true).count(None, &[FindingState::Resolved])), (None, None));
    }
}
