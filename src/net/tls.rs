//! What is trusted when whk speaks TLS, what it shows of itself, and what went wrong when it could not.

use std::error::Error;
use std::io;
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, ServerConfig, SignatureScheme};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// The certificates to trust cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The text is no PEM.
    #[error("the certificates are not valid PEM: {0}")]
    Pem(#[source] rustls::pki_types::pem::Error),
    /// There is no certificate in it.
    #[error("there is no certificate in the file")]
    Empty,
    /// The private key cannot be read.
    #[error("the private key is not valid PEM: {0}")]
    Key(#[source] rustls::pki_types::pem::Error),
    /// The TLS library refuses the settings.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

/// Whom a client trusts. The machine's certificates are read on the first use, for most targets speak no TLS.
pub(super) struct Trust {
    insecure: bool,
    extra: Vec<CertificateDer<'static>>,
    connector: OnceLock<TlsConnector>,
}

impl Trust {
    /// Trusts what the machine trusts and `ca_pem`, or everybody if `insecure`.
    pub(super) fn new(insecure: bool, ca_pem: Option<&[u8]>) -> Result<Self, TlsError> {
        let extra = match ca_pem {
            None => Vec::new(),
            Some(pem) => CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(TlsError::Pem)?,
        };
        if ca_pem.is_some() && extra.is_empty() {
            return Err(TlsError::Empty);
        }
        Ok(Self { insecure, extra, connector: OnceLock::new() })
    }

    pub(super) fn connector(&self) -> Result<TlsConnector, TlsError> {
        if let Some(known) = self.connector.get() {
            return Ok(known.clone());
        }
        let provider = Arc::new(ring::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = if self.insecure {
            Arc::new(Anybody(Arc::clone(&provider)))
        } else {
            Arc::new(Verifier::new_with_extra_roots(self.extra.iter().cloned(), Arc::clone(&provider))?)
        };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(self.connector.get_or_init(|| TlsConnector::from(Arc::new(config))).clone())
    }
}

/// What a server shows of itself. Cheap to clone.
#[derive(Clone)]
pub struct ServerTls(TlsAcceptor);

impl ServerTls {
    /// Shows these certificates, the server's own first, with its private key; both in PEM.
    ///
    /// # Errors
    /// If they cannot be read, or do not belong together.
    pub fn new(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain: Vec<_> =
            CertificateDer::pem_slice_iter(certificates).collect::<Result<_, _>>().map_err(TlsError::Pem)?;
        if chain.is_empty() {
            return Err(TlsError::Empty);
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(TlsError::Key)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.0.accept(stream).await
    }
}

/// Says what a failed handshake with `host` failed of.
pub(super) fn explain(why: &io::Error, host: &str) -> String {
    let Some(fault) = why.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
        return format!("the TLS handshake with {host} failed: {why}");
    };
    match fault {
        rustls::Error::InvalidCertificate(fault) => certificate(fault, host),
        rustls::Error::InvalidMessage(_) => format!("{host} does not speak TLS there (is it http:// ?)"),
        other => format!("the TLS handshake with {host} failed: {other}"),
    }
}

fn certificate(fault: &CertificateError, host: &str) -> String {
    let problem = match fault {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "is not valid yet",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => "is for another name",
        CertificateError::UnknownIssuer => "is from an issuer that is not trusted",
        // As after a development CA was made anew.
        CertificateError::BadSignature => "is from an issuer that is not trusted, only one of the same name is",
        CertificateError::Revoked => "was revoked",
        CertificateError::Other(other) if other.0.source().is_none() => {
            return format!("the certificate of {host} is not valid: {}", other.0);
        }
        other => return format!("the certificate of {host} is not valid: {other}"),
    };
    format!("the certificate of {host} {problem}")
}

/// Takes every certificate: only for a target whose owner said so.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
