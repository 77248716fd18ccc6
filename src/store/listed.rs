//! Lists of cases: narrowed as people ask for them, in the order of one index.

use super::StoreError;
use super::columns::registry_code;
use super::findings::{Findings, SELECT};
use super::sql::{self, Param};
use crate::model::command::FindingFilter;
use crate::model::{Finding, Tier};

/// So many cases are sorted sooner than they are found among all.
const FEW: u64 = 2_000;
/// The place of a tier among them, from the most urgent ([`urgency`]), as the index by urgency has it.
const URGENCY: &str = "CASE f.tier WHEN 'page' THEN 0 WHEN 'alert' THEN 1 ELSE 2 END";
/// The text stands in the name of the project, or in that of a watch: past what says of which kind the watch is, which is cut off of
/// those alone that have the text somewhere.
const SEARCH: &str = "(instr(f.project, $n) > 0 OR +f.key IN (SELECT key FROM threats \
                      WHERE instr(watch, $n) > 0 AND instr(substr(watch, instr(watch, ':') + 1), $n) > 0))";
const UNTOLD: &str = "NOT EXISTS (SELECT 1 FROM tellings t WHERE t.key = f.key AND t.outcome = 'told')";

impl Findings<'_> {
    /// Newest first, or the most urgent first and of each tier the newest. Which they are is decided in one index that has all a filter
    /// asks for, and only those are read.
    pub fn list(&self, filter: &FindingFilter) -> Result<Vec<Finding>, StoreError> {
        let way = match self.total(filter)? {
            Some(0) => return Ok(Vec::new()),
            Some(total) if total <= FEW && !filter.states.is_empty() => Way::Sorted,
            _ => Way::of(filter),
        };
        let (keys, values) = keys(filter, way)?;
        let query = format!("{SELECT} WHERE f.key IN ({keys}) ORDER BY {}", order(filter, Way::Sorted));
        let params: Vec<&dyn Param> = values.iter().map(|value| &**value).collect();
        self.many(&query, &params)
    }
}

/// The statement that decides which they are, with what is bound in it.
fn keys(filter: &FindingFilter, way: Way) -> Result<(String, Vec<Box<dyn Param>>), StoreError> {
    let mut narrowed = Narrowed::default();
    narrowed.by_subject(filter);
    narrowed.by_standing(filter, way)?;
    narrowed.by_place(filter);
    let limit = narrowed.bound(filter.limit.map_or(i64::MAX, |n| n as i64));
    let (condition, order) = (narrowed.condition(), order(filter, way));
    Ok((format!("SELECT f.key FROM findings f{condition} ORDER BY {order} LIMIT {limit}"), narrowed.values))
}

/// How SQLite is to find the cases of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Among all, in the order of time.
    ByTime,
    /// The same from the most urgent, or of one tier alone.
    ByUrgency,
    /// By what they are, and sorted: where they are few all others would be gone through.
    Sorted,
}

impl Way {
    fn of(filter: &FindingFilter) -> Self {
        let (most, least) = tiers(filter);
        if filter.urgent || most == least { Self::ByUrgency } else { Self::ByTime }
    }
}

/// `+` keeps SQLite from an index that has this order. Of one tier it would sort for the urgency, which all have alike.
fn order(filter: &FindingFilter, way: Way) -> String {
    let plus = if way == Way::Sorted { "+" } else { "" };
    let (most, least) = tiers(filter);
    let urgency = if filter.urgent && most != least { format!("{plus}{URGENCY}, ") } else { String::new() };
    format!("{urgency}{plus}f.seen_at DESC, f.key")
}

/// The most and the least urgent that is asked for.
fn tiers(filter: &FindingFilter) -> (Tier, Tier) {
    (filter.at_most.unwrap_or(Tier::Page), filter.at_least.unwrap_or(Tier::Digest))
}

fn urgency(tier: Tier) -> i64 {
    match tier {
        Tier::Page => 0,
        Tier::Alert => 1,
        Tier::Digest => 2,
    }
}

/// What the filter names; what it does not name does not stand in the statement.
#[derive(Default)]
struct Narrowed {
    clauses: Vec<String>,
    values: Vec<Box<dyn Param>>,
}

impl Narrowed {
    /// The placeholder of a value.
    fn bound(&mut self, value: impl Param + 'static) -> String {
        self.values.push(Box::new(value));
        format!("${}", self.values.len())
    }

    /// Where there is a value; `$n` stands for it.
    fn by(&mut self, clause: &str, value: Option<impl Param + 'static>) {
        if let Some(value) = value {
            let placeholder = self.bound(value);
            self.clauses.push(clause.replace("$n", &placeholder));
        }
    }

    fn condition(&self) -> String {
        let clauses = self.clauses.join(" AND ");
        if clauses.is_empty() { clauses } else { format!(" WHERE {clauses}") }
    }

