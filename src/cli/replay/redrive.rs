//! What was given up, sent once more by the relay that runs on the same store: at its pace, by its rules.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::remote::{At, Remote};
use crate::cli::running;
use crate::model::{Attempt, Delivery, DeliveryId, DeliveryState, Event, EventId};
use crate::store::Store;

/// So many events are asked for at once; a relay takes a thousand.
const BATCH: usize = 500;
/// How often it is looked what has become of them.
const LOOK: Duration = Duration::from_millis(100);

/// The relay that sends.
pub(super) struct Redrive<'a> {
    remote: Remote<'a>,
    context: &'a Context,
    store: Arc<dyn Store>,
}

/// What is waited for.
struct Asked {
    event: EventId,
    delivery: DeliveryId,
}

impl<'a> Redrive<'a> {
    /// The relay that runs on this store, if one does.
    ///
    /// # Errors
    /// If its token cannot be had.
    pub(super) fn find(context: &'a Context, at: &'a At, store: &Arc<dyn Store>) -> Result<Option<Self>, CliError> {
        let own = store.about().address;
        let runs_here = running::find(&context.settings.home).is_some_and(|running| running.store == own);
        if !runs_here {
            return Ok(None);
        }
        Ok(Some(Self { remote: Remote::find(context, at)?, context, store: Arc::clone(store) }))
    }

    /// Asks for each of these events, with so much time between one and the next, and hands every last attempt to
    /// `show`. Gives back how many deliveries were taken, and how many were not.
    ///
    /// # Errors
    /// If the relay refuses or goes away, or the store fails.
    pub(super) async fn run(
        &self,
        events: &[Arc<Event>],
        interval: Option<Duration>,
        mut show: impl FnMut(&Attempt) -> Result<(), CliError>,
    ) -> Result<(u64, u64), CliError> {
        let (mut delivered, mut failed) = (0, 0);
        for (index, some) in events.chunks(if interval.is_some() { 1 } else { BATCH }).enumerate() {
            if let Some(interval) = interval.filter(|_| index > 0) {
                tokio::time::sleep(interval).await;
            }
            let mut open = self.dead(some).await?;
            self.ask(some).await?;
            while let Some(asked) = open.pop_front() {
                let Some(delivery) = self.settled(&asked).await? else {
                    open.push_front(asked);
                    self.must_live()?;
                    tokio::time::sleep(LOOK).await;
                    continue;
                };
                let sum = if delivery.state == DeliveryState::Delivered { &mut delivered } else { &mut failed };
                *sum += 1;
                let attempts = self.store.attempts(asked.event).await?;
                if let Some(last) = attempts.iter().rfind(|attempt| attempt.delivery == asked.delivery) {
                    show(last)?;
                }
            }
        }
        Ok((delivered, failed))
    }

    /// What was given up, and where something is sent: an earlier replay elsewhere is none of the relay's.
    async fn dead(&self, events: &[Arc<Event>]) -> Result<VecDeque<Asked>, CliError> {
        let mut all = VecDeque::new();
        for event in events {
            for delivery in self.store.deliveries(event.id).await? {
                if delivery.state != DeliveryState::Dead {
                    continue;
                }
                let Some(endpoint) = self.store.endpoint(delivery.endpoint).await? else { continue };
                if endpoint.disabled.is_some() {
                    let off = &endpoint.target;
                    self.context.ui.note(&format!("  ! {off} is disabled: whk endpoints enable lets it go on"));
                } else if endpoint.kind != crate::model::EndpointKind::Replay {
                    all.push_back(Asked { event: event.id, delivery: delivery.id });
                }
            }
        }
        Ok(all)
    }

    async fn ask(&self, events: &[Arc<Event>]) -> Result<(), CliError> {
        let ids: Vec<String> = events.iter().map(|event| event.id.to_string()).collect();
        self.remote.call("POST", "/api/v1/webhooks/redrive", Some(&json!({ "ids": ids }))).await?;
        Ok(())
    }

    /// The delivery, once its attempt is over: what is due is still to come, and what is due later failed.
    async fn settled(&self, asked: &Asked) -> Result<Option<Delivery>, CliError> {
        let now = self.context.clock.now();
        let all = self.store.deliveries(asked.event).await?;
        let gone = || CliError::usage(format!("{} was removed meanwhile", asked.event)).kind("not_found");
        let delivery = all.into_iter().find(|delivery| delivery.id == asked.delivery).ok_or_else(gone)?;
        let open = match delivery.state {
            DeliveryState::InFlight => true,
            DeliveryState::Pending => delivery.due_at.is_none_or(|due| due <= now),
            DeliveryState::Delivered | DeliveryState::Dead => false,
        };
        Ok((!open).then_some(delivery))
    }

    fn must_live(&self) -> Result<(), CliError> {
        if running::find(&self.context.settings.home).is_some() {
            return Ok(());
        }
        Err(CliError::unreachable("the relay has stopped")
            .kind("no_relay")
            .hint("what it was asked for is kept, and goes on when it starts: whk relay"))
    }
}
