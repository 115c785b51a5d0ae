//! The filters that `events list` and `replay` share.

use clap::{Args, ValueEnum};
use jiff::tz::TimeZone;

use crate::api::events::Find;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::model::{DeliveryState, Timestamp};
use crate::policy::filter::Condition;
use crate::policy::route::Glob;
use crate::policy::span;
use crate::store::{Cursor, Order, Status};

/// Which events are wanted.
#[derive(Clone, Debug, Default, Args)]
pub struct Wanted {
    /// Of these types, as order.*. Repeatable
    #[arg(long = "type", value_name = "GLOB")]
    pub types: Vec<Glob>,
    /// Of this app
    #[arg(long, value_name = "APP")]
    pub app: Option<String>,
    /// Received since then: 10m, 2h, a time, today, yesterday
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Received before then
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// In this state
    #[arg(long, value_enum, value_name = "STATE")]
    pub status: Option<StatusArg>,
    /// With such content, as data.amount>=100. Repeatable: all must hold
    #[arg(long = "where", value_name = "CONDITION")]
    pub conditions: Vec<Condition>,
    /// With this text in the body, a header or the path
    #[arg(long, value_name = "TEXT")]
    pub grep: Option<String>,
}

/// A state that events are asked for by.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum StatusArg {
    /// A delivery is waiting or under way.
    Pending,
    /// A delivery was taken.
    Delivered,
    /// A delivery was given up.
    Dead,
    /// The signature is wrong.
    Invalid,
}

impl Wanted {
    /// Whether anything is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { types, app, since, until, status, conditions, grep } = self;
        types.is_empty()
            && conditions.is_empty()
            && status.is_none()
            && [app, since, until, grep].into_iter().all(Option::is_none)
    }

    /// As the store understands it.
    ///
    /// # Errors
    /// If a time or the app's name cannot be read.
    pub fn find(&self, context: &Context) -> Result<Find, CliError> {
        let (since, until) =
            (moment(context, "--since", self.since.as_deref())?, moment(context, "--until", self.until.as_deref())?);
        if let (Some(since), Some(until)) = (since, until)
            && since >= until
        {
            return Err(CliError::usage("--since must be before --until"));
        }
        let app = self.app.as_deref().map(str::parse).transpose();
        Ok(Find {
            app: app.map_err(|why| CliError::usage(format!("--app: {why}")))?,
            types: self.types.clone(),
            since,
            until,
            status: self.status.map(|status| match status {
                StatusArg::Pending => Status::Delivery(DeliveryState::Pending),
                StatusArg::Delivered => Status::Delivery(DeliveryState::Delivered),
                StatusArg::Dead => Status::Delivery(DeliveryState::Dead),
                StatusArg::Invalid => Status::Invalid,
            }),
            conditions: self.conditions.clone(),
            grep: self.grep.clone(),
            after: None,
            order: Order::Newest,
            limit: usize::MAX - 1,
            room: usize::MAX,
        })
    }
}

/// A time that a flag gives.
///
/// # Errors
/// If it cannot be read.
pub fn moment(context: &Context, flag: &str, given: Option<&str>) -> Result<Option<Timestamp>, CliError> {
    let read = |text: &str| span::moment(text, context.clock.now(), &TimeZone::system());
    given.map(read).transpose().map_err(|why| CliError::usage(format!("{flag}: {why}")))
}

/// A cursor that an earlier page gave.
///
/// # Errors
/// If it is none of ours.
pub fn cursor(text: &str) -> Result<Cursor, String> {
    text.parse().map(Cursor).map_err(|_| format!("\"{text}\" is no cursor of an earlier page"))
}
