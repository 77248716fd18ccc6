//! A port for a server that is started later, and that others are told of before.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

const FIRST: u16 = 20_000;
const MANY: u32 = 10_000;

/// One that nobody listens at, below those that the system gives to whoever asks for any (from 32,768 on Linux): one of these may be another's
/// before the server has it. It differs at each call, and between processes.
///
/// # Errors
/// `AddrInUse` where all ten thousand are taken.
pub fn free_port() -> io::Result<u16> {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    let begin = std::process::id().wrapping_mul(101);
    let next = |_| {
        let number = begin.wrapping_add(TAKEN.fetch_add(1, Ordering::Relaxed)) % MANY;
        FIRST + u16::try_from(number).unwrap_or_default()
    };
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    (0..MANY).map(next).find(is_free).ok_or_else(|| io::ErrorKind::AddrInUse.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_another_and_below_those_that_are_given_to_anybody() {
        let (one, other) = (free_port().expect("a port"), free_port().expect("a port"));
        assert!(one != other && [one, other].iter().all(|port| (FIRST..30_000).contains(port)), "{one} {other}");
    }
}
