//! Simple indexes in HTML (PEP 503), and the directory listings that serve as such. A page is an index when it says so
//! (`pypi:repository-version`, PEP 629) or when its links can be nothing else; an error page or a form that a server
//! sends in place of an index has links too.

use html5gum::{DefaultEmitter, HtmlString, StartTag, Token, Tokenizer};

use super::requirement::named_by;
use super::said::{Each, Said};
use crate::config::source::{Fault, Problem, Source};
use crate::model::ProjectName;

/// Stray links are tolerated beside so many times as many projects.
const STRAY: usize = 10;

pub(super) fn read(source: &Source, each: Each<'_>) -> Result<(), Problem> {
    let document = Document::of(source.text());
    if let Some(fault) = document.fault() {
        return Err(source.problem(0, "", fault));
    }
    for (name, at) in document.projects.iter().chain(document.files.iter()) {
        each(Said::name(name, at));
    }
    for (text, at) in document.strays {
        let fault = Fault::new(format!("the link {text:?} is to no project"), "look at the page");
        each(Said::doubtful(text, at, fault));
    }
    Ok(())
}

/// What a page holds, as far as it tells an index from something else.
#[derive(Default)]
struct Document {
    projects: Names,
    /// Links that lead to no project, and not through the listing either.
    strays: Vec<(String, usize)>,
    /// Links to wheels and archives: the names of those.
    files: Names,
    /// Where the text ends within a tag or a comment.
    cut: bool,
    /// Does a link lead to the next page?
    goes_on: bool,
    /// Where the links to projects hang.
    base: Option<String>,
    bases_differ: bool,
    at_root: bool,
    says_so: bool,
    /// Fields to fill in, or text to read.
    for_people: bool,
    opened: bool,
    closed: bool,
    /// In lower case.
    headings: String,
}

/// Names one after the other in one text, each with its end there and its place in the page: an index of all of PyPI
/// holds a million, which as strings of their own take twice the memory.
#[derive(Default)]
struct Names {
    text: String,
    ends: Vec<(usize, usize)>,
}

