//! Whose certificates the functions take for AWS's.

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::{StartError, Variables};

/// The variable that names other roots, as every AWS SDK knows it.
const BUNDLE: &str = "AWS_CA_BUNDLE";

/// The roots of Amazon Trust Services, which sign for every public endpoint of AWS.
///
/// Part of the binary because reading the system's store, some 140 certificates, takes longer than the rest of the
/// start.
const AMAZON: &[u8] = include_bytes!("amazon-roots.pem");

/// Trusts Amazon's roots, or in their place those in the file that `AWS_CA_BUNDLE` names.
pub fn context(variables: &Variables) -> Result<TlsContext, StartError> {
    let roots = match variables.get(BUNDLE) {
        Some(path) => bundle(path).map_err(malformed)?,
        None => AMAZON.to_vec(),
    };
    let store = TrustStore::empty().with_pem_certificate(roots);
    TlsContext::builder().with_trust_store(store).build().map_err(malformed)
}

/// Reads a file of roots. The client panics at one that it cannot use, so each is tried here.
fn bundle(path: &str) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let pem = std::fs::read(path)?;
    if parse(&pem)?.is_empty() {
        return Err("the file holds no certificate".into());
    }
    Ok(pem)
}

fn parse(pem: &[u8]) -> Result<RootCertStore, Box<dyn std::error::Error>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate?)?;
    }
    Ok(roots)
}

fn malformed(error: impl std::fmt::Display) -> StartError {
    StartError::Malformed { name: BUNDLE, reason: error.to_string() }
}

#[cfg(test)]
mod tests;
