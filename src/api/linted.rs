//! What is to be said of the inventory file and of one name.

use std::sync::Arc;

use super::cursor::List;
use super::examined::examined;
use super::lists::{AT_ONCE, most};
use super::refusal::Refusal;
use super::remarks::{Basis, Remarks};
use super::reply::{Reply, reply};
use super::service::CommandService;
use super::v1::{Judged, Lint};
use crate::matcher::Judgement;
use crate::model::{NameError, OwnerId, ProjectName, Registry};
use crate::watchlist::{self, InventoryError};

impl CommandService {
    /// A page of them. A cursor is of one text: where the file is another by now, it is refused.
    pub(super) async fn inventory_lint(&self, after: Option<String>, limit: Option<usize>) -> Result<Reply, Refusal> {
        let place = List::Lints.place(after)?;
        let (of, first) = match place {
            Some([of, first]) => (Some(of), first.parse::<usize>().map_err(|_| Refusal::BadCursor("remarks"))?),
            None => (None, 0),
        };
        let most = most(limit, AT_ONCE);
        let remarks = self.remarks(first.saturating_add(most + 1)).await?;
        let edition = remarks.edition();
        if of.is_some_and(|of| of != edition) {
            return Err(Refusal::OldCursor("remarks"));
        }
        let rest = remarks.lints.get(first..).unwrap_or_default().iter().map(Lint::from);
        let mut page = List::Lints.page(rest, most, |_| Vec::new());
        page.next = page.next.map(|_| List::Lints.cursor(&[edition, (first + page.items.len()).to_string()]));
        page.total = Some(remarks.total() as u64);
        reply(page)
    }

    /// So many of them at least, if there are so many: of the file as it is now, whatever is in force.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) async fn remarks(&self, many: usize) -> Result<Arc<Remarks>, Refusal> {
        let (settings, owner, kept) =
            (self.settings.borrow().clone(), self.default_owner(), self.listings.remarks.clone());
        let asked = (many, self.clock.mono());
        let remarks = tokio::task::spawn_blocking(move || {
            let source = watchlist::read(&settings.inventory)?;
            let basis = Basis::new(&source, Arc::clone(&settings));
            Ok::<_, InventoryError>(kept.of(basis, asked, || examined(source, &owner, Some(&settings)).lints))
        });
        remarks.await.map_err(|_| Refusal::Stopping)?.map_err(|error| Refusal::Failed(error.to_string()))
    }

    /// What the matcher in force says of one name.
    pub(super) fn check_name(&self, name: &str) -> Result<Reply, Refusal> {
        let bad = |error: NameError| Refusal::BadValue { what: "name", value: name.to_owned(), why: error.to_string() };
        let name = ProjectName::parse(name).map_err(bad)?;
        let Judgement { matches, rest } = self.watchlist.borrow().matcher(Registry::Pypi).judge(&name);
        reply(Judged::new(&name, &matches, rest.len()))
    }

    pub(super) fn default_owner(&self) -> OwnerId {
        self.watchlist.borrow().routes.default_owner.clone()
    }
}
