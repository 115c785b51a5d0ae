//! Advice on a receiver that the world can reach: HTTPS, a path of its own, no secret in the URL.

use std::net::IpAddr;

use crate::cli::check::judge::{Outcome, Scene, Verdict};
use crate::model::Target;
use crate::model::target::Address;

/// Names that lead to a machine or a network of one's own.
const PRIVATE_ENDS: [&str; 6] = [".localhost", ".local", ".internal", ".test", ".home.arpa", ".lan"];

/// What a parameter is called that holds a secret.
const TELLING: [&str; 9] = ["secret", "token", "key", "password", "passwd", "pwd", "auth", "signature", "credential"];

/// Whether a public receiver speaks HTTPS.
pub(super) fn https(scene: &Scene) -> Verdict {
    advised(scene, |target| match target.address {
        Address::Tcp { tls: false, .. } => Some("deliveries travel in the clear".to_owned()),
        Address::Tcp { .. } | Address::Unix(_) => None,
    })
}

/// Whether a public receiver has a path of its own.
pub(super) fn dedicated_path(scene: &Scene) -> Verdict {
    advised(scene, |target| (target.path == "/").then(|| "the receiver is the root of its host".to_owned()))
}

/// Whether a secret stands in a public receiver's URL.
pub(super) fn no_secret(scene: &Scene) -> Verdict {
    advised(scene, |target| {
        if target.userinfo.is_some() {
            return Some("there is a password in the URL".to_owned());
        }
        let whole = target.request_target("", None);
        if scene.secrets.iter().any(|secret| !secret.reveal().is_empty() && whole.contains(secret.reveal())) {
            return Some("the signing secret stands in the URL".to_owned());
        }
        let named = target.query.as_deref().unwrap_or_default().split('&').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let telling = TELLING.iter().any(|word| name.to_ascii_lowercase().contains(word));
            (telling && !value.is_empty()).then_some(name)
        });
        named.map(|name| format!("the parameter {name} looks like a secret"))
    })
}

fn advised(scene: &Scene, look: impl Fn(&Target) -> Option<String>) -> Verdict {
    if !is_public(scene.target) {
        return Verdict::skip("advice for public URLs, which this is not");
    }
    look(scene.target).map_or_else(|| Verdict::pass("it is so"), |said| Verdict::new(Outcome::Warn, said))
}

/// Whether the address is one that the world can reach, as far as its name tells.
fn is_public(target: &Target) -> bool {
    let Address::Tcp { host, .. } = &target.address else { return false };
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => !(ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified()),
        Ok(IpAddr::V6(ip)) => {
            let mapped_private = ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback() || ip.is_private());
            let own = ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local();
            !(own || mapped_private)
        }
        Err(_) => {
            let name = host.trim_end_matches('.');
            name.contains('.') && !PRIVATE_ENDS.iter().any(|end| name.ends_with(end))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;

    fn outcomes(target: &str) -> [Outcome; 3] {
        let target: Target = target.parse().unwrap();
        let secrets = [Secret::new("s3cr3t")];
        let scene = Scene { target: &target, secrets: &secrets, trials: &[] };
        [https(&scene), dedicated_path(&scene), no_secret(&scene)].map(|verdict| verdict.outcome)
    }

    #[test]
    fn advice_is_for_public_urls_alone() {
        for own in [
            "3000",
            "http://10.0.0.1/?token=x",
            "http://192.168.1.5",
            "http://[::1]",
            "http://[fd00::1]",
            "http://[::ffff:127.0.0.1]",
            "http://app.localhost",
            "http://printer.local",
            "http://webapp",
            "unix:/x.sock",
        ] {
            assert_eq!(outcomes(own), [Outcome::Skip; 3], "{own}");
        }
    }

    #[test]
    fn each_fault_of_a_public_url_is_seen() {
        use Outcome::{Pass, Warn};
        for (target, expected) in [
            ("https://example.com/hooks/a", [Pass, Pass, Pass]),
            ("http://example.com/hooks", [Warn, Pass, Pass]),
            ("https://8.8.8.8", [Pass, Warn, Pass]),
            ("https://example.com/h?api_Key=1", [Pass, Pass, Warn]),
            ("https://example.com/h?api_key=", [Pass, Pass, Pass]),
            ("https://example.com/h/s3cr3t", [Pass, Pass, Warn]),
            ("https://u:p@example.com/h", [Pass, Pass, Warn]),
            ("https://example.com/h?topic=orders", [Pass, Pass, Pass]),
        ] {
            assert_eq!(outcomes(target), expected, "{target}");
        }
    }
}
