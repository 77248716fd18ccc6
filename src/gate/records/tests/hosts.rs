//! What an earlier version wrote of a user or an address is a user or a host, nothing of it is lost, and no crowd of addresses makes a file grow.

use rusqlite::Transaction;

use super::*;
use crate::gate::agent::Agent;
use crate::gate::records::engine::Kind;
use crate::gate::review::RepeatedRequest;
use crate::model::recall::RecallMark;

const REVIEWS: Kind = Kind {
    name: "reviews.db",
    schemas: &[
        include_str!("../reviews.sql"),
        include_str!("../learned.sql"),
        include_str!("../vouched.sql"),
        include_str!("../reviews_askers.sql"),
        include_str!("../reviews_altered.sql"),
        include_str!("../reviews_asked.sql"),
    ],
    synchronous: "OFF",
    checked: false,
};
const DELIVERIES: Kind = Kind {
    name: "deliveries.db",
    schemas: &[
        include_str!("../deliveries.sql"),
        include_str!("../deliveries_uses.sql"),
        include_str!("../deliveries_admitted.sql"),
        include_str!("../deliveries_recalls.sql"),
        include_str!("../deliveries_used.sql"),
        include_str!("../deliveries_forgotten.sql"),
        include_str!("../deliveries_removed.sql"),
    ],
    synchronous: "OFF",
    checked: false,
};
const USES: Kind =
    Kind { name: "uses.db", schemas: &[include_str!("../uses.sql")], synchronous: "OFF", checked: false };
/// As they stood in every file.
const WORDS: [&str; 6] = ["ci-1", "ada", "10.0.0.1", "2001:db8::7", "fe80::1", "unknown"];

