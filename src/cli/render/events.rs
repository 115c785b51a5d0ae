//! Events and event types for people.

use crate::catalog::{EventType, Sample};
use crate::cli::render::{add, listen};
use crate::cli::ui::Paint;
use crate::model::{Attempt, Delivery, DeliveryState, Event};
use crate::view::{pretty, safe};

/// How much of a body is shown.
const SHOWN_BODY: usize = 16 << 10;

/// One line of a list.
#[must_use]
pub fn row(event: &Event, deliveries: &[Delivery], paint: Paint) -> String {
    let name = if event.event_type.is_empty() { "-" } else { &event.event_type };
    let name = safe(name.as_bytes());
    let request = safe(format!("{} {}", event.request.method, event.request.path()).as_bytes());
    let at = &event.request.received_at.to_string();
    let state = state(deliveries);
    let state = match state {
        "delivered" => paint.green(state),
        "dead" => paint.red(state),
        _ => state.to_owned(),
    };
    format!("{}  {}  {:<28} {:<9} {:<9} {}", paint.dim(at), event.id, name, verdict(event), state, request)
}

/// The word for how far an event's deliveries have come: the worst of them.
fn state(deliveries: &[Delivery]) -> &'static str {
    let worst = [DeliveryState::Dead, DeliveryState::Pending, DeliveryState::InFlight, DeliveryState::Delivered];
    let is_there = |state: &DeliveryState| deliveries.iter().any(|delivery| delivery.state == *state);
    worst.into_iter().find(is_there).map_or("recorded", DeliveryState::word)
}

fn verdict(event: &Event) -> &'static str {
    match &event.verdict {
        Some(verdict) if verdict.ok => "valid",
        Some(_) => "invalid",
        None => "-",
    }
}

/// Everything about one event.
#[must_use]
pub fn detail(event: &Event, attempts: &[Attempt], paint: Paint) -> String {
    let request = &event.request;
    let mut text =
        format!("{} {}\n", paint.bold(&event.id.to_string()), paint.bold(&safe(event.event_type.as_bytes())));
    let mut fact = |name: &str, value: &str| add(&mut text, format_args!("{name:<9} {value}\n"));
    fact("app", event.app.as_str());
    fact("received", &request.received_at.to_string());
    fact("from", &safe(request.remote.as_bytes()));
    if let Some(found) = &event.verdict {
        let reason = found.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        fact("signature", &format!("{} {}{reason}", verdict(event), found.scheme));
    }
    add(&mut text, format_args!("\n{} {}\n", request.method, safe(request.target.as_bytes())));
    for (name, value) in request.headers.iter() {
        add(&mut text, format_args!("{}: {}\n", paint.dim(&safe(name)), safe(value)));
    }
    text.push('\n');
    text.push_str(&body(&request.body));
    for attempt in attempts {
        add(&mut text, format_args!("\n{}", listen::attempted(attempt, paint)));
    }
    text
}

/// A body as text, indented if it is JSON; or how many bytes it has.
fn body(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "(no body)\n".to_owned();
    }
    let Ok(text) = str::from_utf8(bytes) else { return format!("({} bytes that are not text)\n", bytes.len()) };
    let indented = Some(text).filter(|text| text.len() <= SHOWN_BODY).and_then(pretty);
    let text = indented.as_deref().unwrap_or(text);
    let shown: String = text.chars().take(SHOWN_BODY * 2).collect();
    let more = text.len() - shown.len();
    let lines: Vec<_> = shown.lines().map(|line| safe(line.as_bytes())).collect();
    let cut = if more > 0 { format!("\n({more} bytes more: --as http shows all)") } else { String::new() };
    format!("{}{cut}\n", lines.join("\n"))
}

/// An event type of the catalogue; with schema and sample if wanted.
#[must_use]
pub fn event_type(kind: &EventType, full: bool, paint: Paint) -> String {
    if !full {
        return format!("{:<28} {:<12} {}", kind.name, kind.product, paint.dim(&kind.title));
    }
    let aliases =
        if kind.aliases.is_empty() { String::new() } else { format!("\nalso known as {}", kind.aliases.join(", ")) };
    let whose = if kind.schemes.is_empty() { String::new() } else { format!("\nsent by {}", kind.schemes.join(", ")) };
    let head = format!("{} - {}\n{}{aliases}{whose}", paint.bold(&kind.name), kind.title, kind.description);
    let sample = match &kind.sample {
        Sample::Json(sample) => format!("sample of data:\n{}", sample.get()),
        Sample::Text { content_type, body } => format!("sample of the body, {content_type}:\n{body}"),
    };
    let schema = kind.schema.as_ref().map_or(String::new(), |schema| format!("\n\nschema:\n{}", schema.get()));
    format!("{head}\n\n{sample}{schema}")
}
