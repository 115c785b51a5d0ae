//! Which addresses may be called: asked at the moment of connecting, of the address that is really dialled.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::model::Target;
use crate::model::target::Address;

/// Which addresses may be called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    /// Only public ones; all if not.
    pub public_only: bool,
    /// And those in these networks.
    pub allowed: Vec<Net>,
}

/// A network: an address and how many of its first bits are the same for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Net {
    base: u128,
    bits: u32,
    wide: bool,
}

/// The text is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no network: use an address such as 10.1.2.3, or a range such as 10.0.0.0/8 or fd00::/8")]
pub struct NetError(String);

/// The address may not be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a public address, and this relay calls no other: --allow-net allows it")]
pub struct NotAllowed(String);

/// Networks with no public addresses in them, from IANA's registries of special-purpose addresses.
const SPECIAL_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];
/// All that is public has these first bits...
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// ... but for these: protocols, documentation, and tunnels, which can carry any IPv4 address.
const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

impl Guard {
    /// Whether this address may be called.
    #[must_use]
    pub fn admits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        !self.public_only || is_public(address) || self.allowed.iter().any(|net| net.has(address))
    }

    /// What can be said of a target before its name is looked up.
    ///
    /// # Errors
    /// If it can only lead to an address that may not be called.
    pub fn check(&self, target: &Target) -> Result<(), NotAllowed> {
        let Address::Tcp { host, .. } = &target.address else {
            return if self.public_only { Err(NotAllowed(target.to_string())) } else { Ok(()) };
        };
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        let local = name == "localhost" || name.ends_with(".localhost");
        let address = if local { Some(Ipv4Addr::LOCALHOST.into()) } else { numeric(&name) };
        match address {
            Some(address) if !self.admits(address) => Err(NotAllowed(host.clone())),
            // The names that clouds give to their own addresses.
            None if self.public_only && self.allowed.is_empty() && name.ends_with(".internal") => {
                Err(NotAllowed(host.clone()))
            }
            // No name has a "%" or the like; what a resolver makes of it is anybody's guess.
            None if self.public_only && !name.bytes().all(is_of_a_name) => Err(NotAllowed(host.clone())),
            _ => Ok(()),
        }
    }
}

const fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || matches!(byte, b'-' | b'_' | b'.')
}

/// The address that a host means to a resolver, if it is no name: dotted in full, or in the old short, octal and
/// hexadecimal forms.
fn numeric(host: &str) -> Option<IpAddr> {
    if let Ok(address) = host.parse() {
        return Some(address);
    }
    let part = |text: &str| match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None if text.len() > 1 && text.starts_with('0') => u64::from_str_radix(text, 8).ok(),
        None => text.parse().ok(),
    };
    let parts: Vec<u64> = host.split('.').map(part).collect::<Option<_>>()?;
    let (last, first) = parts.split_last()?;
    if first.len() > 3 || first.iter().any(|part| *part > 255) {
        return None;
    }
    let shift = 32 - 8 * u32::try_from(first.len()).ok()?;
    if *last >= 1 << shift {
        return None;
    }
    let high = first.iter().fold(0, |all, part| all << 8 | part) << shift;
    u32::try_from(high | last).ok().map(|bits| Ipv4Addr::from_bits(bits).into())
}

/// Whether an address is one of the public internet's.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(own) => !SPECIAL_V4.iter().any(|(base, bits)| Net::new((*base).into(), *bits).has(own.into())),
        IpAddr::V6(own) => {
            let within = |(base, bits): (Ipv6Addr, u32)| Net::new(base.into(), bits).has(own.into());
            within(GLOBAL_V6) && !SPECIAL_V6.into_iter().any(within)
        }
    }
}

impl Net {
    fn new(base: IpAddr, bits: u32) -> Self {
        let (number, wide) = number_of(base);
        Self { base: number, bits, wide }
    }

    /// Whether an address is in it.
    #[must_use]
    pub fn has(&self, address: IpAddr) -> bool {
        let (number, wide) = number_of(address);
        let rest = if self.wide { 128 } else { 32 } - self.bits;
        // All of the bits cannot be shifted out.
        wide == self.wide && (number ^ self.base).checked_shr(rest).unwrap_or(0) == 0
    }
}

fn number_of(address: IpAddr) -> (u128, bool) {
    match address {
        IpAddr::V4(own) => (own.to_bits().into(), false),
        IpAddr::V6(own) => (own.to_bits(), true),
    }
}

impl FromStr for Net {
    type Err = NetError;

    fn from_str(text: &str) -> Result<Self, NetError> {
        let bad = || NetError(text.to_owned());
        let (base, bits) = text.split_once('/').map_or((text, None), |(base, bits)| (base, Some(bits)));
        let base: IpAddr = base.trim().parse().map_err(|_| bad())?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.trim().parse().ok().filter(|bits| *bits <= most).ok_or_else(bad)?,
            None => most,
        };
        Ok(Self::new(base, bits))
    }
}

impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.wide {
            write!(f, "{}/{}", Ipv6Addr::from_bits(self.base), self.bits)
        } else {
            write!(f, "{}/{}", Ipv4Addr::from_bits(u32::try_from(self.base).unwrap_or(0)), self.bits)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_network_that_is_allowed_is_called_and_its_neighbour_is_not() {
        let guard = Guard { public_only: true, allowed: vec!["10.1.0.0/16".parse().unwrap(), "::1".parse().unwrap()] };
        for (address, admitted) in [("10.1.2.3", true), ("10.2.0.1", false), ("::1", true), ("::2", false)] {
            assert_eq!(guard.admits(address.parse().unwrap()), admitted, "{address}");
        }
        assert!(Guard::default().admits("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn networks_are_read_as_people_write_them() {
        assert_eq!("10.0.0.0/8".parse::<Net>().unwrap().to_string(), "10.0.0.0/8");
        assert_eq!("fd00::/8".parse::<Net>().unwrap().to_string(), "fd00::/8");
        for bad in ["", "10", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "a/8"] {
            assert!(bad.parse::<Net>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn an_ipv4_address_is_as_public_in_ipv6_clothes_as_without(bits: u32) {
            let plain = Ipv4Addr::from_bits(bits);
            prop_assert_eq!(is_public(plain.into()), is_public(plain.to_ipv6_mapped().into()));
        }
    }
}
