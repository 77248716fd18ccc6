//! Replies of a mail server, put together byte by byte. Only the code decides (RFC 5321, 4.2); the text is for people.

/// The longest reply, bytes. RFC 5321, 4.5.3.1.5 allows 512 a line, and no server needs a hundred lines.
const MOST: usize = 32 << 10;

/// One reply, of one line or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    /// What stands behind the codes, in whatever encoding the server likes.
    lines: Vec<Vec<u8>>,
}

/// What is no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Garbage {
    #[error("an answer without a code: is this a mail server?")]
    NoCode,
    #[error("an answer of more than {} KiB", MOST >> 10)]
    TooLong,
    #[error("an answer that nobody asked for")]
    Unasked,
}

/// A reply that is still arriving.
#[derive(Debug, Default)]
pub(super) struct Arriving {
    size: usize,
    line: Vec<u8>,
    lines: Vec<Vec<u8>>,
}

impl Arriving {
    /// Takes bytes up to the end of the reply; gives how many that were, and the reply when it is whole.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<(usize, Option<Reply>), Garbage> {
        for (at, &byte) in bytes.iter().enumerate() {
            self.size += 1;
            if self.size > MOST {
                return Err(Garbage::TooLong);
            }
            if byte != b'\n' {
                self.line.push(byte);
                continue;
            }
            if let Some(reply) = self.end_of_line()? {
                return Ok((at + 1, Some(reply)));
            }
        }
        Ok((bytes.len(), None))
    }

    /// Code, then `-` where more lines follow. The text may be missing, and with it the space before it.
    fn end_of_line(&mut self) -> Result<Option<Reply>, Garbage> {
        let mut line = std::mem::take(&mut self.line);
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        let code = code(&line).ok_or(Garbage::NoCode)?;
        let goes_on = line.get(3) == Some(&b'-');
        self.lines.push(line.get(4..).unwrap_or_default().to_vec());
        Ok((!goes_on).then(|| Reply { code, lines: std::mem::take(&mut self.lines) }))
    }
}

fn code(line: &[u8]) -> Option<u16> {
    let digits = line.get(..3).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
    let code = digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
    (200..600).contains(&code).then_some(code)
}

impl Reply {
    /// Done (2yz).
    pub(super) fn is_done(&self) -> bool {
        self.code < 300
    }

    /// Go on (3yz).
    pub(super) fn is_next(&self) -> bool {
        (300..400).contains(&self.code)
    }

    pub(super) fn is_permanent(&self) -> bool {
        self.code >= 500
    }

    /// Subject and detail of an enhanced status code (RFC 3463): `(1, 1)` of `550 5.1.1`, where it agrees with the code.
    pub(super) fn enhanced(&self) -> Option<(u16, u16)> {
        let first = String::from_utf8_lossy(self.lines.first()?).into_owned();
        let mut parts = first.split(' ').next()?.split('.').map(str::parse::<u16>);
        let (class, subject, detail) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
        (class == self.code / 100).then_some((subject, detail))
    }

    /// The words of the lines after the first: what EHLO offers, in capitals.
    pub(super) fn keywords(&self) -> Vec<Vec<String>> {
        let words = |line: &Vec<u8>| {
            let line = String::from_utf8_lossy(line).to_ascii_uppercase();
            // `AUTH=PLAIN` is how it was written before RFC 4954.
            line.split([' ', '\t', '=']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        self.lines.iter().skip(1).map(words).collect()
    }

    /// Code and text, raw. Bytes that are no UTF-8 are read as Latin-1, which servers of old speak.
    pub(super) fn text(&self) -> String {
        let lines = self.lines.iter().map(|line| match std::str::from_utf8(line) {
            Ok(text) => text.to_owned(),
            Err(_) => line.iter().map(|&byte| char::from(byte)).collect(),
        });
        let text = lines.collect::<Vec<String>>().join(" ");
        format!("{} {text}", self.code).trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(bytes: &[u8]) -> Reply {
        let (used, reply) = Arriving::default().take(bytes).expect("a reply");
        assert_eq!(used, bytes.len());
        reply.expect("it is whole")
    }

    #[test]
    fn the_code_decides_whatever_the_text_is() {
        for (bytes, code, text) in [
            (&b"250 ok\r\n"[..], 250, "250 ok"),
            (b"250\r\n", 250, "250"),
            (b"250 \r\n", 250, "250"),
            (b"250\n", 250, "250"),
            (b"354-\r\n354\r\n", 354, "354"),
            (b"550 5.1.1 Empf\xe4nger unbekannt\r\n", 550, "550 5.1.1 Empfänger unbekannt"),
            ("550 Empfänger\r\n".as_bytes(), 550, "550 Empfänger"),
            (b"250-one\r\n250-two\r\n250 three\r\n", 250, "250 one two three"),
            (b"250-yes\r\n550 no\r\n", 550, "550 yes no"),
            (b"421 a\0b\x1b[2J\r\n", 421, "421 a\0b\x1b[2J"),
        ] {
            let reply = whole(bytes);
            assert_eq!((reply.code, reply.text().as_str()), (code, text));
        }
    }

    #[test]
    fn it_may_come_a_byte_at_a_time_and_leaves_what_follows() {
        let (mut arriving, bytes) = (Arriving::default(), b"250-sink\r\n250 ok\r\n354 go");
        for byte in &bytes[..16] {
            assert_eq!(arriving.take(&[*byte]), Ok((1, None)));
        }
        let (used, reply) = arriving.take(&bytes[16..]).expect("a reply");
        assert_eq!((used, reply.map(|reply| reply.code)), (2, Some(250)));
    }

    #[test]
    fn what_is_no_reply_is_refused_and_nothing_grows_without_end() {
        for bytes in [&b"HTTP/1.1 400 Bad Request\r\n"[..], b"\r\n", b"25\r\n", b"099 x\r\n", b"600 x\r\n", b"+OK\r\n"]
        {
            assert_eq!(Arriving::default().take(bytes), Err(Garbage::NoCode), "{bytes:?}");
        }
        let (mut lines, mut line) = (Arriving::default(), Arriving::default());
        assert_eq!(lines.take(&b"250-more\r\n".repeat(5_000)), Err(Garbage::TooLong));
        assert_eq!(line.take(&vec![b'2'; 100_000]), Err(Garbage::TooLong));
        assert!(line.line.len() <= MOST && lines.size <= MOST + 1);
    }

    #[test]
    fn subjects_and_keywords() {
        assert_eq!(whole(b"550 5.1.1 no such user\r\n").enhanced(), Some((1, 1)));
        assert_eq!(whole(b"550-5.7.1 go\r\n550 5.1.1 away\r\n").enhanced(), Some((7, 1)));
        for bytes in [&b"550 2.1.1 x\r\n"[..], b"550 no such user 5.1.1\r\n", b"550\r\n", b"550 5.1 x\r\n"] {
            assert_eq!(whole(bytes).enhanced(), None);
        }
        let ehlo = whole(b"250-Sink at your service\r\n250-starttls\r\n250-auth=Plain login\r\n250 8BitMIME\r\n");
        assert_eq!(ehlo.keywords(), [vec!["STARTTLS"], vec!["AUTH", "PLAIN", "LOGIN"], vec!["8BITMIME"]]);
    }
}
