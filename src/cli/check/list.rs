//! The checks: what each proves, how its requests are made, how the answers are judged, how to mend what it finds.

use crate::cli::check::bench::{Bench, Unfit};
use crate::cli::check::fire::{Case, Trial};
use crate::cli::check::judge::{self, Scene, Verdict};
use crate::cli::check::public;

/// One check.
#[derive(Debug)]
pub(super) struct Check {
    /// What it is called, in reports and for `--skip`.
    pub(super) name: &'static str,
    /// What it proves, as a sentence.
    pub(super) proves: &'static str,
    /// Whether the receiver fails if it fails; else it is advice.
    pub(super) required: bool,
    /// How it is done.
    pub(super) way: Way,
    /// What to do if it fails.
    pub(super) mend: &'static str,
}

/// How a check is done.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// It sends requests of its own.
    Sent { make: fn(&Bench) -> Result<Vec<Case>, Unfit>, judge: fn(&[Trial]) -> Verdict, leans: Leans },
    /// It plays what the provider asks before it sends.
    Asked,
    /// It looks at all that was seen so far.
    Seen(fn(&Scene) -> Verdict),
}

/// What a check is worth as long as a delivery with nothing wrong is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leans {
    /// As much as ever.
    Not,
    /// Nothing, unless some of its own requests are accepted.
    Partly,
    /// Nothing.
    Wholly,
}

/// The check that the others lean on.
pub(super) const VALID: &str = "valid";

