//! The readable half of a mail: its first `text/plain` part, decoded. Enough MIME for what our own sender writes.

use base64::Engine as _;

/// The text of the first `text/plain` part; the whole mail when it has none.
pub(super) fn plain_text(mail: &str) -> String {
    let Some(begin) = mail.find("Content-Type: text/plain") else { return mail.to_owned() };
    let part = &mail[begin..];
    let (head, rest) = part.split_once("\r\n\r\n").unwrap_or((part, ""));
    let body = rest.split("\r\n--").next().unwrap_or(rest);
    if head.contains("quoted-printable") {
        quoted_printable(body)
    } else if head.contains("base64") {
        let packed: String = body.split_whitespace().collect();
        let bytes = base64::engine::general_purpose::STANDARD.decode(packed).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    } else {
        body.to_owned()
    }
}

/// RFC 2045 section 6.7.
fn quoted_printable(text: &str) -> String {
    let text = text.replace("=\r\n", "");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = if *first == b'=' { after.get(..2).and_then(hex) } else { None };
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plain_part_is_decoded() {
        let mail = "Subject: x\r\nContent-Type: multipart/alternative; boundary=\"b\"\r\n\r\n--b\r\n\
                    Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
                    a =3D b=\r\nc =E2=80=A6\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>\r\n--b--\r\n";
        assert_eq!(plain_text(mail), "a = bc …");
    }
}