impl Names {
    fn push(&mut self, name: &str, at: usize) {
        self.text.push_str(name);
        self.ends.push((self.text.len(), at));
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    fn iter(&self) -> impl Iterator<Item = (&str, usize)> {
        let mut begin = 0;
        self.ends.iter().map(move |&(end, at)| (&self.text[std::mem::replace(&mut begin, end)..end], at))
    }
}

/// The link that is open.
struct Anchor {
    href: String,
    text: String,
    at: usize,
}

impl Document {
    fn of(text: &str) -> Self {
        let (mut page, mut anchor, mut in_heading) = (Self::default(), None::<Anchor>, false);
        for token in Tokenizer::new_with_emitter(text, DefaultEmitter::<usize>::new_with_span()) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => {
                    if tag.name.as_slice() == b"a" {
                        page.link(anchor.take());
                        let at = tag.span.start;
                        anchor = Some(Anchor { href: attribute(&tag, b"href"), text: String::new(), at });
                    }
                    in_heading |= is_heading(&tag.name);
                    page.tag(&tag);
                }
                Token::EndTag(tag) => {
                    if tag.name.as_slice() == b"a" {
                        match anchor.take() {
                            None => page.strays.push((String::new(), tag.span.start)),
                            open => page.link(open),
                        }
                    }
                    in_heading &= !is_heading(&tag.name);
                    page.closed |= tag.name.as_slice() == b"html";
                }
                Token::String(text) => {
                    let text = String::from_utf8_lossy(&text);
                    if in_heading {
                        page.headings.push_str(&text.to_lowercase());
                    }
                    if let Some(anchor) = &mut anchor {
                        anchor.text.push_str(&text);
                    }
                }
                Token::Error(error) => page.cut |= is_cut(error.value),
                _ => {}
            }
        }
        page.link(anchor);
        page
    }

    fn tag(&mut self, tag: &StartTag<usize>) {
        match tag.name.as_slice() {
            b"html" => self.opened = true,
            b"meta" => {
                let name = attribute(tag, b"name");
                self.says_so |= matches!(name.as_str(), "pypi:repository-version" | "api-version");
            }
            b"form" | b"input" | b"p" => self.for_people = true,
            _ => {}
        }
    }

    fn link(&mut self, anchor: Option<Anchor>) {
        let Some(Anchor { href, text, at }) = anchor else { return };
        let text = text.trim();
        let path = href.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let (base, segment) = path.rsplit_once('/').unwrap_or(("", path));
        match project(segment, text.trim_end_matches('/')) {
            _ if is_next(text) && href.contains(['?', '&']) => self.goes_on = true,
            _ if is_way_through(&href, text) => {}
            _ if let Some(file) = named_by(segment).or_else(|| named_by(text)) => self.files.push(file.name, at),
            Some(name) => {
                // Whole sites hang below their root: login, help, about.
                let site = base.split_once("://").map_or(base, |(_, site)| site);
                self.at_root |=
                    if site == base { base.is_empty() && path.starts_with('/') } else { !site.contains('/') };
                self.bases_differ |= self.base.get_or_insert_with(|| base.to_owned()) != base;
                self.projects.push(name, at);
            }
            None => self.strays.push((text.to_owned(), at)),
        }
    }

    fn fault(&self) -> Option<Fault> {
        const WHOLE: &str = "name the address of the whole index, …/simple/, or its JSON";
        let (projects, strays) = (self.projects.len(), self.strays.len());
        if self.opened && !self.closed {
            return Some(Fault::new("the page is cut off: it has no </html>", "fetch it again"));
        }
        if self.cut {
            return Some(Fault::new("the page is cut off within a tag or a comment", "fetch it again"));
        }
        if self.goes_on {
            return Some(Fault::new(
                "it is one page of several: a link leads to the next",
                "put all of them into one list",
            ));
        }
        if self.files.len() > 0 && self.files.len() >= projects {
            return Some(Fault::new("it is the page of one project, with its files", WHOLE));
        }
        let says_so = self.says_so || self.headings.contains("simple index");
        let doubtful = self.for_people || self.bases_differ || self.at_root || strays > 0;
        if !says_so && (self.is_error() || projects == 0 || (doubtful && projects < STRAY * (strays + 1))) {
            let what = "it is a web page and no simple index, as servers send in place of what was asked for";
            return Some(Fault::new(what, format!("open it to see what it says; {WHOLE}")));
        }
        None
    }

    fn is_error(&self) -> bool {
        const WORDS: [&str; 8] =
            ["not found", "forbidden", "unauthorized", "denied", "error", "unavailable", "sign in", "log in"];
        WORDS.iter().any(|word| self.headings.contains(word))
    }
}

fn is_cut(error: html5gum::Error) -> bool {
    use html5gum::Error::{EofBeforeTagName, EofInCdata, EofInComment, EofInDoctype, EofInTag};
    matches!(error, EofBeforeTagName | EofInCdata | EofInComment | EofInDoctype | EofInTag)
}

fn is_next(text: &str) -> bool {
    let word = text.trim_matches(|c: char| c.is_whitespace() || "»›>→".contains(c)).to_lowercase();
    matches!(word.as_str(), "next" | "next page" | "more" | "older") || word.is_empty() && !text.is_empty()
}

fn is_heading(name: &HtmlString) -> bool {
    matches!(name.as_slice(), b"title" | b"h1" | b"h2")
}

fn attribute(tag: &StartTag<usize>, name: &[u8]) -> String {
    let value = tag.attributes.get(name);
    value.map(|value| String::from_utf8_lossy(value).trim().to_owned()).unwrap_or_default()
}

/// Up, to the top, and in another order.
fn is_way_through(href: &str, text: &str) -> bool {
    let up = ["/", ".", "./", "..", "../"].contains(&href) || href.starts_with(['?', '#']);
    up || href == "index.html" || text.eq_ignore_ascii_case("parent directory") || text == ".." || text == "../"
}

