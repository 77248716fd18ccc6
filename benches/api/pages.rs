//! Each page: after a change, and at best.

use std::time::Instant;

use super::Failure;
use super::memory::{forget_peak, peak};
use super::paths::{FILES, PAGES};
use super::table::PageRow;
use super::world::World;

/// The best of so many, as the machine has others to serve; and of so many first looks, each after a change of its own.
const LOOKS: usize = 5;
const FIRST_LOOKS: usize = 3;

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
    let all = PAGES.iter().map(|path| (*path, false)).chain(FILES.iter().map(|path| (*path, true)));
    for (path, is_file) in all {
        let (row, next) = page(&client, world, path, is_file).await?;
        rows.push(row);
        if let Some(next) = next {
            let glue = if path.contains('?') { '&' } else { '?' };
            let (address, called) = (format!("{path}{glue}after={next}"), format!("{path}`, next page"));
            rows.push(behind(&client, world, &called, &address).await?);
        }
    }
    Ok(rows)
}

async fn page(
    client: &reqwest::Client,
    world: &World,
    path: &str,
    is_file: bool,
) -> Result<(PageRow, Option<String>), Failure> {
    let (mut first, mut best, mut grew, mut last) = (f64::MAX, f64::MAX, 0, None);
    for _ in 0..FIRST_LOOKS {
        world.change().await?;
        let before = forget_peak();
        let look = look(client, world, path, is_file).await?;
        (first, grew) = (first.min(look.ms), peak().saturating_sub(before).max(grew));
        last = Some(look);
    }
    for _ in 0..LOOKS {
        best = best.min(look(client, world, path, is_file).await?.ms);
    }
    let (status, bytes, body) = last.map(|look| (look.status, look.bytes, look.body)).unwrap_or_default();
    let value: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    let next = value["next"].as_str().map(str::to_owned);
    let called = format!("{path}`");
    let row = PageRow { called, status, first: Some(first), best, bytes, grew, is_file };
    Ok((row, next))
}

/// A page behind the first. A cursor may be of what was before a change, so none comes before it.
async fn behind(client: &reqwest::Client, world: &World, called: &str, address: &str) -> Result<PageRow, Failure> {
    let (before, mut best, mut last) = (forget_peak(), f64::MAX, None);
    for _ in 0..LOOKS {
        let look = look(client, world, address, false).await?;
        best = best.min(look.ms);
        last = Some(look);
    }
    let (status, bytes) = last.map_or((0, 0), |look| (look.status, look.bytes));
    let grew = peak().saturating_sub(before);
    Ok(PageRow { called: called.to_owned(), status, first: None, best, bytes, grew, is_file: false })
}

async fn look(client: &reqwest::Client, world: &World, path: &str, is_file: bool) -> Result<Look, Failure> {
    let started = Instant::now();
    let mut response = client.get(format!("{}{path}", world.base)).header("cookie", &world.cookie).send().await?;
    let status = response.status().as_u16();
    let (mut bytes, mut body) = (0, Vec::new());
    while let Some(part) = response.chunk().await? {
        bytes += part.len();
        if !is_file {
            body.extend_from_slice(&part);
        }
    }
    let body = String::from_utf8(body)?;
    Ok(Look { ms: started.elapsed().as_secs_f64() * 1_000.0, status, bytes, body })
}
