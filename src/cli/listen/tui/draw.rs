//! The screen, drawn from what is known; nothing is changed here.

use ratatui::Frame;
use ratatui::layout::{Constraint, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Cell, Clear, Paragraph, Row as Cells, Table, Wrap};

use crate::cli::listen::tui::keys::HELP;
use crate::cli::listen::tui::model::{Deed, Filter, Model};
use crate::cli::listen::tui::row::{Judged, Row, State};
use crate::cli::render::listen::{time, took};
use crate::view::safe;

/// From this width on ids are shown in the list.
const ROOM_FOR_IDS: u16 = 100;
/// The keys at the foot.
const KEYS: &str =
    "j/k move  d detail  r replay  e edit  v verdict  c copy  / search  f filter  space pause  ? help  q quit";

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, model: &Model) {
    let areas = model.areas();
    let whole = frame.area();
    let fit = |area: Rect| area.intersection(whole);
    head(frame, model, fit(areas.head));
    list(frame, model, fit(areas.list));
    pane(frame, model, fit(areas.pane));
    foot(frame, model, fit(areas.foot));
    if model.help {
        help(frame, model, whole);
    }
}

/// Colours say nothing that a word does not.
fn tint(model: &Model, colour: Color) -> Style {
    if model.title.colour { Style::new().fg(colour) } else { Style::new() }
}

fn head(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    let title = &model.title;
    let (received, taken, failed) = model.sums;
    let mut sums = format!("  {received} received, {taken} taken, {failed} failed");
    if model.missed > 0 {
        sums.push_str(&format!(", {} lines not shown", model.missed));
    }
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let mut lines = vec![Line::from(vec![
        Span::styled("whk ", bold),
        Span::raw(safe(format!("{} -> {}", title.url, title.to))),
        Span::styled(sums, tint(model, Color::Cyan)),
    ])];
    for (name, value) in [("inspector", &title.inspector), ("secret", &title.secret), ("store", &title.store)] {
        lines.push(Line::from(format!("    {name:<10} {}", safe(value))));
    }
    frame.render_widget(Paragraph::new(lines), area);
}

fn list(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    if area.is_empty() {
        return;
    }
    let (rows, selected) = model.visible(usize::from(area.height.saturating_sub(1)));
    let with_ids = area.width >= ROOM_FOR_IDS;
    let mut widths = vec![
        Constraint::Length(1),
        Constraint::Length(8),
        Constraint::Length(11),
        Constraint::Fill(1),
        Constraint::Length(8),
        Constraint::Length(8),
    ];
    let mut names = vec!["", "time", "status", "event", "verdict", "took"];
    if with_ids {
        widths.push(Constraint::Length(31));
        names.push("id");
    }
    let cells = rows.iter().enumerate().map(|(place, row)| {
        let is_selected = selected == Some(place);
        let style = if is_selected { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
        cells(model, row, is_selected, with_ids).style(style)
    });
    let names = Cells::new(names).style(Style::new().add_modifier(Modifier::DIM));
    frame.render_widget(Table::new(cells.collect::<Vec<_>>(), widths).header(names), area);
    if rows.is_empty() {
        let (_, all) = model.counts();
        let text = if all == 0 {
            "nothing has come yet"
        } else {
            "no event matches: Esc ends the search, f changes the filter"
        };
        let below = Rect { y: area.y + 1.min(area.height), height: area.height.saturating_sub(1).min(1), ..area };
        frame.render_widget(Paragraph::new(format!("  {text}")), below);
    }
}

fn cells<'a>(model: &Model, row: &Row, is_selected: bool, with_ids: bool) -> Cells<'a> {
    let mark = match (is_selected, model.marked == Some(row.id)) {
        (_, true) => "*",
        (true, false) => ">",
        (false, false) => " ",
    };
    let state = Cell::from(row.state.word()).style(tint(model, colour(row.state)));
    let judged = match row.judged {
        Judged::Valid => tint(model, Color::Green),
        Judged::Invalid => tint(model, Color::Red),
        Judged::Not => Style::new(),
    };
    let number = if row.attempts > 1 { format!(" #{}", row.attempts) } else { String::new() };
    let provider = if row.provider.is_empty() { String::new() } else { format!("  {}", row.provider) };
    let what = Line::from(vec![
        Span::raw(row.what.clone()),
        Span::raw(number),
        Span::styled(provider, Style::new().add_modifier(Modifier::DIM)),
    ]);
    let mut cells = vec![
        Cell::from(mark),
        Cell::from(time(row.at)),
        state,
        Cell::from(what),
        Cell::from(row.judged.word()).style(judged),
        Cell::from(row.took.map(took).unwrap_or_default()),
    ];
    if with_ids {
        cells.push(Cell::from(row.id.to_string()));
    }
    Cells::new(cells)
}

const fn colour(state: State) -> Color {
    match state {
        State::Answered(200..=299) => Color::Green,
        State::Answered(300..=499) => Color::Yellow,
        State::Answered(_) | State::Failed(_) => Color::Red,
        State::Recorded | State::Waiting => Color::Reset,
    }
}

fn pane(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    let Some(pane) = model.pane.as_ref().filter(|_| !area.is_empty()) else { return };
    let name = match &pane.deed {
        Deed::Verdict(id) => format!(" verdict {id} "),
        Deed::Diff(a, b) => format!(" {a} against {b} "),
        Deed::Load(id) => format!(" {id} "),
        _ => String::new(),
    };
    let block = Block::new().borders(Borders::TOP | Borders::LEFT).title(name);
    // Only what may fit is laid out: a body may have many lines.
    let lines: Vec<Line<'_>> = match &pane.lines {
        None => vec![Line::from("...")],
        Some(lines) => {
            lines.iter().skip(pane.scroll).take(usize::from(area.height)).map(|line| Line::raw(line.as_str())).collect()
        }
    };
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }).block(block), area);
}

fn foot(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    let (shown, all) = model.counts();
    let mut parts = vec![format!("{shown} of {all}")];
    if model.filter != Filter::All {
        parts.push(format!("only {}", model.filter.word()));
    }
    if !model.needle.is_empty() && !model.typing {
        parts.push(format!("with \"{}\"", safe(&model.needle)));
    }
    if model.paused {
        parts.push("PAUSED, space goes on".to_owned());
    } else if !model.follows {
        parts.push("G goes to the newest".to_owned());
    }
    let status = if model.typing {
        Line::from(format!("search: {}_   Enter keeps it, Esc ends it", safe(&model.needle)))
    } else {
        match &model.message {
            Some(message) => Line::from(safe(message)).style(tint(model, Color::Yellow)),
            None => Line::from(parts.join(", ")),
        }
    };
    let keys = Line::from(KEYS).style(Style::new().add_modifier(Modifier::DIM));
    frame.render_widget(Paragraph::new(vec![status, keys]), area);
}

fn help(frame: &mut Frame<'_>, model: &Model, whole: Rect) {
    let width = 64.min(whole.width);
    let height = u16::try_from(HELP.len() + 2).unwrap_or(u16::MAX).min(whole.height);
    let area = Rect::new((whole.width - width) / 2, (whole.height - height) / 2, width, height);
    let lines: Vec<Line<'_>> = HELP
        .iter()
        .map(|(keys, what)| {
            Line::from(vec![Span::styled(format!(" {keys:<12} "), tint(model, Color::Cyan)), Span::raw(*what)])
        })
        .collect();
    let block = Block::bordered().title(" keys: any key closes this ");
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines).block(block), area);
}
