//! Browsers of the web: what they hold, and what they are told.

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
        Browser { client, base: format!("http://{address}"), cookie: None }
    }

    /// A browser in which somebody with this role has signed in; the account has the name of its role.
    pub(crate) async fn signed_in(&self, role: Role) -> Browser {
        let cookie = random::random().expect("random bits");
        let (begun, clock, site) = (cookie.clone(), self.clock.clone(), self.site());
        let begin = move |tx: &Tx<'_>| {
            let name: UserName = role.as_str().parse().expect("a name");
            let (password, uid) = (None, None);
            tx.users().put(&User { name: name.clone(), role, uid, password, added: clock.now() })?;
            session::begin(tx, &begun, &name, site.validity(), clock.now())
        };
        self.engine().store.write(begin).await.expect("stored");
        Browser { cookie: Some(cookie), ..self.browser().await }
    }

    /// What the handlers of the web share.
    pub(crate) fn site(&self) -> Site {
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
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", format!("{}={cookie}", cookie_name(false)));
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
