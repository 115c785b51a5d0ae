//! What a scheme reads of a request: the signatures, and the values that the signed content is made of.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::model::request::CapturedRequest;
use crate::model::time::Timestamp;
use crate::sign::Params;
use crate::sign::layout::Layout;
use crate::sign::place::{Lack, Place, Sight};
use crate::sign::stamp::Unit;
use crate::sign::verifying::{Reason, Rejection};

/// What a layout reads of a request. Nothing is copied that stands there as it is.
#[derive(Clone, Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) signatures: Vec<&'a [u8]>,
    pub(crate) id: Option<Cow<'a, [u8]>>,
    /// The timestamp as it is signed.
    pub(crate) ts: Option<Cow<'a, [u8]>>,
    pub(crate) moment: Option<Timestamp>,
    pub(crate) vars: BTreeMap<String, Vec<u8>>,
    /// Where in the body the signature begins and ends, if that matters.
    pub(crate) gap: Option<(usize, usize)>,
}

/// How much of a request is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// What has a say in the verdict.
    Verdict,
    /// Whatever there is a place for.
    All,
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

impl Reading<'_> {
    /// Reads what the layout needs; the rest may be missing. What is read is only there for `then`.
    pub(crate) fn of<T>(
        layout: &Layout,
        whole: Sight,
        request: &CapturedRequest,
        wanted: Wanted,
        then: impl FnOnce(&Reading) -> T,
    ) -> Result<T, Rejection> {
        let params = whole.params;
        let document = layout.document.as_ref().map(|place| layout.find(place, whole)).transpose();
        let document = document.map_err(|lack| rejected(&lack))?;
        let bare = Sight { document: document.as_deref().unwrap_or(&request.body), ..whole };
        let raw = raw_signatures(layout, bare).map_err(|lack| rejected(&lack))?;
        let place = || layout.signature.header(whole.headers).map_or("the signature".to_owned(), str::to_owned);
        let garbled = |why: &dyn std::fmt::Display| malformed(&layout.signature, format!("{} {why}", place()));
        let elements = layout.elements(&raw, params).map_err(|why| garbled(&why))?;
        let sight = Sight { elements: &elements, ..bare };

        let needs_ts = layout.uses.needs_ts || layout.tolerance.past.is_some() || layout.tolerance.future.is_some();
        // To look into a body for an id that nothing is made of takes longer than to verify.
        let id = layout.id.as_ref().filter(|_| layout.uses.id || wanted == Wanted::All);
        let id = read(id, sight, layout.uses.needs_id)?;
        let ts = read(layout.timestamp.as_ref(), sight, needs_ts)?;
        let moment = ts.as_deref().and_then(|ts| layout.unit.read(str::from_utf8(ts).ok()?));
        if let (Some(place), Some(ts), None) = (&layout.timestamp, &ts, moment)
            && needs_ts
            && layout.unit != Unit::Opaque
            && !layout.verbatim
        {
            return Err(bad_timestamp(place, ts, layout.unit));
        }
        let mut vars = BTreeMap::new();
        for (name, place) in &layout.vars {
            let value = read(Some(place), sight, layout.needs(name))?;
            vars.extend(value.map(|value| (name.clone(), value.into_owned())));
        }
        let signatures = layout.line.signatures(&elements, params).map_err(|why| garbled(&why))?;
        let gap = signatures.first().filter(|_| layout.uses.before).and_then(|signature| {
            let start = memchr::memmem::find(&request.body, signature)?;
            Some((start, start + signature.len()))
        });
        let ts = ts.map(|ts| if layout.reprint { reprinted(ts) } else { ts });
        let reading = Reading { signatures, id, ts, moment, vars, gap };
        reading.check_fences(layout)?;
        reading.check_allowed(layout)?;
        if !layout.require.is_empty() {
            check_required(layout, request, &reading.scope(request, None, "", params))?;
        }
        Ok(then(&reading))
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
        let strange =
            layout.letters.iter().find(|(name, all)| self.vars.get(*name).is_some_and(|own| !all.are_all_of(own)));
        match strange.and_then(|(name, all)| Some((layout.vars.get(name)?, name, all.text()))) {
            Some((place, name, all)) => {
                Err(malformed(place, format!("{name} has other letters than \"{}\"", all.escape_debug())))
            }
            None => Ok(()),
        }
    }

    /// An id with the separator inside would let two different requests be signed alike.
    fn check_fences(&self, layout: &Layout) -> Result<(), Rejection> {
        let id = self.id.as_deref().unwrap_or_default();
        if !layout.uses.id || id.is_empty() {
            return Ok(());
        }
        let stands = |fence: &[u8]| match fence {
            [byte] => memchr::memchr(*byte, id).is_some(),
            fence => memchr::memmem::find(id, fence).is_some(),
        };
        let inside = |(name, fence): &(&str, &str)| *name == "id" && stands(fence.as_bytes());
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
            let also = layout.line.also.iter().flat_map(|also| sight.headers.values(also));
            Ok(sight.headers.values(name).chain(also).map(Cow::Borrowed).collect())
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

fn read<'a>(place: Option<&Place>, sight: Sight<'a>, needed: bool) -> Result<Option<Cow<'a, [u8]>>, Rejection> {
    match place.map(|place| place.find(sight)) {
        Some(Ok(value)) => Ok(Some(value)),
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
fn reprinted(ts: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let zeros = ts.iter().take(ts.len().saturating_sub(1)).take_while(|byte| **byte == b'0').count();
    if zeros == 0 { ts } else { Cow::Owned(ts.get(zeros..).unwrap_or_default().to_vec()) }
}

fn rejected(lack: &Lack) -> Rejection {
    let reason = match lack {
        Lack::Header(_) => Reason::MissingHeader,
        Lack::Element(_) | Lack::Query(_) | Lack::Repeated(_) => Reason::MalformedHeader,
        Lack::Body(_) => Reason::MalformedBody,
        // One of them is not from whom the others are.
        Lack::Unlike(_) => Reason::NoMatchingSignature,
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
