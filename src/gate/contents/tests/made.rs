//! Archives as builders write them, and as no builder does.

use std::io::{Cursor, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A wheel, or any other zip archive, of these paths with these bytes.
pub(in crate::gate) fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (path, bytes) in files {
        zip.start_file(*path, options).expect("a name");
        zip.write_all(bytes).expect("in memory");
    }
    zip.finish().expect("in memory").into_inner()
}

/// A source distribution of these paths with these bytes.
pub(in crate::gate) fn tarred(files: &[(&str, &[u8])]) -> Vec<u8> {
    tarred_so(|tar| files.iter().for_each(|(path, bytes)| file(tar, path.as_bytes(), bytes)))
}

pub(super) fn tarred_so(fill: impl FnOnce(&mut Builder<Vec<u8>>)) -> Vec<u8> {
    let mut tar = Builder::new(Vec::new());
    fill(&mut tar);
    gzipped(&tar.into_inner().expect("in memory"))
}

pub(super) fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).expect("in memory");
    gzip.finish().expect("in memory")
}

/// Whatever the path: the library would refuse some.
pub(super) fn file(tar: &mut Builder<Vec<u8>>, path: &[u8], bytes: &[u8]) {
    entry(tar, EntryType::Regular, path, bytes);
}

pub(super) fn entry(tar: &mut Builder<Vec<u8>>, kind: EntryType, path: &[u8], bytes: &[u8]) {
    let mut header = Header::new_ustar();
    header.as_old_mut().name[..path.len()].copy_from_slice(path);
    header.set_entry_type(kind);
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    tar.append(&header, bytes).expect("in memory");
}

pub(super) fn link(tar: &mut Builder<Vec<u8>>, path: &str, to: &str) {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Symlink);
    header.set_size(0);
    tar.append_link(&mut header, path, to).expect("in memory");
}
