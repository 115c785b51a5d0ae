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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::listen::tui::model::{Pane, Title};
    use crate::model::{
        Attempt, AttemptId, DeliveryId, EndpointId, EventId, Failure, FailureKind, Headers, Response, Timestamp,
    };
    use crate::relay::notice::{Label, Notice};
    use crate::view::event_from_json;
    use proptest::prelude::*;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use ratatui::crossterm::event::{Event as Input, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    use std::sync::Arc;
    use std::time::Duration;

    fn id(number: u8) -> EventId {
        EventId::from_bytes([number; 20])
    }

    fn came(number: u8, fields: &str) -> Notice {
        let event = event_from_json(&format!("{{\"id\":\"{}\",{fields}}}", id(number))).unwrap();
        Notice::Received { event: Arc::new(event), label: Label::default(), deliveries: 1 }
    }

    fn ended(number: u8, outcome: Result<u16, FailureKind>) -> Notice {
        let headers = Headers::new;
        let answer = |status| Response { status, headers: headers(), body: bytes::Bytes::new(), truncated: false };
        let outcome = outcome.map(answer).map_err(|kind| Failure { kind, message: String::new() });
        let (started_at, duration) = (Timestamp::from_seconds(0), Duration::from_millis(31));
        let (id_of, endpoint) = (AttemptId::from_bytes([number; 20]), EndpointId::from_bytes([1; 20]));
        let attempt = Attempt {
            id: id_of,
            delivery: DeliveryId::from_bytes([1; 20]),
            event: id(number),
            endpoint,
            number: 1,
            manual: false,
            method: "POST".to_owned(),
            url: String::new(),
            started_at,
            duration,
            outcome,
            next_attempt_at: None,
        };
        Notice::Attempted { attempt: Arc::new(attempt) }
    }

    fn model(size: (u16, u16)) -> Model {
        let title = Title { url: "http://in".to_owned(), to: "http://app".to_owned(), ..Title::default() };
        let mut model = Model::new(title, Vec::new(), size);
        for notice in [
            came(1, r#""event_type":"order.created","verdict":{"ok":true,"scheme":"acme"}"#),
            ended(1, Ok(200)),
            came(2, r#""path":"/hook","method":"PUT""#),
            ended(2, Err(FailureKind::Refused)),
            came(3, r#""event_type":"注文.作成\u001b[2J","verdict":{"ok":false,"scheme":"acme","reason":"r"}"#),
        ] {
            model.notice(&notice);
        }
        model
    }

    fn press(model: &mut Model, keys: &str) -> Vec<Deed> {
        let codes = keys.chars().map(|c| match c {
            '\n' => KeyCode::Enter,
            '\x1b' => KeyCode::Esc,
            c => KeyCode::Char(c),
        });
        let mut deeds = Vec::new();
        for code in codes {
            model.settle();
            deeds.extend(model.input(&Input::Key(code.into())));
        }
        deeds
    }

    /// What stands on the screen, without spaces at the ends of lines; times are those of wherever the test runs.
    fn screen(model: &mut Model) -> Vec<String> {
        model.settle();
        let mut terminal = Terminal::new(TestBackend::new(model.size.0, model.size.1)).unwrap();
        terminal.draw(|frame| draw(frame, model)).unwrap();
        if model.size.0 == 0 {
            return Vec::new();
        }
        let text = terminal.backend().to_string().replace(&time(Timestamp::default()), "hh:mm:ss");
        // The backend adds which cells are under wide letters.
        let line = |line: &str| line.split("\" Hidden").next().unwrap_or(line).trim_matches('"').trim_end().to_owned();
        text.lines().map(line).collect()
    }

    #[test]
    fn a_list_has_a_line_for_each_event_with_a_word_for_each_state() {
        let mut model = model((80, 8));
        assert_eq!(
            screen(&mut model),
            [
                "whk http://in -> http://app  3 received, 1 taken, 1 failed",
                "  time     status      event                                   verdict  took",
                "  hh:mm:ss [200]       order.created  acme                     valid    31ms",
                "  hh:mm:ss [refused]   PUT /in/default/hook                    -        31ms",
                "> hh:mm:ss waiting     注文.作成\\x1b[2J  acme                  invalid",
                "",
                "3 of 3",
                "j/k move  d detail  r replay  e edit  v verdict  c copy  / search  f filter  spa",
            ]
        );
    }

    #[test]
    fn keys_move_filter_search_and_ask() {
        let mut model = model((80, 8));
        assert_eq!(press(&mut model, "k"), []);
        assert_eq!(press(&mut model, "r"), [Deed::Replay(id(2))]);
        assert_eq!(
            press(&mut model, "gvcedq"),
            [Deed::Verdict(id(1)), Deed::Copy(id(1)), Deed::Edit(id(1)), Deed::Load(id(1)), Deed::Quit]
        );
        model.fill(&Deed::Load(id(1)), vec!["line one".to_owned(), "注文".to_owned()]);
        model.fill(&Deed::Load(id(2)), vec!["an answer that came too late".to_owned()]);
        let shown = screen(&mut model).join("\n");
        assert!(shown.contains("line one") && shown.contains("注文") && !shown.contains("too late"), "{shown}");
        assert_eq!(press(&mut model, "jd"), [Deed::Load(id(2))]);
        assert!(model.pane.is_none());
        assert_eq!(press(&mut model, "mGD"), [Deed::Diff(id(2), id(3))]);
        press(&mut model, "\x1b/ORDER\n");
        assert!(screen(&mut model).join("\n").contains("1 of 3, with \"ORDER\""));
        assert_eq!(model.selected().unwrap().id, id(1));
        press(&mut model, "\x1bf");
        assert!(screen(&mut model).iter().any(|line| line.contains("1 of 3, only failed")));
        assert_eq!(model.selected().unwrap().id, id(2));
        press(&mut model, "?");
        assert!(screen(&mut model).join("\n").contains("the next event, the one before") || model.size.1 < 12);
        press(&mut model, "x");
        assert!(!model.help);
        let control = Input::Key(ratatui::crossterm::event::KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
        assert_eq!(model.input(&control), Some(Deed::Interrupt));
    }

    #[test]
    fn the_mouse_selects_and_the_wheel_scrolls() {
        let mut model = model((120, 8));
        let mouse = |kind, column, row| Input::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE });
        model.settle();
        assert_eq!(model.input(&mouse(MouseEventKind::Down(MouseButton::Left), 3, 2)), None);
        assert_eq!(model.selected().unwrap().id, id(1));
        assert_eq!(press(&mut model, "d"), [Deed::Load(id(1))]);
        model.fill(&Deed::Load(id(1)), (0..50).map(|line| format!("line {line}")).collect());
        assert_eq!(model.input(&mouse(MouseEventKind::ScrollDown, 100, 4)), None);
        let shown = screen(&mut model).join("\n");
        assert!(shown.contains("line 3") && !shown.contains("line 2\n") && shown.contains("order.created"), "{shown}");
        assert_eq!(model.input(&mouse(MouseEventKind::ScrollDown, 3, 4)), Some(Deed::Load(id(3))));
        assert_eq!(model.input(&Input::Resize(20, 4)), None);
        assert_eq!(screen(&mut model).len(), 4);
    }

    #[test]
    fn a_pause_holds_the_list_and_nothing_is_lost() {
        let mut model = model((80, 8));
        press(&mut model, " ");
        model.notice(&came(4, r#""event_type":"later""#));
        let shown = screen(&mut model).join("\n");
        assert!(shown.contains("3 of 4, PAUSED") && !shown.contains("later"), "{shown}");
        press(&mut model, " ");
        assert_eq!(screen(&mut model)[5], "> hh:mm:ss waiting     later                                   -");
    }

    #[test]
    fn the_list_is_bounded_and_the_selection_stays_where_it_is() {
        let mut model = model((80, 8));
        press(&mut model, "g");
        let event = |number: u32| {
            let mut bytes = [9; 20];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            let text = format!("{{\"id\":\"{}\",\"event_type\":\"n\"}}", EventId::from_bytes(bytes));
            Notice::Received {
                event: Arc::new(event_from_json(&text).unwrap()),
                label: Label::default(),
                deliveries: 0,
            }
        };
        for number in 0..9_997 {
            model.notice(&event(number));
        }
        model.settle();
        assert_eq!((model.counts(), model.selected().unwrap().id), ((10_000, 10_000), id(1)));
        for number in 10_000..10_010 {
            model.notice(&event(number));
            model.settle();
        }
        assert_eq!(model.counts(), (10_000, 10_000));
        assert_eq!(model.selected().unwrap().what, "n");
        press(&mut model, "Gk");
        let before = model.selected().unwrap().id;
        model.notice(&event(20_000));
        model.settle();
        assert_eq!(model.selected().unwrap().id, before);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_keys_and_no_size_break_it(
            keys in "[jkgGdvrecmDfio /?a\n\x1b]{0,40}", size in (0_u16..130, 0_u16..40), many in 0_u8..60, wheel: bool,
        ) {
            let mut model = model(size);
            for (place, key) in keys.chars().enumerate() {
                let deeds = press(&mut model, &key.to_string());
                if let Some(Pane { deed, .. }) = model.pane.clone() {
                    model.fill(&deed, vec!["x".repeat(300); 30]);
                }
                if place == 5 {
                    for number in 10..many {
                        model.notice(&came(number, r#""event_type":"more""#));
                    }
                }
                let kind = if wheel { MouseEventKind::ScrollUp } else { MouseEventKind::Down(MouseButton::Left) };
                model.input(&Input::Mouse(MouseEvent { kind, column: size.0 / 2, row: size.1 / 2, modifiers: KeyModifiers::NONE }));
                prop_assert!(deeds.len() <= 1);
                screen(&mut model);
            }
        }
    }
}
