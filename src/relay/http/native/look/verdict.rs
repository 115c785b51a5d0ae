//! `/api/v1/webhooks/events/{id}/verdict`: whether a signature is right, and what would explain that it is not.

use serde_json::{Value, json};

use crate::model::{CapturedRequest, Event};
use crate::relay::http::native::Outcome;
use crate::relay::http::native::caller::{Caller, Deed};
use crate::relay::http::native::events::found;
use crate::relay::http::native::fields::Params;
use crate::relay::http::native::refusal::Refusal;
use crate::relay::http::{Face, json_answer};
use crate::relay::judge::Case;
use crate::sign::{self, Checks, Tolerance};

/// Answers with the verdict as of the moment the request came.
pub(in crate::relay::http::native) async fn answer(face: &Face, request: &CapturedRequest, id: &str) -> Outcome {
    let caller = Caller::of(face, request, Deed::Look).await?;
    Params::read(request, &[])?;
    let event = found(face, &caller, id).await?;
    let unjudged = |why: &str| json!({"type": "verdict", "ok": null, "reason": null, "detail": why, "hints": []});
    if event.marks.expunged {
        return Ok(json_answer(200, &unjudged("The payload was removed, so nothing can be said of its signature.")));
    }
    let Some(case) = face.pipeline.judge.case(&event).await? else {
        return Ok(json_answer(200, &unjudged("It is not signed, and no signature is expected.")));
    };
    // A large body takes a while, so few of these run at once, and none where it would hold up the others.
    let _turn = face.explaining.acquire().await;
    let work = tokio::task::spawn_blocking(move || judged(&case, &event));
    let value = work.await.map_err(|why| Refusal::new(500, "internal", why.to_string()))?;
    Ok(json_answer(200, &value))
}

fn judged(case: &Case, event: &Event) -> Value {
    let Case { scheme, secrets, params, others } = case;
    let (request, now) = (&event.request, event.request.received_at);
    let checks = Checks { secrets, now, tolerance: Tolerance::Scheme, params, url: None };
    let mut value = json!({
        "type": "verdict",
        "ok": null,
        "scheme": scheme.name(),
        "title": scheme.title(),
        "reason": null,
        "detail": null,
        "age_s": null,
        "secret_index": null,
        "hints": [],
    });
    match sign::verify(scheme, request, &checks) {
        Ok(verified) => {
            value["ok"] = json!(true);
            value["age_s"] = json!(verified.age_s);
            value["secret_index"] = json!(verified.secret_index);
        }
        Err(why) => {
            let hints = sign::explain(scheme, request, &checks, others);
            let hints = hints.iter().map(|hint| json!({"cause": hint.cause, "message": hint.message}));
            // Whoever gave no secret for somebody else's scheme did not ask for a judgement.
            value["ok"] = event.verdict.as_ref().map_or(Value::Null, |_| json!(false));
            value["reason"] = json!(why.reason.code());
            value["detail"] = json!(why.detail);
            value["age_s"] = json!(why.age_s);
            value["hints"] = hints.collect();
        }
    }
    value
}
