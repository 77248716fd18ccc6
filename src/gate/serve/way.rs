//! Where a path leads.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// What stands at a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Way<'p> {
    /// The list of all projects.
    All,
    /// The page of a project by this name, in whichever spelling.
    Page(Cow<'p, str>),
    /// A file of a project, or the metadata of one.
    File(Cow<'p, str>, Cow<'p, str>),
    Alive,
    Ready,
    Nowhere,
}

impl<'p> Way<'p> {
    pub(super) fn of(path: &'p str) -> Self {
        match path {
            "/simple/" => Self::All,
            "/healthz" => Self::Alive,
            "/readyz" => Self::Ready,
            path => page(path).or_else(|| file(path)).unwrap_or(Self::Nowhere),
        }
    }

    /// May anybody ask, whoever they are?
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Alive | Self::Ready | Self::Nowhere)
    }
}

fn page(path: &str) -> Option<Way<'_>> {
    let name = path.strip_prefix("/simple/")?;
    let name = match name.strip_prefix('/') {
        // Pipenv asks so where its index ends in a slash.
        Some(name) => name.strip_suffix('/')?,
        None => name.strip_suffix('/').unwrap_or(name),
    };
    part(name).map(Way::Page)
}

fn file(path: &str) -> Option<Way<'_>> {
    let (name, file) = path.strip_prefix("/files/")?.split_once('/')?;
    Some(Way::File(part(name)?, part(file)?))
}

/// One part of a path, as it was before it became one.
fn part(raw: &str) -> Option<Cow<'_, str>> {
    let is_one = !raw.is_empty() && !raw.contains('/');
    percent_decode_str(raw).decode_utf8().ok().filter(|_| is_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_leads_to_one_place_or_nowhere() {
        let page = |name: &'static str| Way::Page(name.into());
        let file = |name: &'static str, file: &'static str| Way::File(name.into(), file.into());
        for (path, leads) in [
            ("/simple/", Way::All),
            ("/healthz", Way::Alive),
            ("/readyz", Way::Ready),
            ("/simple/widgets/", page("widgets")),
            ("/simple/widgets", page("widgets")),
            ("/simple//widgets/", page("widgets")),
            ("/simple/Wid%67ets/", page("Widgets")),
            ("/simple/a%2Fb/", page("a/b")),
            ("/files/widgets/widgets-1%2B2.whl", file("widgets", "widgets-1+2.whl")),
            ("/files/widgets/widgets-1.whl.metadata", file("widgets", "widgets-1.whl.metadata")),
        ] {
            assert_eq!(Way::of(path), leads, "{path}");
        }
        for path in [
            "/",
            "",
            "*",
            "/simple",
            "/simple//",
            "/simple///",
            "/simple//widgets",
            "/simple/a/b/",
            "/simple/%ff/",
            "/files/a",
            "/files//b",
            "/files/a/",
            "/files/a/b/",
            "/files/a/b/c",
            "/healthz/",
            "/simplex/",
        ] {
            assert_eq!(Way::of(path), Way::Nowhere, "{path}");
        }
    }
}
