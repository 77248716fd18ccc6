//! What could not be done, as a page: what it is about, why not, and what to do.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::parts::{Marked, plain};
use super::shell::Shell;
use super::words::upper;
use crate::api::v1::Problem;

/// A refusal, for whom it is.
#[derive(Debug)]
pub(in crate::api::web) struct TroublePage(Box<(Problem, Shell)>);

#[derive(Template)]
#[template(path = "problem.html")]
struct Page {
    shell: Shell,
    title: String,
    detail: Marked,
    remedy: Option<Marked>,
}

impl TroublePage {
    pub(in crate::api::web) fn new(problem: Problem, shell: Shell) -> Self {
        Self(Box::new((problem, shell)))
    }
}

impl IntoResponse for TroublePage {
    fn into_response(self) -> Response {
        let (problem, shell) = *self.0;
        let status = StatusCode::from_u16(problem.of().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let text = format!("{}: {problem}\n", problem.title);
        let page = page(&problem, shell).render().unwrap_or(text);
        (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
    }
}

fn page(problem: &Problem, shell: Shell) -> Page {
    let sentence = |text: &str| Marked::new(&format!("{}.", upper(text.trim_end_matches('.'))));
    Page {
        title: plain(&problem.title),
        detail: sentence(&problem.detail),
        remedy: problem.remedy.as_deref().map(sentence),
        shell: Shell { title: plain(&problem.title), ..shell },
    }
}
