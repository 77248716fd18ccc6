//! From bytes to text: unzipped within a limit, other files told by their first bytes, decoded, lines ended alike.

use std::io::{self, Read};
use std::path::Path;

use super::encoding;
use crate::config::source::{Fault, Problem, Source};

/// A text, and what in it could not be decoded.
#[derive(Clone, Debug)]
pub struct Decoded {
    pub source: Source,
    /// Bytes that are no character of the encoding, each read as U+FFFD; or where one file ends and another begins.
    pub damage: Option<Problem>,
}

/// Reads at most `most` bytes.
///
/// # Errors
/// The system's, or `FileTooLarge`.
pub fn read_capped(reader: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it is longer than {} MiB", most >> 20)));
    }
    Ok(bytes)
}

/// Text out of the bytes of a file, gzipped or not, of at most `most` bytes.
///
/// # Errors
/// When they are no text: the fault says what they are instead.
pub fn decode(path: &Path, bytes: Vec<u8>, most: u64) -> Result<Decoded, Problem> {
    let refuse = |fault| Source::new(path, String::new()).problem(0, "", fault);
    let bytes = if bytes.starts_with(GZIP) { unzipped(&bytes, most).map_err(refuse)? } else { bytes };
    if let Some(fault) = foreign(&bytes) {
        return Err(refuse(fault));
    }
    let text = encoding::decode(bytes).map_err(refuse)?;
    let source = Source::new(path, with_line_feeds(text.text));
    if let Some(at) = source.text().find('\0') {
        return Err(source.problem(at, "", nul()));
    }
    let damage = text.damage.map(|fault| {
        let at = source.text().find(char::REPLACEMENT_CHARACTER).unwrap_or_default();
        source.problem(at, "", fault)
    });
    let mark = || source.text().find(MARK).map(|at| source.problem(at, "", joined()));
    Ok(Decoded { damage: damage.or_else(mark), source })
}

/// The byte order mark, which is none but at the beginning.
const MARK: char = '\u{feff}';

fn joined() -> Fault {
    Fault::new(
        "a byte order mark stands within the text, so another file was put in front of it",
        "make it again, or name the files one by one",
    )
}

const GZIP: &[u8] = &[0x1f, 0x8b];

fn unzipped(bytes: &[u8], most: u64) -> Result<Vec<u8>, Fault> {
    let again = "fetch or make it again; gzip -t FILE says whether it is whole";
    let read = read_capped(flate2::read::MultiGzDecoder::new(bytes), most);
    read.map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => {
            Fault::new(format!("unzipped, {error}"), "that is no list of names: name another file")
        }
        _ => Fault::new("the gzip file is cut off or damaged", again),
    })
}

fn nul() -> Fault {
    Fault::new("it holds a zero byte, as no text does", "it is a binary file, or was damaged on the way: make it again")
}

const UNPACK: &str = "unpack it, and name the list inside";
const AS_CSV: &str = "save the layout as CSV (UTF-8), and name that file";
const NO_LIST: &str = "name a list of names";

/// Files that people name by mistake, by their first bytes.
const FOREIGN: &[(&[u8], &str, &str)] = &[
    (GZIP, "a gzip file within another", "unpack it once, and name what comes out"),
    (b"BZh", "a bzip2 file", UNPACK),
    (&[0xfd, b'7', b'z', b'X', b'Z', 0], "an xz file", UNPACK),
    (&[0x28, 0xb5, 0x2f, 0xfd], "a zstd file", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (b"Rar!", "a rar archive", UNPACK),
    (&[0xd0, 0xcf, 0x11, 0xe0], "an old Excel or Word file", AS_CSV),
    (b"%PDF", "a PDF", NO_LIST),
    (b"{\\rtf", "a rich text document", "save it as plain text"),
    (b"SQLite format 3\0", "an SQLite database", "export the names from it: sqlite3 FILE 'select name from …'"),
    (b"PAR1", "a Parquet file", "export the names from it as CSV"),
    (b"\x7fELF", "a program", NO_LIST),
    (b"\x89PNG", "a picture", NO_LIST),
    (&[0xff, 0xd8, 0xff], "a picture", NO_LIST),
    (b"GIF8", "a picture", NO_LIST),
    (&[0xff, 0xfe, 0, 0], "text in UTF-32", "save it as UTF-8"),
    (&[0, 0, 0xfe, 0xff], "text in UTF-32", "save it as UTF-8"),
];

fn foreign(bytes: &[u8]) -> Option<Fault> {
    const TAR: usize = 257;
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Some(zip(bytes));
    }
    if bytes.get(TAR..).is_some_and(|rest| rest.starts_with(b"ustar")) {
        return Some(Fault::new("it is a tar archive", UNPACK));
    }
    let known = FOREIGN.iter().find(|(magic, ..)| bytes.starts_with(magic));
    known.map(|(_, what, instead)| Fault::new(format!("it is {what}"), *instead))
}

