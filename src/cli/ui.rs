//! The only place that writes to the terminal: stdout is data, stderr is talk.

use std::io::{self, BufWriter, IsTerminal, Write};

use colored::{ColoredString, Colorize};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::cli::error::CliError;
use crate::config::World;
use crate::view::safe_block;

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// On a terminal, as the environment says.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How data is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
    /// JUnit XML.
    Junit,
    /// TAP 13.
    Tap,
}

/// Puts colour on text, or leaves it alone.
#[derive(Clone, Copy, Debug)]
pub struct Paint(bool);

/// Writes to stdout and stderr.
#[derive(Clone, Copy, Debug)]
pub struct Ui {
    /// How data is written.
    pub format: Format,
    /// Colour on stdout.
    pub paint: Paint,
    /// Colour on stderr.
    pub talk_paint: Paint,
    /// Whether stdin and stdout are terminals, so that a question can be asked.
    pub interactive: bool,
}

impl Ui {
    /// Decides once about colour for each stream. `CLICOLOR_FORCE` beats `NO_COLOR`, a flag beats both.
    #[must_use]
    pub fn new(world: &World, color: Color, format: Format) -> Self {
        // `Paint` decides by itself; the crate's own guess looks at stdout alone.
        colored::control::set_override(true);
        let set = |name: &str| world.variable(name).is_some_and(|value| !value.is_empty());
        let by_itself = |terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if set("CLICOLOR_FORCE") && world.variable("CLICOLOR_FORCE") != Some("0") => true,
            Color::Auto => terminal && !set("NO_COLOR") && world.variable("TERM") != Some("dumb"),
        };
        let json = format == Format::Json;
        Self {
            format,
            paint: Paint(format == Format::Human && by_itself(io::stdout().is_terminal())),
            talk_paint: Paint(!json && by_itself(io::stderr().is_terminal())),
            interactive: io::stdin().is_terminal() && io::stdout().is_terminal(),
        }
    }

    /// Whether data is written as JSON lines.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// How many letters fit a line of stdout, if it is a terminal.
    #[must_use]
    pub fn width(&self) -> Option<usize> {
        let is_terminal = io::stdout().is_terminal();
        let size = ratatui::crossterm::terminal::size().ok().filter(|(columns, _)| is_terminal && *columns > 0);
        size.map(|(columns, _)| usize::from(columns))
    }

    /// Writes a line of data.
    ///
    /// # Errors
    /// If stdout is closed.
    pub fn line(&self, text: &str) -> Result<(), CliError> {
        self.bytes(format!("{text}\n").as_bytes())
    }

    /// Writes an object as one line.
    ///
    /// # Errors
    /// If stdout is closed.
    pub fn json(&self, value: &impl Serialize) -> Result<(), CliError> {
        self.line(&crate::view::line(value).map_err(CliError::internal)?)
    }

    /// Writes our own words as they are, colours and all.
    ///
    /// # Errors
    /// If stdout is closed.
    pub fn bytes(&self, bytes: &[u8]) -> Result<(), CliError> {
        let mut out = io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush()).map_err(|why| CliError::from_output(&why))
    }

    /// Writes what others have written: as it is, but on a terminal with what that would act on spelled out.
    ///
    /// # Errors
    /// If stdout is closed.
    pub fn foreign(&self, bytes: &[u8]) -> Result<(), CliError> {
        if !io::stdout().is_terminal() {
            return self.bytes(bytes);
        }
        let lines = bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        self.bytes(lines.map(safe_block).collect::<Vec<_>>().join("\n").as_bytes())
    }

    /// Says something to the person. A closed stderr is nobody to talk to.
    pub fn talk(&self, text: &str) {
        let mut err = io::stderr().lock();
        drop(writeln!(err, "{text}"));
    }

    /// Says a note, in human format only.
    pub fn note(&self, text: &str) {
        if !self.is_json() {
            self.talk(text);
        }
    }

    /// A bar on stderr for work of so many steps; it shows on a terminal only.
    #[must_use]
    pub fn progress(&self, steps: u64, template: &str) -> ProgressBar {
        let target = if self.is_json() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(steps), target);
        match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }

    /// A buffered stdout for many lines.
    #[must_use]
    pub fn stream(&self) -> Lines {
        Lines { out: BufWriter::with_capacity(1 << 16, io::stdout()) }
    }

    /// Says what went wrong.
    pub fn error(&self, error: &CliError) {
        if error.is_silent() {
            return;
        }
        if self.is_json() {
            self.talk(&error.as_json());
            return;
        }
        let paint = self.talk_paint;
        self.talk(&format!("{} {}", paint.red("error:"), crate::view::safe(error.message.as_bytes())));
        for hint in &error.hints {
            self.talk(&format!("  {} {}", paint.dim("help:"), crate::view::safe(hint.as_bytes())));
        }
    }
}

/// A buffered stdout; what is in it shows after `flush`.
#[derive(Debug)]
pub struct Lines {
    out: BufWriter<io::Stdout>,
}

impl Lines {
    /// Adds a line.
    ///
    /// # Errors
    /// If stdout is closed.
    pub fn line(&mut self, text: &str) -> Result<(), CliError> {
        self.out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.write_all(b"\n"))
            .map_err(|why| CliError::from_output(&why))
    }

    /// Adds an object as a line.
    ///
    /// # Errors
    /// If stdout is closed.
    pub fn json(&mut self, value: &impl Serialize) -> Result<(), CliError> {
        self.line(&crate::view::line(value).map_err(CliError::internal)?)
    }

    /// Shows what was added.
    ///
    /// # Errors
    /// If stdout is closed.
    pub fn flush(&mut self) -> Result<(), CliError> {
        self.out.flush().map_err(|why| CliError::from_output(&why))
    }
}

impl Paint {
    /// No colour.
    pub const OFF: Self = Self(false);

    /// Whether there is colour.
    #[must_use]
    pub const fn is_on(self) -> bool {
        self.0
    }

    /// Good.
    #[must_use]
    pub fn green(self, text: &str) -> String {
        self.with(&text.green(), text)
    }

    /// Doubtful.
    #[must_use]
    pub fn yellow(self, text: &str) -> String {
        self.with(&text.yellow(), text)
    }

    /// Bad.
    #[must_use]
    pub fn red(self, text: &str) -> String {
        self.with(&text.red(), text)
    }

    /// Important.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.with(&text.bold(), text)
    }

    /// Less important.
    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.with(&text.dimmed(), text)
    }

    fn with(self, styled: &ColoredString, plain: &str) -> String {
        if self.0 { styled.to_string() } else { plain.to_owned() }
    }
}
