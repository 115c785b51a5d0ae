//! Questions to whoever sits at the terminal. Where nobody does, there is no question and no answer.

use std::io;

use dialoguer::console::Term;
use dialoguer::theme::ColorfulTheme;
use dialoguer::{Confirm, FuzzySelect, Input, Password};

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
        answered(Password::with_theme(&ColorfulTheme::default()).with_prompt(question).interact()).map(Some)
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
fn answered<T>(result: dialoguer::Result<T>) -> Result<T, CliError> {
    result.map_err(|why| {
        drop(Term::stderr().show_cursor());
        let why = io::Error::from(why);
        match why.kind() {
            io::ErrorKind::Interrupted => CliError::interrupted(),
            _ => CliError::usage(format!("the question was not answered: {why}")),
        }
    })
}
