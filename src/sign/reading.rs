//! What a scheme reads of a request: the signatures, and the values that the signed content is made of.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::model::request::CapturedRequest;
use crate::model::time::Timestamp;
use crate::sign::Params;
use crate::sign::layout::Layout;
use crate::sign::place::{Lack, Place, Sight, lines};
use crate::sign::stamp::Unit;
use crate::sign::verifying::{Reason, Rejection};

/// What a layout reads of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    pub(crate) signatures: Vec<Vec<u8>>,
    pub(crate) id: Option<Vec<u8>>,
    /// The timestamp as it is signed.
    pub(crate) ts: Option<Vec<u8>>,
    pub(crate) moment: Option<Timestamp>,
    pub(crate) vars: BTreeMap<String, Vec<u8>>,
    /// Where in the body the signature begins and ends, if that matters.
    pub(crate) gap: Option<(usize, usize)>,
}

/// Where the placeholders of a signed content get their values.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) id: Option<&'a [u8]>,
    pub(crate) ts: Option<&'a [u8]>,
    pub(crate) method: &'a str,
    pub(crate) url: Option<&'a str>,
    pub(crate) secret: &'a str,
    pub(crate) vars: &'a BTreeMap<String, Vec<u8>>,
    pub(crate) params: &'a Params,
    /// The body around the signature in it.
    pub(crate) around: Option<(&'a [u8], &'a [u8])>,
}

impl Reading {
    /// Reads what the layout needs; the rest may be missing.
    pub(crate) fn of(layout: &Layout, request: &CapturedRequest, params: &Params) -> Result<Self, Rejection> {
        let whole = Sight::of(request, params);
        let document = layout.document.as_ref().map(|place| place.find(whole)).transpose();
        let document = document.map_err(|lack| rejected(&lack))?;
        let bare = Sight { document: document.as_deref().unwrap_or(&request.body), ..whole };
        let raw = raw_signatures(layout, bare).map_err(|lack| rejected(&lack))?;
        let raw: Vec<&[u8]> = raw.iter().map(AsRef::as_ref).collect();
        let place = || layout.signature.header(&request.headers).map_or("the signature".to_owned(), str::to_owned);
        let garbled = |why: &dyn std::fmt::Display| malformed(&layout.signature, format!("{} {why}", place()));
        let elements = layout.line.elements(&raw, params).map_err(|why| garbled(&why))?;
        let sight = Sight { elements: &elements, ..bare };

        let needs_ts = layout.needs("ts") || layout.tolerance.past.is_some() || layout.tolerance.future.is_some();
        let id = read(layout.id.as_ref(), sight, layout.needs("id"))?;
        let ts = read(layout.timestamp.as_ref(), sight, needs_ts)?;
        let moment = ts.as_deref().and_then(|ts| layout.unit.read(str::from_utf8(ts).ok()?));
        if let (Some(place), Some(ts), None) = (&layout.timestamp, &ts, moment)
            && needs_ts
            && layout.unit != Unit::Opaque
        {
            return Err(bad_timestamp(place, ts, layout.unit));
        }
        let mut vars = BTreeMap::new();
        for (name, place) in &layout.vars {
            vars.extend(read(Some(place), sight, layout.needs(name))?.map(|value| (name.clone(), value)));
        }
        let signatures = layout.line.signatures(&elements, params).map_err(|why| garbled(&why))?;
        let gap = signatures.first().filter(|_| layout.needs("before")).and_then(|signature| {
            let start = memchr::memmem::find(&request.body, signature)?;
            Some((start, start + signature.len()))
        });
        let signatures = signatures.into_iter().map(<[u8]>::to_vec).collect();
        let ts = ts.map(|ts| if layout.reprint { reprinted(ts) } else { ts });
        let reading = Self { signatures, id, ts, moment, vars, gap };
        reading.check_fences(layout)?;
        reading.check_allowed(layout)?;
        check_required(layout, request, &reading.scope(request, None, "", params))?;
        Ok(reading)
    }

    /// The values for this request.
    pub(crate) fn scope<'a>(
        &'a self,
        request: &'a CapturedRequest,
        url: Option<&'a str>,
        secret: &'a str,
        params: &'a Params,
    ) -> Scope<'a> {
        Scope {
            body: &request.body,
            id: self.id.as_deref(),
            ts: self.ts.as_deref(),
            method: &request.method,
            url,
            secret,
            vars: &self.vars,
            params,
            around: self.gap.and_then(|(start, end)| Some((request.body.get(..start)?, request.body.get(end..)?))),
        }
    }

    /// What comes from outside and chooses a key or an algorithm has to be of a known form.
    fn check_allowed(&self, layout: &Layout) -> Result<(), Rejection> {
        for (name, forms) in &layout.allow {
            let value = self.vars.get(name);
            if forms.iter().any(|form| form.fits(value.map_or(&[], Vec::as_slice))) {
                continue;
            }
            let Some(place) = layout.vars.get(name) else { continue };
            return Err(match value {
                None => rejected(&place.lack()),
                Some(value) => {
                    let shown: String = String::from_utf8_lossy(value).chars().take(80).collect();
                    let forms: Vec<_> = forms.iter().map(|form| format!("\"{}\"", form.text())).collect();
                    let forms = forms.join(" or ");
                    malformed(place, format!("{name} is \"{}\", it must be {forms}", shown.escape_debug()))
                }
            });
        }
        Ok(())
    }

    /// An id with the separator inside would let two different requests be signed alike.
    fn check_fences(&self, layout: &Layout) -> Result<(), Rejection> {
        let id = self.id.as_deref().unwrap_or_default();
        let inside =
            |(name, fence): &(&str, &str)| *name == "id" && memchr::memmem::find(id, fence.as_bytes()).is_some();
        match (layout.signed.fences().find(inside), &layout.id) {
            (Some((_, fence)), Some(place)) => Err(malformed(
                place,
                format!("the id has \"{fence}\" in it, which separates the parts of what is signed"),
            )),
            _ => Ok(()),
        }
    }
}

