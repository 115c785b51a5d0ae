//! What may be shown of a request: all of it but the secret.

use crate::cli::check::fire::Sent;
use crate::model::{Headers, Secret, Target};
use crate::view::{self, Message};

/// What must not be shown.
#[derive(Clone, Debug)]
pub(super) struct Veil {
    pub(super) secrets: Vec<Secret>,
    /// The headers that the user added.
    pub(super) extra: Headers,
    /// The headers whose values depend on the secret.
    pub(super) signatures: Vec<String>,
    /// Whether the signature is the secret itself in some form: it does not depend on what is sent.
    pub(super) bare: bool,
}

/// Shorter texts would be veiled where they are not the secret.
const LENGTH: usize = 6;
const VEIL: &str = "***";

impl Veil {
    /// The request as a command for a shell.
    pub(super) fn curl(&self, sent: &Sent) -> String {
        let mut veiled = Headers::new();
        for (name, value) in sent.shot.headers.iter() {
            let value = if self.is_credential(name) { VEIL.as_bytes() } else { value };
            // Every line is well formed already, and so is the veil.
            veiled.push(name, value).ok();
        }
        let Sent { method, target, shot } = sent;
        let line = target.request_target("", None);
        let message = Message { method, to: target, target: &line, headers: &veiled, body: &shot.body };
        self.veiled(&view::as_curl(&message))
    }

    /// The text without the secret.
    pub(super) fn veiled(&self, text: &str) -> String {
        let secrets = self.secrets.iter().map(Secret::reveal).filter(|secret| secret.len() >= LENGTH);
        secrets.fold(text.to_owned(), |text, secret| text.replace(secret, VEIL))
    }

    /// The address without the secret.
    pub(super) fn address(&self, target: &Target) -> String {
        self.veiled(&target.to_string())
    }

    /// Whether a header gives whoever sees it a right: a password, a cookie, or a signature that is the secret itself.
    pub(super) fn is_credential(&self, name: &[u8]) -> bool {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        if self.signatures.contains(&name) {
            return self.bare;
        }
        let own = self.extra.has(&name) || name == "authorization";
        own && ["auth", "cookie", "token", "key", "secret", "password"].iter().any(|word| name.contains(word))
    }
}