    fn by_subject(&mut self, filter: &FindingFilter) {
        let project = filter.project.as_ref();
        self.by("f.project = $n", project.map(|project| project.as_str().to_owned()));
        self.by("f.registry = $n", project.map(|project| registry_code(project.registry())));
        self.by("+f.key IN (SELECT key FROM threats WHERE watch = $n)", filter.watch.as_ref().map(ToString::to_string));
        self.by("+f.key IN (SELECT key FROM threats WHERE owner = $n)", filter.owner.as_ref().map(|of| of.0.clone()));
        self.by("f.id = $n", filter.id.map(|id| i64::try_from(id.0).unwrap_or(i64::MAX)));
        self.by(SEARCH, filter.search.clone());
    }

    fn by_standing(&mut self, filter: &FindingFilter, way: Way) -> Result<(), StoreError> {
        let plus = if way == Way::Sorted { "" } else { "+" };
        let states: Vec<&str> = filter.states.iter().map(|state| state.as_str()).collect();
        let states = (!states.is_empty()).then(|| sql::to_json("states", &states)).transpose()?;
        self.by(&format!("{plus}f.state IN (SELECT value FROM json_each($n))"), states);
        let (most, least) = tiers(filter);
        if (most, least) == (Tier::Page, Tier::Digest) {
            return Ok(());
        }
        if way == Way::ByUrgency {
            self.by_urgency(most, least);
            return Ok(());
        }
        let all = [Tier::Digest, Tier::Alert, Tier::Page].into_iter();
        let asked: Vec<&str> = all.filter(|tier| (least..=most).contains(tier)).map(Tier::as_str).collect();
        self.by(&format!("{plus}f.tier IN (SELECT value FROM json_each($n))"), Some(sql::to_json("tiers", &asked)?));
        Ok(())
    }

    /// Of one tier the index has them in the order of time.
    fn by_urgency(&mut self, most: Tier, least: Tier) {
        if most == least {
            return self.by(&format!("{URGENCY} = $n"), Some(urgency(most)));
        }
        self.by(&format!("{URGENCY} >= $n"), Some(urgency(most)));
        self.by(&format!("{URGENCY} <= $n"), Some(urgency(least)));
    }

    fn by_place(&mut self, filter: &FindingFilter) {
        if let Some((seen_at, key)) = &filter.after {
            let (at, key) = (self.bound(sql::micros(*seen_at)), self.bound(key.0.clone()));
            self.clauses.push(format!("f.seen_at <= {at} AND (f.seen_at < {at} OR f.key > {key})"));
        }
        if filter.untold {
            self.clauses.push(UNTOLD.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sqlite::schema;
    use super::*;
    use crate::model::{FindingState, Time};

    /// How SQLite finds them, a step a line.
    fn plan(filter: &FindingFilter, way: Way) -> String {
        let mut conn = rusqlite::Connection::open_in_memory().expect("memory");
        schema::build(&mut conn).expect("builds");
        let (keys, _) = keys(filter, way).expect("a statement");
        let mut explained = conn.prepare(&format!("EXPLAIN QUERY PLAN {keys}")).expect("explains");
        let (mut rows, mut steps) = (explained.raw_query(), Vec::new());
        while let Some(row) = rows.next().expect("a row") {
            steps.push(row.get::<_, String>(3).expect("text"));
        }
        steps.join("\n")
    }

    #[test]
    fn a_list_is_found_in_one_index_and_sorted_where_it_is_short_alone() {
        let after = Some((Time::default(), crate::model::FindingKey("k".to_owned())));
        let open = FindingFilter { states: vec![FindingState::Open], ..FindingFilter::default() };
        let urgent = FindingFilter { urgent: true, search: Some("x".to_owned()), ..open.clone() };
        let (page, alert) = (Some(Tier::Page), Some(Tier::Alert));
        for (filter, index) in [
            (open.clone(), "SCAN f USING COVERING INDEX findings_by_time"),
            (FindingFilter { at_least: alert, ..open.clone() }, "SCAN f USING COVERING INDEX findings_by_time"),
            (FindingFilter { after: after.clone(), ..open.clone() }, "SEARCH f USING COVERING INDEX findings_by_time"),
            (urgent.clone(), "SCAN f USING COVERING INDEX findings_by_urgency"),
            (
                FindingFilter { at_most: alert, ..urgent.clone() },
                "SEARCH f USING COVERING INDEX findings_by_urgency (<expr>>?",
            ),
            (
                FindingFilter { at_most: page, at_least: page, after, ..urgent.clone() },
                "SEARCH f USING COVERING INDEX findings_by_urgency (<expr>=? AND seen_at<?)",
            ),
            (
                FindingFilter { at_most: page, at_least: page, urgent: false, ..urgent.clone() },
                "SEARCH f USING COVERING INDEX findings_by_urgency (<expr>=?)",
            ),
        ] {
            let plan = plan(&filter, Way::of(&filter));
            assert!(plan.starts_with(index) && !plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
        }
        let few = plan(&FindingFilter { at_least: alert, ..open }, Way::Sorted);
        assert!(few.starts_with("SEARCH f USING") && few.contains("(state=?") && few.contains("TEMP B-TREE"), "{few}");
    }
}
