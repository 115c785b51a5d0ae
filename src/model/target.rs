//! Where a request goes, read from the forgiving forms that people type.

use std::fmt;
use std::str::FromStr;

use crate::model::secret::Secret;

/// The port that `/hook` alone means.
const USUAL_PORT: u16 = 3000;

/// Where a request goes: a server and the path that the request's own path is added to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// How to get there.
    pub address: Address,
    /// The target's own path, starting with `/`.
    pub path: String,
    /// The target's own query, without the question mark.
    pub query: Option<String>,
    /// `user:password` of the URL, to be sent as Basic authentication.
    pub userinfo: Option<Secret>,
}

/// How to get to a server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// Over TCP.
    Tcp {
        /// Whether to speak TLS.
        tls: bool,
        /// A name, an IPv4 address, or an IPv6 address without brackets.
        host: String,
        /// The port.
        port: u16,
    },
    /// Through a unix socket.
    Unix(String),
}

/// Why a text is no target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It starts with a scheme that is not HTTP.
    #[error("target \"{0}\" must be http or https")]
    NotHttp(String),
    /// There is no host in it.
    #[error("target \"{0}\" names no host")]
    NoHost(String),
    /// The port is not a number from 1 to 65535.
    #[error("target \"{0}\": the port must be 1-65535")]
    BadPort(String),
    /// It has characters that no URL has.
    #[error("target \"{0}\" has a space or another character that a URL cannot have")]
    BadCharacter(String),
    /// A part after `#` never reaches a server.
    #[error("target \"{0}\" has a fragment (#...) behind it, which never reaches a server: leave it out")]
    Fragment(String),
}

impl Target {
    /// The value of the `Host` header.
    #[must_use]
    pub fn authority(&self) -> String {
        match &self.address {
            Address::Unix(_) => "localhost".to_owned(),
            Address::Tcp { tls, host, port } => {
                let host = bracketed(host);
                if *port == usual_port(*tls) { host } else { format!("{host}:{port}") }
            }
        }
    }

    /// Whether what goes there is encrypted.
    #[must_use]
    pub const fn is_tls(&self) -> bool {
        matches!(self.address, Address::Tcp { tls: true, .. })
    }

    /// The request target for a request whose own path is `path` and query is `query`.
    ///
    /// The own path follows the target's; an empty one leaves the target's as it is.
    #[must_use]
    pub fn request_target(&self, path: &str, query: Option<&str>) -> String {
        let base = if path.is_empty() { self.path.as_str() } else { self.path.trim_end_matches('/') };
        let mut all = format!("{base}{path}");
        let queries = [self.query.as_deref(), query];
        for (sign, query) in ["?", "&"].iter().zip(queries.into_iter().flatten()) {
            all.push_str(sign);
            all.push_str(query);
        }
        all
    }

    /// Where a `Location` leads from here; `None` if it leads nowhere that HTTP goes.
    ///
    /// A password of this target travels on only to the same server.
    #[must_use]
    pub fn redirected(&self, location: &str) -> Option<Self> {
        let location = location.split('#').next().unwrap_or_default();
        let tls = self.is_tls();
        let whole = match location.strip_prefix("//") {
            Some(rest) => format!("{}://{rest}", if tls { "https" } else { "http" }),
            None => location.to_owned(),
        };
        if let Some((scheme, _)) = whole.split(['/', '?']).next().and_then(|start| start.split_once(':')) {
            // The short forms that people type, a unix socket among them, are not for a server to choose.
            let http = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
            if !http || !whole.contains("://") {
                return None;
            }
            let next: Self = whole.parse().ok()?;
            let userinfo = if next.address == self.address { self.userinfo.clone() } else { None };
            return Some(Self { userinfo: next.userinfo.or(userinfo), ..next });
        }
        if location.bytes().any(|b| b <= b' ' || b >= 0x7f) {
            return None;
        }
        let (path, query) = match location.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (location, None),
        };
        let path = match path.strip_prefix('/') {
            Some(_) => path.to_owned(),
            None if path.is_empty() => self.path.clone(),
            None => {
                let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
                format!("{folder}/{path}")
            }
        };
        Some(Self { path, query, ..self.clone() })
    }

    /// The URL of a request target at this server, without a password.
    #[must_use]
    pub fn url(&self, request_target: &str) -> String {
        match &self.address {
            Address::Unix(path) if matches!(request_target, "" | "/") => format!("unix:{path}"),
            Address::Unix(path) => format!("unix:{path}:{request_target}"),
            Address::Tcp { tls, host, port } => {
                let scheme = if *tls { "https" } else { "http" };
                let user = if self.userinfo.is_some() { "***@" } else { "" };
                let host = bracketed(host);
                let port = if *port == usual_port(*tls) { String::new() } else { format!(":{port}") };
                format!("{scheme}://{user}{host}{port}{request_target}")
            }
        }
    }
}

fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

const fn usual_port(tls: bool) -> u16 {
    if tls { 443 } else { 80 }
}

impl fmt::Display for Target {
    /// The URL without a password; `http://localhost:3000` has no slash at its end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = self.request_target("", None);
        f.write_str(&self.url(if own == "/" { "" } else { &own }))
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let whole = || showable(text);
        if text.bytes().any(|b| b <= b' ' || b >= 0x7f) {
            return Err(TargetError::BadCharacter(whole()));
        }
        if let Some((before, _)) = text.split_once('#') {
            // In a link to the inspector the token stands behind it.
            return Err(TargetError::Fragment(showable(before)));
        }
        if let Some(path) = text.strip_prefix("unix:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err(TargetError::NoHost(whole()));
            }
            let address = Address::Unix(path.to_owned());
            return Ok(Self { address, path: "/".to_owned(), query: None, userinfo: None });
        }
        let (tls, rest) = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (Some(false), rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (Some(true), rest),
            Some(_) => return Err(TargetError::NotHttp(whole())),
            None => (None, text),
        };
        let cut = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(cut);
        let (path, query) = match tail.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (tail, None),
        };
        let path = if path.is_empty() { "/" } else { path };
        let (userinfo, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(Secret::new(user)), place),
            None => (None, authority),
        };
        let address = place_of(place, tls).map_err(|problem| problem(whole()))?;
        Ok(Self { address, path: path.to_owned(), query, userinfo })
    }
}

/// What was typed as it may be shown: all that stands before the last `@` may be a password, however malformed.
fn showable(text: &str) -> String {
    let Some((before, place)) = text.rsplit_once('@') else { return text.to_owned() };
    let scheme = before.split_once("://").map(|(scheme, _)| format!("{scheme}://")).unwrap_or_default();
    format!("{scheme}***@{place}")
}

