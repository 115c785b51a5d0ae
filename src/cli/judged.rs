//! How what comes in is judged: flags that `whk listen` and `whk relay` share.

#![expect(clippy::doc_markdown, reason = "the docs of arguments are their help text")]

use clap::{Args, ValueEnum};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::{given, schemes};
use crate::config::Settings;
use crate::relay::options::{Answering, Judging};
use crate::sign::Handshake;

/// How what comes in is judged.
#[derive(Debug, Args)]
pub struct Judged {
    /// How requests are signed: a scheme's name, or auto to go by the headers
    #[arg(long, value_name = "NAME")]
    scheme: Option<String>,
    /// The signing secret: a literal, env:NAME, file:PATH or -. Repeatable. Without one, the app's own
    #[arg(long, value_name = "SECRET", allow_hyphen_values = true)]
    secret: Vec<String>,
    /// What else a scheme or a handshake needs, as verify_token=x or key=@file. Repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    param: Vec<String>,
    /// mark: record and show the verdict. reject: answer 401 to what is not valid, and record it
    #[arg(long, value_enum, default_value = "mark")]
    verify: Verdicts,
}

/// What a verdict leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Verdicts {
    Mark,
    Reject,
}

impl Judged {
    /// Flags that are settings too go on top of them.
    pub fn lay_flags(&self, settings: &mut Settings) {
        if let Some(scheme) = &self.scheme {
            settings.set_flag("scheme", scheme.clone());
        }
    }

    /// What the relay is told.
    ///
    /// # Errors
    /// If there is no such scheme, or a secret or a parameter cannot be read.
    pub fn judging(&self, context: &Context) -> Result<Judging, CliError> {
        Ok(Judging {
            scheme: schemes::chosen(context)?,
            secrets: context.secrets(&self.secret)?,
            reject: self.verify == Verdicts::Reject,
            known: context.known.clone(),
            params: given::params(context, &self.param)?,
        })
    }
}

/// A relay leaves handshakes to the apps, but where its inbox is closed: most come unsigned, and would not get as far.
#[must_use]
pub fn answering(judging: &Judging) -> Answering {
    let chosen: Vec<_> = judging.scheme.iter().filter(|_| judging.reject).cloned().map(Handshake::of).collect();
    Answering { off: chosen.is_empty(), chosen, ..Answering::default() }
}
