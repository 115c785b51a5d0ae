//! Which names this server goes by, and which pages may use it: a browser acts for whoever it shows.

use crate::model::Headers;
use crate::net::{Answer, Body, Head};
use crate::relay::http::{guarded, problem};
use crate::relay::options::Access;

/// Turns away what came by a name that is not ours: somebody else's name may have been made to lead here.
///
/// # Errors
/// The answer, if the name is not one of ours.
pub(crate) fn named(access: &Access, head: &Head) -> Result<(), Answer> {
    let host = head.headers.text("host").unwrap_or_default();
    if !is_own_host(host) && !access.hosts.iter().any(|own| own.eq_ignore_ascii_case(name_of(host))) {
        return Err(problem(421, "misdirected_request", "this host name is not served here (--allow-host)"));
    }
    Ok(())
}

/// Turns away what needs no token and comes from where nothing is taken from.
///
/// # Errors
/// The answer, if the sender is not one of those.
pub(crate) fn sent(access: &Access, head: &Head) -> Result<(), Answer> {
    if access.takes_from(&head.remote, &head.headers) {
        return Ok(());
    }
    Err(problem(403, "sender_not_allowed", "nothing is taken from your address here (--allow-from)"))
}

/// Turns away what a foreign page could make a browser ask.
///
/// # Errors
/// The answer, if the name or the page is not one of ours.
pub(crate) fn admit(access: &Access, head: &Head) -> Result<(), Answer> {
    named(access, head)?;
    let host = head.headers.text("host").unwrap_or_default();
    let safe = matches!(head.method.as_str(), "GET" | "HEAD" | "OPTIONS");
    match head.headers.text("origin") {
        Some(origin) if !safe && !is_own_origin(origin, host) && !access.allows(origin) => {
            Err(problem(403, "foreign_origin", "pages of this origin may not write here (--allow-origin)"))
        }
        _ => Ok(()),
    }
}

/// The answer to a browser that asks whether a page may ask, if it may.
pub(crate) fn preflight(access: &Access, method: &str, headers: &Headers) -> Option<Answer> {
    let asked = headers.text("access-control-request-method").filter(|_| method == "OPTIONS")?;
    let origin = headers.text("origin").filter(|origin| access.allows(origin))?;
    let mut answer = Answer { status: 204, headers: guarded(), body: Body::default(), ..Answer::default() };
    let wanted = headers.text("access-control-request-headers").unwrap_or("authorization, content-type");
    for (name, value) in [
        ("access-control-allow-methods", asked),
        ("access-control-allow-headers", wanted),
        ("access-control-max-age", "600"),
    ] {
        // What the browser sent was a header line before.
        drop(answer.headers.push(name, value));
    }
    Some(open_to(answer, origin))
}

/// The answer, for a page of this origin to read if it may.
pub(crate) fn shared(access: &Access, origin: Option<&str>, answer: Answer) -> Answer {
    match origin.filter(|origin| access.allows(origin)) {
        Some(origin) => open_to(answer, origin),
        None => answer,
    }
}

fn open_to(mut answer: Answer, origin: &str) -> Answer {
    drop(answer.headers.push("access-control-allow-origin", origin));
    drop(answer.headers.push("vary", "origin"));
    answer
}

impl Access {
    fn allows(&self, origin: &str) -> bool {
        self.origins.iter().any(|known| known.eq_ignore_ascii_case(origin))
    }
}

fn is_own_origin(origin: &str, host: &str) -> bool {
    origin.split_once("://").is_some_and(|(_, place)| place.eq_ignore_ascii_case(host))
}

/// A host without its port.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Whether a browser that was told this name can only have meant this machine: an IP literal or localhost.
fn is_own_host(host: &str) -> bool {
    let name = name_of(host).to_ascii_lowercase();
    let literal = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match literal {
        Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
        None => name.parse::<std::net::Ipv4Addr>().is_ok() || name == "localhost" || name.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_foreign_page_could_point_here_are_refused() {
        for good in [
            "localhost",
            "localhost:4400",
            "LOCALHOST:1",
            "a.localhost",
            "127.0.0.1:4400",
            "[::1]",
            "[::1]:80",
            "10.0.0.1",
        ] {
            assert!(is_own_host(good), "{good}");
        }
        for bad in
            ["", "evil.test", "localhost.evil.test", "127.0.0.1.nip.io", "localhost.", "127.1", "[evil]", "::1:x"]
        {
            assert!(!is_own_host(bad), "{bad}");
        }
    }

    #[test]
    fn a_page_is_our_own_if_it_came_from_here() {
        assert!(is_own_origin("http://127.0.0.1:4400", "127.0.0.1:4400"));
        for bad in ["null", "", "http://127.0.0.1", "http://127.0.0.1:4400.evil.test"] {
            assert!(!is_own_origin(bad, "127.0.0.1:4400"), "{bad}");
        }
    }
}
