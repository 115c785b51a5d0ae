//! The body of an event that is sent: given, from the catalogue, or edited.

use std::path::Path;
use std::process::Stdio;

use clap::Args;
use serde::de::IgnoredAny;

use crate::catalog::edit::{self, Edit};
use crate::catalog::{self, Sample};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::config::private;
use crate::sign::Scheme;

/// Changes to a JSON body, in the order set, set-string, unset.
#[derive(Clone, Debug, Default, Args)]
pub struct Edits {
    /// Set a value in the body, as data.a.b=1; numbers, true, false, null and JSON are typed. Repeatable
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Set a text in the body. Repeatable
    #[arg(long, value_name = "PATH=TEXT")]
    set_string: Vec<String>,
    /// Take a value out of the body. Repeatable
    #[arg(long, value_name = "PATH")]
    unset: Vec<String>,
    /// Open the body in $VISUAL or $EDITOR first
    #[arg(long)]
    edit: bool,
}

/// The media type that the provider gives a whole body; what is not JSON is as its samples are that are not.
#[must_use]
pub fn media_type(scheme: &Scheme, event_type: &str, body: &[u8]) -> String {
    let kinds = catalog::find(event_type, scheme.name()).into_iter().chain(catalog::of_product(scheme.name()));
    let other = kinds.into_iter().find_map(|kind| match &kind.sample {
        Sample::Text { content_type, .. } => Some(content_type),
        Sample::Json(_) => None,
    });
    let json = serde_json::from_slice::<IgnoredAny>(body).is_ok();
    other.filter(|_| !json).map_or_else(|| scheme.content_type(), String::as_str).to_owned()
}

impl Edits {
    /// Whether the body is changed at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.set_string.is_empty() && self.unset.is_empty() && !self.edit
    }

    /// The changed body.
    ///
    /// # Errors
    /// If a path or a value is wrong, the body is not JSON, or the editor fails.
    pub fn apply(&self, context: &Context, body: Vec<u8>) -> Result<Vec<u8>, CliError> {
        let edits = self.parsed()?;
        let body = if edits.is_empty() {
            body
        } else {
            let text = String::from_utf8(body)
                .map_err(|_| CliError::usage("the body is not UTF-8, so it cannot be edited"))?;
            edit::apply(&text, &edits).map_err(|why| CliError::usage(why.to_string()))?.into_bytes()
        };
        if self.edit { edited(context, &body) } else { Ok(body) }
    }

    fn parsed(&self) -> Result<Vec<Edit>, CliError> {
        let flag =
            |flag: &str, text: &str, why: &dyn std::fmt::Display| CliError::usage(format!("{flag} \"{text}\": {why}"));
        let mut edits = Vec::new();
        for text in &self.set {
            edits.push(Edit::set(text).map_err(|why| flag("--set", text, &why))?);
        }
        for text in &self.set_string {
            edits.push(Edit::set_string(text).map_err(|why| flag("--set-string", text, &why))?);
        }
        for text in &self.unset {
            edits.push(Edit::unset(text).map_err(|why| flag("--unset", text, &why))?);
        }
        Ok(edits)
    }
}

/// JSON that a person gave; the error shows where it breaks.
///
/// # Errors
/// If it is not JSON.
pub fn checked_json(bytes: &[u8], source: &str) -> Result<(), CliError> {
    let Err(why) = serde_json::from_slice::<IgnoredAny>(bytes) else { return Ok(()) };
    let line = bytes.split(|byte| *byte == b'\n').nth(why.line().saturating_sub(1)).unwrap_or_default();
    let text = String::from_utf8_lossy(line);
    let before = why.column().saturating_sub(1);
    let start = before.saturating_sub(30);
    let shown: String = text.chars().skip(start).take(60).collect();
    let caret = " ".repeat(before - start);
    Err(CliError::usage(format!("{source} is not JSON (line {}, column {}): {why}", why.line(), why.column()))
        .kind("json")
        .hint(format!("here: {shown}"))
        .hint(format!("      {caret}^"))
        .hint("--raw sends bytes as they are"))
}

/// What the user's editor makes of the body.
///
/// # Errors
/// If there is no editor, or it fails.
pub fn edited(context: &Context, body: &[u8]) -> Result<Vec<u8>, CliError> {
    let editor =
        ["VISUAL", "EDITOR"].iter().find_map(|name| context.world.variable(name).filter(|value| !value.is_empty()));
    let editor = editor.ok_or_else(|| CliError::usage("--edit needs $VISUAL or $EDITOR"))?;
    let folder = context.settings.home.join("edit");
    let path = folder.join(format!("{}.json", std::process::id()));
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |why: std::io::Error| CliError::file(&path, &why)
    };
    private::folder(&folder).map_err(failed(&folder))?;
    private::write(&path, body).map_err(failed(&path))?;
    // The variable may hold flags, as in "code --wait"; the path is handed over as an argument of its own.
    let status = std::process::Command::new("sh")
        .arg("-c")
        .arg(format!("{editor} \"$1\""))
        .arg("sh")
        .arg(&path)
        .stdout(if context.ui.is_json() { Stdio::from(std::io::stderr()) } else { Stdio::inherit() })
        .status();
    let changed = std::fs::read(&path);
    drop(std::fs::remove_file(&path));
    if !status.map_err(failed(Path::new(editor)))?.success() {
        return Err(CliError::usage(format!("the editor ({editor}) ended with an error: nothing was sent")));
    }
    changed.map_err(failed(&path))
}
