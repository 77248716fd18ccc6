//! Tables with a header row: which column holds the names, and what stands in it.

use super::merged::{Hidden, Lengths, no_title};
use super::requirement::of_file;
use super::rows::{Cell, Rows, declared};
use super::said::{Each, Said};
use super::titles::{NAME_TITLES, Titles};
use crate::config::source::{Fault, Problem, Source};
use crate::model::ProjectName;

/// How the header row separates its cells, if it is one. In a file that is called a table it always is.
pub(super) fn separator(header: &str, called: bool) -> Option<char> {
    if let Some(separator) = declared(header) {
        return Some(separator);
    }
    let has_name = |separator: char| {
        let mut titles = header.split(separator).map(|c| c.trim().trim_matches('"').to_lowercase());
        titles.any(|title| NAME_TITLES.contains(&title.as_str()))
    };
    let cells = |separator: &char| header.split(*separator).count();
    let likely = ['|', '\t', ';', ','].into_iter().filter(|s| has_name(*s)).max_by_key(cells);
    let alone =
        likely.is_some_and(|s| cells(&s) == 1 && !matches!(header.to_lowercase().as_str(), "name" | "\"name\""));
    match likely.filter(|_| !alone || called) {
        None if called => ['|', '\t', ';', ','].into_iter().max_by_key(cells),
        likely => likely,
    }
}

/// The column of names of any table; the others are of no interest. What stands twice is refused: which is meant?
pub(super) fn read_names(source: &Source, separator: char, each: Each<'_>) -> Result<(), Problem> {
    let refuse = |(at, fault): (usize, Fault)| source.problem(at, "", fault);
    let (mut rows, mut row) = (Rows::new(source.text(), separator), Vec::new());
    if !rows.next(&mut row).map_err(refuse)? {
        return Ok(());
    }
    let (column, width) = (name_column(&row).map_err(refuse)?, row.len());
    let lengths = Lengths::of(source.text(), separator).map_err(refuse)?;
    tell_hidden(&lengths.hidden_in_titles(&row, column), each);
    let titles = Titles::new(&row, column);
    while rows.next(&mut row).map_err(refuse)? {
        if let Some(second) = titles.again(&row, rows.below_gap()) {
            return Err(refuse(second));
        }
        match (row.get(column), lengths.no_name(&row, column)) {
            (_, Some((at, fault))) => each(Said::doubtful("", at, fault)),
            (Some(cell), None) => each(said(cell)),
            (None, None) => each(Said::doubtful("", row[0].at, no_cell())),
        }
        lengths.shifted(&row, column).iter().for_each(|cell| each(Said::Beside { text: cell.text.trim().into() }));
        let beyond = row.iter().skip(width).filter(|cell| !cell.text.trim().is_empty());
        beyond.for_each(|cell| each(Said::doubtful(cell.text.trim(), cell.at, no_title())));
        tell_hidden(&lengths.hidden(&row, column), each);
    }
    Ok(())
}

/// One doubt a row is enough; what else may be a name is judged.
fn tell_hidden(hidden: &Hidden<'_, '_>, each: Each<'_>) {
    let mut beside = |cell: &Cell<'_>| each(Said::Beside { text: cell.text.trim().into() });
    match hidden {
        Hidden::Nothing => {}
        Hidden::Possibly(cell) => beside(cell),
        Hidden::Likely(cells) => {
            cells.iter().skip(1).for_each(|cell| beside(cell));
            cells.iter().take(1).for_each(|cell| each(Said::doubtful(cell.text.trim(), cell.at, no_title())));
        }
    }
}

fn no_cell() -> Fault {
    Fault::new("the row ends before the column of names", "complete it")
}

fn said<'c>(cell: &'c Cell<'_>) -> Said<'c> {
    let text = cell.text.trim();
    if let Some(found) = of_file(text) {
        return Said::Project { name: found.name.into(), version: found.version.map(Into::into), at: cell.at };
    }
    if ProjectName::is_valid(text) {
        return Said::name(text, cell.at);
    }
    Said::doubtful(text, cell.at, super::names::no_name(text))
}

