//! PyPI's rules for the form of files, written from its sources and read from the bytes, without the libraries that wrote them:
//! `warehouse/utils/zipfiles.py`, `warehouse/forklift/legacy.py`, and the packaging specifications.

use std::collections::BTreeSet;
use std::io::Read as _;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha256};

use super::super::Archives;

/// What an index would refuse; empty for a good package.
pub(super) fn offences(archives: &Archives) -> Vec<String> {
    let mut found = Vec::new();
    let normal = archives.metadata.name.to_lowercase().replace(['-', '.'], "_");
    let normal = normal.split('_').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
    let stem = format!("{normal}-{}", archives.metadata.version);
    let mut check = |good: bool, what: &str| found.extend((!good).then(|| what.to_owned()));
    check(archives.wheel.filename == format!("{stem}-py3-none-any.whl"), "the wheel's name");
    check(archives.sdist.filename == format!("{stem}.tar.gz"), "the sdist's name");
    check(archives.all().iter().all(|archive| archive.filename.len() <= 255), "a name that is too long");
    match unzip(&archives.wheel.bytes) {
        Ok(files) => wheel(&files, &stem, &mut check),
        Err(why) => check(false, &why),
    }
    match untar(&archives.sdist.bytes) {
        Ok(files) => sdist(&files, &stem, &mut check),
        Err(why) => check(false, &why),
    }
    found
}

type File = (String, Vec<u8>);

fn wheel(files: &[File], stem: &str, check: &mut impl FnMut(bool, &str)) {
    let get = |name: &str| files.iter().find(|(path, _)| *path == format!("{stem}.dist-info/{name}"));
    let text = |name: &str| get(name).map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
    for name in ["METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"] {
        check(get(name).is_some(), name);
    }
    check(files.last().is_some_and(|(path, _)| path.ends_with("/RECORD")), "RECORD is not the last");
    let listed: Vec<Vec<String>> =
        text("RECORD").lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    check(listed.len() == files.len(), "RECORD lists other files");
    for (path, bytes) in files {
        let row = listed.iter().find(|row| row.first() == Some(path));
        let digest = format!("sha256={}", BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(bytes)));
        let own = path.ends_with("/RECORD");
        let right = row.is_some_and(|row| own || (row[1] == digest && row[2] == bytes.len().to_string()));
        check(right, &format!("RECORD of {path}"));
    }
    metadata(&text("METADATA"), check);
    entry_points(&text("entry_points.txt"), files, check);
    check(text("WHEEL").lines().any(|line| line == "Tag: py3-none-any"), "the tag");
}

fn entry_points(text: &str, files: &[File], check: &mut impl FnMut(bool, &str)) {
    let line = text.strip_prefix("[console_scripts]\n").unwrap_or_default().trim_end();
    let (command, target) = line.split_once(" = ").unwrap_or_default();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    check(!command.is_empty() && command.bytes().all(plain), "the command");
    let module = target.strip_suffix(":main").unwrap_or_default();
    check(files.iter().any(|(path, _)| *path == format!("{module}.py")), "the module of the command");
    for (path, _) in files.iter().filter(|(path, _)| path.ends_with(".py")) {
        let stem = path.trim_end_matches(".py");
        let first = stem.bytes().next().unwrap_or_default();
        let identifier = !first.is_ascii_digit() && stem.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        check(identifier, &format!("{path} cannot be imported"));
    }
}

fn metadata(text: &str, check: &mut impl FnMut(bool, &str)) {
    let (headers, body) = text.split_once("\n\n").unwrap_or_default();
    let known = [
        "Metadata-Version",
        "Name",
        "Version",
        "Summary",
        "Author",
        "Author-email",
        "License-Expression",
        "License-File",
        "Classifier",
        "Project-URL",
        "Description-Content-Type",
    ];
    let once = ["Classifier", "Project-URL", "License-File"];
    let mut seen = BTreeSet::new();
    for line in headers.lines() {
        let (key, value) = line.split_once(": ").unwrap_or((line, ""));
        check(known.contains(&key) && !value.trim().is_empty() && value == value.trim(), &format!("header {line:?}"));
        check(seen.insert(key.to_owned()) || once.contains(&key), &format!("{key} twice"));
        check(!line.contains(char::is_control), &format!("control characters in {key}"));
        check(key != "Summary" || value.chars().count() <= 512, "the summary");
        check(key != "Classifier" || !value.starts_with("Private"), "a private classifier");
        let label = value.split(", ").next().unwrap_or_default();
        check(
            key != "Project-URL" || ((1..=32).contains(&label.len()) && value.contains(", https://")),
            "a project URL",
        );
    }
    check(known[..8].iter().all(|key| seen.contains(*key)), "a header that is missing");
    check(!body.trim().is_empty(), "no description");
}

