//! The description of this API that machines read (OpenAPI 3.1).

use serde_json::{Map, Value, json};

use crate::relay::http::native::wish::FIELDS;

const ADMIN: &str = "/api/v1/admin/webhooks";
const EVENTS: &str = "/api/v1/webhooks/events";

/// The whole document.
#[must_use]
pub fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "whk relay",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Endpoints, events and their stream. The Svix-compatible API beside it is described by Svix.",
        },
        "security": [{"token": []}],
        "paths": paths(),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas(),
            "responses": {"Problem": answer("The request was refused.", "Problem")},
        },
    })
}

fn paths() -> Value {
    let one = format!("{ADMIN}/{{id}}");
    let mut paths = Map::new();
    let mut put = |path: String, operations: Value| paths.insert(path, operations);
    put(
        ADMIN.to_owned(),
        json!({
            "get": does("List the endpoints of an app", &["app", "limit", "cursor"], None, (200, "Endpoints")),
            "post": does("Make an endpoint", &["app"], Some("EndpointIn"), (201, "EndpointWithSecret")),
        }),
    );
    put(
        one.clone(),
        json!({
            "get": does("Show an endpoint", &["id", "app"], None, (200, "Endpoint")),
            "patch": does("Change what is given", &["id", "app"], Some("EndpointIn"), (200, "Endpoint")),
            "delete": does("Remove an endpoint", &["id", "app"], None, (204, "")),
        }),
    );
    put(
        format!("{one}/secret"),
        json!({
            "get": does("Show the signing secret", &["id", "app"], None, (200, "Secret")),
        }),
    );
    put(
        format!("{one}/rotate-secret"),
        json!({
            "post": does("Sign with a new secret; the old one goes on for 24 hours", &["id", "app"], None, (200, "EndpointWithSecret")),
        }),
    );
    put(
        format!("{one}/test"),
        json!({
            "post": does("Send an event to this endpoint alone", &["id", "app"], Some("TestOfEndpoint"), (202, "Created")),
        }),
    );
    paths.extend(event_paths());
    Value::Object(paths)
}

fn event_paths() -> Map<String, Value> {
    let event = format!("{EVENTS}/{{id}}");
    let mut paths = Map::new();
    let mut put = |path: String, operations: Value| paths.insert(path, operations);
    let filters = ["app", "type", "since", "until", "status", "where", "grep", "order", "limit", "cursor", "view"];
    put(EVENTS.to_owned(), json!({"get": does("List events", &filters, None, (200, "Events"))}));
    put(event.clone(), json!({"get": does("Show an event and its deliveries", &["id"], None, (200, "Event"))}));
    put(
        format!("{event}/attempts"),
        json!({
            "get": does("List the attempts to deliver an event", &["id", "limit", "cursor"], None, (200, "Attempts")),
        }),
    );
    put(
        format!("{event}/replay"),
        json!({
            "post": does("Send an event again", &["id"], Some("ReplayIn"), (202, "Replay")),
        }),
    );
    put(format!("{EVENTS}/stream"), json!({"get": stream()}));
    put("/api/v1/tunnel".to_owned(), json!({"get": tunnel()}));
    paths.extend(looking_paths(&event));
    let mut put = |path: String, operations: Value| paths.insert(path, operations);
    put(
        "/api/v1/webhooks/test".to_owned(),
        json!({
            "post": does("Make an event", &["app"], Some("EventIn"), (202, "Created")),
        }),
    );
    put(
        "/api/v1/webhooks/portal".to_owned(),
        json!({
            "post": does("Make a link to an app's portal", &["app"], Some("PortalIn"), (201, "Portal")),
        }),
    );
    put(
        "/api/webhooks/sync".to_owned(),
        json!({
            "post": does("Register types of event", &[], Some("SyncIn"), (200, "Synced")),
        }),
    );
    paths
}

