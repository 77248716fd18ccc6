//! The section `[claim]`, from its raw form to its settings.
//!
//! All of it is shown to everybody, so each value is held to what PyPI takes (`warehouse/forklift/metadata.py`) before there is
//! a package.

use std::time::Duration;

use url::Url;

use super::claim::ClaimSettings;
use super::fault::Fault;
use super::loader::Loader;
use super::period::Period;
use super::uploads::UploadSettings;
use super::{check, file};
use crate::model::version::Pep440;

/// In less nobody can be expected to read a message and to answer it, and what is published meanwhile is there for ever.
const WINDOW_LEAST: Duration = Duration::from_hours(1);
const WINDOW_MOST: Duration = Duration::from_hours(30 * 24);
const WINDOW: Duration = Duration::from_hours(24);

/// Longest name of a company, characters.
const COMPANY_MOST: usize = 100;
/// Longest address of a page, bytes.
const PAGE_MOST: usize = 500;
/// Longest mail address (RFC 5321, 4.5.3.1) and what may stand before its `@`, bytes.
const ADDRESS_MOST: usize = 254;
const LOCAL_PART_MOST: usize = 64;
/// Domains at which nobody can have mail (RFC 6761, 7686, 8375); PyPI refuses them as `email-validator` does.
const NO_DOMAINS: [&str; 6] = ["arpa", "invalid", "local", "localhost", "onion", "test"];

impl Loader<'_> {
    pub(super) fn claim(&mut self, claim: file::Claim, contact: Option<&str>) -> Option<ClaimSettings> {
        let dir = self.directory.clone();
        let ours = contact.and_then(|text| address(text).ok());
        let company = self.optional("claim.company", claim.company, |text| company(&text));
        let contact = self.or("claim.contact", claim.contact, ours, |text| address(&text).map(Some));
        let index = self.optional("claim.index", claim.index, |text| page(&text));
        let homepage = self.optional("claim.homepage", claim.homepage, |text| page(&text));
        let policy = self.optional("claim.policy", claim.policy, |text| page(&text));
        let templates = self.optional("claim.templates", claim.templates, |text| check::path(&dir, &text));
        let lowest = Pep440::read("0.0.1");
        let version = self.or("claim.version", claim.version, lowest, |text| version(&text).map(Some));
        let license = self.or("claim.license", claim.license, "MIT".to_owned(), |text| license(&text));
        let public_hosts = self.or("claim.public_hosts", claim.public_hosts, Vec::new(), hosts);
        let customers = self.or("claim.customers", claim.customers, Vec::new(), customers);
        let organization = self.optional("claim.organization", claim.organization, |text| organization(&text));
        let upload = self.uploads(claim.upload);
        let window = self.or("claim.window", claim.window, WINDOW, window(upload.as_ref()));
        Some(ClaimSettings {
            enabled: claim.enabled.unwrap_or(false),
            company: company?,
            contact: contact?,
            index: index?,
            homepage: homepage?,
            policy: policy?,
            templates: templates?,
            version: version??,
            license: license?,
            public_hosts: public_hosts?,
            customers: customers?,
            organization: organization?,
            window: window?,
            one_person: claim.one_person.unwrap_or(false),
            upload: upload?,
        })
    }
}

/// How long what the configuration claims waits for somebody to stop it. Where packages stay on this machine nobody has to.
fn window(upload: Option<&UploadSettings>) -> impl Fn(Period) -> Result<Duration, Fault> {
    let to = upload.and_then(|upload| upload.to.as_ref());
    let is_local = to.is_some_and(|to| check::is_loopback_base(&to.address));
    move |Period(window)| match window {
        _ if window > WINDOW_MOST => Err(Fault::new("is longer than 30d", "write \"24h\"")),
        _ if window < WINDOW_LEAST && !is_local => Err(Fault::new(
            "is less than 1h, in which nobody reads a message and answers it: claim = \"auto\" would publish unseen",
            "write \"24h\", or take claim = \"auto\" out of the inventory, and two persons can let a name go at once",
        )),
        _ => Ok(window),
    }
}

