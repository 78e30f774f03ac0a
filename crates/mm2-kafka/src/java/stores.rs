//! Java's trust and key stores: passed on where librdkafka reads them, else an error with the conversion.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{JavaError, Left};

/// The authorities: the PEM file, or `ssl.ca.pem` among the client's keys.
pub(super) fn trust(
    left: &mut Left<'_>,
    client: &mut BTreeMap<String, String>,
) -> Result<Option<PathBuf>, JavaError> {
    // Certificates are no secret: the password only guards against changes of a Java store.
    left.take("ssl.truststore.password");
    if let Some(pem) = left.take("ssl.truststore.certificates") {
        client.insert("ssl.ca.pem".to_owned(), pem);
    }
    let store_type = left.take("ssl.truststore.type");
    let Some(location) = left.take("ssl.truststore.location") else { return Ok(None) };
    let kind = kind(store_type, &location);
    if kind == "PEM" {
        return Ok(Some(location.into()));
    }
    let pem = format!("{location}.pem");
    let (from, to) = (for_shell(&location), for_shell(&pem));
    // Both write every certificate of the store; OpenSSL skips the words that keytool puts between them.
    let command = match kind.as_str() {
        "PKCS12" => format!("openssl pkcs12 -in {from} -nokeys -out {to}"),
        _ => format!("keytool -list -rfc -keystore {from} -storetype {kind} > {to}"),
    };
    Err(JavaError::TrustStore { kind, location, command, pem })
}

/// The client's own certificate and key, as keys of librdkafka.
pub(super) fn key(left: &mut Left<'_>, client: &mut BTreeMap<String, String>) -> Result<(), JavaError> {
    let mut set = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            client.insert(key.to_owned(), value);
        }
    };
    set("ssl.key.password", left.take("ssl.key.password"));
    set("ssl.key.pem", left.take("ssl.keystore.key"));
    set("ssl.certificate.pem", left.take("ssl.keystore.certificate.chain"));
    let password = left.take("ssl.keystore.password");
    let store_type = left.take("ssl.keystore.type");
    let Some(location) = left.take("ssl.keystore.location") else { return Ok(()) };
    let kind = kind(store_type, &location);
    match kind.as_str() {
        // One file holds both; OpenSSL looks for the block that it wants.
        "PEM" => {
            set("ssl.certificate.location", Some(location.clone()));
            set("ssl.key.location", Some(location));
        }
        "PKCS12" => {
            set("ssl.keystore.location", Some(location));
            set("ssl.keystore.password", password);
        }
        _ => {
            let pkcs12 = format!("{location}.p12");
            let command = format!(
                "keytool -importkeystore -srckeystore {} -srcstoretype {kind} -destkeystore {} -deststoretype PKCS12",
                for_shell(&location),
                for_shell(&pkcs12)
            );
            return Err(JavaError::KeyStore { kind, location, command, pkcs12 });
        }
    }
    Ok(())
}

/// The store's kind in capitals. Java's default is JKS, but its JKS also reads PKCS12, so the name counts.
fn kind(store_type: Option<String>, location: &str) -> String {
    if let Some(store_type) = store_type {
        return store_type.to_uppercase();
    }
    let extension = Path::new(location).extension().unwrap_or_default().to_string_lossy().to_lowercase();
    match extension.as_str() {
        "pem" | "crt" => "PEM",
        "p12" | "pfx" => "PKCS12",
        _ => "JKS",
    }
    .to_owned()
}

/// A path as one word of a POSIX shell.
fn for_shell(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@".contains(c);
    if path.chars().all(plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}
