//! The line of `whk send`: what went out and what came back.

use crate::cli::render::{add, advice, listen};
use crate::cli::ui::Paint;
use crate::model::Attempt;
use crate::view::safe;

/// One request and its answer.
#[must_use]
pub fn line(event_type: &str, id: &str, attempt: &Attempt, paint: Paint) -> String {
    let status = match &attempt.outcome {
        Ok(response) => listen::status(response.status, paint),
        Err(_) => paint.red("[ERROR]"),
    };
    let number = if attempt.number > 1 { format!(" #{}", attempt.number) } else { String::new() };
    let mut text = format!(
        "{} {} [id {}] POST {} ({}){number}",
        status,
        paint.bold(&safe(event_type.as_bytes())),
        safe(id.as_bytes()),
        safe(attempt.url.as_bytes()),
        listen::took(attempt.duration)
    );
    if let Ok(response) = &attempt.outcome
        && !attempt.succeeded()
    {
        // Advice about whk's own events does not hold for what somebody else received.
        let advice = advice::on(&attempt.outcome).iter().filter(|line| !line.contains("whk"));
        let advice = advice.map(|line| (*line).to_owned());
        for line in listen::answer_lines(response).into_iter().chain(advice) {
            add(&mut text, format_args!("\n  {} {line}", paint.yellow("!")));
        }
    }
    text
}