/// What a page reads, and what it does beside.
fn looking_paths(event: &str) -> Map<String, Value> {
    let mut paths = Map::new();
    let mut put = |path: String, operations: Value| paths.insert(path, json!({"get": operations}));
    put(format!("{event}/verdict"), does("Judge and explain a signature", &["id"], None, (200, "Verdict")));
    let mut raw = does("Hand out a body or a whole request", &["id", "as"], None, (200, ""));
    raw["responses"]["200"] = bytes("application/octet-stream", "As asked.");
    put(format!("{event}/raw"), raw);
    let mut live = does("Follow rows as they come and change (server-sent events)", &["app"], None, (200, ""));
    live["description"] = json!(
        "An event named row has an event's row, new or changed; one named many says that so much changed that a new look \
         at the list is better. Whoever was away looks at the list again."
    );
    live["responses"]["200"] = bytes("text/event-stream", "Rows as they come and change.");
    put(format!("{EVENTS}/live"), live);
    put("/api/v1/webhooks/access".to_owned(), does("Say what the token allows", &[], None, (200, "Access")));
    put(
        "/api/v1/webhooks/stats".to_owned(),
        does("Count attempts by minute and endpoint", &["app"], None, (200, "Stats")),
    );
    put("/api/v1/webhooks/types".to_owned(), does("List types of event", &[], None, (200, "Types")));
    let one = does("Show a type, its schema and a sample", &["id"], None, (200, "Type"));
    put("/api/v1/webhooks/types/{id}".to_owned(), one);
    let redrive = does("Send again what was given up", &[], Some("RedriveIn"), (202, "Redrive"));
    paths.insert("/api/v1/webhooks/redrive".to_owned(), json!({"post": redrive}));
    paths
}

fn bytes(kind: &str, description: &str) -> Value {
    json!({"description": description, "content": {kind: {"schema": {"type": "string"}}}})
}

fn does(summary: &str, params: &[&str], takes: Option<&str>, (status, gives): (u16, &str)) -> Value {
    let said = if gives.is_empty() { json!({"description": "Done."}) } else { answer("As asked.", gives) };
    let mut operation = json!({
        "summary": summary,
        "parameters": params.iter().map(|name| parameter(name)).collect::<Vec<_>>(),
        "responses": {status.to_string(): said, "default": {"$ref": "#/components/responses/Problem"}},
    });
    if let Some(takes) = takes {
        operation["requestBody"] = json!({"content": {"application/json": {"schema": named(takes)}}});
    }
    operation
}

fn stream() -> Value {
    let mut operation = does("Follow events (server-sent events)", &["app", "type", "since"], None, (200, ""));
    operation["description"] = json!(
        "The id of each message is its event's; Last-Event-ID goes on after it with nothing lost or doubled. A comment \
         comes every two seconds when nothing else does; an event named gap says that something may be missing."
    );
    operation["responses"]["200"] = bytes("text/event-stream", "Events as they come.");
    if let Some(params) = operation["parameters"].as_array_mut() {
        params.push(json!({"name": "Last-Event-ID", "in": "header", "schema": {"type": "string"}}));
    }
    operation
}

fn tunnel() -> Value {
    let mut operation = does("Connect a listener (WebSocket)", &[], None, (101, ""));
    operation["description"] = json!(
        "A listener gets an app's requests over this connection and sends its app's answers back; docs/tunnel.md has the \
         messages. The app, a name and the rest are in its first message. Without the headers of a WebSocket it is 426."
    );
    operation["responses"]["101"] = json!({"description": "The connection is a WebSocket from here on."});
    operation["parameters"] = ["Connection", "Upgrade", "Sec-WebSocket-Version", "Sec-WebSocket-Key"]
        .iter()
        .map(|name| json!({"name": name, "in": "header", "required": true, "schema": {"type": "string"}}))
        .collect();
    operation
}

fn parameter(name: &str) -> Value {
    let said = match name {
        "app" => "The app, by name, uid or id; the token's own, or default",
        "limit" => "How many at most",
        "cursor" => "next_cursor of the page before",
        "type" => "A type or a pattern such as order.*; repeatable",
        "since" => "Received then or later: 10m, 2h, or a time",
        "until" => "Received before then",
        "status" => "pending, delivered, dead or invalid",
        "where" => "Content, such as data.amount>=100; repeatable",
        "grep" => "A text in the body, a header or the path",
        "order" => "newest or oldest first",
        "view" => "whole, or rows: without bodies, and with what became of them",
        "as" => "body, http, curl or har",
        _ => "The id",
    };
    let (place, required) = if name == "id" { ("path", true) } else { ("query", false) };
    json!({"name": name, "in": place, "required": required, "description": said, "schema": {"type": "string"}})
}

fn answer(description: &str, schema: &str) -> Value {
    json!({"description": description, "content": {"application/json": {"schema": named(schema)}}})
}