/// Host and port of `3000`, `:3000`, `host`, `host:3000`, `[::1]:3000` or nothing at all.
fn place_of(place: &str, tls: Option<bool>) -> Result<Address, fn(String) -> TargetError> {
    let secure = tls.unwrap_or(false);
    let at = |host: &str, port: u16| Address::Tcp { tls: secure, host: host.to_ascii_lowercase(), port };
    let number = |text: &str| match text.parse::<u16>() {
        Ok(port) if port > 0 && text.bytes().all(|b| b.is_ascii_digit()) => Ok(port),
        _ => Err(TargetError::BadPort as fn(String) -> TargetError),
    };
    if tls.is_none() {
        if place.is_empty() {
            return Ok(at("localhost", USUAL_PORT));
        }
        // A number, or something that starts as one and is no address, can only be meant as a port.
        let dotted = place.contains(['.', ':']);
        if !dotted && place.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            return Ok(at("localhost", number(place)?));
        }
        if let Some(port) = place.strip_prefix(':') {
            return Ok(at("localhost", number(port)?));
        }
    }
    if let Some(rest) = place.strip_prefix('[') {
        let (host, after) = rest.split_once(']').ok_or(TargetError::NoHost as fn(String) -> TargetError)?;
        host.parse::<std::net::Ipv6Addr>().map_err(|_| TargetError::NoHost as fn(String) -> TargetError)?;
        return match after.strip_prefix(':') {
            Some(port) => Ok(at(host, number(port)?)),
            None if after.is_empty() => Ok(at(host, usual_port(secure))),
            None => Err(TargetError::BadPort),
        };
    }
    match place.split_once(':') {
        _ if place.is_empty() || place.starts_with(':') => Err(TargetError::NoHost),
        Some((host, port)) => Ok(at(host, number(port)?)),
        None => Ok(at(place, usual_port(secure))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        text.parse::<Target>().map_or_else(|why| format!("! {why}"), |target| target.to_string())
    }

    #[test]
    fn a_redirect_leads_where_a_browser_would_go() {
        let from: Target = "http://user:pw@h:81/a/b?c=1".parse().unwrap();
        for (location, meant) in [
            ("/x?y=2", "http://***@h:81/x?y=2"),
            ("x", "http://***@h:81/a/x"),
            ("?y=2", "http://***@h:81/a/b?y=2"),
            ("https://other/x#part", "https://other/x"),
            ("//other:82/x", "http://other:82/x"),
            ("http://h:81/y", "http://***@h:81/y"),
            ("x?to=http://other", "http://***@h:81/a/x?to=http://other"),
        ] {
            assert_eq!(from.redirected(location).unwrap().to_string(), meant, "{location}");
        }
        for nowhere in ["mailto:a", "ftp://h/x", "unix:/run/x.sock", "http:x", "/a b", "http://"] {
            assert_eq!(from.redirected(nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn short_forms_mean_what_people_mean() {
        for (typed, meant) in [
            ("3000", "http://localhost:3000"),
            (":3000/hook", "http://localhost:3000/hook"),
            ("localhost:3000", "http://localhost:3000"),
            ("localhost:3000/x?y=1", "http://localhost:3000/x?y=1"),
            ("/hook", "http://localhost:3000/hook"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("[::1]:3000", "http://[::1]:3000"),
            ("http://Example.com", "http://example.com"),
            ("https://example.com/a/", "https://example.com/a/"),
            ("https://example.com:8443", "https://example.com:8443"),
            ("unix:/run/app.sock", "unix:/run/app.sock"),
            ("http://user:pw@h/", "http://***@h"),
        ] {
            assert_eq!(shown(typed), meant, "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_and_says_why() {
        for (typed, why) in [
            ("ftp://x", "must be http or https"),
            ("file:///etc/passwd", "must be http or https"),
            ("http://", "names no host"),
            ("http://[::1", "names no host"),
            ("0", "port must be 1-65535"),
            ("70000", "port must be 1-65535"),
            ("-1", "port must be 1-65535"),
            ("3000x", "port must be 1-65535"),
            ("localhost:+80", "port must be 1-65535"),
            ("a b", "space"),
            ("http://h/#x", "fragment"),
            ("unix:", "names no host"),
        ] {
            assert!(shown(typed).contains(why), "{typed}: {}", shown(typed));
        }
        assert!(!shown("http://h/#token=whk_secret").contains("whk_secret"));
    }

    #[test]
    fn the_requests_path_follows_the_targets_own() {
        let target: Target = "localhost:3000/hook?k=1".parse().unwrap();
        assert_eq!(target.request_target("/a/b", Some("x=1")), "/hook/a/b?k=1&x=1");
        assert_eq!(target.request_target("", None), "/hook?k=1");
        let root: Target = "3000".parse().unwrap();
        assert_eq!(root.request_target("/a//b/", Some("")), "/a//b/?");
        assert_eq!(root.request_target("", None), "/");
    }
}
