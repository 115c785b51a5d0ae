//! What goes on after its answer, for those who come back to ask.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::model::{AppName, TaskId, Timestamp};
use crate::relay::http::svix::call::{Call, Need};
use crate::relay::http::svix::refusal::Refusal;
use crate::relay::http::svix::{Outcome, ok};

/// So many are remembered.
const MOST: usize = 1000;

/// The tasks of late, the newest first.
#[derive(Default)]
pub(crate) struct Tasks(Mutex<VecDeque<Arc<Task>>>);

/// A task.
pub(super) struct Task {
    id: TaskId,
    kind: &'static str,
    /// Whom it concerns: who belongs to another app does not see it.
    app: Option<AppName>,
    state: Mutex<(&'static str, Timestamp)>,
}

impl Tasks {
    /// Begins one.
    pub(super) fn begin(&self, call: &Call<'_>, kind: &'static str) -> Arc<Task> {
        let now = call.now();
        let task = Arc::new(Task {
            id: TaskId::new(now, call.pipeline().clock.chance()),
            kind,
            app: call.token.app.clone(),
            state: Mutex::new(("running", now)),
        });
        let mut all = self.all();
        all.push_front(Arc::clone(&task));
        all.truncate(MOST);
        task
    }

    fn all(&self) -> std::sync::MutexGuard<'_, VecDeque<Arc<Task>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Task {
    /// Ends it.
    pub(super) fn end(&self, now: Timestamp, well: bool) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = (if well { "finished" } else { "failed" }, now);
    }

    /// As it is answered.
    pub(super) fn shown(&self) -> Value {
        let (status, at) = *self.state.lock().unwrap_or_else(PoisonError::into_inner);
        json!({"id": self.id.to_string(), "status": status, "task": self.kind, "data": {}, "updatedAt": at.to_string()})
    }
}

/// `/background-task...`
pub(super) fn route(call: &Call<'_>, path: &[&str]) -> Outcome {
    call.may(Need::Look)?;
    let sees = |task: &&Arc<Task>| call.token.app.is_none() || call.token.app == task.app;
    let all = call.face.tasks.all();
    match (call.method(), path) {
        ("GET", []) => {
            let limit = call.query.pager::<TaskId>(crate::store::Order::Newest)?.limit;
            let data: Vec<_> = all.iter().filter(sees).take(limit).map(|task| task.shown()).collect();
            let iterator = data.last().map(|last| last["id"].clone());
            ok(200, &json!({"data": data, "iterator": iterator, "done": true}))
        }
        ("GET", [key]) => {
            let id: TaskId = key.parse().map_err(|_| Refusal::not_found())?;
            let task = all.iter().filter(sees).find(|task| task.id == id).ok_or_else(Refusal::not_found)?;
            ok(200, &task.shown())
        }
        (_, [] | [_]) => Err(Refusal::no_method()),
        _ => Err(Refusal::no_route()),
    }
}
