//! A plain HTTP client, so that the simulator is tested by what is on the wire and nothing is followed or fixed up.

use std::fmt::Write as _;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An answer as it came.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(crate) fn reason(&self) -> &str {
        let line = self.head.lines().next().unwrap_or_default();
        line.splitn(3, ' ').nth(2).unwrap_or_default()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text()))
    }
}

pub(crate) async fn get(base: &str, path: &str) -> Answer {
    get_with(base, path, &[]).await
}

pub(crate) async fn get_with(base: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    ask(base, "GET", path, headers, "").await
}

/// One XML-RPC call with the parameters given as XML.
pub(crate) async fn call(base: &str, method: &str, params: &str) -> Answer {
    let body = format!("<methodCall><methodName>{method}</methodName><params>{params}</params></methodCall>");
    ask(base, "POST", "/pypi", &[("content-type", "text/xml")], &body).await
}

pub(crate) async fn ask(base: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    ask_bytes(base, method, path, headers, body.as_bytes()).await
}

pub(crate) async fn ask_bytes(base: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let host = base.strip_prefix("http://").expect("a plain address");
    let mut stream = TcpStream::connect(host).await.expect("the simulator listens");
    // HTTP/1.0: no chunks, and the connection ends with the answer.
    let mut request = format!("{method} {path} HTTP/1.0\r\nhost: {host}\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        write!(request, "{name}: {value}\r\n").expect("a string");
    }
    stream.write_all(&[request.as_bytes(), b"\r\n", body].concat()).await.expect("sent");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.expect("answered");
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("headers end");
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    Answer { status, head, body: bytes[end + 4..].to_vec() }
}
