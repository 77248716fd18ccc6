//! Who has anything of a project that is a stranger's, in the log of deliveries.

use rusqlite::params;

use super::deliveries::DeliveryBook;
use super::engine::{RecordsError, count, time};
use crate::model::ProjectName;
use crate::model::at_gate::ReceivedAtGate;

impl DeliveryBook {
    /// Of what the private index gave nothing. `is_ours`: nor of what was received before it was written down from where.
    pub(in crate::gate) fn of_strangers(
        &mut self,
        project: &ProjectName,
        is_ours: bool,
    ) -> Result<ReceivedAtGate, RecordsError> {
        self.engine.within(|tx| {
            let mut select = tx.prepare_cached(
                "SELECT count(DISTINCT peer), min(first) FROM files JOIN deliveries ON file = files.id \
                 WHERE project = ?1 AND ifnull(private, ?2) = 0",
            )?;
            select.query_row(params![project.as_str(), is_ours], |row| {
                Ok(ReceivedAtGate { clients: count(row, 0)?, since: row.get::<_, Option<i64>>(1)?.map(time) })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::gate::delivered::{Delivered, Delivery};
    use crate::gate::records::Receipts;
    use crate::model::{Requester, Time};

    fn at(hours: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::hours(490_000 + hours)
    }

    fn delivery(filename: &str, peer: &str, hours: i64, is_private: bool) -> Delivery {
        let project = ProjectName::parse("acme-billing").expect("valid");
        let file = Delivered { project, version: None, filename: filename.to_owned(), sha256: filename.to_owned() };
        Delivery { file, who: Requester::of_word(peer), at: at(hours), is_admitted: true, is_private }
    }

    #[test]
    fn what_the_private_index_gave_is_nobodys_elses_and_each_client_is_one() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut book = DeliveryBook::open(dir.path()).expect("opens");
        let mut receipts = Receipts::default();
        for (filename, peer, hours, is_private) in [
            ("ours", "10.0.0.1", 1, true),
            ("old", "10.0.0.2", 2, false),
            ("theirs", "10.0.0.3", 5, false),
            ("theirs", "10.0.0.4", 4, false),
            ("theirs", "10.0.0.3", 40, false),
        ] {
            receipts.add(delivery(filename, peer, hours, is_private));
        }
        book.keep(&receipts).expect("kept");
        // As an earlier version wrote it.
        let forget = "UPDATE files SET private = NULL WHERE filename = 'old'";
        book.engine.within(|tx| tx.execute(forget, []).map(drop)).expect("written");
        let mut of = |name: &str, is_ours| {
            let said = book.of_strangers(&ProjectName::parse(name).expect("valid"), is_ours).expect("reads");
            (said.clients, said.since)
        };
        assert_eq!(of("acme-billing", true), (2, Some(at(4))), "what may be ours is not called a stranger's");
        assert_eq!(of("acme-billing", false), (3, Some(at(2))));
        assert_eq!(of("acme-ledger", false), (0, None), "nobody has it, as far as is known");
    }
}
