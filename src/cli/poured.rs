//! What comes part by part, to standard output: as it comes, and no faster than it is read.

use std::io::{self, Write};
use std::sync::mpsc;
use std::thread::JoinHandle;

use super::output::note;

/// A daemon gives up whoever reads slowly, as a pager does. So that is nobody's affair but ours: what is not read yet waits here.
pub(super) struct Poured {
    parts: mpsc::Sender<Vec<u8>>,
    printing: JoinHandle<()>,
}

impl Poured {
    pub(super) fn begin() -> Self {
        let (parts, coming) = mpsc::channel();
        Self { parts, printing: std::thread::spawn(move || note(print(coming, &mut io::stdout()))) }
    }

    pub(super) fn pour(&self, part: Vec<u8>) {
        // Where it could not be written, that is noted already.
        let _ = self.parts.send(part);
    }

    /// Waits until all of it is read.
    pub(super) fn end(self) {
        drop(self.parts);
        let _ = self.printing.join();
    }
}

/// As a reply is said: whatever blanks it ends with are one line break.
fn print(coming: impl IntoIterator<Item = Vec<u8>>, out: &mut impl Write) -> io::Result<()> {
    let (mut blank, mut is_begun) = (Vec::new(), false);
    for part in coming {
        let length = part.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |at| at + 1);
        if length > 0 {
            out.write_all(&blank)?;
            out.write_all(&part[..length])?;
            (blank, is_begun) = (Vec::new(), true);
        }
        blank.extend_from_slice(&part[length..]);
    }
    if is_begun {
        out.write_all(b"\n")?;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_in_parts_is_printed_as_if_it_came_at_once() {
        for (parts, printed) in [
            (&["a,b\r\n", "c,d\r\n"][..], "a,b\r\nc,d\n"),
            (&["{\"a\":", " 1}"], "{\"a\": 1}\n"),
            (&["one", "\n", " \n", "\n two \n\n"], "one\n \n\n two\n"),
            (&["é", " "], "é\n"),
            (&[], ""),
        ] {
            let mut out = Vec::new();
            print(parts.iter().map(|part| part.as_bytes().to_vec()), &mut out).expect("it arrives");
            assert_eq!(String::from_utf8_lossy(&out), printed, "{parts:?}");
        }
    }
}
