//! One byte in a short text: a search that is part of its caller, where a call takes longer than the search.

#[cfg(not(target_arch = "x86_64"))]
pub(crate) use memchr::arch::all::memchr::One;
#[cfg(target_arch = "x86_64")]
pub(crate) use memchr::arch::x86_64::sse2::memchr::One;

/// What seeks this byte. Every machine of this kind has the instructions for it.
#[cfg(target_arch = "x86_64")]
pub(crate) fn byte(byte: u8) -> Option<One> {
    One::new(byte)
}

/// What seeks this byte.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn byte(byte: u8) -> Option<One> {
    Some(One::new(byte))
}
