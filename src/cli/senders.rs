//! Who may send to the inbox: flags that `whk listen` and `whk relay` share.

use clap::Args;

use crate::net::guard::Net;
use crate::relay::options::Access;

/// Who may send to the inbox.
#[derive(Debug, Args)]
pub struct Senders {
    /// Take events only from this address or network, as 203.0.113.0/24; others get 403. The inbox is open otherwise.
    /// Repeatable
    #[arg(long, value_name = "NET")]
    allow_from: Vec<Net>,
    /// Believe a proxy at this address or network where a request came from (X-Forwarded-For). Repeatable
    #[arg(long, value_name = "NET")]
    trust_proxy: Vec<Net>,
}

impl Senders {
    /// The access that others are given, with these senders.
    #[must_use]
    pub fn narrow(&self, access: Access) -> Access {
        Access { senders: self.allow_from.clone(), proxies: self.trust_proxy.clone(), ..access }
    }
}
