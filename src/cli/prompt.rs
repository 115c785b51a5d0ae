//! Questions to whoever sits at the terminal. Where nobody does, there is no question and no answer.

use std::io;

use dialoguer::console::Term;
use dialoguer::theme::ColorfulTheme;
use dialoguer::{Confirm, FuzzySelect, Input};

use crate::cli::context::Context;
use crate::cli::error::CliError;

/// What ends a choice of several.
const ENOUGH: &str = "that is all";

impl Context {
    /// Whether there is somebody to ask.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        !self.yes && !self.no_input && self.ui.interactive && !self.ui.is_json()
    }

    /// Asks for a text; `None` if nobody can be asked.
    ///
    /// # Errors
    /// If the question was broken off.
    pub fn ask(&self, question: &str, usual: Option<&str>) -> Result<Option<String>, CliError> {
        if !self.can_ask() {
            return Ok(None);
        }
        let theme = ColorfulTheme::default();
        let mut input = Input::<String>::with_theme(&theme).with_prompt(question);
        if let Some(usual) = usual {
            input = input.default(usual.to_owned()).allow_empty(true);
        }
        answered(input.interact_text()).map(Some)
    }

    /// Asks for a text that is not shown.
    ///
    /// # Errors
    /// If the question was broken off.
    pub fn ask_hidden(&self, question: &str) -> Result<Option<String>, CliError> {
        if !self.can_ask() {
            return Ok(None);
        }
        answered(hidden(question)).map(Some)
    }

    /// Asks yes or no; `otherwise` if nobody can be asked.
    ///
    /// # Errors
    /// If the question was broken off.
    pub fn agrees(&self, question: &str, otherwise: bool) -> Result<bool, CliError> {
        if !self.can_ask() {
            return Ok(otherwise);
        }
        let theme = ColorfulTheme::default();
        answered(Confirm::with_theme(&theme).with_prompt(question).default(otherwise).interact())
    }

    /// Asks before something that is hard to take back.
    ///
    /// # Errors
    /// If nobody can be asked.
    pub fn confirm(&self, question: &str) -> Result<bool, CliError> {
        if self.yes {
            return Ok(true);
        }
        if !self.can_ask() {
            return Err(CliError::usage(format!("{question} There is no terminal to ask on: add --yes")));
        }
        self.agrees(question, false)
    }

    /// Asks for one of some; typing narrows them down.
    ///
    /// # Errors
    /// If the question was broken off.
    pub fn choose(&self, question: &str, items: &[String], usual: usize) -> Result<Option<usize>, CliError> {
        if !self.can_ask() || items.is_empty() {
            return Ok(None);
        }
        let theme = ColorfulTheme::default();
        let select = FuzzySelect::with_theme(&theme).with_prompt(question).items(items).default(usual);
        answered(select.max_length(12).interact()).map(Some)
    }

    /// Asks for several of some, one after the other; choosing one again takes it back.
    ///
    /// # Errors
    /// If the question was broken off.
    pub fn choose_many(&self, question: &str, items: &[String]) -> Result<Option<Vec<String>>, CliError> {
        let mut chosen: Vec<String> = Vec::new();
        loop {
            let mark = |item: &String| format!("{} {item}", if chosen.contains(item) { "[x]" } else { "[ ]" });
            let mut lines = vec![format!("{ENOUGH} ({} chosen)", chosen.len())];
            lines.extend(items.iter().map(mark));
            match self.choose(question, &lines, 0)? {
                None => return Ok(None),
                Some(0) => return Ok(Some(chosen)),
                Some(index) => {
                    let Some(item) = items.get(index - 1) else { continue };
                    match chosen.iter().position(|own| own == item) {
                        Some(at) => drop(chosen.remove(at)),
                        None => chosen.push(item.clone()),
                    }
                }
            }
        }
    }
}

/// The answer, or what came instead of one; ^C leaves the terminal as it was.
fn answered<T, E>(result: Result<T, E>) -> Result<T, CliError>
where
    io::Error: From<E>,
{
    result.map_err(|why| {
        drop(Term::stderr().show_cursor());
        drop(Term::stderr().write_line(""));
        let why = io::Error::from(why);
        match why.kind() {
            io::ErrorKind::Interrupted => CliError::interrupted(),
            _ => CliError::usage(format!("the question was not answered: {why}")),
        }
    })
}

/// A line that is not shown. Keys come as they are typed, ^C among them, so that the terminal can be put right again.
#[cfg(unix)]
fn hidden(question: &str) -> io::Result<String> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let (stdin, term) = (io::stdin(), Term::stderr());
    let before = tcgetattr(&stdin)?;
    let mut quiet = before.clone();
    quiet.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
    tcsetattr(&stdin, OptionalActions::Flush, &quiet)?;
    let line = term.write_str(&format!("{question}: ")).and_then(|()| typed(stdin.lock()));
    tcsetattr(&stdin, OptionalActions::Now, &before)?;
    let line = line?;
    term.write_line("")?;
    Ok(line)
}

#[cfg(not(unix))]
fn hidden(question: &str) -> dialoguer::Result<String> {
    dialoguer::Password::with_theme(&ColorfulTheme::default()).with_prompt(question).interact()
}

/// What keys make, up to the one that ends the line.
#[cfg(unix)]
fn typed(from: impl io::BufRead) -> io::Result<String> {
    const LONGEST: usize = 64 << 10;
    let mut line = Vec::new();
    for byte in from.bytes() {
        match byte? {
            b'\r' | b'\n' => break,
            // ^C, ^D
            3 => return Err(io::ErrorKind::Interrupted.into()),
            4 if line.is_empty() => return Err(io::ErrorKind::Interrupted.into()),
            // ^U
            21 => line.clear(),
            // Backspace takes a whole character.
            8 | 127 => while line.pop().is_some_and(|byte: u8| byte & 0xc0 == 0x80) {},
            byte if byte < b' ' => {}
            _ if line.len() >= LONGEST => return Err(io::ErrorKind::InvalidData.into()),
            byte => line.push(byte),
        }
    }
    String::from_utf8(line).map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn keys_make_a_line_and_some_take_it_back() {
        assert_eq!(typed(&b"ab\x7fc\nrest"[..]).unwrap(), "ac");
        assert_eq!(typed("x\u{e9}\u{7f}y\u{15}k\r".as_bytes()).unwrap(), "k");
        assert_eq!(typed("a\u{e9}\u{8}\n".as_bytes()).unwrap(), "a");
        assert_eq!(typed(&b"abc\x03"[..]).unwrap_err().kind(), io::ErrorKind::Interrupted);
        assert!(typed(&b"\xff\n"[..]).is_err());
    }
}