impl<'a> Scope<'a> {
    /// The value of a placeholder.
    pub(crate) fn value(&self, name: &str) -> Option<Cow<'a, [u8]>> {
        let text = |text: &'a str| Some(Cow::Borrowed(text.as_bytes()));
        match name {
            "body" => Some(Cow::Borrowed(self.body)),
            "content" => Some(Cow::Borrowed(self.body)).filter(|body| !body.is_empty()),
            "before" => self.around.map(|(before, _)| Cow::Borrowed(before)),
            "after" => self.around.map(|(_, after)| Cow::Borrowed(after)),
            "id" => self.id.map(Cow::Borrowed),
            "ts" => self.ts.map(Cow::Borrowed),
            "method" => text(self.method),
            "url" => self.url.and_then(text),
            "secret" => text(self.secret),
            name => match name.strip_prefix("param.") {
                Some(name) => self.params.get(name).map(String::as_str).and_then(text),
                None => self.vars.get(name).map(|value| Cow::Borrowed(value.as_slice())),
            },
        }
    }
}

/// The values with signatures in them: every line of a header, or the one value elsewhere.
fn raw_signatures<'a>(layout: &Layout, sight: Sight<'a>) -> Result<Vec<Cow<'a, [u8]>>, Lack> {
    match layout.signature.header(sight.headers) {
        Some(name) => {
            let also = layout.line.also.iter().flat_map(|also| lines(sight.headers, also));
            Ok(lines(sight.headers, name).chain(also).collect())
        }
        None => layout.signature.find(sight).map(|value| vec![value]),
    }
}

fn bad_timestamp(place: &Place, ts: &[u8], unit: Unit) -> Rejection {
    let wanted = match unit {
        Unit::S => "a whole number of seconds",
        Unit::Decimal => "a number of seconds",
        Unit::Ms => "a whole number of milliseconds",
        Unit::Iso8601 | Unit::Opaque => "an ISO 8601 time",
    };
    let shown: String = String::from_utf8_lossy(ts).chars().take(40).collect();
    malformed(place, format!("the timestamp \"{}\" is not {wanted}", shown.escape_debug()))
}

fn read(place: Option<&Place>, sight: Sight, needed: bool) -> Result<Option<Vec<u8>>, Rejection> {
    match place.map(|place| place.find(sight)) {
        Some(Ok(value)) => Ok(Some(value.into_owned())),
        Some(Err(lack)) if needed => Err(rejected(&lack)),
        Some(Err(_)) | None => Ok(None),
    }
}

fn check_required(layout: &Layout, request: &CapturedRequest, scope: &Scope) -> Result<(), Rejection> {
    for (name, template) in &layout.require {
        let wanted = template.render(|name| scope.value(name)).map_err(|lost| no_value(&lost.0))?.concat();
        let (value, lack) = match layout.vars.get(name) {
            Some(place) => (scope.vars.get(name).map(Vec::as_slice), place.lack()),
            None => (request.headers.value(name), Lack::Header(name.clone())),
        };
        match value {
            None => return Err(rejected(&lack)),
            Some(value) if value == wanted => {}
            Some(_) if template.has("body") => {
                let detail = format!("{name} is not {template} of this request");
                return Err(Rejection::new(Reason::NoMatchingSignature, detail));
            }
            Some(_) => {
                let detail = format!("{name} has another value than it must");
                return Err(Rejection::new(Reason::MalformedHeader, detail));
            }
        }
    }
    Ok(())
}

/// A number is printed without leading zeros.
fn reprinted(ts: Vec<u8>) -> Vec<u8> {
    let zeros = ts.iter().take(ts.len().saturating_sub(1)).take_while(|byte| **byte == b'0').count();
    ts.into_iter().skip(zeros).collect()
}

fn rejected(lack: &Lack) -> Rejection {
    let reason = match lack {
        Lack::Header(_) => Reason::MissingHeader,
        Lack::Element(_) | Lack::Query(_) | Lack::Repeated(_) => Reason::MalformedHeader,
        Lack::Body(_) => Reason::MalformedBody,
    };
    Rejection::new(reason, lack.to_string())
}

fn malformed(place: &Place, detail: String) -> Rejection {
    let reason = if place.is_in_body() { Reason::MalformedBody } else { Reason::MalformedHeader };
    Rejection::new(reason, detail)
}

/// That a placeholder has no value, which whoever asked has to mend.
pub(crate) fn no_value(name: &str) -> Rejection {
    match name.strip_prefix("param.") {
        Some(name) => Rejection::new(Reason::MalformedSecret, format!("the scheme needs the parameter {name}")),
        None if name == "url" => {
            Rejection::new(Reason::MissingHeader, "the URL is signed: give it, or header Host".to_owned())
        }
        None => Rejection::new(Reason::MissingHeader, format!("{name} is signed and missing")),
    }
}
