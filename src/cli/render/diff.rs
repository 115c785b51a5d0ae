//! What differs, side by side.

use crate::cli::render::add;
use crate::cli::ui::Paint;
use crate::view::compare::{Difference, Part};
use crate::view::safe;

/// The least that a value gets, side by side.
const NARROW: usize = 12;
/// What stands where one side has nothing.
const ABSENT: &str = "-";

/// The differences in two columns, each after its name; what does not fit stands one below the other.
#[must_use]
pub fn differences(names: (&str, &str), found: &[Difference], width: usize, paint: Paint) -> String {
    let named = found.iter().map(|one| safe(&one.name).chars().count()).max().unwrap_or_default().min(width / 3);
    let room = (width.saturating_sub(named + 7) / 2).max(NARROW);
    let mut text = format!("{:named$}  {:room$} | {}\n", "", paint.bold(names.0), paint.bold(names.1));
    let mut part = None;
    for one in found {
        if part != Some(one.part) {
            part = Some(one.part);
            add(&mut text, format_args!("{}\n", paint.bold(title(one.part))));
        }
        let side = |side: &Option<String>| side.as_ref().map_or_else(|| ABSENT.to_owned(), safe);
        let (name, a, b) = (safe(&one.name), side(&one.a), side(&one.b));
        let fits = |text: &str, room: usize| text.chars().count() <= room;
        if fits(&name, named) && fits(&a, room) && fits(&b, room) {
            // Colour has no width, so the spaces are counted before it.
            let gap = " ".repeat(room - a.chars().count());
            add(&mut text, format_args!("{name:named$}  {}{gap} | {}\n", paint.red(&a), paint.green(&b)));
        } else {
            add(&mut text, format_args!("{name}\n    - {}\n    + {}\n", paint.red(&a), paint.green(&b)));
        }
    }
    text
}

const fn title(part: Part) -> &'static str {
    match part {
        Part::Head => "request",
        Part::Header => "headers",
        Part::Body => "body",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(part: Part, name: &str, a: Option<&str>, b: Option<&str>) -> Difference {
        Difference { part, name: name.to_owned(), a: a.map(str::to_owned), b: b.map(str::to_owned) }
    }

    #[test]
    fn two_columns_and_below_each_other_what_does_not_fit() {
        let long = "x".repeat(60);
        let found = [
            one(Part::Header, "x-a", Some("1"), None),
            one(Part::Body, "data.id", Some("1"), Some("2")),
            one(Part::Body, "data.n", Some(&long), Some("\x1b[2J")),
        ];
        assert_eq!(
            differences(("msg_1", "msg_2"), &found, 50, Paint::OFF),
            format!(
                "         msg_1              | msg_2\n\
                 headers\n\
                 x-a      1                  | -\n\
                 body\n\
                 data.id  1                  | 2\n\
                 data.n\n    - {long}\n    + \\x1b[2J\n"
            )
        );
    }
}
