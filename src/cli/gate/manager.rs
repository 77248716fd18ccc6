//! What systemd is told of the gate (sd_notify(3)): that it is ready, that it ends, and how it is. Its watchdog is fed as long as the gate
//! answers at its own address: one that is stuck is started again, and nothing else ends it. Files that cannot be read, a disk that is full and
//! an index that is down are no reason to, since a start mends none of them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::daemon::notify::{pace, soon, tell};
use crate::gate::{Gate, GateTroubles};

/// An answer that asks nobody else comes at once, also where all processors are busy.
const PATIENCE: Duration = Duration::from_secs(10);
/// By what is asked here the gate asks nobody else, whatever it says.
const ASKED: &[u8] = b"GET /readyz HTTP/1.1\r\nhost: gate\r\nconnection: close\r\n\r\n";

/// It listens.
pub(super) async fn ready() {
    soon(vec![NotifyState::Ready]).await;
}

/// It lets nobody new in.
pub(super) async fn stopping() {
    soon(vec![NotifyState::Stopping]).await;
}

/// Feeds the watchdog while it is well, and says in one line what is wrong. Never ends.
pub(super) async fn keep_told(listens: SocketAddr, gate: &Gate, troubles: &GateTroubles) {
    let mut tick = interval(pace());
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let line = match stuck(reached(listens), gate).await {
            None => {
                tell(vec![NotifyState::Watchdog]).await;
                status(&troubles.kinds())
            }
            Some(why) => {
                tracing::error!("{why}; the watchdog is not fed, and systemd starts the gate again after a while");
                why.to_owned()
            }
        };
        tell(vec![NotifyState::Status(&line)]).await;
    }
}

/// Why only another start helps; `None`: it is well.
async fn stuck(at: SocketAddr, gate: &Gate) -> Option<&'static str> {
    let silent = !answers(at, PATIENCE).await;
    gate.needs_a_start().or(silent.then_some("the gate does not answer at its own address"))
}

fn status(troubles: &[&str]) -> String {
    match troubles {
        [] => "the gate answers, and nothing is wrong".to_owned(),
        _ => format!("the gate answers; wrong is, as its log says: {}", troubles.join(", ")),
    }
}

/// Whatever it says of itself is an answer.
async fn answers(at: SocketAddr, patience: Duration) -> bool {
    let asked = async {
        let mut line = TcpStream::connect(at).await?;
        line.write_all(ASKED).await?;
        let mut first = [0; 5];
        line.read_exact(&mut first).await?;
        Ok::<_, io::Error>(&first == b"HTTP/")
    };
    timeout(patience, asked).await.is_ok_and(|said| said.unwrap_or(false))
}

/// Where this machine reaches what listens there: nobody is at the address of all.
fn reached(listens: SocketAddr) -> SocketAddr {
    let ip = match listens.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listens.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_accepts_and_says_nothing_or_something_else_does_not_answer() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = silent.local_addr().expect("an address");
        assert!(!answers(at, Duration::ZERO).await, "it is connected, and waits");
        for (said, is_answer) in [("HTTP/1.1 503 Service Unavailable\r\n", true), ("220 mail", false), ("HTT", false)] {
            let serve = async {
                // Whoever asked before has gone.
                loop {
                    let (mut line, _) = silent.accept().await.expect("a connection");
                    let _ = line.write_all(said.as_bytes()).await;
                }
            };
            tokio::select! {
                answer = answers(at, PATIENCE) => assert_eq!(answer, is_answer, "{said}"),
                () = serve => {}
            }
        }
        drop(silent);
        assert!(!answers(at, PATIENCE).await, "nobody is there");
    }

    #[test]
    fn what_listens_everywhere_is_asked_on_this_machine_and_each_trouble_is_named() {
        let at = |text: &str| reached(text.parse().expect("an address")).to_string();
        assert_eq!(
            ["0.0.0.0:8480", "[::]:8480", "192.0.2.7:8480"].map(at),
            ["127.0.0.1:8480", "[::1]:8480", "192.0.2.7:8480"]
        );
        assert_eq!(
            status(&["drift", "records-old"]),
            "the gate answers; wrong is, as its log says: drift, records-old"
        );
        assert!(status(&[]).contains("nothing is wrong"));
    }
}
