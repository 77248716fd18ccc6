//! Attempts until everybody's fate is known, at a server that takes, puts off, refuses, breaks off and drops as it likes. Who
//! has what is counted on the server's side.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// What the server does about a recipient, or about a message as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whim {
    Takes,
    PutsOff,
    Refuses,
    TooMany,
    /// Closes the line; at the end of a message it has taken that first.
    Closes,
    Leaves,
}
use Whim::{Closes, Leaves, PutsOff, Refuses, Takes, TooMany};

/// One round: about each recipient, and about each message.
type Round = (Vec<Whim>, Whim);

#[derive(Default)]
struct Server {
    now: BTreeMap<String, Whim>,
    message: Option<Whim>,
    /// Who is welcome in the message that is under way.
    welcome: Vec<String>,
    /// How many messages each has.
    got: BTreeMap<String, usize>,
    /// How many of these the client cannot know of.
    unsaid: BTreeMap<String, usize>,
}

impl Server {
    fn hears(&mut self, line: &str) -> Option<Act> {
        match line.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => return Some(Say(b"250-fake\r\n250 SMTPUTF8\r\n")),
            "" | "MAIL" | "RSET" => self.welcome.clear(),
            "RCPT" => {
                let who = line.trim_start_matches("RCPT TO:<").trim_end_matches('>').to_owned();
                let whim = self.now.get(&who).copied().unwrap_or(Takes);
                if whim == Takes {
                    self.welcome.push(who);
                }
                return about_recipient(whim);
            }
            "." => return self.ends(),
            _ => {}
        }
        None
    }

    fn ends(&mut self) -> Option<Act> {
        let whim = self.message.unwrap_or(Takes);
        if matches!(whim, Takes | Closes) {
            for who in std::mem::take(&mut self.welcome) {
                *self.got.entry(who.clone()).or_default() += 1;
                *self.unsaid.entry(who).or_default() += usize::from(whim == Closes);
            }
        }
        match whim {
            Takes => None,
            Closes => Some(Close),
            Refuses => Some(Say(b"554 5.7.1 spam\r\n")),
            PutsOff | TooMany | Leaves => Some(Say(b"451 4.3.0 later\r\n")),
        }
    }
}

fn about_recipient(whim: Whim) -> Option<Act> {
    Some(match whim {
        Takes => return None,
        PutsOff => Say(b"450 4.2.0 later\r\n"),
        Refuses => Say(b"550 5.1.1 no such user\r\n"),
        TooMany => Say(b"452 4.5.3 too many recipients\r\n"),
        Closes => Close,
        Leaves => Say(b"421 4.7.0 go away\r\n"),
    })
}

/// As the worker does: what was settled is given to the next attempt, which follows at once where others wait for another
/// message.
struct Sender {
    email: Email,
    owner: Owner,
    settled: Vec<Recipient>,
    server: Arc<Mutex<Server>>,
}

impl Sender {
    fn to(addresses: &[String]) -> Self {
        let server = Arc::<Mutex<Server>>::default();
        let serving = server.clone();
        let fake = Fake::start(move |line| serving.lock().expect("a lock").hears(line));
        let owner = Owner { emails: addresses.to_vec(), ..Owner::default() };
        Self { email: towards(&settings(fake.port)), owner, settled: Vec::new(), server }
    }

    fn copies(&self) -> usize {
        self.server.lock().expect("a lock").got.values().sum()
    }

    /// Says whether everybody's fate is known.
    async fn round(&mut self) -> bool {
        for _ in 0..=self.owner.emails.len() {
            let before = self.copies();
            let stop = CancellationToken::new();
            let receipt = match send_to(&self.email, &self.owner, &self.settled, &stop).await {
                Ok(receipt) => receipt,
                Err(error) => {
                    assert!(!matches!(error, DeliveryError::GiveUp { .. }), "nothing is given up: {error:?}");
                    if reached_nobody(&error) {
                        assert_eq!(self.copies(), before, "somebody has it: {error:?}");
                    }
                    return false;
                }
            };
            self.settled.extend(receipt.settled);
            match receipt.left {
                Left::Nothing => return true,
                Left::Later(_) => return false,
                Left::More => {}
            }
        }
        panic!("each attempt decides somebody's fate")
    }
}

fn reached_nobody(error: &DeliveryError) -> bool {
    use crate::model::Reached::Nobody;
    matches!(error, DeliveryError::Hold { reached: Nobody, .. } | DeliveryError::Retry { reached: Nobody, .. })
}

fn addresses(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("p{n:02}@x.example")).collect()
}

fn rounds() -> impl Strategy<Value = (usize, Vec<Round>)> {
    let recipient = || prop::sample::select(vec![Takes, Takes, PutsOff, Refuses, TooMany, Closes, Leaves]);
    let message = prop::sample::select(vec![Takes, Takes, Takes, Closes, Refuses, PutsOff]);
    (1..5_usize)
        .prop_flat_map(move |count| {
            (Just(count), prop::collection::vec((prop::collection::vec(recipient(), count), message.clone()), 0..4))
        })
        .boxed()
}

fn refused(recipient: &Recipient) -> bool {
    matches!(recipient.fate, Fate::Refused { .. })
}

async fn play(count: usize, rounds: &[Round]) {
    let all = addresses(count);
    let mut sender = Sender::to(&all);
    for (whims, message) in rounds {
        {
            let mut server = sender.server.lock().expect("a lock");
            server.now = all.iter().cloned().zip(whims.iter().copied()).collect();
            server.message = Some(*message);
        }
        if sender.round().await {
            break;
        }
    }
    {
        let mut server = sender.server.lock().expect("a lock");
        (server.now, server.message) = (BTreeMap::new(), None);
    }
    let known = |sender: &Sender| all.iter().all(|who| sender.settled.iter().any(|known| known.address == *who));
    assert!(known(&sender) || sender.round().await, "a server that is well takes all that is left");
    let server = sender.server.lock().expect("a lock");
    for who in &all {
        let fates: Vec<_> = sender.settled.iter().filter(|known| known.address == *who).collect();
        assert_eq!(fates.len(), 1, "of {who}: {fates:?}");
        let got = server.got.get(who).copied().unwrap_or_default();
        let unsaid = server.unsaid.get(who).copied().unwrap_or_default();
        let told = usize::from(!refused(fates[0]));
        assert_eq!(got, told + unsaid, "{who}: told once, and again only where nobody said that it arrived");
        let ever = rounds.iter().any(|(whims, message)| *message == Refuses || whims.contains(&Refuses));
        assert!(told == 1 || ever, "nobody refused {who}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everybody_is_told_once_whatever_the_server_did_before((count, rounds) in rounds()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(play(count, &rounds));
    }
}

/// A list that has grown old, and a filter that breaks off at each address that is gone.
#[tokio::test]
async fn however_many_addresses_a_server_breaks_off_at_the_others_are_told_in_the_end() {
    for last in ["zoe@x.example", "zoë@x.example"] {
        let gone = addresses(23);
        let all: Vec<String> = gone.iter().cloned().chain([last.to_owned()]).collect();
        let mut sender = Sender::to(&all);
        sender.server.lock().expect("a lock").now = gone.into_iter().map(|who| (who, Closes)).collect();
        for _ in 0..3 {
            assert!(!sender.round().await, "the others have to be asked again");
        }
        assert_eq!(sender.settled, [Recipient::accepted(last)]);
    }
}
