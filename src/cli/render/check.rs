//! The reports of `whk check`: for people, as JSON lines, as JUnit XML, as TAP 13.

use serde_json::{Value, json};

use crate::cli::check::{Finding, Outcome, Report};
use crate::cli::render::{add, listen};
use crate::cli::ui::Paint;
use crate::view::{safe, safe_block};

/// How wide a paragraph is.
const WIDTH: usize = 96;
/// How wide the column of names is.
const NAME: usize = 17;
const INDENT: &str = "       ";

/// For people.
#[must_use]
pub fn human(report: &Report, paint: Paint) -> String {
    let mut text = format!("{} as {}\n", paint.bold(&safe(&report.target)), report.scheme);
    for finding in &report.findings {
        let (word, said) = match finding.outcome {
            Outcome::Pass => (paint.green("ok  "), finding.proves.to_owned()),
            Outcome::Warn => (paint.yellow("warn"), safe(&finding.detail)),
            Outcome::Fail => (paint.red("FAIL"), safe(&finding.detail)),
            Outcome::Skip => (paint.dim("skip"), safe(&finding.detail)),
        };
        let mut said = wrapped(&said, WIDTH - NAME).into_iter();
        let first = said.next().unwrap_or_default();
        add(&mut text, format_args!("  {word} {:<NAME$} {first}\n", finding.name));
        for line in said {
            add(&mut text, format_args!("{INDENT}{:<NAME$} {line}\n", ""));
        }
        if let Some(mend) = &finding.mend {
            add(&mut text, format_args!("{INDENT}{}\n", paint.dim(&format!("must hold: {}", finding.proves))));
            for line in wrapped(mend, WIDTH) {
                add(&mut text, format_args!("{INDENT}{line}\n"));
            }
        }
        if let Some(curl) = &finding.curl {
            // It stands at the margin: a body of several lines would not survive being moved to the right.
            add(&mut text, format_args!("\n{}\n\n", paint.dim(&safe_block(curl))));
        }
    }
    add(&mut text, format_args!("{}", summary(report)));
    text
}

/// One object a check, and the sum at the end.
#[must_use]
pub fn lines(report: &Report) -> Vec<Value> {
    let mut lines: Vec<_> = report
        .findings
        .iter()
        .map(|finding| {
            json!({
                "type": "check", "name": finding.name, "proves": finding.proves, "required": finding.required,
                "outcome": finding.outcome.code(), "detail": finding.detail, "mend": finding.mend,
                "curl": finding.curl, "duration_ms": finding.took.as_secs_f64() * 1000.0,
            })
        })
        .collect();
    lines.push(json!({
        "type": "summary", "url": report.target, "scheme": report.scheme, "ok": report.count(Outcome::Fail) == 0,
        "passed": report.count(Outcome::Pass), "failed": report.count(Outcome::Fail),
        "warned": report.count(Outcome::Warn), "skipped": report.count(Outcome::Skip),
        "duration_ms": report.took.as_secs_f64() * 1000.0,
    }));
    lines
}

/// JUnit XML, as CI servers read it. A warning passes and says what it has to say in `system-out`.
#[must_use]
pub fn junit(report: &Report) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{:.3}\"",
        report.findings.len(),
        report.count(Outcome::Fail),
        report.count(Outcome::Skip),
        report.took.as_secs_f64()
    );
    let name = xml(&format!("whk check {}", report.target));
    add(&mut text, format_args!("<testsuites name=\"{name}\" {counts}>\n  <testsuite name=\"{name}\" {counts}>\n"));
    for finding in &report.findings {
        let head = format!(
            "    <testcase classname=\"whk.check.{}\" name=\"{}\" time=\"{:.3}\"",
            xml(&report.scheme),
            finding.name,
            finding.took.as_secs_f64()
        );
        let (detail, told) = (xml(&finding.detail), xml(&told(finding)));
        match finding.outcome {
            Outcome::Pass => add(&mut text, format_args!("{head}/>\n")),
            Outcome::Skip => {
                add(&mut text, format_args!("{head}>\n      <skipped message=\"{detail}\"/>\n    </testcase>\n"));
            }
            Outcome::Warn => add(
                &mut text,
                format_args!("{head}>\n      <system-out>warning: {detail}\n{told}</system-out>\n    </testcase>\n"),
            ),
            Outcome::Fail => add(
                &mut text,
                format_args!(
                    "{head}>\n      <failure type=\"{}\" message=\"{detail}\">{told}</failure>\n    </testcase>\n",
                    finding.name
                ),
            ),
        }
    }
    text.push_str("  </testsuite>\n</testsuites>");
    text
}

