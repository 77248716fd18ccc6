//! A project's page in HTML (PEP 503, 592, 658 and 714), which is all that many private indexes have: made into the JSON that says the
//! same. It has no times (PEP 833), and nothing about age is asked of what comes from a private index.

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use url::Url;

use super::page::{PageError, ProjectPage};
use crate::model::ProjectName;
use crate::model::resolve::version_in;

impl ProjectPage {
    /// Reads the page of this project, which came from `base`, in HTML.
    ///
    /// # Errors
    /// See [`PageError`]: servers send forms and words of their own in place of what they do not have, and a page that names no file
    /// of the project proves nothing.
    pub(super) fn read_html(name: &ProjectName, base: &Url, html: &str) -> Result<Self, PageError> {
        let document = Document::of(html);
        if document.opened && !document.closed {
            return Err(PageError::Html("it is cut off: it has no </html>".to_owned()));
        }
        let base = document.base.and_then(|href| base.join(&href).ok()).unwrap_or_else(|| base.clone());
        let files: Vec<Map<String, Value>> =
            document.anchors.iter().filter_map(|anchor| anchor.file(name, &base)).collect();
        if files.is_empty() && !document.says_so {
            return Err(PageError::Html(format!("it names no file of {name}")));
        }
        let page = json!({ "meta": { "api-version": "1.0" }, "name": name.as_str(), "files": files });
        Self::read(name, &base, page.to_string().as_bytes())
    }
}

/// What a page holds, as far as it tells the files of a project.
#[derive(Default)]
struct Document {
    anchors: Vec<Anchor>,
    /// Where its links hang (`<base href>`).
    base: Option<String>,
    /// It says that it is of the simple API (PEP 629).
    says_so: bool,
    opened: bool,
    closed: bool,
}

/// One link.
struct Anchor {
    href: String,
    text: String,
    /// Those whose names begin with `data-`.
    said: Vec<(String, String)>,
}

impl Document {
    fn of(html: &str) -> Self {
        let (mut page, mut open) = (Self::default(), None::<Anchor>);
        for token in Tokenizer::new_with_emitter(html, DefaultEmitter::<()>::default()) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) if tag.name.as_slice() == b"a" => {
                    page.anchors.extend(open.replace(Anchor::of(&tag)));
                }
                Token::StartTag(tag) => page.tag(&tag),
                Token::EndTag(tag) if tag.name.as_slice() == b"a" => page.anchors.extend(open.take()),
                Token::EndTag(tag) => page.closed |= tag.name.as_slice() == b"html",
                Token::String(text) => {
                    if let Some(anchor) = &mut open {
                        anchor.text.push_str(&String::from_utf8_lossy(&text));
                    }
                }
                _ => {}
            }
        }
        page.anchors.extend(open);
        page
    }

    fn tag(&mut self, tag: &StartTag<()>) {
        match tag.name.as_slice() {
            b"html" => self.opened = true,
            b"base" => self.base = self.base.take().or_else(|| attribute(tag, b"href")),
            b"meta" => self.says_so |= attribute(tag, b"name").is_some_and(|name| name == "pypi:repository-version"),
            _ => {}
        }
    }
}

impl Anchor {
    fn of(tag: &StartTag<()>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let data = tag.attributes.iter().filter(|(name, _)| name.starts_with(b"data-"));
        let said = data.map(|(name, value)| (text(name), text(value))).collect();
        Self { href: attribute(tag, b"href").unwrap_or_default(), text: String::new(), said }
    }

    fn said(&self, name: &str) -> Option<&str> {
        self.said.iter().find_map(|(said, value)| (said == name).then_some(value.as_str()))
    }

    /// As JSON has it (PEP 691). `None`: it leads to no file of the project.
    fn file(&self, name: &ProjectName, base: &Url) -> Option<Map<String, Value>> {
        let mut url = base.join(&self.href).ok()?;
        let fragment = url.fragment().unwrap_or_default().to_owned();
        url.set_fragment(None);
        let last = url.path().rsplit('/').next().unwrap_or_default();
        let filename = percent_decode_str(last).decode_utf8().ok()?.into_owned();
        // Listings cut long texts off, so what the address says counts.
        version_in(name, &filename)?;
        let mut file =
            Map::from_iter([("filename".to_owned(), json!(filename)), ("url".to_owned(), json!(url.as_str()))]);
        file.insert("hashes".to_owned(), digest(fragment.split('&')).unwrap_or_else(|| json!({})));
        let yanked = self.said("data-yanked").map(|why| if why.is_empty() { json!(true) } else { json!(why) });
        file.insert("yanked".to_owned(), yanked.unwrap_or(json!(false)));
        let metadata = ["data-core-metadata", "data-dist-info-metadata"].into_iter().find_map(|key| self.said(key));
        file.extend(metadata.and_then(|said| digest([said])).map(|digest| ("core-metadata".to_owned(), digest)));
        for key in ["requires-python", "provenance"] {
            file.extend(self.said(&format!("data-{key}")).map(|said| (key.to_owned(), json!(said))));
        }
        Some(file)
    }
}