/// As the version before left it.
fn before(dir: &Path, kind: &Kind, rows: impl FnOnce(&Transaction<'_>) -> Result<(), rusqlite::Error>) {
    Engine::open(dir, kind).expect("opens").within(rows).expect("written");
}

fn at(user: &str, host: &str) -> Requester {
    Requester { user: (!user.is_empty()).then(|| user.to_owned()), host: host.parse().ok() }
}

fn sorted(mut of: Vec<Requester>) -> Vec<Requester> {
    of.sort();
    of
}

fn all() -> Vec<Requester> {
    sorted(WORDS.map(Requester::of_word).into())
}

#[test]
fn whoever_asked_for_a_review_of_before_is_a_user_or_a_host() {
    let dir = tempfile::tempdir().expect("a directory");
    before(dir.path(), &REVIEWS, |tx| {
        let review = "INSERT INTO reviews (id, project, version, state, files_key, more_files, first_asked, last_asked, times_asked, first_peer, \
                      more_peers) VALUES (1, 'widgets', '1.0', 0, 'ab', 0, 1, 1, 1, 'ci-1', 0)";
        tx.execute(review, [])?;
        let insert = "INSERT INTO peers (review, peer, tool, first, last, times) VALUES (1, ?1, 'uv', 5, 6, 7)";
        WORDS.iter().try_for_each(|word| tx.execute(insert, [word]).map(drop))
    });
    let mut book = ReviewBook::open(dir.path()).expect("opens");
    let review = book.one(1).expect("reads").expect("there");
    assert_eq!((sorted(review.asked_by.0.clone()), review.more_peers), (all(), false));
    let (askers, _) = book.around(&review).expect("reads");
    assert!(askers.iter().all(|of| (of.tool.as_deref(), of.is_ci, of.times) == (Some("uv"), false, 7)), "{askers:?}");
}

#[test]
fn whoever_received_something_before_is_a_user_or_a_host_and_is_told_of_it_still() {
    let dir = tempfile::tempdir().expect("a directory");
    before(dir.path(), &DELIVERIES, |tx| {
        tx.execute("INSERT INTO files VALUES (1, 'widgets', '1.0', 'widgets-1.0.tar.gz', 'ab', 0)", [])?;
        WORDS.iter().zip(1..).try_for_each(|(word, id)| {
            tx.execute("INSERT INTO peers (id, address) VALUES (?1, ?2)", rusqlite::params![id, word])?;
            tx.execute("INSERT INTO deliveries VALUES (1, 20000, ?1, 1, 2, 3, 1, 4)", [id])?;
            tx.execute("INSERT INTO recalls VALUES (1, ?1, '{\"kind\": \"quarantined\"}', 0, 3, 1, 1, 1)", [id])
                .map(drop)
        })
    });
    let mut book = DeliveryBook::open(dir.path()).expect("opens");
    let told = |book: &mut DeliveryBook| {
        let lines = book.recalls_after(Default::default()).expect("reads");
        sorted(lines.into_iter().map(|line| line.receiver.who).collect())
    };
    assert_eq!(told(&mut book), all());
    let mark = RecallMark { number: 1, at: noon() };
    assert_eq!(book.recalls_after(mark).expect("reads"), [], "whoever was told before the log had turns was told");
    let who = book.who(&name("widgets"), None, 99).expect("reads");
    assert!(who.iter().all(|of| of.times == 3));
    assert_eq!(sorted(who.into_iter().map(|of| of.who).collect()), all());
    let used = book.used_files("", 9).expect("reads").files;
    assert_eq!(used[0].firsts.len(), 5, "each but whom nobody knows is a voice, as before");
    // The same user at a machine is another line, and no other voice.
    let file = Delivered {
        project: name("widgets"),
        version: Some("1.0".to_owned()),
        filename: "widgets-1.0.tar.gz".to_owned(),
        sha256: "ab".to_owned(),
    };
    let mut receipts = Receipts::default();
    for who in [at("ci-1", "10.0.0.9"), at("ci-1", "10.0.0.8"), at("", "10.0.0.1")] {
        receipts.add(Delivery {
            file: file.clone(),
            who: who.clone(),
            at: noon(),
            is_admitted: true,
            is_private: false,
        });
        receipts.add_use(file.clone(), who, noon());
    }
    book.keep(&receipts).expect("kept");
    assert_eq!(book.who(&name("widgets"), None, 99).expect("reads").len(), 8);
    assert_eq!(book.used_files("", 9).expect("reads").files[0].firsts.len(), 5);
}

#[test]
fn what_was_used_before_counts_as_it_did() {
    let dir = tempfile::tempdir().expect("a directory");
    before(dir.path(), &USES, |tx| {
        let noon = noon().timestamp_micros();
        tx.execute("INSERT INTO projects VALUES ('widgets', ?1)", [noon])?;
        ["ci-1", "ada", "10.0.0.1", "2001:db8:0:7::/64", "fe80:0:0:0::/64"].iter().try_for_each(|client| {
            tx.execute("INSERT INTO uses VALUES ('widgets', ?1, ?2)", rusqlite::params![client, noon]).map(drop)
        })
    });
    let mut book = UseBook::open(dir.path()).expect("opens");
    let voices = |book: &mut UseBook| book.all().expect("reads")[&name("widgets")].firsts.len();
    assert_eq!(voices(&mut book), 5);
    let mut uses = Uses::default();
    for who in [at("ada", "10.0.0.1"), at("bob", "2001:db8:0:7::9"), at("ci-1", "10.0.0.3"), at("eve", "10.0.0.4")] {
        uses.add(name("widgets"), &who, Present::from(noon()), noon());
    }
    book.keep(&uses).expect("kept");
    drop(book);
    let mut book = UseBook::open(dir.path()).expect("opens");
    // bob speaks for a network that spoke already, and eve shares nothing.
    assert_eq!(voices(&mut book), 6);
}

#[test]
fn an_account_with_ten_thousand_addresses_takes_no_more_room_than_one_with_some() {
    let dir = tempfile::tempdir().expect("a directory");
    let (mut reviews, mut book) =
        (ReviewBook::open(dir.path()).expect("opens"), UseBook::open(dir.path()).expect("opens"));
    let host = |n: u32| at("ci-1", &std::net::Ipv4Addr::from_bits(0x0a00_0000 + n).to_string());
    let mut again = AskedAgain::default();
    let mut uses = Uses::default();
    let ada = at("ada", "10.9.9.9");
    for n in 0..10_000 {
        let who = if n == 7_000 { ada.clone() } else { host(n) };
        uses.add(name("widgets"), &who, Present::from(noon()), noon());
        again.once_more(RepeatedRequest { who, agent: Agent::default(), filename: "x".to_owned(), at: noon() });
    }
    reviews.ask(&[request(0)], &BTreeMap::new()).expect("written");
    reviews.ask(&[], &BTreeMap::from([(1, again)])).expect("written");
    let review = reviews.one(1).expect("reads").expect("there");
    assert_eq!((review.times_asked, review.asked_by.0.len(), review.more_peers), (10_001, 20, true));
    for who in [ada, Requester::of_word("10.0.0.1")] {
        assert!(review.asked_by.0.contains(&who), "nobody loses a place to a build farm: {:?}", review.asked_by);
    }
    book.keep(&uses).expect("kept");
    let rows: i64 =
        book.engine.within(|tx| tx.query_row("SELECT count(*) FROM uses", [], |row| row.get(0))).expect("reads");
    assert_eq!(rows, 17, "some of the account, and another");
    assert_eq!(book.all().expect("reads")[&name("widgets")].firsts.len(), 2);
}

#[test]
fn that_all_came_from_one_host_is_said_though_users_of_an_earlier_version_are_there() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut book = UseBook::open(dir.path()).expect("opens");
    let mut uses = Uses::default();
    for (n, user) in ["ada", "bob", "eve"].into_iter().enumerate() {
        let who = at(user, "127.0.0.1");
        uses.add(name(&format!("old-{n}")), &who, Present::from(noon()), noon());
    }
    book.keep(&uses).expect("kept");
    book.engine.within(|tx| tx.execute("UPDATE uses SET place = ''", [])).expect("as it was");
    assert_eq!(book.only_client(3).expect("reads"), None, "nobody knows where they are");
    book.keep(&uses).expect("kept");
    let only = book.only_client(3).expect("reads").expect("one host");
    assert_eq!((only.user, only.place.as_deref()), (None, Some("127.0.0.1")));
}

#[test]
fn of_a_user_at_many_hosts_one_is_named_before_those_of_others_are_left_out() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut reviews = ReviewBook::open(dir.path()).expect("opens");
    let mut again = AskedAgain::default();
    for host in ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"] {
        let asked = |user| RepeatedRequest {
            who: at(user, host),
            agent: Agent::default(),
            filename: "x".to_owned(),
            at: noon(),
        };
        again.once_more(asked("aaa"));
        if host == "10.0.0.4" {
            again.once_more(asked("zoe"));
        }
    }
    reviews.ask(&[request(0)], &BTreeMap::new()).expect("written");
    reviews.ask(&[], &BTreeMap::from([(1, again)])).expect("written");
    let review = reviews.one(1).expect("reads").expect("there");
    assert!(review.asked_by.first(3, str::to_owned).0.contains("zoe"), "{:?}", review.asked_by);
}
