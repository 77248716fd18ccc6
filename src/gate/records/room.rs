//! How the log of deliveries keeps to its room. A row is a file, a client and a day, so that who asks for the same again adds none; whoever asks
//! for many files has many. What has no room is taken from whoever has the most: whoever has less than others is not pushed out by them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use chrono::TimeDelta;
use rusqlite::{Connection, Error, OptionalExtension as _, params};

use super::deliveries::{DAY, DeliveryBook};
use super::engine::{RecordsError, time};
use super::requesters;
use crate::gate::client::shares_as;
use crate::model::Time;

/// One row in so many more is taken away than has no room, so that it is not done again within the hour.
const SPARE: i64 = 32;

/// What there was no room for, or was too old.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::gate) struct Forgotten {
    pub(in crate::gate) rows: usize,
    /// The youngest day that had no room.
    pub(in crate::gate) last: Option<Time>,
    /// Whose rows most of those were; `None`: nobody's more than those of all others.
    pub(in crate::gate) mostly: Option<String>,
}

/// Rows by client and day.
type Shares = BTreeMap<String, BTreeMap<i64, i64>>;

/// What is taken away: up to which day of each client, and how many rows that is.
type Cuts = BTreeMap<String, (i64, i64)>;

type Result<T> = std::result::Result<T, RecordsError>;

impl DeliveryBook {
    /// Forgets what is more than `age` older than what has come (`Present::reached`) and than the last day but one that something went out on:
    /// where no index says what time it is, a clock that is years ahead must not forget everything in a day; and where there is more than `room` bytes, the oldest days of whoever has the most.
    pub(in crate::gate) fn shrink(&mut self, reached: Time, age: TimeDelta, room: u64) -> Result<Forgotten> {
        let (day, days) = (|of: i64| of.div_euclid(DAY), age.num_seconds() / DAY);
        let last_but_one = "SELECT DISTINCT day FROM deliveries ORDER BY day DESC LIMIT 1 OFFSET 1";
        let known: Option<i64> =
            self.engine.within(|tx| tx.query_row(last_but_one, [], |row| row.get(0)).optional())?;
        let old = known.unwrap_or(i64::MAX).min(day(reached.timestamp())) - days;
        let rows = self.engine.within(|tx| tx.execute("DELETE FROM deliveries WHERE day < ?1", [old]))?;
        let mut gone = Forgotten { rows, ..Forgotten::default() };
        loop {
            let bytes = self.bytes()?;
            if bytes <= room {
                break;
            }
            let Some(more) = self.without_most(bytes, room)? else { break };
            gone = Forgotten { rows: gone.rows + more.rows, last: gone.last.max(more.last), mostly: more.mostly };
            self.swept()?;
        }
        if gone.rows > 0 {
            self.swept()?;
        }
        Ok(gone)
    }

    /// The day from which it reaches back for all clients; `None`: nothing was ever delivered.
    pub(in crate::gate) fn since(&mut self) -> Result<Option<Time>> {
        self.engine.within(|tx| {
            let first: Option<i64> = tx.query_row("SELECT min(first) FROM deliveries", [], |row| row.get(0))?;
            let cut: Option<i64> = tx.query_row("SELECT day FROM forgotten", [], |row| row.get(0)).optional()?;
            Ok(first.map(|first| time(cut.map_or(first, |day| first.max((day + 1) * DAY * 1_000_000)))))
        })
    }

    /// What has no room, of whoever has the most; `None`: there is nothing.
    fn without_most(&mut self, bytes: u64, room: u64) -> Result<Option<Forgotten>> {
        self.engine.within(|tx| {
            let (shares, peers) = shares(tx)?;
            let all: i64 = shares.values().flat_map(BTreeMap::values).sum();
            let cuts = cuts(shares, excess(all, bytes, room));
            let Some(last) = cuts.values().map(|(day, _)| *day).max() else { return Ok(None) };
            let rows = cut(tx, &peers, &cuts)?;
            let mark = "INSERT INTO forgotten (one, day) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET day = max(day, excluded.day)";
            tx.execute(mark, [last])?;
            let half = cuts.values().map(|(_, rows)| rows).sum::<i64>() / 2;
            let mostly = cuts.iter().find(|(_, (_, rows))| *rows > half).map(|(client, _)| client.clone());
            Ok(Some(Forgotten { rows, last: Some(time(last * DAY * 1_000_000)), mostly }))
        })
    }

