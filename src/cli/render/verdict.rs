//! Verdicts for people.

use crate::cli::render::add;
use crate::cli::ui::Paint;
use crate::cli::verify::Finding;
use crate::view::safe;

/// `valid stripe, signed 12s ago, secret 1 of 2`, or `invalid: reason, detail` with what would explain it.
#[must_use]
pub fn finding(finding: &Finding, paint: Paint) -> String {
    let scheme = finding.scheme.as_ref().map_or("", |scheme| scheme.name());
    match &finding.result {
        Ok(verified) => {
            let age = verified.age_s.map(|age| format!(", {}", signed(age))).unwrap_or_default();
            let by = match finding.secrets {
                0 => "by the provider's own key".to_owned(),
                all => format!("secret {} of {all}", verified.secret_index + 1),
            };
            format!("{} {scheme}{age}, {by}", paint.green("valid"))
        }
        Err(why) => {
            let scheme = if scheme.is_empty() { String::new() } else { format!(" ({scheme})") };
            let detail = safe(why.detail.as_bytes());
            let mut text = format!("{}: {} {detail}{scheme}", paint.red("invalid"), why.reason.code());
            for hint in &finding.hints {
                let message = safe(hint.message.as_bytes());
                add(&mut text, format_args!("\n  {} {}: {message}", paint.yellow("!"), hint.cause));
            }
            text
        }
    }
}

fn signed(age: i64) -> String {
    let (seconds, when) = if age < 0 { (age.unsigned_abs(), "in the future") } else { (age.unsigned_abs(), "ago") };
    let span = match seconds {
        0..=119 => format!("{seconds}s"),
        120..=7_199 => format!("{}m", seconds / 60),
        7_200..=172_799 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    };
    format!("signed {span} {when}")
}

/// How one vector of a scheme file came out.
#[must_use]
pub fn vector(name: &str, problem: Option<&str>, paint: Paint) -> String {
    let name = safe(name.as_bytes());
    match problem {
        None => format!("{} {name}", paint.green("ok")),
        Some(problem) => format!("{} {name}: {}", paint.red("wrong"), safe(problem.as_bytes())),
    }
}
