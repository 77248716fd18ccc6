//! How the watch stands on a whole terminal: a pure function of what was seen last.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Cell, Paragraph, Row, Table};

use super::super::findings::case::{short, state};
use super::asked::Unsaid;
use super::words::{channel, plain, standing, summary, word};
use super::wrapped::wrapped;
use crate::api::first_look::{errand, shown_of, whom};
use crate::api::v1::{Finding, Glance, Level, Status, Tier, Untold, Waits, WouldPipTake};
use crate::cases::coverage::ago;
use crate::logging;
use crate::messages::hostile::shown;
use crate::model::{self, Time};

/// Of what is wrong, so that the cases below it stay on the screen.
const WORRIES: usize = 5;
/// Of what waits.
const WAITS: usize = 6;
/// Letters of one name.
const NAME: usize = 80;
/// Lines that one text may take, on a screen of so many and on a higher one.
const SPARE: (u16, usize, usize) = (30, 2, 4);
/// Columns before what is said, where it has a label.
const LABEL: u16 = 16;
const KEYS: &str = "q quit   r look now   j k scroll";

/// What one look came to.
pub(super) struct Seen {
    pub(super) glance: Result<Glance, Unsaid>,
    pub(super) cases: Result<Vec<Finding>, String>,
}

/// What is on the screen. Where a look gives nothing, what was seen before stays, with its age.
#[derive(Default)]
pub(super) struct Screen {
    glance: Option<Glance>,
    cases: Vec<Finding>,
    /// Why the last look gave no status.
    unsaid: Option<Unsaid>,
    /// Why it gave no cases.
    unlisted: Option<String>,
    /// Cases above the first that is shown.
    above: usize,
}

impl Screen {
    pub(super) fn take(&mut self, seen: Seen) {
        match seen.glance {
            Ok(glance) => (self.glance, self.unsaid) = (Some(glance), None),
            Err(unsaid) => return self.unsaid = Some(unsaid),
        }
        match seen.cases {
            Ok(cases) => (self.cases, self.unlisted) = (cases, None),
            Err(why) => self.unlisted = Some(why),
        }
        self.scroll(0);
    }

    /// Down by so many cases, or up.
    pub(super) fn scroll(&mut self, by: isize) {
        self.above = self.above.saturating_add_signed(by).min(self.cases.len().saturating_sub(1));
    }

    pub(super) fn top(&mut self) {
        self.above = 0;
    }

    pub(super) fn draw(&self, frame: &mut Frame, now: Time) {
        let room = Room::of(frame.area());
        let (title, worries) = (self.title(room), self.worries(now, room));
        let standing: Vec<Line> = self.standing(room).into_iter().chain(self.waits(now, room)).collect();
        let heights = [
            Constraint::Length(rows(&title)),
            Constraint::Length(rows(&worries)),
            Constraint::Max(rows(&standing)),
            Constraint::Min(3),
            Constraint::Length(1),
        ];
        let [top, wrong, stands, cases, keys] = Layout::vertical(heights).areas(frame.area());
        frame.render_widget(Paragraph::new(title), top);
        frame.render_widget(Paragraph::new(worries), wrong);
        frame.render_widget(Paragraph::new(standing), stands);
        self.draw_cases(frame, cases, now);
        let foot = format!(" {KEYS}   {}", now.format("%T UTC"));
        frame.render_widget(Line::from(foot).style(faint()), keys);
    }

    /// The verdict.
    fn title(&self, room: Room) -> Vec<Line<'static>> {
        let (says, style) = match (&self.unsaid, self.status()) {
            (Some((level, _)), _) => (format!("{} - nobody says how it stands", untold(*level)), bad()),
            (None, Some(status)) => (format!("{} - {}", word(status.level), summary(status)), of_level(status.level)),
            (None, None) => ("asking the daemon".to_owned(), Style::new()),
        };
        let style = style.add_modifier(Modifier::REVERSED | Modifier::BOLD);
        // As wide as the screen.
        let columns = usize::from(room.columns);
        let filled = |line: String| format!(" {line:<columns$}");
        // What is wrong stands whole below it.
        let room = Room { lines: 2, ..room };
        room.wrapped(&format!("NAMEWARDEN {says}"), 1)
            .into_iter()
            .map(|line| Line::from(filled(line)).style(style))
            .collect()
    }

    fn worries(&self, now: Time, room: Room) -> Vec<Line<'static>> {
        let unsaid = self.unsaid.iter().map(|(_, why)| (bad(), plain(why)));
        let stale = self.unsaid.as_ref().and(self.status());
        let stale = stale.map(|status| (faint(), format!("what follows was seen {}", ago(status.now, now))));
        let unlisted = self.unlisted.iter().map(|why| (bad(), format!("the cases cannot be read: {}", plain(why))));
        let worries =
            self.status().into_iter().flat_map(|status| &status.worries).map(|worry| (doubtful(), plain(worry)));
        let told = unsaid.chain(stale).chain(unlisted).chain(worries).take(WORRIES);
        let lines = told.flat_map(|(style, says)| {
            let marks = std::iter::once(" ! ").chain(std::iter::repeat("   "));
            let lines = marks.zip(room.wrapped(&says, 3));
            lines.map(move |(mark, line)| Line::from(format!("{mark}{line}")).style(style)).collect::<Vec<_>>()
        });
        lines.collect()
    }

    fn standing(&self, room: Room) -> Vec<Line<'static>> {
        let Some(status) = self.status() else { return Vec::new() };
        let outboxes = status.outboxes.iter().map(|outbox| (outbox.channel.clone(), channel(outbox, status.now)));
        let lines = standing(status).into_iter().map(|(of, says)| (of.to_owned(), says)).chain(outboxes);
        lines.flat_map(|(of, says)| room.labelled(&of, &says)).collect()
    }

    /// What waits for whom, as the first page of the dashboard has it.
    fn waits(&self, now: Time, room: Room) -> Vec<Line<'static>> {
        let Some(glance) = &self.glance else { return Vec::new() };
        let (shown, left_out) = shown_of(&glance.waits, WAITS);
        let line = |(place, of): (usize, &Waits)| {
            let since = of.since.map(|since| format!(", since {}", ago(since, now))).unwrap_or_default();
            room.labelled(if place == 0 { "waits" } else { "" }, &format!("{}: {}{since}", whom(of), errand(of)))
        };
        let more = (left_out > 0).then(|| room.labelled("", &format!("and {left_out} more")));
        shown.into_iter().enumerate().map(line).chain(more).flatten().collect()
    }

    fn status(&self) -> Option<&Status> {
        self.glance.as_ref().map(|glance| &glance.status)
    }

    fn draw_cases(&self, frame: &mut Frame, area: Rect, now: Time) {
        if self.cases.is_empty() {
            let known = self.glance.is_some() && self.unlisted.is_none();
            let says = if known { "no case needs anybody" } else { "" };
            return frame.render_widget(Line::from(format!(" {says}")).style(faint()), area);
        }
        let columns: Vec<&Column> = COLUMNS.iter().filter(|column| column.from <= area.width).collect();
        let header = Row::new(columns.iter().map(|column| column.head)).style(faint());
        let shown = self.cases.iter().skip(self.above).take(area.height.into());
        let rows = shown.map(|case| Row::new(columns.iter().map(|column| (column.cell)(case, now))));
        let widths = columns.iter().map(|column| column.width);
        frame.render_widget(Table::new(rows, widths).header(header), indented(area));
    }
}

