//! A mail server on loopback that accepts everything, or fails in the ways mail servers fail (RFC 5321, plain text).

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::inbox::Inbox;

/// How the server behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SmtpMood {
    #[default]
    Accept,
    /// Closes every connection at once.
    Down,
    /// Answers 451 to MAIL.
    Defer,
    /// Answers 550 to RCPT.
    Reject,
    /// Answers 550 to RCPT of `gone@…`, and takes the mail for all others.
    RejectGone,
    /// Reads, and never answers.
    Hang,
    /// Stores the mail, then closes the connection before saying so: the sender cannot know.
    DieAfterAccept,
    /// Stores the mail, and says so only once its mood is another.
    Ponder,
}

/// How often a server that ponders asks itself whether it has done so for long enough.
const PONDER: Duration = Duration::from_millis(10);

/// A mail as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Envelope sender.
    pub from: String,
    /// Envelope recipients.
    pub to: Vec<String>,
    /// Headers and body with CRLF, dot-stuffing undone.
    pub data: String,
}

impl Mail {
    /// The unfolded text of the first header of this name.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.data.split("\r\n\r\n").next()?.replace("\r\n ", " ").replace("\r\n\t", " ");
        head.split("\r\n").find_map(|line| {
            let (key, text) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| text.trim().to_owned())
        })
    }
}

impl Mail {
    /// What a person reads: the decoded `text/plain` part.
    pub fn text(&self) -> String {
        super::mime::plain_text(&self.data)
    }
}

/// A running mail server. Dropping it closes its port.
#[derive(Debug)]
pub struct SmtpSink {
    shared: Arc<Shared>,
    address: SocketAddr,
}

#[derive(Debug, Default)]
struct Shared {
    inbox: Inbox<Mail>,
    mood: Mutex<SmtpMood>,
    stop: CancellationToken,
}

impl SmtpSink {
    /// Listens on loopback; port 0 takes a free one.
    pub async fn start(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        crate::sim::task::spawn(accept(listener, shared.clone()));
        Ok(Self { shared, address })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn set_mood(&self, mood: SmtpMood) {
        *self.shared.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    /// What has arrived and was not taken by `next`.
    pub fn mails(&self) -> Vec<Mail> {
        self.shared.inbox.all()
    }

    /// Takes all that has arrived.
    pub fn take(&self) -> Vec<Mail> {
        self.shared.inbox.take()
    }

    /// Takes the oldest mail, waiting for it at most `patience`.
    pub async fn next(&self, patience: Duration) -> Option<Mail> {
        self.shared.inbox.next(patience).await
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}

impl Shared {
    fn mood(&self) -> SmtpMood {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shared.stop.cancelled() => return,
        };
        let Ok((stream, _)) = stream else { continue };
        let session = shared.clone();
        crate::sim::task::spawn(async move {
            tokio::select! {
                // A sender that goes away is no failure of the sink.
                outcome = converse(stream, &session) => drop(outcome),
                () = session.stop.cancelled() => {}
            }
        });
    }
}

/// One connection: a line in, a reply out, until either side has enough.
async fn converse(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    if shared.mood() == SmtpMood::Down {
        return Ok(());
    }
    let mut mail = None;
    say(&mut stream, "220 sink.example ESMTP").await?;
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        let reply = match Command::parse(&line) {
            Command::Data => match mail.take().filter(|mail: &Mail| !mail.to.is_empty()) {
                Some(mail) => {
                    say(&mut stream, "354 go ahead").await?;
                    shared.inbox.push(Mail { data: receive(&mut stream).await?, ..mail });
                    if shared.mood() == SmtpMood::DieAfterAccept {
                        return Ok(());
                    }
                    while shared.mood() == SmtpMood::Ponder {
                        tokio::time::sleep(PONDER).await;
                    }
                    "250 2.0.0 stored"
                }
                None => "503 5.5.1 need RCPT first",
            },
            Command::Quit => return say(&mut stream, "221 2.0.0 bye").await,
            command => reply(command, &mut mail, shared.mood()),
        };
        if shared.mood() == SmtpMood::Hang {
            std::future::pending::<()>().await;
        }
        say(&mut stream, reply).await?;
    }
}

/// Commands of a session; verbs are case-insensitive.
enum Command {
    Hello,
    From(String),
    To(String),
    Data,
    Reset,
    Noop,
    Quit,
    Unknown,
}

impl Command {
    fn parse(line: &str) -> Self {
        let upper = line.to_ascii_uppercase();
        match upper.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" | "HELO" => Self::Hello,
            "MAIL" => Self::From(path(line)),
            "RCPT" => Self::To(path(line)),
            "DATA" => Self::Data,
            "RSET" => Self::Reset,
            "NOOP" => Self::Noop,
            "QUIT" => Self::Quit,
            _ => Self::Unknown,
        }
    }
}

