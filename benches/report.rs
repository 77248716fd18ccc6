//! What a report of 5,000 watches costs, and how large its mail is.
//!
//!     cargo bench --bench report -- DIR
//!
//! Prints seconds and bytes; with DIR, writes each form there to be looked at.

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use chrono::TimeDelta;
use namewarden::cases::{self, Batch, Head};
use namewarden::config::source::Source;
use namewarden::model::report::{Occasion, Order, Report};
use namewarden::model::{Event, Feed, OwnerId, ProjectName, Serial, Sighting, Time};
use namewarden::reports::{self, Extent, Settled};
use namewarden::store::{Grade, Span, Store, StoreError, Tx};
use namewarden::watchlist::routes::Routes;
use namewarden::watchlist::{self, Watchlist};

const WATCHES: usize = 5_000;
const STRANGERS: usize = 600;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let to = std::env::args().nth(1).filter(|word| !word.starts_with("--")).map(PathBuf::from);
    let (work, now) = (tempfile::tempdir()?, "2026-11-23T07:00:00Z".parse::<Time>()?);
    let (store, watchlist) = (Store::open(work.path())?, watched()?);
    lived(&store, &watchlist, now).await?;
    let order =
        Order { owner: None, since: now - TimeDelta::days(7), until: now, occasion: Occasion::Asked, before: None };
    let started = Instant::now();
    let seen = watchlist.clone();
    let report = store.read(move |tx| made(tx, &seen, &order, now)).await?;
    println!("read      {:.3} s, {} watches", started.elapsed().as_secs_f64(), report.exposure.watches.len());
    measured(&report, to.as_deref())
}

fn made(tx: &Tx<'_>, watchlist: &Watchlist, order: &Order, now: Time) -> Result<Report, StoreError> {
    let (inventory, default_owner) = (&*watchlist.inventory, &watchlist.routes.default_owner);
    let by = Settled { inventory, default_owner, answer_within: TimeDelta::hours(4) };
    Ok(reports::make(tx, by, order, Extent::Whole, now)?.expect("of all owners there always is one"))
}

fn measured(report: &Report, to: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let mail = reports::mail(report, None);
    let pictures: usize = mail.pictures.iter().map(|(_, png)| png.len()).sum();
    let tables: usize = mail.tables.iter().map(|table| table.body.len()).sum();
    // As it travels: base64 of pictures and tables, the rest nearly as it is.
    let all = mail.text.len() + mail.html.len() + (pictures + tables) * 4 / 3 * 78 / 76;
    println!(
        "mail      {:.3} s, about {all} bytes: text {}, page {}, pictures {pictures}, tables {tables}",
        started.elapsed().as_secs_f64(),
        mail.text.len(),
        mail.html.len()
    );
    let mut files: Vec<(String, Vec<u8>)> = vec![("mail.html".into(), mail.html.into_bytes())];
    files.push(("mail.txt".into(), mail.text.into_bytes()));
    files.extend(mail.pictures.into_iter().map(|(name, png)| (format!("{name}.png"), png)));
    files.extend(mail.tables.into_iter().map(|table| (table.name.to_owned(), table.body)));
    for (name, form) in [("report.html", reports::document as fn(&Report) -> String), ("report.txt", reports::plain)] {
        let started = Instant::now();
        let text = form(report);
        println!("{name:<12} {:.3} s, {} bytes", started.elapsed().as_secs_f64(), text.len());
        files.push((name.to_owned(), text.into_bytes()));
    }
    if let Some(to) = to {
        files.iter().try_for_each(|(name, bytes)| fs::write(to.join(name), bytes))?;
    }
    Ok(())
}

fn watched() -> Result<Watchlist, Box<dyn Error>> {
    let mut toml = String::new();
    for (owner, word) in WORDS.iter().enumerate() {
        let name = |n: usize| format!("\"acme-{word}-service-{n:04}==1.{owner}\"");
        let names: Vec<String> = (0..WATCHES / WORDS.len()).map(name).collect();
        let names = names.join(", ");
        toml += &format!(
            "[owners.{word}]\nname = \"The {word} team\"\nemail = [\"{word}@acme.example\"]\nnames = [{names}]\n"
        );
    }
    let source = Source::new(Path::new("inventory.toml"), toml);
    let owner = OwnerId(WORDS[0].to_owned());
    let inventory = watchlist::from_source(source, &owner).map_err(|error| error.to_string())?;
    Ok(Watchlist::new(inventory, Routes { default_owner: owner, ..Routes::default() }))
}

const WORDS: [&str; 10] =
    ["billing", "ledger", "vault", "search", "mail", "print", "tax", "feature", "train", "deploy"];

/// A week: strangers register names and look-alikes, every hour something.
async fn lived(store: &Store, watchlist: &Watchlist, now: Time) -> Result<(), Box<dyn Error>> {
    let start = now - TimeDelta::days(7);
    let seen = watchlist.clone();
    let head = Head { serial: Serial(1000), served: start };
    store.write(move |tx| cases::baseline(tx, &seen, std::iter::empty(), &head, start).map(drop)).await?;
    for n in 0..STRANGERS {
        let at = start + TimeDelta::minutes(10) * n as i32;
        let (word, number) = (WORDS[n % 10], n * 7 % 500);
        let name = match n % 5 {
            0 => format!("acme-{word}-service-{number:04}"),
            _ => format!("acme-{word}-servise-{number:04}"),
        };
        let told = Sighting {
            name: ProjectName::parse(&name)?,
            display: name,
            event: Event::Created,
            feed: Feed::Changelog,
            serial: Some(Serial(1001 + n as u64)),
            at: Some(at),
            summary: None,
            unreadable: None,
        };
        let seen = watchlist.clone();
        let batch = Batch { sightings: vec![told], ..Batch::default() };
        store.write(move |tx| cases::apply(tx, &seen, &batch, at).map(drop)).await?;
    }
    let serials = Some((Serial(1000), Serial(9000)));
    let span = Span { feed: Feed::Changelog, grade: Grade::EveryEvent, serials, from: start, to: now };
    Ok(store.write(move |tx| tx.coverage().extend(&span)).await?)
}
