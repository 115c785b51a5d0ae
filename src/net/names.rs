//! How names become addresses: as the machine's resolver says, or as somebody else does.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// The most addresses of a name that are looked at.
const MOST: usize = 8;

/// Who is asked for the addresses of a name; the machine's resolver unless somebody else is named.
#[derive(Clone, Default)]
pub struct Names(Option<Arc<Lookup>>);

type Lookup = dyn Fn(&str) -> Vec<IpAddr> + Send + Sync;

impl Names {
    /// This one is asked, each time a connection is made.
    pub fn of(lookup: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(lookup)))
    }

    /// The addresses of a host.
    pub(super) async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        match &self.0 {
            Some(lookup) => Ok(lookup(host).into_iter().take(MOST).map(|ip| (ip, port).into()).collect()),
            None => Ok(tokio::net::lookup_host((host, port)).await?.take(MOST).collect()),
        }
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Names of somebody else" } else { "Names of the machine" })
    }
}