/// The address between angle brackets.
fn path(line: &str) -> String {
    line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(path, _)| path.to_owned()).unwrap_or_default()
}

/// Answers a command that only changes the envelope.
fn reply(command: Command, mail: &mut Option<Mail>, mood: SmtpMood) -> &'static str {
    match (command, mail) {
        (Command::Hello, _) => "250-sink.example\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES",
        (Command::From(_), _) if mood == SmtpMood::Defer => "451 4.3.0 try again later",
        (Command::From(from), mail) => {
            *mail = Some(Mail { from, to: Vec::new(), data: String::new() });
            "250 2.1.0 ok"
        }
        (Command::To(_), None) => "503 5.5.1 need MAIL first",
        (Command::To(_), Some(_)) if mood == SmtpMood::Reject => "550 5.1.1 no such user",
        (Command::To(to), Some(_)) if mood == SmtpMood::RejectGone && to.starts_with("gone@") => {
            "550 5.1.1 no such user"
        }
        (Command::To(to), Some(mail)) => {
            mail.to.push(to);
            "250 2.1.5 ok"
        }
        (Command::Reset, mail) => {
            *mail = None;
            "250 2.0.0 ok"
        }
        (Command::Noop, _) => "250 2.0.0 ok",
        (Command::Data | Command::Quit | Command::Unknown, _) => "502 5.5.2 not implemented",
    }
}

/// Everything up to the line with a lone dot; a doubled dot at the start of a line is one (RFC 5321 section 4.5.2).
async fn receive(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut data = Vec::new();
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" || line == b".\n" {
            return Ok(String::from_utf8_lossy(&data).into_owned());
        }
        data.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}

async fn say(stream: &mut BufReader<TcpStream>, text: &str) -> io::Result<()> {
    stream.write_all(format!("{text}\r\n").as_bytes()).await?;
    stream.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);

    /// Sends lines, and returns the codes of the replies until the connection ends.
    async fn talk(sink: &SmtpSink, lines: &str) -> String {
        let mut stream = BufReader::new(TcpStream::connect(sink.address()).await.expect("connected"));
        stream.write_all(lines.replace('\n', "\r\n").as_bytes()).await.expect("sent");
        let (mut codes, mut line) = (Vec::new(), String::new());
        while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
            if line.as_bytes().get(3) == Some(&b' ') {
                codes.push(line[..3].to_owned());
            }
            line.clear();
        }
        codes.join(" ")
    }

    const SESSION: &str = "EHLO me\nMAIL FROM:<a@b.example> BODY=8BITMIME\nRCPT TO:<c@d.example>\nDATA\n\
                           Subject: a\n folded one\n\n..dots\n.\nQUIT\n";

    #[tokio::test]
    async fn a_mail_is_kept_as_it_was_sent() {
        let sink = SmtpSink::start(0).await.expect("bound");
        assert_eq!(talk(&sink, SESSION).await, "220 250 250 250 354 250 221");
        let mail = sink.next(PATIENCE).await.expect("arrived");
        assert_eq!((mail.from.as_str(), mail.to.as_slice()), ("a@b.example", &["c@d.example".to_owned()][..]));
        assert_eq!(mail.header("subject").as_deref(), Some("a folded one"));
        assert!(mail.data.ends_with("\r\n\r\n.dots\r\n"), "{:?}", mail.data);
        assert!(sink.mails().is_empty(), "it was taken");
    }

    #[tokio::test]
    async fn it_fails_as_mail_servers_fail() {
        let sink = SmtpSink::start(0).await.expect("bound");
        for (mood, codes, kept) in [
            (SmtpMood::Defer, "220 250 451 503 503", 0),
            (SmtpMood::Reject, "220 250 250 550 503", 0),
            (SmtpMood::DieAfterAccept, "220 250 250 250 354", 1),
        ] {
            sink.set_mood(mood);
            let replies = talk(&sink, SESSION).await;
            assert!(replies.starts_with(codes), "{mood:?}: {replies}");
            assert_eq!(sink.mails().len(), kept, "{mood:?}");
        }
        sink.set_mood(SmtpMood::Down);
        assert_eq!(talk(&sink, SESSION).await, "");
    }

    #[tokio::test]
    async fn data_needs_a_recipient() {
        let sink = SmtpSink::start(0).await.expect("bound");
        assert_eq!(talk(&sink, "DATA\nNOOP\nRSET\nVRFY\nQUIT\n").await, "220 503 250 250 502 221");
        assert_eq!(sink.next(Duration::from_millis(20)).await, None);
    }
}
