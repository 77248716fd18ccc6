//! Each page: after a change, and at best.

use std::time::Instant;

use super::Failure;
use super::memory::{forget_peak, peak};
use super::paths::{FILES, PAGES};
use super::table::PageRow;
use super::world::World;

/// The best of so many, as the machine has others to serve.
const LOOKS: usize = 5;

/// One answer.
struct Look {
    ms: f64,
    status: u16,
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
        let (row, next) = page(&client, world, path, path.to_owned(), is_file, rows.len()).await?;
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
    called: &str,
    address: String,
    is_file: bool,
    round: usize,
) -> Result<(PageRow, Option<String>), Failure> {
    world.change(round).await?;
    let before = forget_peak();
    let first = look(client, world, &address).await?;
    let mut best = f64::MAX;
    for _ in 0..LOOKS {
        best = best.min(look(client, world, &address).await?.ms);
    }
    let grew = peak().saturating_sub(before);
    let value: serde_json::Value = serde_json::from_str(&first.body).unwrap_or_default();
    let next = value["next"].as_str().map(str::to_owned);
    let row = PageRow {
        called: format!("{called}`"),
        status: first.status,
        first: Some(first.ms),
        best,
        bytes: first.body.len(),
        grew,
        is_file,
    };
    Ok((row, next))
}

/// A page behind the first. A cursor may be of what was before a change, so none comes before it.
async fn behind(client: &reqwest::Client, world: &World, called: &str, address: &str) -> Result<PageRow, Failure> {
    let (before, mut best, mut last) = (forget_peak(), f64::MAX, None);
    for _ in 0..LOOKS {
        let look = look(client, world, address).await?;
        best = best.min(look.ms);
        last = Some(look);
    }
    let (status, bytes) = last.map_or((0, 0), |look| (look.status, look.body.len()));
    let grew = peak().saturating_sub(before);
    Ok(PageRow { called: called.to_owned(), status, first: None, best, bytes, grew, is_file: false })
}

async fn look(client: &reqwest::Client, world: &World, path: &str) -> Result<Look, Failure> {
    let started = Instant::now();
    let response = client.get(format!("{}{path}", world.base)).header("cookie", &world.cookie).send().await?;
    let status = response.status().as_u16();
    let body = response.text().await?;
    Ok(Look { ms: started.elapsed().as_secs_f64() * 1_000.0, status, body })
}