/// How much of a text the screen has room for.
#[derive(Clone, Copy)]
struct Room {
    columns: u16,
    /// Of one text.
    lines: usize,
}

impl Room {
    fn of(screen: Rect) -> Self {
        let (height, few, many) = SPARE;
        Self { columns: screen.width, lines: if screen.height < height { few } else { many } }
    }

    /// Behind so many columns.
    fn wrapped(self, text: &str, behind: u16) -> Vec<String> {
        wrapped(text, self.columns.saturating_sub(behind).into(), self.lines)
    }

    fn labelled(self, of: &str, says: &str) -> Vec<Line<'static>> {
        let labels = std::iter::once(of).chain(std::iter::repeat(""));
        let lines = labels.zip(self.wrapped(says, LABEL));
        lines
            .map(|(of, says)| Line::from(vec![Span::styled(format!(" {of:<14} "), faint()), Span::from(says)]))
            .collect()
    }
}

/// One column of the cases.
struct Column {
    head: &'static str,
    width: Constraint,
    /// A narrower screen does without it.
    from: u16,
    cell: fn(&Finding, Time) -> Cell<'static>,
}

const COLUMNS: [Column; 7] = [
    Column { head: "case", width: Constraint::Length(8), from: 0, cell: |case, _| short(case).into() },
    Column { head: "tier", width: Constraint::Length(6), from: 0, cell: |case, _| tier(case.tier) },
    Column { head: "state", width: Constraint::Length(12), from: 72, cell: |case, _| state(case).into() },
    Column { head: "project", width: Constraint::Fill(3), from: 0, cell: |case, _| shown(&case.project, NAME).into() },
    Column { head: "threatens", width: Constraint::Fill(2), from: 60, cell: |case, _| threatened(case).into() },
    Column { head: "pip", width: Constraint::Length(8), from: 50, cell: |case, _| pip(case.facts.would_pip_take) },
    Column { head: "seen", width: Constraint::Length(10), from: 60, cell: |case, now| ago(case.seen_at, now).into() },
];

fn tier(tier: Tier) -> Cell<'static> {
    Cell::from(model::Tier::from(tier).as_str()).style(of_tier(tier))
}

fn threatened(case: &Finding) -> String {
    let others = case.threats.len().saturating_sub(1) + case.more.iter().map(|more| more.watches).sum::<usize>();
    let more = if others == 0 { String::new() } else { format!(" +{others}") };
    case.threats.first().map_or_else(String::new, |threat| shown(&threat.watch.label, NAME)) + &more
}

fn pip(takes: WouldPipTake) -> Cell<'static> {
    match takes {
        WouldPipTake::Yes => Cell::from("takes it").style(bad()),
        WouldPipTake::No => Cell::from("no"),
        WouldPipTake::Unknown => Cell::from("unknown"),
    }
}

/// As what stands above it.
fn indented(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area }
}

fn rows(lines: &[Line]) -> u16 {
    u16::try_from(lines.len()).unwrap_or(u16::MAX)
}

fn untold(level: Untold) -> &'static str {
    match level {
        Untold::Critical => word(Level::Critical),
        Untold::Unknown => "UNKNOWN",
    }
}

fn of_level(level: Level) -> Style {
    match level {
        Level::Ok => colour(Color::Green),
        Level::Warning => doubtful(),
        Level::Critical => bad(),
    }
}

fn of_tier(tier: Tier) -> Style {
    match tier {
        Tier::Page => bad(),
        Tier::Alert => doubtful(),
        Tier::Digest => Style::new(),
    }
}

fn bad() -> Style {
    colour(Color::Red).add_modifier(Modifier::BOLD)
}

fn doubtful() -> Style {
    colour(Color::Yellow)
}

fn faint() -> Style {
    Style::new().add_modifier(Modifier::DIM)
}

/// Where colours are not wanted, words say it all the same.
fn colour(colour: Color) -> Style {
    if logging::colours().output { Style::new().fg(colour) } else { Style::new() }
}
