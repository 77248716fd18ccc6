//! Who imports whom, file by file: the file that defines what a path names, not the face that passes it on.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{How, Named, Source};

/// A file, and those it needs. A face that only passes on what its children define needs none of them.
pub(crate) type Imports = BTreeMap<String, BTreeSet<String>>;

/// The files of the product as a tree of modules.
struct Tree<'a> {
    files: BTreeMap<&'a [String], &'a Source>,
}

impl<'a> Tree<'a> {
    /// The file that a path of ours, without `crate`, leads to; none when it is a module or nothing of ours.
    fn file(&self, path: &[String]) -> Option<&'a Source> {
        let depth = (0..path.len()).rev().find(|depth| self.files.contains_key(&path[..*depth]))?;
        if self.files.contains_key(path) {
            return None;
        }
        let source = self.files[&path[..depth]];
        match self.passed_on(source, &path[depth]) {
            Some(further) if further != path => self.file(&further),
            _ => Some(source),
        }
    }

    /// Where a face found the name that it passes on.
    fn passed_on(&self, source: &Source, name: &str) -> Option<Vec<String>> {
        let found = source.names.iter().find(|named| matches!(&named.how, How::PassedOn { called } if called == name));
        self.absolute(source, found?)
    }

    /// A path from the root of the crate, if it is one of ours: of a child, of something imported, or written so.
    fn absolute(&self, source: &Source, named: &Named) -> Option<Vec<String>> {
        let (first, rest) = named.segments.split_first()?;
        if ["crate", "namewarden"].contains(&first.as_str()) {
            return Some(rest.iter().filter(|segment| *segment != "self").cloned().collect());
        }
        let child: Vec<String> = source.module.iter().cloned().chain([first.clone()]).collect();
        if self.files.contains_key(child.as_slice()) {
            return Some(child.into_iter().chain(rest.iter().cloned()).collect());
        }
        let import = source.names.iter().find(|other| called(other) == Some(first) && other.segments[0] != *first)?;
        let known = self.absolute(source, import)?;
        Some(known.into_iter().chain(rest.iter().cloned()).collect())
    }

    fn needs(&self, source: &Source) -> BTreeSet<String> {
        let used = source.names.iter().filter(|named| !matches!(named.how, How::PassedOn { .. }));
        let paths = used.filter_map(|named| self.absolute(source, named));
        let files = paths.filter_map(|path| self.file(&path)).map(|file| file.path.clone());
        files.filter(|path| *path != source.path).collect()
    }
}

fn called(named: &Named) -> Option<&String> {
    match &named.how {
        How::Mentioned => None,
        How::Imported { called } | How::PassedOn { called } => Some(called),
    }
}

/// Which file needs which.
pub(crate) fn imports(product: &[&Source]) -> Imports {
    let tree = Tree { files: product.iter().map(|source| (source.module.as_slice(), *source)).collect() };
    product.iter().map(|source| (source.path.clone(), tree.needs(source))).collect()
}

/// The files that need each other, each circle sorted.
pub(crate) fn circles(imports: &Imports) -> Vec<Vec<String>> {
    let reach: BTreeMap<&String, BTreeSet<&String>> =
        imports.keys().map(|file| (file, reachable(imports, file))).collect();
    let together = |file: &String| {
        let others = reach[file].iter().filter(|other| reach[**other].contains(file));
        others.map(|other| (*other).clone()).collect::<Vec<_>>()
    };
    let found: BTreeSet<Vec<String>> = imports.keys().map(together).filter(|circle| circle.len() > 1).collect();
    found.into_iter().collect()
}

/// Everything that a file needs, and what that needs in turn.
fn reachable<'a>(imports: &'a Imports, from: &'a String) -> BTreeSet<&'a String> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(file) = open.pop() {
        open.extend(imports[file].iter().filter(|next| seen.insert(*next)));
    }
    seen
}

/// Without the arrows from a face to the files right below it: to name its children is what a face is for.
pub(crate) fn without_faces(imports: &Imports) -> Imports {
    let beyond = |face: &String, needed: &BTreeSet<String>| {
        needed.iter().filter(|child| !is_face_of(face, child)).cloned().collect::<BTreeSet<_>>()
    };
    imports.iter().map(|(file, needed)| (file.clone(), beyond(file, needed))).collect()
}

/// What children take from their own face, which should stand in a file of its own.
pub(crate) fn from_faces(imports: &Imports) -> Vec<(&String, &String)> {
    let arrows = imports.iter().flat_map(|(file, needed)| needed.iter().map(move |other| (file, other)));
    arrows.filter(|(child, face)| is_face_of(face, child)).collect()
}

/// Is it `a/mod.rs`, or `a.rs`, and the other `a/b.rs` or `a/b/mod.rs`?
fn is_face_of(face: &str, child: &str) -> bool {
    let folder = face.strip_suffix("/mod.rs").or(face.strip_suffix(".rs")).unwrap_or(face);
    let below = child.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
    below.is_some_and(|rest| !rest.trim_end_matches("/mod.rs").contains('/') && rest != "mod.rs")
}