/// Workbooks and wheels are zip archives too; their names stand in the clear.
fn zip(bytes: &[u8]) -> Fault {
    let holds = |name: &[u8]| bytes.windows(name.len()).any(|window| window == name);
    if holds(b"xl/workbook") {
        Fault::new("it is an Excel workbook", AS_CSV)
    } else if holds(b"vnd.oasis.opendocument") {
        Fault::new("it is an OpenDocument file", AS_CSV)
    } else if holds(b".dist-info/") {
        Fault::new("it is a wheel", NO_LIST)
    } else {
        Fault::new("it is a zip archive", UNPACK)
    }
}

/// Windows ends lines with two characters, and old Macs with a carriage return alone, as Excel for Mac still may.
fn with_line_feeds(text: String) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn text(bytes: &[u8]) -> Result<String, String> {
        let decoded = decode(Path::new("list"), bytes.to_vec(), 1 << 20).map_err(|problem| problem.to_string())?;
        Ok(decoded.source.text().to_owned() + &decoded.damage.map_or_else(String::new, |p| format!("|{p}")))
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(bytes).expect("memory");
        gzip.finish().expect("memory")
    }

    #[test]
    fn lines_end_alike_and_gzip_is_undone() {
        for bytes in [&b"a\r\nb\n"[..], b"a\rb\r", b"a\nb\n", "\u{feff}a\nb\n".as_bytes(), &gzip(b"a\nb\n")] {
            assert_eq!(text(bytes).as_deref(), Ok("a\nb\n"));
        }
        assert_eq!(text(&[gzip(b"a\n"), gzip(b"b\n")].concat()).as_deref(), Ok("a\nb\n"), "two members");
        let joined = text("\u{feff}a\n\u{feff}b\n".as_bytes()).expect("text");
        assert!(joined.contains("|list:2:1: a byte order mark stands within the text"), "{joined}");
    }

    #[test]
    fn other_files_are_called_by_their_name() {
        let whole = gzip(&b"acme-billing\n".repeat(99));
        let told = [
            &whole[..whole.len() - 9],
            &[&whole[..20], &[7; 40]].concat(),
            &gzip(&gzip(b"a")),
            &gzip(&vec![b'a'; 2 << 20]),
            b"PK\x03\x04..xl/workbook.xml",
            b"PK\x03\x04..",
            b"\x00\x00\x01\x02",
            b"acme\0billing\n",
        ]
        .map(|bytes| text(bytes).expect_err("refused"))
        .join("\n");
        insta::assert_snapshot!(told, @r##"
            list:1:1: the gzip file is cut off or damaged; fetch or make it again; gzip -t FILE says whether it is whole
            list:1:1: the gzip file is cut off or damaged; fetch or make it again; gzip -t FILE says whether it is whole
            list:1:1: it is a gzip file within another; unpack it once, and name what comes out
            list:1:1: unzipped, it is longer than 1 MiB; that is no list of names: name another file
            list:1:1: it is an Excel workbook; save the layout as CSV (UTF-8), and name that file
            list:1:1: it is a zip archive; unpack it, and name the list inside
            list:1:1: it holds a zero byte, as no text does; it is a binary file, or was damaged on the way: make it again
            list:1:5: it holds a zero byte, as no text does; it is a binary file, or was damaged on the way: make it again
            "##);
    }
}
