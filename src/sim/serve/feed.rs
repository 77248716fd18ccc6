//! The items of the RSS feeds, and their XML (`warehouse/templates/rss/`).

use chrono::DateTime;

use super::reply::escape;
use crate::model::ProjectName;
use crate::sim::world::{Project, Release, World};

/// Projects in `packages.xml`, counted before those without a release are dropped.
const PACKAGES: usize = 40;
const UPDATES: usize = 100;
const PROJECT_RELEASES: usize = 40;

/// One item, before it is XML.
pub(super) struct Item {
    pub(super) title: String,
    pub(super) link: String,
    pub(super) guid: bool,
    pub(super) summary: Option<String>,
    pub(super) author: Option<String>,
    pub(super) second: i64,
}

/// Newest projects: the limit comes first, then those without a release drop out. Quarantine hides nothing here.
pub(super) fn newest(world: &World, base_url: &str) -> Vec<Item> {
    let mut newest = Newest::new(PACKAGES);
    for (name, project) in world.projects() {
        newest.offer(project.created_second(), || (name, project));
    }
    let item = |(second, (name, project)): (i64, (&ProjectName, &Project))| {
        let life = project.life();
        let release = life.highest()?;
        Some(Item {
            title: format!("{} added to PyPI", project.display),
            link: format!("{}/project/{name}/", base_url),
            guid: true,
            summary: release.summary.clone(),
            author: author(release),
            second,
        })
    };
    newest.found.into_iter().filter_map(item).collect()
}

/// Newest releases.
pub(super) fn latest(world: &World, base_url: &str) -> Vec<Item> {
    let mut newest = Newest::new(UPDATES);
    for (name, project) in world.projects() {
        if !project.released_second().is_some_and(|second| newest.wants(second)) {
            continue;
        }
        for release in &project.life().releases {
            newest.offer(release.created.timestamp(), || (name, project.display.to_string(), release.clone()));
        }
    }
    let item = |(_, (name, display, release)): (i64, (&ProjectName, String, Release))| {
        release_item(base_url, name, format!("{display} {}", release.version), &release)
    };
    newest.found.into_iter().map(item).collect()
}

/// The feed of one project, newest first; `None` when there is no such project.
pub(super) fn of_project(world: &World, name: &ProjectName, base_url: &str) -> Option<String> {
    let project = world.project(name)?;
    let mut releases = project.life().releases.clone();
    releases.sort_by_key(|release| std::cmp::Reverse(release.created));
    let items: Vec<Item> = releases
        .iter()
        .take(PROJECT_RELEASES)
        .map(|release| release_item(base_url, name, release.version.clone(), release))
        .collect();
    let title = format!("PyPI recent updates for {}", project.display);
    let description = format!("Recent updates to the Python Package Index for {}", project.display);
    Some(render((&title, &description), &format!("{}/project/{name}/", base_url), &items))
}

fn release_item(base_url: &str, name: &ProjectName, title: String, release: &Release) -> Item {
    Item {
        title,
        link: format!("{base_url}/project/{name}/{}/", release.version),
        guid: false,
        summary: release.summary.clone(),
        author: author(release),
        second: release.created.timestamp(),
    }
}

/// The addresses of Author-Email; dropped whole when one of them is none.
fn author(release: &Release) -> Option<String> {
    let field = release.author_email.as_deref()?;
    let address =
        |part: &str| part.rsplit_once('<').map_or(part, |(_, rest)| rest.trim_end_matches('>')).trim().to_owned();
    let addresses: Vec<String> = field.split(',').map(|part| address(part.trim())).collect();
    addresses.iter().all(|address| address.contains('@')).then(|| addresses.join(", "))
}

/// A whole feed.
pub(super) fn render((title, description): (&str, &str), link: &str, items: &[Item]) -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\">\n  <channel>\n    <title>{}</title>\n    \
         <link>{link}</link>\n    <description>{}</description>\n    <language>en</language>\n",
        escape(title),
        escape(description)
    );
    items.iter().for_each(|item| xml.push_str(&item.xml()));
    xml.push_str("  </channel>\n</rss>\n");
    xml
}

impl Item {
    pub(super) fn xml(&self) -> String {
        // Code points below 32 are removed, and a missing summary is Python's `None`.
        let summary: String = self.summary.as_deref().unwrap_or("None").chars().filter(|c| *c >= ' ').collect();
        let date = DateTime::from_timestamp(self.second, 0).unwrap_or_default().format("%a, %d %b %Y %H:%M:%S GMT");
        let guid = if self.guid { format!("      <guid>{}</guid>\n", self.link) } else { String::new() };
        let author = self.author.as_ref().map(|author| format!("      <author>{}</author>\n", escape(author)));
        format!(
            "    <item>\n      <title>{}</title>\n      <link>{}</link>\n{guid}      <description>{}</description>\n\
             {}      <pubDate>{date}</pubDate>\n    </item>\n",
            escape(&self.title),
            self.link,
            escape(&summary),
            author.unwrap_or_default(),
        )
    }
}

/// The newest of what is offered, newest first; among equals, what was offered first.
struct Newest<T> {
    limit: usize,
    found: Vec<(i64, T)>,
}

impl<T> Newest<T> {
    fn new(limit: usize) -> Self {
        Self { limit, found: Vec::with_capacity(limit + 1) }
    }

    fn wants(&self, second: i64) -> bool {
        self.found.len() < self.limit || self.found.last().is_some_and(|(oldest, _)| second > *oldest)
    }

    fn offer(&mut self, second: i64, make: impl FnOnce() -> T) {
        if self.wants(second) {
            let place = self.found.partition_point(|(other, _)| *other >= second);
            self.found.insert(place, (second, make()));
            self.found.truncate(self.limit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_keeps_the_limit_in_order() {
        let mut newest = Newest::new(2);
        for second in [3, 1, 9, 4] {
            newest.offer(second, || second);
        }
        assert_eq!(newest.found, [(9, 9), (4, 4)]);
    }

    #[test]
    fn an_author_is_only_addresses() {
        let author = |field: &str| {
            let release = Release {
                version: "1".into(),
                created: crate::model::Time::default(),
                summary: None,
                readme: None,
                author_email: Some(field.into()),
                yanked: None,
                display: "x".into(),
                uploaded: None,
            };
            author(&release)
        };
        assert_eq!(author("Dev <dev@acme.example>, b@c.example").as_deref(), Some("dev@acme.example, b@c.example"));
        assert_eq!(author("Dev <dev@acme.example>, nobody"), None);
    }
}
