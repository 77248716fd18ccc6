//! Each page: after a change, and at best.

use std::time::Instant;

use namewarden::api::web::csrf;

use super::Failure;
use super::memory::{forget_peak, peak};
use super::paths::{FILES, FORMS, OF_ADMINS, PAGES};
use super::table::PageRow;
use super::world::World;

/// The best of so many, as the machine has others to serve; and of so many first looks, each after a change of its own.
const LOOKS: usize = 5;
const FIRST_LOOKS: usize = 3;

/// What is asked for, as whom, and how it stands in the table.
struct Asked<'w> {
    called: String,
    address: String,
    cookie: &'w str,
    /// Sent, where there is one.
    form: Option<String>,
    /// To take along: of no goal.
    is_file: bool,
}

/// One answer.
struct Look {
    ms: f64,
    status: u16,
    bytes: usize,
    /// Of a file nothing is kept: it is as large as it likes, and taken as it comes.
    body: String,
}

/// All of them, and of each list the page behind the first.
pub(crate) async fn pages(world: &World) -> Result<Vec<PageRow>, Failure> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[expect(clippy::disallowed_methods, reason = "the client of a bench")]
    let client = reqwest::Client::builder().no_proxy().build()?;
    let mut rows = Vec::new();
    for asked in all(world) {
        let (row, next) = page(&client, world, &asked).await?;
        rows.push(row);
        if let Some(next) = next {
            let glue = if asked.address.contains('?') { '&' } else { '?' };
            let address = format!("{}{glue}after={next}", asked.address);
            let called = format!("{}, next page", asked.called);
            rows.push(behind(&client, world, &Asked { called, address, ..asked }).await?);
        }
    }
    Ok(rows)
}

fn all(world: &World) -> impl Iterator<Item = Asked<'_>> {
    let got = move |path: &str, cookie, is_file| Asked {
        called: format!("{path}`"),
        address: path.replace("{claim}", &world.claim()),
        cookie,
        form: None,
        is_file,
    };
    let (viewer, admin) = (world.cookie.as_str(), world.admin.as_str());
    let pages = PAGES.iter().map(move |path| got(path, viewer, false));
    let of_admins = OF_ADMINS.iter().map(move |path| got(path, admin, false));
    let files = FILES.iter().map(move |path| got(path, viewer, true));
    let forms = FORMS.iter().map(move |(path, form)| Asked {
        called: format!("POST {path}`{}", form.called()),
        form: Some(world.form(*form)),
        ..got(path, admin, false)
    });
    pages.chain(of_admins).chain(forms).chain(files)
}

async fn page(
    client: &reqwest::Client,
    world: &World,
    asked: &Asked<'_>,
) -> Result<(PageRow, Option<String>), Failure> {
    let (mut first, mut best, mut grew, mut last) = (f64::MAX, f64::MAX, 0, None);
    for _ in 0..FIRST_LOOKS {
        world.change().await?;
        let before = forget_peak();
        let look = look(client, world, asked).await?;
        (first, grew) = (first.min(look.ms), peak().saturating_sub(before).max(grew));
        last = Some(look);
    }
    for _ in 0..LOOKS {
        best = best.min(look(client, world, asked).await?.ms);
    }
    let (status, bytes, body) = last.map(|look| (look.status, look.bytes, look.body)).unwrap_or_default();
    let value: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    let next = value["next"].as_str().map(str::to_owned);
    let (called, is_file) = (asked.called.clone(), asked.is_file);
    let row = PageRow { called, status, first: Some(first), best, bytes, grew, is_file };
    Ok((row, next))
}

/// A page behind the first. A cursor may be of what was before a change, so none comes before it.
async fn behind(client: &reqwest::Client, world: &World, asked: &Asked<'_>) -> Result<PageRow, Failure> {
    let (before, mut best, mut last) = (forget_peak(), f64::MAX, None);
    for _ in 0..LOOKS {
        let look = look(client, world, asked).await?;
        best = best.min(look.ms);
        last = Some(look);
    }
    let (status, bytes) = last.map_or((0, 0), |look| (look.status, look.bytes));
    let grew = peak().saturating_sub(before);
    Ok(PageRow { called: asked.called.clone(), status, first: None, best, bytes, grew, is_file: false })
}

async fn look(client: &reqwest::Client, world: &World, asked: &Asked<'_>) -> Result<Look, Failure> {
    let address = format!("{}{}", world.base, asked.address);
    let request = match &asked.form {
        None => client.get(address),
        Some(form) => {
            let word = asked.cookie.split_once('=').map(|(_, cookie)| csrf(cookie)).unwrap_or_default();
            let kind = ("content-type", "application/x-www-form-urlencoded");
            client.post(address).header(kind.0, kind.1).header("x-csrf-token", word).body(form.clone())
        }
    };
    let started = Instant::now();
    let mut response = request.header("cookie", asked.cookie).send().await?;
    let status = response.status().as_u16();
    let (mut bytes, mut body) = (0, Vec::new());
    while let Some(part) = response.chunk().await? {
        bytes += part.len();
        if !asked.is_file {
            body.extend_from_slice(&part);
        }
    }
    let body = String::from_utf8(body)?;
    Ok(Look { ms: started.elapsed().as_secs_f64() * 1_000.0, status, bytes, body })
}
