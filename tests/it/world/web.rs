//! Browsers of the web: what they hold, and what they are told.

use std::sync::Arc;

use namewarden::access::{random, session};
use namewarden::api::web::{Routes, Site, cookie_name, routes};
use namewarden::daemon;
use namewarden::model::{Role, UserName};
use namewarden::store::{Tx, User};
use reqwest::{Client, Method, Response};

use super::World;

/// One browser, perhaps signed in. It follows no redirect, and keeps the one cookie that it was given.
pub(crate) struct Browser {
    client: Client,
    pub(crate) base: String,
    pub(crate) cookie: Option<String>,
    /// That of the page on which one signs in.
    pub(crate) form: Option<String>,
}

impl World {
    /// A browser of nobody's, for the web of `Setup { web: true, .. }`.
    pub(crate) async fn browser(&self) -> Browser {
        let mut web = self.engine().web.subscribe();
        let address = web.wait_for(Option::is_some).await.expect("the web listens").expect("an address");
        let _ = rustls::crypto::ring::default_provider().install_default();
        #[expect(clippy::disallowed_methods, reason = "the browser of a test")]
        let client =
            Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("a client");
        Browser { client, base: format!("http://{address}"), cookie: None, form: None }
    }

    /// A browser in which somebody with this role has signed in; the account has the name of its role.
    pub(crate) async fn signed_in(&self, role: Role) -> Browser {
        let cookie = random::random().expect("random bits");
        let (begun, clock, site) = (cookie.clone(), self.clock.clone(), self.site());
        let begin = move |tx: &Tx<'_>| {
            let name: UserName = role.as_str().parse().expect("a name");
            let (password, uid) = (None, Some(4_100 + role as u32));
            tx.users().put(&User { name: name.clone(), role, uid, password, added: clock.now(), confirmed: true })?;
            session::begin(tx, &begun, &name, site.validity(), clock.now())
        };
        self.engine().store.write(begin).await.expect("stored");
        Browser { cookie: Some(cookie), ..self.browser().await }
    }

    /// What the handlers of the web share.
    pub(crate) fn site(&self) -> Arc<Site> {
        Site::new(daemon::service(self.engine(), true).0)
    }

    /// Every route of the web.
    pub(crate) fn routes(&self) -> Routes {
        routes(&self.site())
    }
}

impl Browser {
    /// What a page of this session carries in its forms.
    pub(crate) fn csrf(&self) -> String {
        namewarden::api::web::csrf(self.cookie.as_deref().unwrap_or_default())
    }

    /// Opens a page with a form, keeps its cookie, and gives the word in it and the text.
    pub(crate) async fn open_form(&mut self, path: &str) -> (String, String) {
        let response = self.get(path).await;
        self.form = given(&response, "namewarden-form").or(self.form.take());
        let text = response.text().await.expect("text");
        let word = text.split("name=\"form\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        (word.unwrap_or_default().to_owned(), text)
    }

    /// Signs in as a person does, and keeps what is given then.
    pub(crate) async fn sign_in(&mut self, name: &str, password: &str, next: &str) -> Response {
        let (word, _) = self.open_form("/login").await;
        let form = [("form", word.as_str()), ("name", name), ("password", password), ("next", next)];
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let response = self.send(Method::POST, "/login", &[], &form).await;
        self.cookie = given(&response, cookie_name(false)).or(self.cookie.take());
        response
    }

    /// The same with one cookie more.
    pub(crate) async fn get_with(&self, path: &str, cookie: &str) -> Response {
        let ours = format!("{}={}; {cookie}", cookie_name(false), self.cookie.as_deref().unwrap_or_default());
        let nobody = Self { client: self.client.clone(), base: self.base.clone(), cookie: None, form: None };
        nobody.send(Method::GET, path, &[("cookie", &ours)], "").await
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, &[], "").await
    }

    /// Sends a form as a page of ours does.
    pub(crate) async fn post(&self, path: &str, form: &str) -> Response {
        let csrf = self.csrf();
        self.send(Method::POST, path, &[("x-csrf-token", &csrf)], form).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], form: &str) -> Response {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        let cookies = [(cookie_name(false), &self.cookie), ("namewarden-form", &self.form)];
        let held = cookies.iter().filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?)));
        let held = held.collect::<Vec<_>>().join("; ");
        if !held.is_empty() {
            request = request.header("cookie", held);
        }
        if !form.is_empty() {
            request = request.body(form.to_owned());
        }
        if !form.is_empty() && headers.iter().all(|(name, _)| *name != "content-type") {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

/// The cookie of this name that an answer gives.
pub(crate) fn given(response: &Response, name: &str) -> Option<String> {
    let all = response.headers().get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let ours = all.filter_map(|text| text.strip_prefix(&format!("{name}=")));
    ours.filter_map(|text| text.split(';').next()).map(str::to_owned).next()
}
