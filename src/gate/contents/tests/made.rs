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

/// An entry with this byte for its kind and this size in its header, and these bytes changed in that.
pub(super) fn odd(tar: &mut Builder<Vec<u8>>, path: &[u8], (kind, size): (u8, usize), change: &[(usize, &[u8])]) {
    let mut header = Header::new_ustar();
    header.as_old_mut().name[..path.len()].copy_from_slice(path);
    header.as_old_mut().linkflag = [kind];
    header.set_size(size as u64);
    header.set_mode(0o644);
    for (at, bytes) in change {
        header.as_mut_bytes()[*at..at + bytes.len()].copy_from_slice(bytes);
    }
    header.set_cksum();
    tar.append(&header, vec![b'x'; size].as_slice()).expect("in memory");
}

/// The same archive, with other bytes in the place of some that are as many, from this place on.
pub(super) fn altered(bytes: &[u8], from: usize, (old, new): (&[u8], &[u8])) -> Vec<u8> {
    let mut altered = bytes.to_vec();
    for at in from..altered.len() + 1 - old.len() {
        if altered[at..].starts_with(old) {
            altered[at..at + new.len()].copy_from_slice(new);
        }
    }
    altered
}

/// Where the directory of a zip archive begins.
pub(super) fn directory(zip: &[u8]) -> usize {
    zip.windows(4).position(|of| of == b"PK\x01\x02").expect("a directory")
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
