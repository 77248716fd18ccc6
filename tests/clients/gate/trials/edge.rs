//! A proxy in front of an index, as companies have one, which may have lost what is behind it.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// One that hands on what comes, until it breaks.
pub(super) struct Edge {
    address: String,
    broken: Arc<AtomicBool>,
}

impl Edge {
    /// In front of what is at `base`.
    pub(super) fn before(base: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let (to, broken) = (base.trim_start_matches("http://").to_owned(), Arc::new(AtomicBool::new(false)));
        let is_broken = Arc::clone(&broken);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, to) = (stream.expect("a connection"), to.clone());
                match is_broken.load(Ordering::SeqCst) {
                    true => refuse(stream),
                    false => drop(std::thread::spawn(move || handed_on(&stream, &to))),
                }
            }
        });
        Self { address, broken }
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Connections that are there go on.
    pub(super) fn breaks(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }
}

fn refuse(mut stream: TcpStream) {
    // Whoever asks may have gone.
    let _ = stream.read(&mut [0; 4096]);
    let _ = stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
}

fn handed_on(client: &TcpStream, to: &str) {
    let Ok(server) = TcpStream::connect(to) else { return };
    std::thread::scope(|scope| {
        for (mut from, mut to) in [(client, &server), (&server, client)] {
            scope.spawn(move || {
                // Either side may end it.
                let _ = io::copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Write);
            });
        }
    });
}