/// Every check, in the order in which they run.
pub(super) const CHECKS: &[Check] = &[
    Check {
        name: VALID,
        proves: "a rightly signed delivery is accepted",
        required: true,
        way: Way::Sent { make: Bench::valid, judge: judge::accepted, leans: Leans::Not },
        mend: "A rightly signed delivery must be answered with 2xx. Compare the receiver's secret and scheme with those \
               given here, and verify the raw bytes of the body before anything parses them. With 404 or 405, check \
               path and method; with 415, the content type. Where the URL is signed, the receiver must reckon with the \
               one given here. `whk verify --explain` names the usual mistakes.",
    },
    Check {
        name: "tampered-body",
        proves: "a body that was changed after it was signed is refused",
        required: true,
        way: Way::Sent { make: Bench::tampered, judge: judge::refused, leans: Leans::Not },
        mend: "Compute the signature over the body that arrived and compare it with the one in the header, in constant \
               time, before anything is done with the delivery. Answer 401 if they differ. It is not enough that the \
               header is there and looks right.",
    },
    Check {
        name: "wrong-secret",
        proves: "a delivery that was signed with another secret is refused",
        required: true,
        way: Way::Sent { make: Bench::wrong_secret, judge: judge::refused, leans: Leans::Not },
        mend: "Anybody can sign with a secret of their own. Compute the signature with your secret, compare it in \
               constant time, and answer 401 if it differs.",
    },
    Check {
        name: "unsigned",
        proves: "a delivery without a signature is refused",
        required: true,
        way: Way::Sent { make: Bench::unsigned, judge: judge::refused, leans: Leans::Not },
        mend: "Answer 401 when the signature's header is missing. A check that runs only if the header is there protects \
               from nobody: whoever forges a delivery leaves it out.",
    },
    Check {
        name: "missing-header",
        proves: "a delivery without one of the headers that are signed is refused",
        required: true,
        way: Way::Sent { make: Bench::missing_header, judge: judge::refused, leans: Leans::Not },
        mend: "Answer 400 or 401 when any header that the signature covers is missing. Do not put a default in its place, \
               such as the present time, and do not let its absence raise an error that becomes a 500.",
    },
    Check {
        name: "malformed-header",
        proves: "a header that makes no sense is refused",
        required: true,
        way: Way::Sent { make: Bench::malformed_header, judge: judge::refused, leans: Leans::Not },
        mend: "Take the headers apart as input from a stranger: a value of another form, an empty one or one that is cut \
               short is refused with 400 or 401. A 5xx is most often a split, a number or a comparison of unequal length \
               that raised an error; catch it and refuse.",
    },
    Check {
        name: "stale-timestamp",
        proves: "a delivery that was signed too long ago is refused",
        required: true,
        way: Way::Sent { make: Bench::stale, judge: judge::refused, leans: Leans::Not },
        mend: "Compare the signed timestamp with your clock and refuse what is older than the provider's tolerance, \
               mostly 5 minutes. Without it, whoever once saw a delivery can send it again for ever.",
    },
    Check {
        name: "future-timestamp",
        proves: "a delivery that was signed for a time far ahead is refused",
        required: true,
        way: Way::Sent { make: Bench::future, judge: judge::refused, leans: Leans::Not },
        mend: "Compare the signed timestamp with your clock in both directions, as in abs(now - timestamp) <= tolerance. \
               A time far ahead would outlive the tolerance.",
    },
    Check {
        name: "twice",
        proves: "the same delivery twice is handled alike (idempotent)",
        required: true,
        way: Way::Sent { make: Bench::twice, judge: judge::alike, leans: Leans::Wholly },
        mend: "Providers deliver at least once: the same id can come again, signed anew. Remember the ids that were \
               handled and answer 2xx to one that is known, without doing the work again. An error makes the provider \
               try still more often.",
    },
    Check {
        name: "rotation",
        proves: "old and new signature together are accepted, in both orders",
        required: true,
        way: Way::Sent { make: Bench::rotation, judge: judge::accepted, leans: Leans::Wholly },
        mend: "While a secret is rotated the header holds a signature for each secret, in any order. Take all of them \
               and accept the delivery if any of them is right; do not look at the first or the last alone.",
    },
    Check {
        name: "unknown-type",
        proves: "an event type that is not known is no error",
        required: true,
        way: Way::Sent { make: Bench::unknown_type, judge: judge::survived, leans: Leans::Wholly },
        mend: "Providers add event types. Answer 2xx to a type that you do not handle and do nothing: an error is tried \
               again for days, and may get the endpoint disabled.",
    },
    Check {
        name: "unicode-body",
        proves: "a body with letters outside ASCII is accepted",
        required: true,
        way: Way::Sent { make: Bench::unicode, judge: judge::accepted, leans: Leans::Wholly },
        mend: "Verify the bytes of the body, not a text made of them, and read them as UTF-8 afterwards. A wrong charset \
               in between changes the bytes, so that the signature no longer fits.",
    },
    Check {
        name: "empty-body",
        proves: "an empty body is no error",
        required: true,
        way: Way::Sent { make: Bench::empty, judge: judge::survived, leans: Leans::Wholly },
        mend: "Verify the signature of an empty body like any other, and do not let the JSON parser's complaint become a \
               5xx. Answer 2xx, or 400 if no event of the provider can be empty.",
    },
    Check {
        name: "large-body",
        proves: "a body of 1 MiB is accepted",
        required: true,
        way: Way::Sent { make: Bench::large, judge: judge::accepted, leans: Leans::Wholly },
        mend: "Raise the limit for bodies on this route to a few MiB: many frameworks and proxies stop at 100 KiB or \
               1 MB. What is refused as too large is tried again and then lost.",
    },
    Check {
        name: "raw-body",
        proves: "the raw bytes are verified, whatever the spacing and spelling of the JSON",
        required: true,
        way: Way::Sent { make: Bench::spellings, judge: judge::accepted, leans: Leans::Partly },
        mend: "The signature covers the bytes that were sent. Parsing the JSON and serialising it again changes white \
               space, numbers and escapes, so the signature no longer fits. Read the raw body first, verify it, and only \
               then parse it; many frameworks need a switch for the raw body of a route.",
    },
    Check {
        name: "challenge",
        proves: "the provider's handshake (challenge) is answered as it waits for",
        required: true,
        way: Way::Asked,
        mend: "The provider asks the address for a sign of life and sends nothing until it gets the right one. Look for the \
               handshake before anything else is done with a request, also by its method and query, and answer with \
               exactly what is asked for: the value alone or in the JSON named, proven with the secret where a proof is \
               wanted. Whoever asks with a wrong signature or a wrong token must be refused.",
    },
    Check {
        name: "answers-in-time",
        proves: "answers come within 5 seconds, and none takes 10",
        required: true,
        way: Way::Seen(judge::in_time),
        mend: "Providers give up after 5 to 30 seconds, and a slow answer counts as a failure. Verify, put the event into \
               a queue, answer 2xx at once, and do the work afterwards.",
    },
    Check {
        name: "redirects",
        proves: "no chain of redirects is longer than two hops",
        required: true,
        way: Way::Seen(judge::redirects),
        mend: "Register the address that answers by itself. Many providers follow no redirect at all, and none follows a \
               long chain. The usual causes are http to https, a missing slash at the end, and a www in front.",
    },
    Check {
        name: "https",
        proves: "a public receiver speaks HTTPS",
        required: false,
        way: Way::Seen(public::https),
        mend: "Over plain HTTP whoever is on the way reads every delivery, and its signature. Put a certificate on the \
               receiver and register the https address.",
    },
    Check {
        name: "dedicated-path",
        proves: "a public receiver has a path of its own",
        required: false,
        way: Way::Seen(public::dedicated_path),
        mend: "Give webhooks a path of their own, such as /webhooks/orders. It can then have its own limits, log and raw \
               body, and one provider can be told from another.",
    },
    Check {
        name: "secret-in-url",
        proves: "no secret stands in a public receiver's URL",
        required: false,
        way: Way::Seen(public::no_secret),
        mend: "A URL stands in logs, in dashboards and in the memory of proxies. Take the secret out of it: the signature \
               already proves who sent a delivery.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_fit_for_a_flag_and_stand_once() {
        for (index, check) in CHECKS.iter().enumerate() {
            assert!(check.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", check.name);
            assert!(CHECKS.iter().skip(index + 1).all(|other| other.name != check.name), "{}", check.name);
            assert!(check.mend.ends_with('.') && !check.mend.contains("  "), "{}", check.name);
            assert!(!check.proves.ends_with('.'), "{}", check.name);
        }
        assert_eq!(CHECKS.first().map(|check| check.name), Some(VALID));
    }

    #[test]
    fn the_guide_names_every_check_in_order() {
        let guide = include_str!("../../../docs/check.md");
        let rows = guide.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
        let named: Vec<_> = rows.map(|(name, _)| name).collect();
        assert_eq!(named, CHECKS.iter().map(|check| check.name).collect::<Vec<_>>());
        for check in CHECKS {
            let row = guide.lines().find(|line| line.starts_with(&format!("| `{}`", check.name))).unwrap();
            assert_eq!(row.contains("advice:"), !check.required, "{}", check.name);
        }
    }
}
