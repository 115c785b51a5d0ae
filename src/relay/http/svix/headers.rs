//! Lines of an endpoint's own that each delivery to it gets.

use serde_json::{Map, Value, json};

use crate::api::rules;
use crate::model::{Endpoint, Headers};
use crate::platform::svix;
use crate::relay::http::svix::call::{Call, Need, later};
use crate::relay::http::svix::form::{Form, Given};
use crate::relay::http::svix::refusal::{Invalid, Refusal};
use crate::relay::http::svix::{Outcome, endpoints, nothing, ok};

/// Names with their values, or with none, to be removed.
#[derive(Clone, Debug, Default)]
pub(super) struct HeaderChanges(Vec<(String, Option<String>)>);

impl HeaderChanges {
    /// Reads the field `headers`, if it is there.
    pub(super) fn read(form: &mut Form) -> Result<Self, Refusal> {
        let given = match form.any("headers") {
            Given::Is(Value::Object(given)) => given,
            Given::Is(_) => return Err(form.shape("headers", "an object of strings is wanted")),
            Given::Null | Given::Absent => return Ok(Self::default()),
        };
        let mut changes = Vec::with_capacity(given.len());
        for (name, value) in given {
            let value = match value {
                Value::Null => None,
                Value::String(text) => Some(text),
                _ => return Err(form.shape("headers", "an object of strings is wanted")),
            };
            if let Some(wrong) = wrong_with(&name, value.as_deref()) {
                form.fault(&["headers", &name], wrong);
            }
            changes.push((name, value));
        }
        Ok(Self(changes))
    }

    /// The lines, if there were none before.
    pub(super) fn lines(&self) -> Result<Headers, Refusal> {
        self.checked(&Headers::new())
    }

    /// These lines with the changes, unless they are too many then.
    fn checked(&self, lines: &Headers) -> Result<Headers, Refusal> {
        let all = self.applied(lines);
        rules::lines(&all).map_err(|wrong| Invalid::value(&["body", "headers"], wrong))?;
        Ok(all)
    }

    /// These lines with the changes. Names are told apart by their case too.
    fn applied(&self, lines: &Headers) -> Headers {
        let named = |name: &[u8]| self.0.iter().any(|(own, _)| own.as_bytes() == name);
        let mut all = lines.without(named);
        for (name, value) in self.0.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
            // They were tried before.
            drop(all.push(name, value));
        }
        all
    }
}

fn wrong_with(name: &str, value: Option<&str>) -> Option<&'static str> {
    if svix::is_reserved(name) {
        return Some("this header cannot be set");
    }
    rules::line(name, value.unwrap_or_default()).err()
}

/// `/app/{app}/endpoint/{endpoint}/headers`
pub(super) async fn route(call: &Call<'_>, (app, key): (&str, &str)) -> Outcome {
    let need = if call.method() == "GET" { Need::Look } else { Need::Manage };
    let app = call.app(app, need).await?;
    let endpoint = call.endpoint(&app, key).await?;
    let replace = match call.method() {
        "GET" => return ok(200, &shown(&endpoint)),
        "PUT" => true,
        "PATCH" => false,
        _ => return Err(Refusal::no_method()),
    };
    let mut form = Form::read(&call.request.body)?;
    let changes = HeaderChanges::read(&mut form)?;
    form.done()?;
    let (now, none) = (call.now(), Headers::new());
    changes.checked(if replace { &none } else { &endpoint.headers })?;
    let change = move |endpoint: &mut Endpoint| {
        endpoint.headers = changes.applied(if replace { &none } else { &endpoint.headers });
        endpoint.updated_at = later(now, endpoint.updated_at);
    };
    endpoints::change(call, &endpoint, Box::new(change)).await?;
    Ok(nothing())
}

fn shown(endpoint: &Endpoint) -> Value {
    let (mut plain, mut sensitive) = (Map::new(), Vec::new());
    for (name, value) in endpoint.headers.iter() {
        let name = String::from_utf8_lossy(name).into_owned();
        if svix::is_sensitive(&name) {
            sensitive.push(name);
        } else {
            plain.insert(name, json!(String::from_utf8_lossy(value)));
        }
    }
    json!({"headers": plain, "sensitive": sensitive})
}
