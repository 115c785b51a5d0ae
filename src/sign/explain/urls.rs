//! The URL as the sender may have called it.

use crate::model::headers::Headers;
use crate::sign::explain::Hint;

/// Other URLs that the signature could be over.
pub(crate) fn variants(url: &str, headers: &Headers) -> Vec<(Hint, String)> {
    let Some((scheme, rest)) = url.split_once("://") else { return Vec::new() };
    let (host, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let bare = bare_host(host);
    let mut hosts = vec![host.to_owned(), bare.to_owned(), format!("{bare}:443"), format!("{bare}:80")];
    hosts.extend(
        ["x-forwarded-host", "x-original-host", "host"].iter().filter_map(|name| headers.text(name)).map(str::to_owned),
    );
    hosts.dedup();
    let other_path = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
    let mut found = Vec::new();
    for other_query in [query, None] {
        for other_path in [path, &other_path] {
            for other_host in &hosts {
                for other_scheme in ["https", "http"] {
                    let tail = other_query.map_or_else(String::new, |query| format!("?{query}"));
                    let other = format!("{other_scheme}://{other_host}{other_path}{tail}");
                    let differs = [
                        ("scheme", other_scheme != scheme),
                        ("port", other_host != host && bare_host(other_host) == bare),
                        ("host", bare_host(other_host) != bare),
                        ("slash at the end of the path", other_path != path),
                        ("query", other_query != query),
                    ];
                    if other != url {
                        found.push((hint(&differs), other));
                    }
                }
            }
        }
    }
    // What differs least is the likeliest, and the easiest to believe.
    found.sort_by_key(|(count, _)| count.0);
    found.into_iter().map(|((_, hint), url)| (hint, url)).collect()
}

fn hint(differs: &[(&str, bool)]) -> (usize, Hint) {
    let names: Vec<_> = differs.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name).collect();
    let message = format!(
        "The sender signed this URL with another {}. Verify with the public URL that was registered, not with the one behind the proxy.",
        names.join(" and another ")
    );
    (names.len(), Hint::new("url", message))
}

fn bare_host(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}