/// The name that the link and its text agree on. Listings cut long texts off (`acme-very-lo..>`).
fn project<'t>(segment: &'t str, text: &'t str) -> Option<&'t str> {
    let cut = text.trim_end_matches('>').strip_suffix("..").or_else(|| text.strip_suffix('…'));
    match (ProjectName::parse(segment), ProjectName::parse(text)) {
        (Ok(linked), Ok(shown)) => (linked == shown).then_some(text),
        (Err(_), Ok(_)) if segment.contains('%') => Some(text),
        (Ok(_), Err(_)) => cut.is_some_and(|cut| !cut.is_empty() && segment.starts_with(cut)).then_some(segment),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn names(html: &str) -> String {
        let source = Source::new(Path::new("page"), html.to_owned());
        let mut said = Vec::new();
        let read = read(&source, &mut |each| {
            said.push(match each {
                Said::Project { name, .. } => name.into_owned(),
                other => format!("{other:?}"),
            });
        });
        read.map_or_else(|problem| problem.to_string(), |()| said.join(" "))
    }

    #[test]
    fn indexes_as_servers_write_them() {
        let pypi = "<!DOCTYPE html>\n<html>\n<head><meta name=\"pypi:repository-version\" content=\"1.4\"><title>Simple \
                    index</title></head>\n<body>\n<a href=\"/simple/acme-billing/\">Acme_Billing</a>\n\
                    <a href=\"/simple/numpy/\">numpy</a>\n</body></html>";
        assert_eq!(names(pypi), "Acme_Billing numpy");
        let artifactory = "<html><head><title>Simple Index</title><meta name=\"api-version\" value=\"2\" /></head><body>\
                           <a href=\"acme-billing\" rel='internal'>acme-billing</a><br/></body></html>";
        assert_eq!(names(artifactory), "acme-billing");
        let nginx = "<html><head><title>Index of /simple/</title></head><body><h1>Index of /simple/</h1><hr><pre>\
                     <a href=\"../\">../</a>\n<a href=\"acme-billing/\">acme-billing/</a>  01-Nov-2026 -\n\
                     <a href=\"acme-very-long-name-of-ours/\">acme-very-long-name-o..&gt;</a></pre></body></html>";
        assert_eq!(names(nginx), "acme-billing acme-very-long-name-of-ours");
        assert_eq!(names("<a href=b/>b</a><a href=c/>c</a><a href=acme-1.0.tar.gz>acme-1.0.tar.gz</a>"), "b c acme");
        assert_eq!(names("<a href=b/>b</a><A HREF='acme/'><b>acme</b>\n</A>"), "b acme");
    }

    #[test]
    fn pages_that_are_no_index() {
        let told = [
            "<html><head><title>404 Not Found</title></head><body><h1>404</h1><a href='/home'>home</a></body></html>",
            "<html><body><form><input name=user></form><a href='/help'>help</a></body></html>",
            "<html><body><p>Moved <a href='/simple/'>here</a></p></body></html>",
            "<html><body><a href='/a/acme/'>acme</a> <a href='/b/login/'>login</a></body></html>",
            "<html><body><a href='acme_tax-2.0-py3-none-any.whl'>acme_tax-2.0-py3-none-any.whl</a></body></html>",
            "<html><body><a href='acme/'>acme</a>",
            "<a href='a/'>a</a><a href='acme",
            "<a href='a/'>a</a><!-- <a href='acme/'>acme</a>",
            "<a href='a/'>a</a><a href='?page=2'>Next »</a>",
            "<html><head><title>Acme</title></head><body><a href='/login/'>login</a> <a href='/help/'>help</a></body></html>",
        ]
        .map(names)
        .join("\n");
        insta::assert_snapshot!(told, @r##"
            page:1:1: it is a web page and no simple index, as servers send in place of what was asked for; open it to see what it says; name the address of the whole index, …/simple/, or its JSON
            page:1:1: it is a web page and no simple index, as servers send in place of what was asked for; open it to see what it says; name the address of the whole index, …/simple/, or its JSON
            page:1:1: it is a web page and no simple index, as servers send in place of what was asked for; open it to see what it says; name the address of the whole index, …/simple/, or its JSON
            page:1:1: it is a web page and no simple index, as servers send in place of what was asked for; open it to see what it says; name the address of the whole index, …/simple/, or its JSON
            page:1:1: it is the page of one project, with its files; name the address of the whole index, …/simple/, or its JSON
            page:1:1: the page is cut off: it has no </html>; fetch it again
            page:1:1: the page is cut off within a tag or a comment; fetch it again
            page:1:1: the page is cut off within a tag or a comment; fetch it again
            page:1:1: it is one page of several: a link leads to the next; put all of them into one list
            page:1:1: it is a web page and no simple index, as servers send in place of what was asked for; open it to see what it says; name the address of the whole index, …/simple/, or its JSON
            "##);
    }
}