/// One visible line that neither HTML nor Markdown reads as its own.
fn company(text: &str) -> Result<String, Fault> {
    let text = text.trim();
    let plain = !text.is_empty() && !text.contains(|c: char| c.is_control() || "<>`\\\"".contains(c));
    if plain && text.chars().count() <= COMPANY_MOST {
        return Ok(text.to_owned());
    }
    let what = format!("the company has to be a line of 1 to {COMPANY_MOST} characters without < > \" ` and \\");
    Err(Fault::new(what, "write its name as people know it: company = \"Acme Corp\""))
}

/// An address as PyPI takes it for an author.
fn address(text: &str) -> Result<String, Fault> {
    let write = "write the address at which people answer questions: contact = \"python-packages@your.example\"";
    let wrong = |what: &str| Err(Fault::new(format!("{text:?} {what}"), write));
    let Some((local, domain)) = text.rsplit_once('@') else { return wrong("is no e-mail address") };
    let last = domain.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    if text.parse::<lettre::Address>().is_err() || !text.bytes().all(|b| b.is_ascii_graphic() && b != b'"') {
        return wrong("is no plain e-mail address");
    }
    if local.len() > LOCAL_PART_MOST || text.len() > ADDRESS_MOST {
        return wrong("is longer than an e-mail address may be");
    }
    if domain == last || NO_DOMAINS.contains(&last.as_str()) {
        return wrong("cannot be reached from outside, so PyPI refuses it");
    }
    Ok(text.to_owned())
}

/// An address that strangers may open.
fn page(text: &str) -> Result<String, Fault> {
    let write = "write what people may open, https://HOST/PATH";
    let url = check::web(text).map_err(|what| Fault::new(format!("this address {what}"), write))?;
    let plain = text.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"'`\\{}|^".contains(&b));
    if url.scheme() != "https" || !plain || text.len() > PAGE_MOST {
        return Err(Fault::new(format!("{text:?} is no address for a published page"), write));
    }
    if url.query().is_some() {
        return Err(Fault::new(format!("{text:?} has a query, and may carry a secret"), write));
    }
    Ok(text.to_owned())
}

/// PyPI takes no local versions, and a number beyond 64 bits is none to uv.
fn version(text: &str) -> Result<Pep440, Fault> {
    let write = "write one below every internal version, version = \"0.0.1\"";
    match Pep440::read(text) {
        None => Err(Fault::new(format!("{text:?} is no version by PEP 440"), write)),
        Some(version) if version.is_local() => Err(Fault::new(format!("{text:?} has a local part"), write)),
        Some(version) if version.is_large() => Err(Fault::new(format!("{text:?} is too large"), write)),
        Some(version) => Ok(version),
    }
}

/// An SPDX expression of licenses that are not deprecated. What refers to another document is none to PyPI (PEP 639).
fn license(text: &str) -> Result<String, Fault> {
    let write = "write an SPDX expression, license = \"MIT\" or \"LicenseRef-Proprietary\"";
    let elsewhere = ["DocumentRef-", "AdditionRef-"].iter().any(|reference| text.contains(reference));
    match spdx::Expression::parse(text) {
        Ok(_) if !elsewhere => Ok(text.to_owned()),
        Ok(_) => Err(Fault::new(format!("{text:?} refers to another document"), write)),
        Err(error) => Err(Fault::new(format!("{text:?} is no SPDX expression: {}", error.reason), write)),
    }
}

/// Names of hosts, without what stands around them in an address.
fn hosts(list: Vec<String>) -> Result<Vec<String>, Fault> {
    let host = |text: String| {
        let url = Url::parse(&format!("https://{text}/")).ok();
        let same = url.as_ref().and_then(Url::host_str).is_some_and(|host| host.eq_ignore_ascii_case(&text));
        let write = "write names alone, public_hosts = [\"pypi.your.example\"]";
        if same { Ok(text.to_ascii_lowercase()) } else { Err(Fault::new(format!("{text:?} is no host name"), write)) }
    };
    list.into_iter().map(host).collect()
}

