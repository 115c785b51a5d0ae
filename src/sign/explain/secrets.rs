//! The key as it may have been when the content was signed.

use crate::model::secret::Secret;
use crate::sign::encoding::Encoding;
use crate::sign::explain::Hint;
use crate::sign::key::{Dirt, KeyForm};

/// Other keys that may be made of the secret by mistake, each with the text that stands for the secret.
pub(crate) fn variants(form: &KeyForm, secret: &Secret) -> Vec<(Hint, Vec<u8>)> {
    let mut found = Vec::new();
    let text = secret.reveal();
    if let (Some(dirt), Some(clean)) = (Dirt::of(text), Dirt::washed(text))
        && let Ok(key) = form.bytes(&Secret::new(clean))
    {
        found.push((dirty(dirt), key.to_vec()));
    }
    let clean = Dirt::washed(text).unwrap_or(text);
    let bare = form.stripped(clean);
    match form.decode {
        Some(encoding) => decoded_wrongly(encoding, clean, bare, &mut found),
        None => decoded_at_all(clean, &mut found),
    }
    let message = "The sender's own secret has a newline at its end. Trim it where the sender reads it.".to_owned();
    found.push((Hint::new("secret_newline", message), [clean.as_bytes(), b"\n"].concat()));
    let own = form.bytes(secret).ok();
    found.retain(|(_, key)| !key.is_empty() && own.as_ref().is_none_or(|own| own.as_slice() != key));
    found
}

/// That something stands around a secret.
pub(crate) fn dirty(dirt: Dirt) -> Hint {
    let cause = match dirt {
        Dirt::Newline | Dirt::Space => "secret_white_space",
        Dirt::Quotes => "secret_quotes",
    };
    let words = dirt.words();
    Hint::new(cause, format!("The secret has {words}, which is not part of it. Trim it where it is read."))
}

fn decoded_at_all(clean: &str, found: &mut Vec<(Hint, Vec<u8>)>) {
    let hint = |what: &str| {
        let message =
            format!("The sender used {what} as the key. This scheme uses the secret's text as it is, with its prefix.");
        Hint::new("secret_decoded", message)
    };
    let bare = clean.split_once('_').map_or(clean, |(_, bare)| bare);
    found.push((hint("the secret without its prefix"), bare.as_bytes().to_vec()));
    for encoding in [Encoding::Base64, Encoding::Hex] {
        let bytes = encoding.decode_loosely(bare.as_bytes()).or_else(|| encoding.decode_loosely(clean.as_bytes()));
        found.extend(bytes.map(|bytes| (hint(&format!("the {}-decoded secret", encoding.name())), bytes)));
    }
}

fn decoded_wrongly(encoding: Encoding, clean: &str, bare: &str, found: &mut Vec<(Hint, Vec<u8>)>) {
    let name = encoding.name();
    let hint = |what: &str| {
        let message = format!(
            "The sender used {what} as the key. Take the prefix off the secret and decode the rest from {name} once."
        );
        Hint::new("secret_not_decoded", message)
    };
    found.push((hint("the secret's text with its prefix"), clean.as_bytes().to_vec()));
    found.push((hint("the secret's text without its prefix, not decoded"), bare.as_bytes().to_vec()));
    if let Some(once) = encoding.decode_loosely(bare.as_bytes())
        && let Some(twice) = encoding.decode_loosely(once.trim_ascii())
    {
        let message = format!(
            "The sender decoded the secret from {name} twice, or it was encoded twice when it was made. Once is right."
        );
        found.push((Hint::new("secret_decoded_twice", message), twice));
    }
    for other in Encoding::ALL.into_iter().filter(|other| *other != encoding) {
        if let Some(bytes) = other.decode_loosely(bare.as_bytes()) {
            let message = format!("The sender decoded the secret from {}; this scheme says {name}.", other.name());
            found.push((Hint::new("secret_encoding", message), bytes));
        }
    }
}
