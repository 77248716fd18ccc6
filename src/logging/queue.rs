//! Lines on their way to a reader that may be slow, stopped or gone. Whoever pushes never waits.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Bytes that may wait, the line that is being written included.
const ROOM: usize = 256 * 1024;
/// A reader that shares a descriptor may have made it non-blocking; then it is asked again so often.
const PAUSE: Duration = Duration::from_millis(50);

pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    /// Something was pushed, or all is written.
    changed: Condvar,
    dropped: AtomicU64,
}

struct Waiting {
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
}

impl Queue {
    pub(super) const fn new() -> Self {
        Self {
            waiting: Mutex::new(Waiting { lines: VecDeque::new(), bytes: 0 }),
            changed: Condvar::new(),
            dropped: AtomicU64::new(0),
        }
    }

    /// Takes the line, or counts it as dropped.
    pub(super) fn push(&self, line: &[u8]) {
        let mut waiting = self.lock();
        if waiting.bytes + line.len() > ROOM {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        waiting.bytes += line.len();
        waiting.lines.push_back(line.to_vec());
        self.changed.notify_all();
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Writes lines for ever. `confess(lines, in all)` is called once a line has got through after others were dropped.
    pub(super) fn pump(&self, out: &mut impl Write, confess: impl Fn(u64, u64)) {
        let mut confessed = 0;
        loop {
            let written = self.write_next(out);
            let dropped = self.dropped();
            if written && dropped > confessed && self.lock().bytes < ROOM / 2 {
                confess(dropped - confessed, dropped);
                confessed = dropped;
            }
        }
    }

    /// Waits for a line and writes it; says whether it got through.
    fn write_next(&self, out: &mut impl Write) -> bool {
        let mut waiting = self.lock();
        let line = loop {
            match waiting.lines.pop_front() {
                Some(line) => break line,
                None => waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner),
            }
        };
        drop(waiting);
        let written = write_all(out, &line).is_ok();
        if !written {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        self.lock().bytes -= line.len();
        self.changed.notify_all();
        written
    }

    /// Waits until all is written, for this long at most.
    pub(super) fn flush(&self, limit: Duration) {
        let left = self.changed.wait_timeout_while(self.lock(), limit, |waiting| waiting.bytes > 0);
        // Whether all got through or the time is over, the caller goes on.
        drop(left);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write_all(out: &mut impl Write, mut rest: &[u8]) -> io::Result<()> {
    while !rest.is_empty() {
        match out.write(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => rest = &rest[written..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::sleep(PAUSE),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use proptest::prelude::*;

    use super::*;

    /// A reader that takes each write only when it is told to.
    struct Slow {
        let_go: mpsc::Receiver<()>,
        read: mpsc::Sender<String>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.let_go.recv().map_err(io::Error::other)?;
            let line = String::from_utf8_lossy(bytes).into_owned();
            self.read.send(line).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_nobody_reads_is_dropped_counted_and_said_when_somebody_reads_again() {
        static QUEUE: Queue = Queue::new();
        let (let_go, gate) = mpsc::channel();
        let (read, lines) = mpsc::channel();
        std::thread::spawn(move || {
            QUEUE.pump(&mut Slow { let_go: gate, read }, |lines, in_all| {
                QUEUE.push(format!("{lines} dropped, {in_all} in all").as_bytes());
            });
        });
        let line = "x".repeat(ROOM / 8);
        (0..11).for_each(|_| QUEUE.push(line.as_bytes()));
        assert_eq!(QUEUE.dropped(), 3, "eight have room");
        QUEUE.flush(Duration::from_millis(10));
        (0..9).for_each(|_| let_go.send(()).expect("the pump runs"));
        let got: Vec<String> = (0..9).map(|_| lines.recv().expect("a line")).collect();
        assert!(got[..8].iter().all(|got| *got == line));
        assert_eq!(got[8], "3 dropped, 3 in all");
        QUEUE.flush(Duration::from_secs(5));
        assert_eq!(QUEUE.lock().bytes, 0);
        drop(lines);
        let_go.send(()).expect("the pump runs");
        QUEUE.push(b"for nobody");
        QUEUE.flush(Duration::from_secs(5));
        assert_eq!(QUEUE.dropped(), 4, "the reader has gone, and the queue goes on");
    }

    /// A reader that fails, takes a few bytes, or is not ready, as the numbers say.
    struct Moody {
        moods: Vec<u8>,
        at: usize,
        read: Vec<u8>,
    }

    impl Write for Moody {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.at += 1;
            match self.moods[self.at % self.moods.len()] {
                0 => Err(io::ErrorKind::BrokenPipe.into()),
                1 => Err(io::ErrorKind::Interrupted.into()),
                2 => Ok(0),
                few => self.read.write(&bytes[..bytes.len().min(usize::from(few) * 997)]),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        /// Each line gets through in its turn, or is counted as dropped; what waits never has more room than there is.
        #[test]
        fn no_line_is_lost_without_being_counted_and_none_overtakes_another(
            moods in prop::collection::vec(prop_oneof![1 => 0..3_u8, 9 => 3..250_u8], 1..12).prop_filter("it reads", |moods| moods.iter().any(|mood| *mood > 2)),
            steps in prop::collection::vec(prop::option::of(0..ROOM / 3), 1..60),
        ) {
            let queue = Queue::new();
            let mut out = Moody { moods, at: 0, read: Vec::new() };
            let (mut waiting, mut through, mut dropped) = (VecDeque::new(), Vec::new(), 0);
            for (number, step) in steps.into_iter().enumerate() {
                match step {
                    Some(length) => {
                        let line = format!("{number:03}").into_bytes();
                        // A few are so long that not many have room.
                        let line = if length > ROOM / 6 { line.repeat(length / 3) } else { line };
                        let fits = waiting.iter().map(Vec::len).sum::<usize>() + line.len() <= ROOM;
                        queue.push(&line);
                        if fits { waiting.push_back(line) } else { dropped += 1 }
                    }
                    None => {
                        let Some(line) = waiting.pop_front() else { continue };
                        out.read.clear();
                        match queue.write_next(&mut out) {
                            true => through.push((out.read.clone(), line)),
                            false => dropped += 1,
                        }
                    }
                }
                prop_assert_eq!(queue.dropped(), dropped);
                prop_assert_eq!(queue.lock().bytes, waiting.iter().map(Vec::len).sum::<usize>());
                prop_assert!(queue.lock().bytes <= ROOM);
            }
            prop_assert!(through.iter().all(|(read, line)| read == line), "whole, and in their order");
            queue.flush(Duration::ZERO);
            prop_assert!(queue.lock().lines.iter().eq(waiting.iter()), "a flush takes nothing");
        }
    }

    #[test]
    fn a_descriptor_that_does_not_block_is_asked_again() {
        struct Busy(u32, Vec<u8>);
        impl Write for Busy {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0 += 1;
                match self.0 {
                    1 => Err(io::ErrorKind::WouldBlock.into()),
                    2 => Err(io::ErrorKind::Interrupted.into()),
                    _ => self.1.write(&bytes[..1]),
                }
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut out = Busy(0, Vec::new());
        write_all(&mut out, b"all of it").expect("it has room in the end");
        assert_eq!(out.1, b"all of it");
    }
}