/// `sha256=…` among these.
fn digest<'t>(parts: impl IntoIterator<Item = &'t str>) -> Option<Value> {
    parts.into_iter().find_map(|part| part.strip_prefix("sha256=")).map(|hex| json!({ "sha256": hex }))
}

fn attribute(tag: &StartTag<()>, name: &[u8]) -> Option<String> {
    tag.attributes.get(name).map(|value| String::from_utf8_lossy(value).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "abababababababababababababababababababababababababababababababab";

    fn read(html: &str) -> Result<ProjectPage, PageError> {
        let name = ProjectName::parse("acme-billing").expect("valid");
        let base = Url::parse("https://index.acme.example/simple/acme-billing/").expect("an address");
        ProjectPage::read_html(&name, &base, html)
    }

    #[test]
    fn what_html_says_of_a_file_is_what_json_would_say() {
        let html = format!(
            "<!DOCTYPE html><html><head><title>Links</title></head><body><a href=\"../\">up</a>\n\
             <a href=\"../../files/acme_billing-1.0-py3-none-any.whl#sha256={DIGEST}\" data-requires-python=\"&gt;=3.9\" \
             data-core-metadata=\"sha256={DIGEST}\" data-yanked>acme_billing-1.0-py3-none-a..&gt;</a><br/>\n\
             <A HREF='acme%5Fbilling-1.1.tar.gz?token=x#egg=acme&amp;sha256={DIGEST}' data-yanked='CVE &quot;1&quot;'>x</A>\n\
             <a href=\"acme-billing-1.2.tar.gz#md5=00\">acme-billing-1.2.tar.gz</a></body></html>"
        );
        let page = read(&html).expect("a page");
        let said = page.files.iter().map(|file| (file.url.as_str(), Value::Object(file.said())));
        let said: Vec<(&str, Value)> = said.collect();
        let wanted = [
            (
                "https://index.acme.example/files/acme_billing-1.0-py3-none-any.whl",
                json!({"filename": "acme_billing-1.0-py3-none-any.whl", "hashes": {"sha256": DIGEST}, "yanked": true,
                    "requires-python": ">=3.9", "core-metadata": {"sha256": DIGEST}}),
            ),
            (
                "https://index.acme.example/simple/acme-billing/acme%5Fbilling-1.1.tar.gz?token=x",
                json!({"filename": "acme_billing-1.1.tar.gz", "hashes": {"sha256": DIGEST}, "yanked": "CVE \"1\""}),
            ),
        ];
        assert_eq!(said, wanted);
        assert_eq!(page.left_out.len(), 1, "nothing checks what has no digest: {:?}", page.left_out);
    }

    #[test]
    fn links_hang_where_the_page_says() {
        let html =
            format!("<base href='/pool/'><a href='acme-billing-1.0.zip#sha256={DIGEST}'>acme-billing-1.0.zip</a>");
        assert_eq!(
            read(&html).expect("a page").files[0].url.as_str(),
            "https://index.acme.example/pool/acme-billing-1.0.zip"
        );
    }

    #[test]
    fn what_servers_send_in_place_of_a_page_is_none() {
        let whole = format!("<html><body><a href='acme-billing-1.0.zip#sha256={DIGEST}'>x</a>");
        for html in [
            "",
            "<html><body><form><input name=user></form></body></html>",
            "<html><body><h1>404 Not Found</h1></body></html>",
            "<html><body><a href='requests-1.0.tar.gz'>requests-1.0.tar.gz</a></body></html>",
            whole.as_str(),
        ] {
            assert!(matches!(read(html), Err(PageError::Html(_))), "{html}");
        }
        let empty = "<html><head><meta name='pypi:repository-version' content='1.0'></head><body></body></html>";
        assert_eq!(read(empty).expect("a page").files.len(), 0, "a project without files");
        assert!(read(&format!("{whole}</body></html>")).is_ok());
    }
}
