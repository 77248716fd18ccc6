//! What stands around every page: `base.html`.

use crate::api::web::assets;
use crate::model::Role;

use super::flash::Flash;

/// The parts of the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api::web) enum Tab {
    Overview,
    Findings,
    Inventory,
    Claims,
    Gate,
    Reports,
    Health,
    Rules,
}

/// Who looks, and what they may do.
#[derive(Clone, Debug)]
pub(in crate::api::web) struct Visitor {
    pub(in crate::api::web) name: String,
    pub(in crate::api::web) role: Role,
    /// For forms; empty where none may be sent.
    pub(in crate::api::web) csrf: String,
}

/// Around a page.
#[derive(Clone, Debug)]
pub(in crate::api::web) struct Shell {
    pub(in crate::api::web) title: String,
    pub(in crate::api::web) here: Option<Tab>,
    /// `None`: nobody has signed in.
    pub(in crate::api::web) visitor: Option<Visitor>,
    /// What was done last.
    pub(in crate::api::web) said: Vec<Flash>,
    /// Where it is kept up to date: how often the store had been written to when it was made.
    pub(in crate::api::web) live: Option<u64>,
}

impl Tab {
    const ALL: [Self; 8] = [
        Self::Overview,
        Self::Findings,
        Self::Inventory,
        Self::Claims,
        Self::Gate,
        Self::Reports,
        Self::Health,
        Self::Rules,
    ];

    fn path(self) -> &'static str {
        match self {
            Self::Overview => "/",
            Self::Findings => "/findings",
            Self::Inventory => "/inventory",
            Self::Claims => "/claims",
            Self::Gate => "/gate/reviews",
            Self::Reports => "/reports",
            Self::Health => "/health",
            Self::Rules => "/rules",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Findings => "Findings",
            Self::Inventory => "Inventory",
            Self::Claims => "Claims",
            Self::Gate => "Gate",
            Self::Reports => "Reports",
            Self::Health => "Health",
            Self::Rules => "Rules",
        }
    }
}

impl Shell {
    /// For a page before anybody has signed in.
    pub(in crate::api::web) fn outside(title: &str) -> Self {
        Self { title: title.to_owned(), here: None, visitor: None, said: Vec::new(), live: None }
    }

    /// For a page that somebody looks at.
    pub(in crate::api::web) fn of(visitor: Visitor, here: Tab, title: &str) -> Self {
        Self { here: Some(here), visitor: Some(visitor), ..Self::outside(title) }
    }

    /// The word for a form that takes this role; `None` where whoever looks may not send it.
    pub(super) fn may(&self, role: Role) -> Option<String> {
        let visitor =
            self.visitor.as_ref().filter(|visitor| visitor.role.suffices(role) && !visitor.csrf.is_empty())?;
        Some(visitor.csrf.clone())
    }

    pub(in crate::api::web) fn tabs(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        let here = self.here;
        Tab::ALL.into_iter().map(move |tab| (tab.path(), tab.word(), here == Some(tab)))
    }

    pub(in crate::api::web) fn style(&self) -> &'static str {
        assets::STYLE.path()
    }

    pub(in crate::api::web) fn script(&self) -> &'static str {
        assets::SCRIPT.path()
    }

    pub(in crate::api::web) fn icon(&self) -> &'static str {
        assets::ICON.path()
    }

    pub(in crate::api::web) fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}
