//! The lines of `whk listen`: `-->` an event came, `<--` an answer went back.

use jiff::tz::TimeZone;

use crate::cli::render::{add, advice};
use crate::cli::ui::Paint;
use crate::model::{Attempt, Event, Response, Secret, Timestamp};
use crate::relay::counts::Counts;
use crate::relay::notice::Label;
use crate::view::safe;

/// Where a line's text begins when it belongs to the line above.
const INDENT: &str = "           ";
/// How much of a failed answer is shown.
const SHOWN_LINES: usize = 3;
const SHOWN_LETTERS: usize = 160;

/// Where events go, in words.
#[must_use]
pub fn destination(forward: &[String], canned: Option<u16>) -> String {
    match canned {
        Some(status) => format!("recorded, answered {status}"),
        None if forward.is_empty() => "recorded, answered 200".to_owned(),
        None => forward.join(", "),
    }
}

/// The line that says all is set.
#[must_use]
pub fn ready(url: &str, to: &str, aside: &str, secret: Option<&Secret>, paint: Paint) -> String {
    let masked = secret.map_or_else(String::new, |secret| format!(", secret {}", secret.masked()));
    format!("{} {} -> {to}   ({aside}{masked}, ^C to quit)", paint.bold("> Ready!"), paint.bold(url))
}

/// The sum at the end.
#[must_use]
pub fn done(counts: &Counts) -> String {
    format!("> Done: {} received, {} delivered, {} failed", counts.events(), counts.delivered(), counts.failed())
}

/// An event came.
#[must_use]
pub fn received(event: &Event, label: &Label, paint: Paint) -> String {
    let what = if event.event_type.is_empty() {
        safe(format!("{} {}", event.request.method, event.request.path()).as_bytes())
    } else {
        safe(event.event_type.as_bytes())
    };
    let provider = label.provider.as_deref().unwrap_or_default();
    let verdict = match (&event.verdict, label.provider.as_deref()) {
        (Some(verdict), _) if verdict.ok => format!(" {} {}", paint.green("valid"), verdict.scheme),
        (Some(verdict), _) => {
            let reason = verdict.reason.as_deref().unwrap_or_default();
            format!(" {} {}: {reason}", paint.red("invalid"), verdict.scheme)
        }
        _ if label.answered.is_some() => String::new(),
        (None, Some(scheme)) => format!(" {}", paint.dim(&format!("not judged ({scheme}: give its --secret)"))),
        (None, None) => String::new(),
    };
    let mut text = format!("{} --> {} [{}]{verdict}", time(event.request.received_at), paint.bold(&what), event.id);
    if let Some(id) = label.id.as_deref().filter(|id| *id != event.id.to_string()) {
        add(&mut text, format_args!(" {}", paint.dim(&safe(id.as_bytes()))));
    }
    if let Some(answered) = label.answered {
        add(&mut text, format_args!(" {provider} shakes hands: whk answered {}", status(answered, paint)));
    }
    if let Some(note) = &label.note {
        add(&mut text, format_args!("\n{INDENT}{} {}", paint.yellow("!"), safe(note.as_bytes())));
    }
    text
}

/// An attempt came to an end; what went wrong follows, indented.
#[must_use]
pub fn attempted(attempt: &Attempt, paint: Paint) -> String {
    let ended = attempt.started_at.plus(attempt.duration);
    let (status, detail) = match &attempt.outcome {
        Ok(response) => (status(response.status, paint), answer_lines(response)),
        Err(failure) => (paint.red("[ERROR]"), vec![safe(failure.message.as_bytes())]),
    };
    let number = if attempt.number > 1 { format!(" #{}", attempt.number) } else { String::new() };
    let request = safe(format!("{} {}", attempt.method, attempt.url).as_bytes());
    let took = took(attempt.duration);
    let again = match attempt.next_attempt_at {
        Some(at) => format!(" {}", paint.dim(&format!("again in {}", took_roughly(at.since(ended))))),
        None => String::new(),
    };
    let mut text = format!("{} <-- {status} {request} ({took}){number} [{}]{again}", time(ended), attempt.event);
    if !attempt.succeeded() {
        let id = attempt.event.to_string();
        let advice = advice::on(&attempt.outcome).iter().map(|line| line.replace(" ID", &format!(" {id}")));
        for line in detail.into_iter().chain(advice) {
            add(&mut text, format_args!("\n{INDENT}{} {line}", paint.yellow("!")));
        }
    }
    text
}

pub(crate) fn status(status: u16, paint: Paint) -> String {
    let text = format!("[{status}]");
    match status {
        200..=299 => paint.green(&text),
        300..=499 => paint.yellow(&text),
        _ => paint.red(&text),
    }
}