fn sdist(files: &[File], stem: &str, check: &mut impl FnMut(bool, &str)) {
    check(files.iter().all(|(path, _)| path.starts_with(&format!("{stem}/"))), "not one directory");
    for name in ["PKG-INFO", "pyproject.toml", "README.md", "LICENSE"] {
        check(files.iter().any(|(path, _)| *path == format!("{stem}/{name}")), name);
    }
    check(!files.iter().any(|(path, _)| path.ends_with("setup.py")), "something that is run");
    let own = files.iter().find(|(path, _)| path.ends_with("/PKG-INFO"));
    metadata(&String::from_utf8_lossy(own.map_or(&[], |(_, bytes)| bytes)), check);
}

fn number(bytes: &[u8], at: usize, length: usize) -> Result<usize, String> {
    let slice = bytes.get(at..at + length).ok_or("cut off")?;
    Ok(slice.iter().rev().fold(0, |number, byte| number * 256 + usize::from(*byte)))
}

/// Local headers one after the other, the central directory, its end; nothing before, between or after.
fn unzip(bytes: &[u8]) -> Result<Vec<File>, String> {
    let end = bytes.len().checked_sub(22).ok_or("too short")?;
    let (count, start) = (number(bytes, end + 10, 2)?, number(bytes, end + 16, 4)?);
    let good = number(bytes, end, 4)? == 0x0605_4b50 && number(bytes, end + 20, 2)? == 0;
    if !good || start + number(bytes, end + 12, 4)? != end {
        return Err("bytes around the zip archive, or a comment".to_owned());
    }
    let (mut files, mut at, mut central) = (Vec::<File>::new(), 0, start);
    for _ in 0..count {
        let (local, directory) = (at, central);
        let field = |offset: usize, length| {
            Ok::<_, String>((number(bytes, local + offset, length)?, number(bytes, directory + offset + 2, length)?))
        };
        let signatures = (number(bytes, at, 4)?, number(bytes, central, 4)?) == (0x0403_4b50, 0x0201_4b50);
        // Flags, method, time, date, checksum, both sizes, length of the name, of extra fields: as both headers have them.
        for (offset, length) in [(6, 2), (8, 2), (10, 2), (12, 2), (14, 4), (18, 4), (22, 4), (26, 2)] {
            let (here, there) = field(offset, length)?;
            if here != there {
                return Err(format!("headers differ at {offset}"));
            }
        }
        let (flags, method) = (field(6, 2)?.0, field(8, 2)?.0);
        let (name, extra, size) = (field(26, 2)?.0, number(bytes, at + 28, 2)?, field(18, 4)?.0);
        let comment = number(bytes, central + 32, 2)? + number(bytes, central + 30, 2)?;
        if !signatures
            || flags & !0x800 != 0
            || method != 0
            || extra != 0
            || comment != 0
            || number(bytes, central + 42, 4)? != at
        {
            return Err("flags, a method, extra fields, comments or offsets that are refused".to_owned());
        }
        let data = at + 30 + name;
        let path = String::from_utf8(bytes[at + 30..data].to_vec()).map_err(|_| "a name that is no UTF-8")?;
        let content = bytes[data..data + size].to_vec();
        let mut crc = flate2::Crc::new();
        crc.update(&content);
        if crc.sum() as usize != field(14, 4)?.0 || files.iter().any(|(other, _)| *other == path) {
            return Err(format!("{path} twice, or with another checksum"));
        }
        files.push((path, content));
        (at, central) = (data + size, central + 46 + name);
    }
    if at == start && central == end { Ok(files) } else { Err("bytes between the entries".to_owned()) }
}

/// Plain files of mode 0644 that nobody owns, with GNU's entries for long names; then two empty blocks.
fn untar(bytes: &[u8]) -> Result<Vec<File>, String> {
    if bytes.get(..10) != Some(&[31, 139, 8, 0, 0, 0, 0, 0, bytes[8], 255]) {
        return Err("a gzip header with a time, a name or a system".to_owned());
    }
    let mut tar = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut tar).map_err(|error| error.to_string())?;
    let (mut files, mut at, mut long) = (Vec::new(), 0, None);
    let field = |at: usize, range: std::ops::Range<usize>| {
        let text = tar[at + range.start..at + range.end].split(|b| *b == 0).next().unwrap_or_default();
        String::from_utf8_lossy(text).trim().to_owned()
    };
    while tar.get(at).is_some_and(|byte| *byte != 0) {
        let size = usize::from_str_radix(&field(at, 124..136), 8).map_err(|_| "a size")?;
        let content = tar[at + 512..at + 512 + size].to_vec();
        let path = long.take().unwrap_or_else(|| field(at, 0..100));
        match tar[at + 156] {
            b'L' => long = Some(String::from_utf8_lossy(&content).trim_end_matches('\0').to_owned()),
            b'0' => files.push((path, content)),
            other => return Err(format!("an entry of the kind {other}")),
        }
        let plain = tar[at + 156] == b'L' || (field(at, 100..108) == "0000644" && field(at, 265..297).is_empty());
        if !plain || usize::from_str_radix(&field(at, 108..116), 8) != Ok(0) {
            return Err("a mode or an owner".to_owned());
        }
        at += 512 + size.div_ceil(512) * 512;
    }
    if tar.len() >= at + 1024 && tar[at..].iter().all(|byte| *byte == 0) {
        Ok(files)
    } else {
        Err("the end".to_owned())
    }
}