fn named(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

fn schemas() -> Value {
    let text = || json!({"type": "string"});
    let maybe = |kind: &str| json!({"type": [kind, "null"]});
    let list = || json!({"type": "array", "items": {"type": "string"}});
    let object = |fields: Value| json!({"type": "object", "properties": fields});
    let page =
        |of: &str| object(json!({"data": {"type": "array", "items": named(of)}, "next_cursor": maybe("string")}));
    let endpoint = endpoint();
    let mut with_secret = endpoint.clone();
    with_secret["properties"]["secret"] = text();
    let mut wish = Map::new();
    for field in FIELDS {
        wish.insert(field.to_owned(), endpoint["properties"][field].clone());
    }
    wish.insert("headers".to_owned(), json!({"type": "object", "additionalProperties": {"type": "string"}}));
    json!({
        "Problem": object(json!({"code": text(), "detail": text(), "field": text()})),
        "Endpoint": endpoint,
        "EndpointWithSecret": with_secret,
        "EndpointIn": object(Value::Object(wish)),
        "Endpoints": page("Endpoint"),
        "Secret": object(json!({"secret": text()})),
        "TestOfEndpoint": object(json!({"event_type": text()})),
        "Created": object(json!({"id": text(), "app": text(), "event_type": text()})),
        "Event": event(),
        "Events": page("Event"),
        "Attempt": object(json!({
            "id": text(), "event_id": text(), "endpoint_id": text(), "number": {"type": "integer"}, "url": text(),
            "status": maybe("integer"), "error": maybe("object"), "duration_ms": {"type": "integer"},
            "response_headers": {"type": "array"}, "response_body_b64": text(), "next_attempt_at": maybe("string"),
        })),
        "Attempts": page("Attempt"),
        "ReplayIn": object(json!({
            "endpoint_id": text(), "to": text(), "resign": {"type": "boolean"}, "headers": {"type": "array"},
            "body_b64": text(),
        })),
        "Replay": object(json!({"event_id": text(), "endpoints": list(), "attempts": {"type": "array"}})),
        "EventIn": object(json!({
            "event_type": text(), "event_id": text(), "app": text(), "data": {}, "payload": {}, "channels": list(),
        })),
        "PortalIn": object(json!({"app": text(), "expires_in": {"type": ["string", "integer"]}, "read_only": {"type": "boolean"}})),
        "Portal": object(json!({"url": text(), "app": text(), "expires_at": text()})),
        "SyncIn": object(json!({"product": text(), "event_types": {"type": "array"}, "openapi": {"type": "object"}})),
        "Synced": object(json!({
            "created": {"type": "integer"}, "updated": {"type": "integer"}, "unchanged": {"type": "integer"},
            "event_types": list(),
        })),
        "Verdict": object(json!({
            "ok": maybe("boolean"), "scheme": text(), "title": text(), "reason": maybe("string"),
            "detail": maybe("string"), "age_s": maybe("integer"), "secret_index": maybe("integer"),
            "hints": {"type": "array", "items": object(json!({"cause": text(), "message": text()}))},
        })),
        "Access": object(json!({
            "rights": text(), "app": maybe("string"), "expires_at": maybe("string"), "forwards": list(),
            "version": text(),
        })),
        "Stats": object(json!({
            "minutes": {"type": "array"}, "endpoints": {"type": "array"}, "last_day": {"type": "object"},
        })),
        "Type": object(json!({"name": text(), "sample": {}, "schema": {}})),
        "Types": object(json!({"data": {"type": "array"}})),
        "RedriveIn": object(json!({"app": text(), "ids": list()})),
        "Redrive": object(json!({
            "deliveries": {"type": "integer"}, "skipped": {"type": "integer"}, "more": {"type": "boolean"},
        })),
    })
}

fn event() -> Value {
    let text = || json!({"type": "string"});
    json!({"type": "object", "properties": {
        "id": text(), "app": text(), "event_type": text(), "method": text(), "path": text(), "query": text(),
        "headers": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}}, "body_b64": text(),
        "body": {"type": ["string", "null"]}, "verdict": {"type": ["object", "null"]}, "received_at": text(),
        "deliveries": {"type": "array"},
    }})
}

fn endpoint() -> Value {
    let text = || json!({"type": "string"});
    let list = || json!({"type": "array", "items": {"type": "string"}});
    let flag = || json!({"type": "boolean"});
    let maybe = |kind: &str| json!({"type": [kind, "null"]});
    json!({"type": "object", "properties": {
        "id": text(), "app": text(), "name": text(), "url": text(), "events": list(), "uid": maybe("string"),
        "scheme": text(), "channels": list(), "headers": list(), "rate_limit": maybe("integer"), "ordered": flag(),
        "redirects": flag(), "disabled": flag(), "disabled_by": maybe("string"), "disabled_at": maybe("string"),
        "metadata": {"type": "object", "additionalProperties": {"type": "string"}}, "created_at": text(),
        "updated_at": text(), "failing_since": maybe("string"), "failures_in_a_row": {"type": "integer"},
        "last_day": {"type": "object"},
    }})
}
