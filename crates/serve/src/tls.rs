//! Encrypted connections.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::{Error, Result};

/// A certificate in two files of PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The server's certificate, then those that vouch for it.
    pub chain: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

impl Certificate {
    /// Reads both files, and checks that they belong together.
    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor> {
        let chain: Vec<CertificateDer> = CertificateDer::pem_slice_iter(&read(&self.chain)?)
            .collect::<Result<_, _>>()
            .map_err(|error| fault(&self.chain, &format!("no certificates in PEM ({error})")))?;
        if chain.is_empty() {
            return Err(fault(&self.chain, "it has no certificate in PEM: name the file with the chain"));
        }
        let key = PrivateKeyDer::from_pem_slice(&read(&self.key)?)
            .map_err(|error| fault(&self.key, &format!("no private key in PEM ({error})")))?;
        let unfit = |error| fault(&self.chain, &format!("certificate and key cannot be used ({error})"));
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(unfit)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    assort_files::read_plain(path).map_err(|error| fault(path, &error.to_string()))
}

fn fault(path: &Path, reason: &str) -> Error {
    Error::Certificate { path: path.into(), reason: reason.into() }
}