/// As PyPI's addresses have it.
fn organization(text: &str) -> Result<String, Fault> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    let write = "write the name in its address: organization = \"acme\"";
    if plain { Ok(text.to_owned()) } else { Err(Fault::new(format!("{text:?} is no organization on PyPI"), write)) }
}

/// Anything that has a letter to look for.
fn customers(list: Vec<String>) -> Result<Vec<String>, Fault> {
    match list.iter().find(|name| name.chars().filter(|c| c.is_alphanumeric()).count() < 2) {
        Some(short) => Err(Fault::new(format!("{short:?} would be found everywhere"), "write the customer's name")),
        None => Ok(list),
    }
}

#[cfg(test)]
mod tests {
    use super::super::uploads::{Endpoint, Proof, TokenPlace};
    use super::*;

    #[test]
    fn addresses_are_those_that_pypi_takes() {
        for good in ["a@acme.example", "python+packages@x.acme.co"] {
            assert_eq!(address(good).expect("good"), good);
        }
        let long = format!("{}@acme.example", "a".repeat(65));
        for bad in ["acme.example", "a@localhost", "a@acme.test", "a@b.local", "ä@acme.example", "a b@c.example", &long]
        {
            assert!(address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn pages_are_for_strangers() {
        assert!(page("https://pypi.acme.example/simple/").is_ok());
        for bad in [
            "http://acme.example/",
            "https://me:hunter2@acme.example/",
            "https://acme.example/?token=x",
            "https://acme.example/<b>",
            "acme.example",
        ] {
            let fault = page(bad).expect_err(bad);
            assert!(!fault.what.contains("hunter2") && !fault.what.contains("token=x"), "{fault:?}");
        }
    }

    #[test]
    fn versions_and_licenses_are_those_that_pypi_takes() {
        assert_eq!(version("v0.0.1.DEV0").expect("good").to_string(), "0.0.1.dev0");
        for bad in ["", "latest", "0.0.1+acme", "99999999999999999999999"] {
            assert!(version(bad).is_err(), "{bad}");
        }
        for good in ["MIT", "Apache-2.0 OR MIT", "LicenseRef-Acme", "GPL-3.0-or-later WITH GCC-exception-3.1"] {
            assert_eq!(license(good).expect("good"), good);
        }
        for bad in ["", "free", "mit", "MIT AND", "DocumentRef-x:LicenseRef-y"] {
            assert!(license(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_window_is_long_enough_to_be_answered_in_wherever_packages_leave_this_machine() {
        let upload = |address: &str| {
            let proof = Proof::Token(TokenPlace::Credential("t".to_owned()));
            let to = Some(Endpoint { address: address.to_owned(), proof });
            UploadSettings { to, test: None, user: "namewarden-claim".to_owned(), per_day: 3 }
        };
        let judged = |upload: Option<&UploadSettings>, text: &str| window(upload)(text.parse().expect("a period"));
        let (away, here) = (upload("https://upload.example/legacy"), upload("http://127.0.0.1:8000/legacy"));
        for upload in [None, Some(&away)] {
            let fault = judged(upload, "59m").expect_err("too short");
            assert!(fault.what.contains("less than 1h") && fault.instead.contains("24h"), "{fault:?}");
            assert_eq!(judged(upload, "1h").expect("long enough"), WINDOW_LEAST);
        }
        assert_eq!(judged(Some(&here), "1s").expect("nobody hears of it"), Duration::from_secs(1));
        assert!(judged(Some(&here), "31d").is_err() && judged(Some(&away), "30d").is_ok());
    }

    #[test]
    fn hosts_and_customers_are_names() {
        assert_eq!(hosts(vec!["PyPI.Acme.example".into()]).expect("good"), ["pypi.acme.example"]);
        for bad in ["", "https://a.example", "a.example/x", "a b", "a.example:80"] {
            assert!(hosts(vec![bad.into()]).is_err(), "{bad}");
        }
        assert!(customers(vec!["Globex".into(), "3M".into()]).is_ok() && customers(vec!["-".into()]).is_err());
    }
}