fn name_column(header: &[Cell<'_>]) -> Result<usize, (usize, Fault)> {
    let mut named = header.iter().enumerate().filter(|(_, cell)| NAME_TITLES.contains(&cell.title().as_str()));
    match (named.next(), named.next()) {
        (Some((column, _)), None) => Ok(column),
        (Some((_, first)), Some((_, second))) => {
            let what = format!("the columns {:?} and {:?} may both hold the names", first.text, second.text);
            Err((second.at, Fault::new(what, "leave one of them out, or give it another title")))
        }
        (None, _) => Err((0, Fault::new("no column is called name", "write a header row with the title name"))),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn names(text: &str, separator: char) -> String {
        let mut said = Vec::new();
        let source = Source::new(Path::new("t.csv"), text.to_owned());
        let read = read_names(&source, separator, &mut |each| {
            said.push(match each {
                Said::Project { name, .. } => name.into_owned(),
                Said::Doubtful { text, at, .. } => format!("?{text}@{at}"),
                Said::Beside { text } => format!("+{text}"),
                other => unreachable!("{other:?}: only in lines"),
            });
        });
        read.map_or_else(|problem| problem.to_string(), |()| said.join(" "))
    }

    #[test]
    fn a_second_table_with_its_names_elsewhere_is_refused() {
        let told = [
            "name,owner\na,o\n\nowner,name\no,b\n",
            "name,owner\na,o\nOwner,Name\no,b\n",
            "name;owner\na;o\n\nteam;package\no;b\n",
        ]
        .map(|text| names(text, if text.contains(';') { ';' } else { ',' }))
        .join("\n");
        insta::assert_snapshot!(told, @r"
            t.csv:4:7: these are the titles of a second table, with the names in another column; put each table into a file of its own
            t.csv:3:7: these are the titles of a second table, with the names in another column; put each table into a file of its own
            t.csv:4:6: these are the titles of a second table, with the names in another column; put each table into a file of its own
            ");
        assert_eq!(names("name,type\na,project\n\nrequests,package\nteam,package\n", ','), "a requests team", "kinds");
        assert_eq!(names("name,owner\na,o\n\nname,owner\nb,o\n", ','), "a name b", "the same columns");
    }

    #[test]
    fn a_row_that_lost_a_cell_has_its_name_further_left() {
        assert_eq!(names("owner,name,v\no,a,1.0\nb,2.0\no,c,1\n", ','), "+v a ?@23 +b c");
        assert_eq!(names("owner,name,v\no,a,1.0\nb,x\no,c,1\n", ','), "+v a x +b c");
        assert_eq!(names("owner,name,v\no,a\no,b\n", ','), "+v a +o b +o", "no row has all");
    }

    #[test]
    fn the_titles_of_jira_stand_between_two_bars_each() {
        assert_eq!(names("||Package||Owner||\n|a|o|\n|b|o|\n", '|'), "a b");
    }

    #[test]
    fn a_row_that_is_two_is_doubted_where_it_is_too_long() {
        let two = "owner,name,index\n,unrelated,x,acme-billing,\n,other,,\n";
        assert_eq!(names(two, ','), "unrelated ?acme-billing@30 ?x@28 other");
    }

    #[test]
    fn a_row_that_is_two_is_doubted_where_the_second_ends_in_an_empty_cell() {
        let rows = "name,owner\na,o\nb,o\n";
        assert_eq!(names(&format!("{rows}c,xacme-billing,\nd,o\n"), ','), "a b c ?xacme-billing@21 d");
        assert_eq!(names("name,owner\na,o,\nb,o,\nc,o,\n", ','), "a b c", "a spreadsheet's");
    }

    #[test]
    fn rules_are_no_rows_and_files_are_what_they_hold() {
        assert_eq!(names("| name | x |\n|:-----|--:|\n| acme | 1 |\n", '|'), "acme");
        assert_eq!(names(" name | x \n------+---\n acme | 1\n(1 row)\n", '|'), "acme");
        assert_eq!(names("+------+---+\n| name | x |\n+------+---+\n| acme | 1 |\n+------+---+\n", '|'), "acme");
        assert_eq!(names("name,size\nacme_tax-1.0-py3-none-any.whl,5\nacme-b-1.0.tar.gz,6\n", ','), "acme_tax acme-b");
    }

    #[test]
    fn the_column_of_names_is_found_wherever_it_stands() {
        assert_eq!(names("id\tPackage\tx\n5\tacme\t\n6\n7\tacme b\t\n", '\t'), "acme ?@21 +6 ?acme b@25");
        assert_eq!(
            names("name,Name\nacme,b\n", ','),
            "t.csv:1:6: the columns \"name\" and \"Name\" may both hold the names; leave one of them out, or give it another title"
        );
        assert_eq!(
            names("x,y\nacme,b\n", ','),
            "t.csv:1:1: no column is called name; write a header row with the title name"
        );
    }
}