/// The first lines of an answer, as far as they are text.
pub(crate) fn answer_lines(response: &Response) -> Vec<String> {
    let start = response.body.get(..response.body.len().min(SHOWN_LETTERS * SHOWN_LINES * 4)).unwrap_or_default();
    if start.contains(&0) || start.starts_with(b"\x1f\x8b") {
        return vec![format!("({} bytes that are not text)", response.body.len())];
    }
    let text = String::from_utf8_lossy(start);
    let lines = text.lines().filter(|line| !line.trim().is_empty()).take(SHOWN_LINES);
    lines
        .map(|line| {
            let shown: String = line.chars().take(SHOWN_LETTERS).collect();
            let dots = if shown.len() < line.len() { "..." } else { "" };
            format!("{}{dots}", safe(shown.as_bytes()))
        })
        .collect()
}

/// The time of day where the user is.
pub(crate) fn time(at: Timestamp) -> String {
    match jiff::Timestamp::from_millisecond(at.millis()) {
        Ok(stamp) => {
            let local = stamp.to_zoned(TimeZone::system()).time();
            format!("{:02}:{:02}:{:02}", local.hour(), local.minute(), local.second())
        }
        Err(_) => "--:--:--".to_owned(),
    }
}

pub(crate) fn took(time: std::time::Duration) -> String {
    match time.as_millis() {
        0..=9 => format!("{:.1}ms", time.as_secs_f64() * 1000.0),
        10..=9_999 => format!("{}ms", time.as_millis()),
        _ => format!("{:.1}s", time.as_secs_f64()),
    }
}

fn took_roughly(time: std::time::Duration) -> String {
    match time.as_secs() {
        0 => format!("{}ms", time.as_millis()),
        1..=119 => format!("{}s", (time.as_millis() + 500) / 1000),
        120..=7_199 => format!("{}m", time.as_secs() / 60),
        _ => format!("{}h", time.as_secs() / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AttemptId, DeliveryId, EndpointId, EventId, Failure, FailureKind, Headers};
    use bytes::Bytes;
    use std::time::Duration;

    fn attempt(outcome: Result<Response, Failure>) -> Attempt {
        Attempt {
            id: AttemptId::from_bytes([1; 20]),
            delivery: DeliveryId::from_bytes([1; 20]),
            event: EventId::from_bytes([0; 20]),
            endpoint: EndpointId::from_bytes([1; 20]),
            number: 1,
            manual: false,
            method: "POST".to_owned(),
            url: "http://localhost:3000/".to_owned(),
            started_at: Timestamp::from_seconds(0),
            duration: Duration::from_millis(31),
            outcome,
            next_attempt_at: None,
        }
    }

    #[test]
    fn a_failed_answer_shows_its_first_lines_and_advice_and_no_escape_code() {
        let body = Bytes::from_static(b"{\"error\":\"no such customer\x1b[2J\"}\n\n2\n3\n4\n");
        let failed = attempt(Ok(Response { status: 500, headers: Headers::new(), body, truncated: false }));
        let text = attempted(&failed, Paint::OFF);
        let lines: Vec<_> = text.lines().collect();
        assert!(
            lines[0].contains("<-- [500] POST http://localhost:3000/ (31ms) [msg_000000000000000000000000000]"),
            "{text}"
        );
        assert!(lines[1].contains("! {\"error\":\"no such customer"), "{text}");
        assert_eq!(lines.len(), 1 + 3 + 1, "{text}");
        assert!(!text.contains('\x1b'));
    }

    #[test]
    fn a_refused_connection_names_the_event_to_replay() {
        let refused =
            Failure { kind: FailureKind::Refused, message: "connection refused by 127.0.0.1:3000".to_owned() };
        let text = attempted(&attempt(Err(refused)), Paint::OFF);
        assert!(text.contains("<-- [ERROR] POST"), "{text}");
        assert!(text.contains("whk replay msg_000000000000000000000000000 once"), "{text}");
    }

    #[test]
    fn a_secret_on_the_ready_line_is_masked() {
        let line = ready(
            "http://127.0.0.1:4400/in/default",
            "http://localhost:3000",
            "inspector http://127.0.0.1:4400",
            Some(&Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")),
            Paint::OFF,
        );
        assert_eq!(
            line,
            "> Ready! http://127.0.0.1:4400/in/default -> http://localhost:3000   (inspector http://127.0.0.1:4400, secret whsec_Mf..Sw, ^C to quit)"
        );
    }
}
