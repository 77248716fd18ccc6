//! SIGTERM: feeds stop at once, the notice in flight is delivered and marked, and the status is 0.

use std::net::Ipv4Addr;
use std::time::Duration;

use namewarden::model::Time;
use namewarden::model::notice::NoticeEvent;
use namewarden::sim::Sim;
use namewarden::sim::sink::SmtpSink;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::steps::{Reach, Stage, TARGET};
use super::wait_for;

/// Stands before the mail server and holds every connection while its gate is shut.
struct Relay {
    port: u16,
    gate: watch::Sender<bool>,
    /// Connections that have knocked.
    knocks: watch::Receiver<usize>,
}

impl Relay {
    async fn before(server: &SmtpSink) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let (gate, open) = watch::channel(true);
        let (count, knocks) = watch::channel(0);
        let server = server.address();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                while let Ok((mut client, _)) = listener.accept().await {
                    count.send_modify(|knocks| *knocks += 1);
                    let mut open = open.clone();
                    if open.wait_for(|open| *open).await.is_err() {
                        return;
                    }
                    let mut upstream = TcpStream::connect(server).await.expect("the sink listens");
                    // One connection at a time is enough; either side may end it.
                    drop(tokio::io::copy_bidirectional(&mut client, &mut upstream).await);
                }
            });
        });
        Self { port, gate, knocks }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_finishes_the_notice_in_flight_and_ends_with_status_0() {
    let mail = SmtpSink::start(0).await.expect("a free port");
    let relay = Relay::before(&mail).await;
    let feeds = "changelog_every = \"300ms\"\nrss_every = \"300ms\"";
    let stage = Stage::set(Reach::Mail, feeds, Some(relay.port), mail).await;
    stage.baseline().await;
    relay.gate.send_replace(false);
    let before = *relay.knocks.borrow();
    stage.sim.world().upload(TARGET, "9.0.0", "", "mallory", Sim::now()).expect("free");
    let mut daemon = stage.start(None);
    wait_for("a mail in flight", Duration::from_secs(40), || (*relay.knocks.borrow() > before).then_some(())).await;
    daemon.ask_to_end();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(daemon.is_running(), "it waits for what it has begun");
    let asked = stage.sim.log().requests().len();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(stage.sim.log().requests().len(), asked, "and asks PyPI nothing more");
    relay.gate.send_replace(true);
    let status = daemon.ended(Duration::from_secs(20)).await;
    assert!(status.success(), "it ended with {status}");
    let told = stage.mails().into_iter().filter(|mail| mail.names(TARGET)).count();
    assert_eq!(told, 1);
    let notices = stage.place.store().read(|tx| tx.notices().recent(Time::default())).await.expect("reads");
    let states: Vec<&str> =
        notices.iter().filter(|(n, _)| n.event == NoticeEvent::Registered).map(|(_, state)| state.as_str()).collect();
    assert_eq!(states, ["delivered"], "delivered and marked, so the next process does not repeat it");
}
