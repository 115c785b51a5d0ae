//! `whk relay token`: who may use the APIs, and the token that this machine's own commands use.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use serde_json::json;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::parsers;
use crate::config::private;
use crate::model::{AppName, Rights, Token, TokenId};
use crate::relay::http::auth;
use crate::relay::notice::Notice;
use crate::store::{Order, Pager, Start, Store};

/// Where the local token is, under the state folder.
pub const FILE: &str = "token";
/// What a local token is for.
const LOCAL: &str = "local";
/// How many tokens are listed at a time.
const PAGE: usize = 500;

/// Make, list and revoke the tokens that the APIs want
#[derive(Debug, ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a token and print it, this once
    Create {
        /// For this app alone; for everything without it
        #[arg(long, value_name = "APP")]
        app: Option<AppName>,
        /// What it may do: admin (everything), read (look), ingest (send events)
        #[arg(long, value_enum, value_name = "RIGHT", default_value = "admin")]
        right: Right,
        /// It may look, and change nothing: --right read
        #[arg(long, conflicts_with = "right")]
        read_only: bool,
        /// It ends after this time, as 30d
        #[arg(long, value_name = "TIME", value_parser = parsers::duration)]
        expires: Option<Duration>,
        /// What it is for
        #[arg(long, value_name = "TEXT", default_value = "")]
        label: String,
    },
    /// List the tokens, not their texts
    List {
        /// Of this app
        #[arg(long, value_name = "APP")]
        app: Option<AppName>,
    },
    /// Revoke a token
    Revoke {
        /// Its id, `tok_...`
        id: TokenId,
    },
}

/// What a token may do, as people say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Right {
    Admin,
    Read,
    Ingest,
}

impl Right {
    const fn rights(self) -> Rights {
        match self {
            Self::Admin => Rights::Operator,
            Self::Read => Rights::Read,
            Self::Ingest => Rights::Ingest,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// If the store fails.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    context.block_on_value(async {
        let store = context.store()?;
        let exit = act(context, &args.action, store.as_ref()).await;
        store.close().await?;
        exit
    })
}

async fn act(context: &Context, action: &Action, store: &dyn Store) -> Result<Exit, CliError> {
    match action {
        Action::Create { app, right, read_only, expires, label } => {
            let rights = if *read_only { Rights::Read } else { right.rights() };
            let (text, token) = new(context, app.clone(), rights, label, *expires)?;
            store.create_token(token.clone()).await?;
            if context.ui.is_json() {
                context.ui.json(&json!({"type": "token", "id": token.id.to_string(), "token": text, "app": app.as_ref().map(AppName::as_str)}))?;
            } else {
                context.ui.line(&text)?;
                context.ui.note(&format!("  {} is shown this once; only its hash is kept", token.id));
            }
            Ok(Exit::Yes)
        }
        Action::List { app } => {
            let mut pager = Pager::first(Order::Oldest, PAGE);
            loop {
                let page = store.tokens(app.as_ref(), pager.clone()).await?;
                for token in &page.items {
                    show(context, token)?;
                }
                match page.items.last() {
                    Some(last) if page.more => pager.start = Start::After(last.id),
                    _ => return Ok(Exit::Yes),
                }
            }
        }
        Action::Revoke { id } => {
            if store.revoke_token(*id).await? {
                if context.ui.is_json() {
                    context.ui.json(&json!({"type": "revoked", "id": id.to_string()}))?;
                } else {
                    context.ui.note(&format!("revoked {id}"));
                }
                return Ok(Exit::Yes);
            }
            Err(CliError::usage(format!("there is no token {id}")).hint("whk relay token list shows them"))
        }
    }
}

fn show(context: &Context, token: &Token) -> Result<(), CliError> {
    // As it was asked for.
    let right = if token.rights == Rights::Operator { "admin" } else { token.rights.word() };
    let app = token.app.as_ref().map(AppName::as_str);
    let ends = token.expires_at.map(|end| end.to_string());
    if context.ui.is_json() {
        return context.ui.json(&json!({
            "type": "token",
            "id": token.id.to_string(),
            "app": app,
            "rights": right,
            "label": token.label,
            "created_at": token.created_at.to_string(),
            "expires_at": ends,
        }));
    }
    let until = ends.map_or_else(String::new, |end| format!("  until {end}"));
    context.ui.line(&format!("{}  {}  {}  {}{until}", token.id, right, app.unwrap_or("every app"), token.label))
}

fn new(
    context: &Context,
    app: Option<AppName>,
    rights: Rights,
    label: &str,
    expires: Option<Duration>,
) -> Result<(String, Token), CliError> {
    let key = context.clock.key().map_err(CliError::internal)?;
    let text = format!("whk_{}", URL_SAFE_NO_PAD.encode(key));
    let token = token_of(context, &text, app, rights, label);
    let expires_at = expires.map(|time| token.created_at.plus(time));
    Ok((text, Token { expires_at, ..token }))
}

fn token_of(context: &Context, text: &str, app: Option<AppName>, rights: Rights, label: &str) -> Token {
    let now = context.clock.now();
    Token {
        id: TokenId::new(now, context.clock.chance()),
        hash: auth::hash(text),
        label: label.to_owned(),
        rights,
        app,
        feature_flags: Vec::new(),
        created_at: now,
        expires_at: None,
    }
}

/// Makes the token of this machine's own commands known again should the store lose its data.
pub async fn stay_known(context: Context, store: Arc<dyn Store>, mut notices: Receiver<Notice>) {
    loop {
        match notices.recv().await {
            Ok(Notice::Emptied { .. }) => drop(local(&context, store.as_ref()).await),
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// The token of this machine's own commands, made on first use and known to the store.
///
/// # Errors
/// If it cannot be read or kept.
pub async fn local(context: &Context, store: &dyn Store) -> Result<String, CliError> {
    let path = context.settings.home.join(FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => text.trim().to_owned(),
        _ => {
            let (text, _) = new(context, None, Rights::Operator, LOCAL, None)?;
            private::folder(&context.settings.home).map_err(|why| CliError::file(&path, &why))?;
            private::write(&path, format!("{text}\n").as_bytes()).map_err(|why| CliError::file(&path, &why))?;
            text
        }
    };
    if store.token(&auth::hash(&text)).await?.is_none() {
        store.create_token(token_of(context, &text, None, Rights::Operator, LOCAL)).await?;
    }
    Ok(text)
}
