//! Which file of a version is held beside which of another: like beside like.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::gate::against::kind;
use crate::gate::page::PageFile;

/// So many files of a version are looked into. Most versions have two: a wheel that every system takes, and its source.
const MOST: usize = 4;
const SOURCE: &str = "sdist";

/// A file, and the one that it is held beside.
#[derive(Clone, Copy, Debug)]
pub(in crate::gate) struct FilePair<'p> {
    pub(in crate::gate) new: &'p PageFile,
    pub(in crate::gate) old: Option<&'p PageFile>,
    /// Both are wheels, or both are sources.
    pub(in crate::gate) is_like: bool,
}

/// Those of the new version that are looked into, and how many more there are: what somebody asked for first. Else who made the version would choose by what
/// its files are called.
pub(in crate::gate) fn pairs<'p>(
    mut new: Vec<&'p PageFile>,
    old: &[&'p PageFile],
    is_asked_for: impl Fn(&PageFile) -> bool,
) -> (Vec<FilePair<'p>>, usize) {
    // Of one kind installers take the highest build.
    new.sort_by_key(|file| (!is_asked_for(file), Reverse(build(&file.filename)), file.filename.clone()));
    let mut of_kind: BTreeMap<String, usize> = BTreeMap::new();
    let mut in_turn = Vec::with_capacity(new.len());
    for file in new {
        let before = of_kind.entry(kind(&file.filename)).or_default();
        in_turn.push((!is_asked_for(file), *before, file));
        *before += 1;
    }
    // One of each kind, before a second of any.
    in_turn.sort_by_key(|(is_unasked, before, file)| (*is_unasked, *before, rank(&file.filename), &file.filename));
    let more = in_turn.len().saturating_sub(MOST);
    (in_turn.into_iter().take(MOST).map(|(.., new)| beside(new, old)).collect(), more)
}

/// The build tag of a wheel (PEP 427): its number, and what follows.
fn build(filename: &str) -> Option<(u64, String)> {
    let parts: Vec<&str> = filename.strip_suffix(".whl")?.split('-').collect();
    let [_, _, tag, _, _, _] = parts.as_slice() else { return None };
    let end = tag.find(|c: char| !c.is_ascii_digit()).unwrap_or(tag.len());
    Some((tag[..end].parse().unwrap_or(u64::MAX), tag[end..].to_owned()))
}

/// A wheel for every system first, then the source, then wheels for some.
fn rank(filename: &str) -> usize {
    match kind(filename).as_str() {
        kind if kind.ends_with("-none-any") => 0,
        SOURCE => 1,
        _ => 2,
    }
}

/// The same tags first, then a wheel beside a wheel, then what there is.
fn beside<'p>(new: &'p PageFile, old: &[&'p PageFile]) -> FilePair<'p> {
    let of = kind(&new.filename);
    let distance = |file: &&&PageFile| {
        let other = kind(&file.filename);
        ((of == SOURCE) != (other == SOURCE), other != of, rank(&file.filename), file.filename.clone())
    };
    let old = old.iter().min_by_key(distance).copied();
    let is_like = old.is_some_and(|old| (of == SOURCE) == (kind(&old.filename) == SOURCE));
    FilePair { new, old, is_like }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::gate::page::ProjectPage;
    use crate::model::ProjectName;

    fn page(names: &[&str]) -> ProjectPage {
        let file = |name: &&str| json!({"filename": name, "url": format!("https://x.example/{name}"), "hashes": {"sha256": "ab".repeat(32)}});
        let files: Vec<_> = names.iter().map(file).collect();
        let json = json!({"name": "a", "meta": {"api-version": "1.1"}, "files": files}).to_string();
        let base = url::Url::parse("https://x.example/simple/a/").expect("an address");
        ProjectPage::read(&ProjectName::parse("a").expect("valid"), &base, json.as_bytes()).expect("a page")
    }

    #[test]
    fn like_is_held_beside_like() {
        let all = page(&[
            "a-2-py3-none-any.whl",
            "a-2.tar.gz",
            "a-2-cp312-cp312-linux_x86_64.whl",
            "a-1-py3-none-any.whl",
            "a-1.tar.gz",
            "a-1-cp312-cp312-linux_x86_64.whl",
        ]);
        let of = |new: &[usize], old: &[usize]| {
            let pick = |of: &[usize]| of.iter().map(|at| &all.files[*at]).collect::<Vec<_>>();
            let (pairs, more) = pairs(pick(new), &pick(old), |_| false);
            let told =
                pairs.iter().map(|of| (kind(&of.new.filename), of.old.map(|old| kind(&old.filename)), of.is_like));
            (told.collect::<Vec<_>>(), more)
        };
        let (pure, source, native) =
            ("py3-none-any".to_owned(), SOURCE.to_owned(), "cp312-cp312-linux_x86_64".to_owned());
        let same = |of: &String| (of.clone(), Some(of.clone()), true);
        assert_eq!(of(&[2, 1, 0], &[5, 4, 3]), (vec![same(&pure), same(&source), same(&native)], 0));
        assert_eq!(of(&[2], &[4, 3]).0, [(native.clone(), Some(pure.clone()), true)]);
        assert_eq!(of(&[1], &[5, 3]).0, [(source.clone(), Some(pure), false)]);
        assert!(!of(&[0], &[4]).0[0].2);
        assert_eq!(of(&[1], &[]).0, [(source, None, false)]);
        assert_eq!(of(&[0, 1, 2, 3, 4, 5], &[]).1, 2);
    }

    #[test]
    fn who_made_a_version_does_not_choose_which_of_its_files_are_looked_into() {
        let all = page(&[
            "a-2-1-py3-none-any.whl",
            "a-2-2-py3-none-any.whl",
            "a-2-9-py3-none-any.whl",
            "a-2-10-py3-none-any.whl",
            "a-2-py3-none-any.whl",
            "a-2.tar.gz",
            "a-2-cp312-cp312-linux_x86_64.whl",
        ]);
        let of = |asked: &str| {
            let (pairs, more) = pairs(all.files.iter().collect(), &[], |file| file.filename == asked);
            assert_eq!(more, 3);
            pairs.into_iter().map(|of| of.new.filename.as_str()).collect::<Vec<_>>()
        };
        let highest = "a-2-10-py3-none-any.whl";
        let none = [highest, "a-2.tar.gz", "a-2-cp312-cp312-linux_x86_64.whl", "a-2-9-py3-none-any.whl"];
        assert_eq!(of("none"), none, "one of each kind, the highest build of it first");
        let asked = "a-2-1-py3-none-any.whl";
        assert_eq!(of(asked), [asked, "a-2.tar.gz", "a-2-cp312-cp312-linux_x86_64.whl", highest]);
    }
}
