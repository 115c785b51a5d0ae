//! The schemes that can be chosen and detected: a user's own before those that come with whk.

use std::sync::Arc;

use crate::model::request::CapturedRequest;
use crate::sign::presets;
use crate::sign::scheme::Scheme;

/// The schemes that can be chosen and detected.
#[derive(Clone, Debug, Default)]
pub struct Known {
    own: Vec<Arc<Scheme>>,
}

impl Known {
    /// Those that come with whk, and these before them.
    #[must_use]
    pub const fn new(own: Vec<Arc<Scheme>>) -> Self {
        Self { own }
    }

    /// The user's own.
    #[must_use]
    pub fn own(&self) -> &[Arc<Scheme>] {
        &self.own
    }

    /// All of them; the one that came last goes first.
    pub fn all(&self) -> impl Iterator<Item = Arc<Scheme>> {
        let presets = presets::preset_names().into_iter().filter_map(presets::preset);
        self.own.iter().rev().cloned().chain(presets)
    }

    /// The scheme of this name or alias; case and punctuation do not count.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<Arc<Scheme>> {
        let wanted = presets::plain(name);
        let is = |scheme: &Scheme| {
            let names = scheme.aliases().iter().map(String::as_str).chain([scheme.name()]);
            names.into_iter().any(|own| presets::plain(own) == wanted)
        };
        self.own.iter().rev().find(|scheme| is(scheme)).cloned().or_else(|| presets::preset(name))
    }

    /// The scheme whose headers these are; a user's own is told by its `detect`, or else by its signature's header.
    #[must_use]
    pub fn detect(&self, request: &CapturedRequest) -> Option<Arc<Scheme>> {
        let fits = |scheme: &&Arc<Scheme>| {
            clues(scheme).iter().any(|clue| clue.split('+').all(|name| request.headers.has(name)))
        };
        let mut fitting = self.own.iter().rev().filter(fits);
        let own = fitting.clone().find(|scheme| presets::looks_right(scheme, request)).or_else(|| fitting.next());
        own.cloned().or_else(|| presets::detect(request))
    }
}

fn clues(scheme: &Scheme) -> Vec<String> {
    if scheme.detect().is_empty() {
        return scheme.layouts().flat_map(|layout| layout.signature.names().to_vec()).collect();
    }
    scheme.detect().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::headers::Headers;
    use crate::model::time::Timestamp;
    use bytes::Bytes;

    fn scheme(name: &str, header: &str, more: &str) -> Arc<Scheme> {
        let text = format!("name = '{name}'\ntitle = 'X'\nsignature = {{ header = '{header}' }}\n{more}");
        Arc::new(Scheme::parse(&text).unwrap())
    }

    fn request(lines: &[&str]) -> CapturedRequest {
        let mut headers = Headers::new();
        for line in lines {
            headers.push_line(line).unwrap();
        }
        CapturedRequest {
            method: "POST".to_owned(),
            target: "/".to_owned(),
            headers,
            body: Bytes::new(),
            remote: String::new(),
            received_at: Timestamp::from_seconds(0),
        }
    }

    #[test]
    fn an_own_scheme_goes_before_the_one_that_comes_with_whk() {
        let known = Known::new(vec![scheme("standard-webhooks", "X-Mine", "aliases = ['Mine 2']")]);
        assert_eq!(known.named("Standard_Webhooks").unwrap().title(), "X");
        assert_eq!(known.named("mine-2").unwrap().title(), "X");
        assert_eq!(known.named("svix").unwrap().name(), "svix");
        assert!(known.named("nobody").is_none());
    }

    #[test]
    fn an_own_scheme_is_detected_by_its_header_and_by_shape() {
        let (hex, base64) = (scheme("a", "X-Sig", ""), scheme("b", "X-Sig", "encoding = 'base64'"));
        let known = Known::new(vec![hex, base64, scheme("c", "X-Other", "detect = ['x-one+x-two']")]);
        let found = |lines: &[&str]| known.detect(&request(lines)).map(|scheme| scheme.name().to_owned());
        assert_eq!(found(&[&format!("X-Sig: {}", "0f".repeat(32))]).as_deref(), Some("a"));
        assert_eq!(found(&[&format!("X-Sig: {}A=", "A".repeat(42))]).as_deref(), Some("b"));
        assert_eq!(found(&["X-One: 1"]), None);
        assert_eq!(found(&["X-One: 1", "x-two: 1"]).as_deref(), Some("c"));
        assert_eq!(found(&["svix-id: 1", "svix-signature: v1,x", "svix-timestamp: 1"]).as_deref(), Some("svix"));
    }
}