    /// Files and clients that nothing speaks of any more. Their numbers may be given out again, so that nothing stays that has them.
    fn swept(&mut self) -> Result<()> {
        let recalled = "DELETE FROM recalls WHERE (file, peer) NOT IN \
                        (SELECT file, peer FROM deliveries WHERE file IN (SELECT file FROM recalls))";
        self.engine.within(|tx| {
            tx.execute(recalled, [])?;
            tx.execute("DELETE FROM recall_turns WHERE (file, peer) NOT IN (SELECT file, peer FROM recalls)", [])?;
            tx.execute("DELETE FROM files WHERE id NOT IN (SELECT file FROM deliveries)", [])?;
            tx.execute("DELETE FROM removed WHERE file NOT IN (SELECT id FROM files)", [])?;
            tx.execute("DELETE FROM peers WHERE id NOT IN (SELECT peer FROM deliveries)", []).map(drop)
        })
    }

    /// In use: what was deleted is written over before the file grows.
    fn bytes(&mut self) -> Result<u64> {
        let pragma = |conn: &Connection, name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        self.engine.within(|tx| {
            let used = pragma(tx, "page_count")? - pragma(tx, "freelist_count")?;
            Ok(u64::try_from(used * pragma(tx, "page_size")?).unwrap_or_default())
        })
    }
}

/// How many of all rows have no room: as many of a hundred as of the bytes, and some to spare.
fn excess(all: i64, bytes: u64, room: u64) -> i64 {
    let of_bytes = i128::from(all) * i128::from(bytes.saturating_sub(room)) / i128::from(bytes.max(1));
    i64::try_from(of_bytes).unwrap_or(all) + all / SPARE + 1
}

/// So many rows, day by day of whoever has the most by then, and of several the one whose day is the oldest.
fn cuts(mut shares: Shares, excess: i64) -> Cuts {
    let standing = |client: &str, days: &BTreeMap<i64, i64>| {
        let oldest = *days.keys().next()?;
        Some((days.values().sum::<i64>(), Reverse(oldest), client.to_owned()))
    };
    let mut most: BinaryHeap<(i64, Reverse<i64>, String)> =
        shares.iter().filter_map(|(client, days)| standing(client, days)).collect();
    let (mut cuts, mut left) = (Cuts::new(), excess);
    while left > 0
        && let Some((rows, _, client)) = most.pop()
    {
        let Some((day, of_day)) = shares.get_mut(&client).and_then(BTreeMap::pop_first) else { continue };
        left -= of_day;
        let cut = cuts.entry(client.clone()).or_insert((day, 0));
        *cut = (day, cut.1 + of_day);
        let next = shares.get(&client).and_then(|days| days.keys().next());
        most.extend(next.map(|oldest| (rows - of_day, Reverse(*oldest), client)));
    }
    cuts
}

/// How many rows each client has of each day, and which numbers it has.
fn shares(tx: &Connection) -> std::result::Result<(Shares, BTreeMap<i64, String>), Error> {
    let mut select = tx.prepare("SELECT id, user, host FROM peers")?;
    let named = select.query_map([], |row| Ok((row.get(0)?, shares_as(&requesters::read(row, 1)?))))?;
    let peers: BTreeMap<i64, String> = named.collect::<std::result::Result<_, _>>()?;
    let mut shares = Shares::new();
    let mut select = tx.prepare("SELECT peer, day, count(*) FROM deliveries GROUP BY peer, day")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let Some(client) = peers.get(&row.get(0)?) else { continue };
        *shares.entry(client.clone()).or_default().entry(row.get(1)?).or_default() += row.get::<_, i64>(2)?;
    }
    Ok((shares, peers))
}

