//! What may stand between us and PyPI: it passes on what it is sent, and rewrites forms of uploads on the way.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What it does to a form.
#[derive(Clone, Copy, Debug)]
pub(super) enum Edit {
    /// The field has this value, and is added where it is not there.
    Set(&'static str, &'static str),
    Drop(&'static str),
    /// The last byte of the file is another.
    Flip,
    /// Another name and password go with it.
    Login(&'static str),
}

/// Runs as long as the process.
pub(super) struct Proxy {
    pub(super) base: String,
    edits: Arc<Mutex<Vec<Edit>>>,
}

impl Proxy {
    pub(super) fn start(to: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let edits: Arc<Mutex<Vec<Edit>>> = Arc::default();
        let (to, rewrites) = (to.trim_start_matches("http://").to_owned(), edits.clone());
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let (to, edits) = (to.clone(), rewrites.clone());
                std::thread::spawn(move || pass(stream, &to, &edits));
            }
        });
        Self { base, edits }
    }

    pub(super) fn edit(&self, edits: &[Edit]) {
        *self.edits.lock().expect("no panic") = edits.to_vec();
    }
}

/// One request, and the answer as it comes.
fn pass(mut from: TcpStream, to: &str, edits: &Mutex<Vec<Edit>>) {
    let Some((head, body)) = request(&mut from) else { return };
    let edits = edits.lock().expect("no panic").clone();
    let body = edits.iter().fold(body, |body, edit| edited(&head, body, *edit));
    let own = ["content-length:", "connection:"];
    let kept = head.lines().filter(|line| !own.iter().any(|name| line.to_lowercase().starts_with(name)));
    let head: Vec<String> = kept.map(|line| header(line, &edits)).collect();
    let head = format!("{}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", head.join("\r\n"), body.len());
    let mut onward = TcpStream::connect(to).expect("PyPI listens");
    onward.write_all(&[head.as_bytes(), &body].concat()).expect("sent");
    let mut answer = Vec::new();
    onward.read_to_end(&mut answer).expect("answered");
    from.write_all(&answer).expect("passed on");
}

fn request(from: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        if let Some(end) = find(&bytes, b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let is_length = |line: &&str| line.to_lowercase().starts_with("content-length:");
            let length = head.lines().find(is_length).and_then(|line| line.split(": ").nth(1)?.trim().parse().ok());
            if bytes.len() >= end + 4 + length.unwrap_or(0_usize) {
                return Some((head, bytes.split_off(end + 4)));
            }
        }
        match from.read(&mut chunk) {
            Ok(read) if read > 0 => bytes.extend_from_slice(&chunk[..read]),
            _ => return None,
        }
    }
}

fn header(line: &str, edits: &[Edit]) -> String {
    let login = edits.iter().find_map(|edit| if let Edit::Login(login) = edit { Some(login) } else { None });
    match login {
        Some(login) if line.to_lowercase().starts_with("authorization:") => format!("authorization: Basic {login}"),
        _ => line.to_owned(),
    }
}

fn edited(head: &str, body: Vec<u8>, edit: Edit) -> Vec<u8> {
    let Some(boundary) = head.split("boundary=").nth(1).and_then(|rest| rest.lines().next()) else { return body };
    let mark = format!("--{boundary}");
    let mut parts = split(&body, mark.as_bytes());
    let is = |part: &[u8], field: &str| find(part, format!("name=\"{field}\"").as_bytes()).is_some();
    match edit {
        Edit::Set(field, value) => {
            parts.retain(|part| !is(part, field));
            let part = format!("\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
            parts.insert(1, part.into_bytes());
        }
        Edit::Drop(field) => parts.retain(|part| !is(part, field)),
        Edit::Flip => {
            let file = parts.iter_mut().find(|part| is(part, "content")).expect("a file");
            // Before the line break that ends the part.
            let last = file.len() - 3;
            file[last] ^= 1;
        }
        Edit::Login(_) => {}
    }
    parts.join(mark.as_bytes())
}

fn split(bytes: &[u8], mark: &[u8]) -> Vec<Vec<u8>> {
    let (mut parts, mut rest) = (Vec::new(), bytes);
    while let Some(at) = find(rest, mark) {
        parts.push(rest[..at].to_vec());
        rest = &rest[at + mark.len()..];
    }
    parts.push(rest.to_vec());
    parts
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
