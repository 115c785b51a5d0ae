//! Bodies of the service that came before: `event_type`, `event_id`, `timestamp`, `webhook_id`, `data`, `metadata`.
//!
//! They are kept as they are. Only their type is called by its name of today, and their trace goes on as a header.

use memchr::memmem;
use serde_json::Value;

use crate::catalog;
use crate::model::CapturedRequest;

/// The scheme whose types have older names.
const SCHEME: &str = "standard-webhooks";
/// No body of that service was larger than this.
const LARGEST: usize = 1 << 20;
/// Where it kept its trace.
const PLACES: [&str; 4] = ["/trace_context", "/metadata/trace_context", "/metadata", ""];

/// What a type is called today, if the body is one of those and its type has a newer name.
pub(crate) fn todays(event_type: &str, request: &CapturedRequest) -> Option<&'static str> {
    if !is_old(&request.body) {
        return None;
    }
    catalog::find(event_type, SCHEME).map(|kind| kind.name.as_str()).filter(|name| *name != event_type)
}

/// The trace that an old body belongs to, as `traceparent` has it.
pub(crate) fn trace(request: &CapturedRequest) -> Option<String> {
    if !is_old(&request.body) || memmem::find(&request.body, b"\"trace").is_none() {
        return None;
    }
    let body: Value = serde_json::from_slice(&request.body).ok()?;
    PLACES.iter().find_map(|place| of(body.pointer(place)?))
}

fn of(place: &Value) -> Option<String> {
    let text = |name: &str| place.get(name).and_then(Value::as_str);
    if let Some(parent) = text("traceparent").filter(|parent| is_parent(parent)) {
        return Some(parent.to_owned());
    }
    let (trace, span) = (text("trace_id")?, text("span_id")?);
    let parent = format!("00-{}-{}-01", trace.replace('-', "").to_lowercase(), span.to_lowercase());
    is_parent(&parent).then_some(parent)
}

/// `00-<32 hex digits>-<16 hex digits>-<2 hex digits>`.
fn is_parent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let sizes: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    sizes == [2, 32, 16, 2] && parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Whether the body has the fields that those had. This is asked of everything that comes in, and takes a glance.
fn is_old(body: &[u8]) -> bool {
    let has = |name: &[u8]| memmem::find(body, name).is_some();
    body.len() <= LARGEST
        && body.trim_ascii_start().starts_with(b"{")
        && has(b"\"webhook_id\"")
        && has(b"\"event_id\"")
        && has(b"\"event_type\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use serde_json::json;

    use crate::model::{Headers, Timestamp};

    fn request(body: &Value) -> CapturedRequest {
        CapturedRequest {
            method: "POST".to_owned(),
            target: "/in/default".to_owned(),
            headers: Headers::new(),
            body: Bytes::from(body.to_string()),
            remote: String::new(),
            received_at: Timestamp::default(),
        }
    }

    fn old(more: &Value) -> CapturedRequest {
        let mut body = json!({
            "event_type": "workflow_completed", "event_id": "e", "timestamp": 1_700_000_000_000_u64, "webhook_id": "w",
            "data": {}, "metadata": {},
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        request(&body)
    }

    #[test]
    fn an_old_name_is_read_as_todays_in_an_old_body_alone() {
        assert_eq!(todays("workflow_completed", &old(&json!({}))), Some("workflow.completed"));
        assert_eq!(todays("workflow.completed", &old(&json!({}))), None);
        assert_eq!(todays("workflow_completed", &request(&json!({"event_type": "workflow_completed"}))), None);
    }

    #[test]
    fn a_trace_is_found_wherever_it_was_kept() {
        let (trace, span) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
        let parent = format!("00-{trace}-{span}-01");
        for more in [
            json!({"trace_context": {"traceparent": parent}}),
            json!({"trace_context": {"trace_id": trace, "span_id": span}}),
            json!({"metadata": {"trace_id": trace, "span_id": span}}),
            json!({"traceparent": parent}),
        ] {
            assert_eq!(super::trace(&old(&more)), Some(parent.clone()), "{more}");
        }
        for more in
            [json!({}), json!({"trace_context": {"traceparent": "x\r\ny"}}), json!({"trace_id": "1", "span_id": "2"})]
        {
            assert_eq!(super::trace(&old(&more)), None, "{more}");
        }
    }
}