/// TAP 13, with what there is to say of a check in a YAML block.
#[must_use]
pub fn tap(report: &Report) -> String {
    let mut text = format!("TAP version 13\n1..{}\n", report.findings.len());
    for (index, finding) in report.findings.iter().enumerate() {
        let number = index + 1;
        let word = if finding.outcome == Outcome::Fail { "not ok" } else { "ok" };
        let skipped = match finding.outcome {
            Outcome::Skip => format!(" # SKIP {}", safe(&finding.detail).replace('#', "\\#")),
            _ => String::new(),
        };
        add(&mut text, format_args!("{word} {number} - {}{skipped}\n", finding.name));
        if finding.mend.is_some() {
            let severity = if finding.outcome == Outcome::Fail { "fail" } else { "warning" };
            // A JSON text is a YAML text, too.
            add(&mut text, format_args!("  ---\n  severity: {severity}\n  message: {}\n", json!(finding.detail)));
            add(&mut text, format_args!("  proves: {}\n  mend: {}\n", json!(finding.proves), json!(finding.mend)));
            if let Some(curl) = &finding.curl {
                add(&mut text, format_args!("  curl: {}\n", json!(curl)));
            }
            text.push_str("  ...\n");
        }
    }
    add(&mut text, format_args!("# {}", summary(report)));
    text
}

fn summary(report: &Report) -> String {
    let count = |outcome, word: &str| match report.count(outcome) {
        0 => None,
        count => Some(format!("{count} {word}")),
    };
    let counts = [
        count(Outcome::Pass, "passed"),
        count(Outcome::Fail, "failed"),
        count(Outcome::Warn, "with a warning"),
        count(Outcome::Skip, "skipped"),
    ];
    let counts: Vec<_> = counts.into_iter().flatten().collect();
    format!("{} in {}", counts.join(", "), listen::took(report.took))
}

/// What must hold, how to mend it, and the request that showed it.
fn told(finding: &Finding) -> String {
    let curl = finding.curl.as_ref().map(|curl| format!("\n\n{curl}")).unwrap_or_default();
    format!("Must hold: {}.\n{}{curl}", finding.proves, finding.mend.as_deref().unwrap_or_default())
}

/// Text for XML: nothing hidden, no letter that XML does not know, no mark that it would read.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in safe_block(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

fn wrapped(paragraph: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in paragraph.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn finding(name: &'static str, outcome: Outcome, detail: &str) -> Finding {
        let troubled = matches!(outcome, Outcome::Fail | Outcome::Warn);
        Finding {
            name,
            proves: "all is well",
            required: true,
            outcome,
            detail: detail.to_owned(),
            mend: troubled.then(|| "Mend it.".to_owned()),
            curl: troubled.then(|| "curl -H 'A: <b>'".to_owned()),
            took: Duration::from_millis(5),
        }
    }

    fn report() -> Report {
        Report {
            target: "http://h/?a&b".to_owned(),
            scheme: "x".to_owned(),
            findings: vec![
                finding("one", Outcome::Pass, "answered 200"),
                finding("two", Outcome::Fail, "\"<\x1b\u{ffff}"),
                finding("three", Outcome::Warn, "so so"),
                finding("four", Outcome::Skip, "no # time"),
            ],
            took: Duration::from_secs(1),
        }
    }

    #[test]
    fn people_see_a_word_for_each_outcome_and_what_to_do() {
        let text = human(&report(), Paint::OFF);
        for part in ["ok   one", "FAIL two", "warn three", "skip four", "Mend it.", "curl -H", "\\x1b"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(text.ends_with("1 passed, 1 failed, 1 with a warning, 1 skipped in 1000ms"), "{text}");
    }

    #[test]
    fn junit_counts_and_escapes() {
        let text = junit(&report());
        assert!(text.contains("tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"1\""), "{text}");
        assert!(text.contains("name=\"whk check http://h/?a&amp;b\""), "{text}");
        assert!(text.contains("message=\"&quot;&lt;\\x1b\u{fffd}\">Must hold: all is well.\nMend it."), "{text}");
        assert!(text.contains("curl -H 'A: &lt;b&gt;'</failure>"), "{text}");
        assert_eq!(text.matches("<testcase").count(), 4);
    }

    #[test]
    fn tap_has_a_plan_and_a_line_for_each_check() {
        let text = tap(&report());
        assert!(text.starts_with("TAP version 13\n1..4\nok 1 - one\nnot ok 2 - two\n  ---\n"), "{text}");
        assert!(text.contains("ok 4 - four # SKIP no \\# time\n"), "{text}");
        assert!(text.contains("ok 3 - three\n  ---\n  severity: warning\n"), "{text}");
    }

    #[test]
    fn json_has_a_line_for_each_check_and_the_sum() {
        let lines = lines(&report());
        assert_eq!(lines.len(), 5);
        assert_eq!((&lines[1]["outcome"], &lines[4]["ok"]), (&json!("fail"), &json!(false)));
        assert_eq!((&lines[4]["type"], &lines[4]["skipped"]), (&json!("summary"), &json!(1)));
    }

    #[test]
    fn a_paragraph_is_wrapped_between_words() {
        let text = "word ".repeat(60);
        let lines = wrapped(text.trim(), WIDTH);
        assert!(lines.iter().all(|line| line.len() <= WIDTH && !line.ends_with(' ')));
        assert_eq!(lines.join(" "), text.trim());
    }
}
