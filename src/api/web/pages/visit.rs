//! One look at a page: who looks, what they ask of the service, and the answer they get.

use std::sync::Arc;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use serde::de::DeserializeOwned;

use super::flash::{Flash, forget};
use super::shell::{Shell, Tab, Visitor};
use super::trouble::TroublePage;
use crate::api::v1::{Command, Problem, ProblemType};
use crate::api::web::caller::Caller;
use crate::api::web::site::Site;
use crate::api::web::v1::answer::streamed;
use crate::model::{Time, UserName};

/// What a handler gets, and answers with.
pub(super) struct Visit {
    pub(super) site: Arc<Site>,
    caller: Caller,
    said: Option<Flash>,
    pub(super) now: Time,
    /// How often the store had been written to, so that a page knows from when on it is to be kept up to date.
    commits: u64,
}

impl FromRequestParts<Arc<Site>> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Response> {
        let caller = Caller::from_request_parts(parts, site).await?;
        let commits = site.store().read(|tx| tx.commits()).await.unwrap_or_default();
        let said = Flash::of(&parts.headers, site.settings().web.is_secure());
        Ok(Self { site: site.clone(), caller, said, now: site.now(), commits })
    }
}

impl Visit {
    fn is_secure(&self) -> bool {
        self.site.settings().web.is_secure()
    }

    /// Whose window this is.
    pub(super) fn user(&self) -> &UserName {
        &self.caller.user
    }

    fn visitor(&self) -> Visitor {
        let Caller { user, role, csrf, .. } = &self.caller;
        Visitor { name: user.to_string(), role: *role, csrf: csrf.clone().unwrap_or_default() }
    }

    /// Around a page of this part.
    pub(super) fn shell(&self, here: Tab, title: &str) -> Shell {
        Shell { said: self.said.iter().cloned().collect(), ..Shell::of(self.visitor(), here, title) }
    }

    /// The same, kept up to date.
    pub(super) fn live(&self, here: Tab, title: &str) -> Shell {
        Shell { live: Some(self.commits), ..self.shell(here, title) }
    }

    /// What the service says; a refusal becomes a page.
    pub(super) async fn ask<T: DeserializeOwned>(&self, command: Command) -> Result<T, TroublePage> {
        self.try_ask(command).await.map_err(|problem| self.failed(problem))
    }

    /// The same for who shows a refusal within a page.
    pub(super) async fn try_ask<T: DeserializeOwned>(&self, command: Command) -> Result<T, Problem> {
        let reply = self.site.service.answer(&self.caller.actor, command).await.map_err(|refusal| refusal.problem())?;
        reply.read().map_err(|error| Problem::new(ProblemType::Failed, error.to_string()))
    }

    /// What this command gives as a file, to be kept under a name.
    pub(super) async fn take(&self, command: &Command, name: &str) -> Result<Response, TroublePage> {
        let file = self.site.service.file(&self.caller.actor, command).await.map_err(|refusal| refusal.problem());
        let streamed = file.and_then(|file| file.map(streamed).transpose()).map_err(|problem| self.failed(problem))?;
        let mut response = streamed.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response());
        if let Ok(kept) = format!("attachment; filename=\"{name}\"").parse() {
            response.headers_mut().insert(CONTENT_DISPOSITION, kept);
        }
        Ok(response)
    }

    pub(super) fn failed(&self, problem: Problem) -> TroublePage {
        TroublePage::new(problem, Shell { here: None, ..Shell::of(self.visitor(), Tab::Overview, "Problem") })
    }

    /// A page. What was said before is told by it, and forgotten.
    pub(super) fn page(&self, page: &impl Template) -> Result<Response, TroublePage> {
        let html = page.render().map_err(|error| self.failed(Problem::new(ProblemType::Failed, error.to_string())))?;
        let mut response = (StatusCode::OK, [(CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response();
        if self.said.is_some()
            && let Ok(gone) = forget(self.is_secure()).parse()
        {
            response.headers_mut().insert(SET_COOKIE, gone);
        }
        Ok(response)
    }

    /// After something was done: to this page of ours, which says what it came to.
    pub(super) fn done(&self, said: &Flash, to: &str) -> Response {
        let to = if is_ours(to) { to } else { "/" };
        (StatusCode::SEE_OTHER, [(LOCATION, to.to_owned()), said.cookie(self.is_secure())]).into_response()
    }
}

/// A path of this site, and nothing that a browser takes for another.
fn is_ours(path: &str) -> bool {
    let plain = path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    plain && path.len() < 2_000 && path.starts_with('/') && !path.starts_with("//")
}

/// The fields of a form, several of a name where it has them.
pub(in crate::api::web) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(in crate::api::web) fn of(body: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// Empty where it is missing.
    pub(in crate::api::web) fn one(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim()).unwrap_or_default()
    }

    /// The same, kept no longer.
    pub(in crate::api::web) fn take(&mut self, name: &str) -> String {
        let text = self.0.iter_mut().find(|(known, _)| known == name).map(|(_, value)| std::mem::take(value));
        let mut text = text.unwrap_or_default();
        text.truncate(text.trim_end().len());
        let from = text.len() - text.trim_start().len();
        text.drain(..from);
        text
    }

    pub(in crate::api::web) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(known, value)| known == name && !value.is_empty()).map(|(_, v)| v.clone()).collect()
    }

    /// `None` where nothing was written.
    pub(in crate::api::web) fn some(&self, name: &str) -> Option<String> {
        Some(self.one(name).to_owned()).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_away() {
        assert!(is_ours("/") && is_ours("/findings?state=open&tier=page"));
        for path in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "javascript:x", "/ "] {
            assert!(!is_ours(path), "{path:?}");
        }
    }

    #[test]
    fn a_form_may_have_a_field_several_times() {
        let mut fields = Fields::of(b"case=nw-1&case=nw-2&case=&note=+a%26b+");
        assert_eq!(fields.all("case"), ["nw-1", "nw-2"]);
        assert_eq!((fields.one("note"), fields.some("none")), ("a&b", None));
        assert_eq!((fields.take("note"), fields.take("none"), fields.one("note")), ("a&b".into(), String::new(), ""));
    }
}
