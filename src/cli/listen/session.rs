//! What runs between ready and done: the relay, who shows what happens, and the command of `--exec`.

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::process::Child;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::cli::child;
use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::listen::face::Face;
use crate::cli::listen::tui::View;
use crate::cli::listen::tui::model::Title;
use crate::cli::listen::watch::{Until, Watch};
use crate::cli::listen::{Args, ReadyLine};
use crate::cli::render;
use crate::cli::signal::Signals;
use crate::model::Secret;
use crate::relay::Relay;
use crate::relay::source::Source;
use crate::store::{Store, StoreError};

/// What runs between ready and done.
pub(super) struct Session {
    pub(super) relay: Relay,
    pub(super) store: Arc<dyn Store>,
    pub(super) inlet: Inlet,
    pub(super) ready: ReadyLine,
    /// What signs here, if that is known.
    pub(super) secret: Option<Secret>,
    /// What requests are judged with.
    pub(super) secrets: Vec<Secret>,
}

/// Where events come in.
pub(super) enum Inlet {
    Port(TcpListener),
    Away(Source, Option<TcpListener>),
}

/// What is under way.
struct Under {
    stop: CancellationToken,
    drained: CancellationToken,
    met: CancellationToken,
    served: JoinHandle<Result<(), StoreError>>,
    shown: JoinHandle<Result<(), CliError>>,
}

impl Session {
    /// Runs until enough happened, or a signal.
    pub(super) async fn run(self, context: &Context, args: &Args, signals: &mut Signals) -> Result<Exit, CliError> {
        let (stop, drained, met) = (CancellationToken::new(), CancellationToken::new(), CancellationToken::new());
        let title = args.tui.then(|| self.title(context, args));
        let Self { relay, store, inlet, ready, secret, secrets } = self;
        let watch = Watch::new(until(args), relay.counts(), met.clone());
        let notices = relay.notices();
        let shown = match title {
            Some(title) => {
                let view = View::new(context, title, store, secrets, watch).await?;
                tokio::spawn(view.run(notices, drained.clone()))
            }
            None => tokio::spawn(Face::new(context.ui, watch, notices).run(drained.clone())),
        };
        let served = match inlet {
            Inlet::Port(listener) => tokio::spawn(relay.serve(listener.into(), stop.clone())),
            Inlet::Away(source, door) => tokio::spawn(relay.follow(source, door.map(Into::into), stop.clone())),
        };
        let mut variables = vec![("WHK_URL", ready.url.as_str())];
        variables.extend(secret.as_ref().map(|secret| ("WHK_SECRET", secret.reveal())));
        let child = args.exec.as_deref().map(|command| child::start(context, command, &variables)).transpose()?;
        Under { stop, drained, met, served, shown }.watch(args, child, signals).await
    }

    fn title(&self, context: &Context, args: &Args) -> Title {
        Title {
            url: self.ready.url.clone(),
            to: render::listen::destination(&self.ready.forward, args.respond.map(|canned| canned.status)),
            inspector: self.ready.inspector.clone(),
            secret: self.secret.as_ref().map(Secret::masked).unwrap_or_default(),
            store: self.ready.store.clone(),
            colour: context.ui.paint.is_on(),
        }
    }
}

impl Under {
    /// Waits for its end, and brings it about.
    async fn watch(self, args: &Args, child: Option<Child>, signals: &mut Signals) -> Result<Exit, CliError> {
        let Self { stop, drained, met, mut served, shown } = self;
        let waiting_for_child = async {
            match child {
                Some(mut child) => child.wait().await,
                None => std::future::pending().await,
            }
        };
        let time_is_up = async {
            match args.lasting {
                Some(time) => tokio::time::sleep(time).await,
                None => std::future::pending().await,
            }
        };
        let exit = tokio::select! {
            exit = signals.next() => exit,
            () = met.cancelled() => Exit::Yes,
            () = time_is_up => Exit::Yes,
            status = waiting_for_child => Exit::Child(child::exit_code(status.map_err(CliError::internal)?)),
            result = &mut served => {
                drained.cancel();
                shown.await.map_err(CliError::internal)??;
                result.map_err(CliError::internal)??;
                return Ok(Exit::Yes);
            }
        };
        stop.cancel();
        let result = tokio::select! {
            result = &mut served => result.map_err(CliError::internal)?,
            // Asked a second time: what is under way stays in the store.
            again = signals.next() => {
                served.abort();
                drained.cancel();
                shown.await.map_err(CliError::internal)??;
                return Ok(again);
            }
        };
        drained.cancel();
        shown.await.map_err(CliError::internal)??;
        result?;
        Ok(exit)
    }
}

fn until(args: &Args) -> Until {
    Until { count: if args.once { Some(1) } else { args.count }, event_type: args.until.clone() }
}