/// All of it in one pass, however many clients there are.
fn cut(tx: &Connection, peers: &BTreeMap<i64, String>, cuts: &Cuts) -> std::result::Result<usize, Error> {
    tx.execute("CREATE TEMP TABLE cuts (peer INTEGER PRIMARY KEY, day INTEGER NOT NULL)", [])?;
    let mut insert = tx.prepare("INSERT INTO cuts (peer, day) VALUES (?1, ?2)")?;
    for (peer, client) in peers {
        if let Some((day, _)) = cuts.get(client) {
            insert.execute(params![peer, day])?;
        }
    }
    let rows = tx.execute(
        "DELETE FROM deliveries WHERE day <= (SELECT cuts.day FROM cuts WHERE cuts.peer = deliveries.peer)",
        [],
    )?;
    drop(insert);
    tx.execute("DROP TABLE cuts", [])?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(shares: &[(&str, &[(i64, i64)])]) -> Shares {
        shares.iter().map(|(client, days)| ((*client).to_owned(), days.iter().copied().collect())).collect()
    }

    #[test]
    fn whoever_has_the_most_gives_up_their_oldest_days_and_of_equals_the_oldest_goes() {
        let shares = of(&[("ci", &[(1, 50), (2, 50), (3, 50)]), ("ada", &[(0, 5), (3, 5)])]);
        let cut = |shares: &Shares, excess| {
            let cuts = cuts(shares.clone(), excess).into_iter();
            cuts.map(|(client, (day, rows))| format!("{client} {day} {rows}")).collect::<Vec<_>>()
        };
        assert_eq!(cut(&shares, 1), ["ci 1 50"]);
        assert_eq!(cut(&shares, 60), ["ci 2 100"]);
        assert_eq!(cut(&shares, 151), ["ada 0 5", "ci 3 150"]);
        assert_eq!(cut(&of(&[("a", &[(2, 1)]), ("b", &[(1, 1)]), ("c", &[(3, 1)])]), 2), ["a 2 1", "b 1 1"]);
        assert!(cut(&Shares::new(), 9).is_empty());
    }

    #[test]
    fn rows_to_take_away_are_as_many_as_have_no_room_and_a_few_more() {
        assert_eq!((excess(3200, 200, 100), excess(0, 100, 0), excess(3200, 0, 0)), (1600 + 100 + 1, 1, 101));
    }

    proptest! {
        /// Nobody loses anything while another has more than they would have left.
        #[test]
        fn nobody_is_pushed_out_by_whoever_has_more(
            days in proptest::collection::vec((0_usize..5, 0_i64..20, 1_i64..9), 1..60),
            excess in 1_i64..200,
        ) {
            let mut shares = Shares::new();
            for (client, day, rows) in days {
                *shares.entry(format!("c{client}")).or_default().entry(day).or_default() += rows;
            }
            let cuts = cuts(shares.clone(), excess);
            let had = |client: &str| shares[client].values().sum::<i64>();
            let left = |client: &str| had(client) - cuts.get(client).map_or(0, |(_, rows)| *rows);
            for (client, (day, rows)) in &cuts {
                let gone: i64 = shares[client].range(..=day).map(|(_, rows)| rows).sum();
                prop_assert_eq!(gone, *rows, "all days up to that one, and none else");
                let before_last = left(client) + shares[client][day];
                prop_assert!(shares.keys().all(|other| left(other) <= before_last), "{} of {:?}", client, &shares);
            }
            let all: i64 = shares.keys().map(|client| had(client)).sum();
            let taken: i64 = cuts.values().map(|(_, rows)| rows).sum();
            prop_assert!(taken >= excess.min(all));
        }
    }
}
