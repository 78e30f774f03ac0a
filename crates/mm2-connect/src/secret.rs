//! What must not be seen: which settings look secret, and URLs without their userinfo.

use std::collections::BTreeMap;

pub(crate) const REDACTED: &str = "REDACTED";

/// Parts of a key that mark its value as secret. `key` alone is not one of them: `key.converter` is plain.
const SECRET_PARTS: [&str; 8] =
    ["password", "passwd", "secret", "jaas", "token", "credential", "passphrase", "user.info"];
const SECRET_ENDS: [&str; 5] = [".key", "_key", "apikey", "api-key", "private"];

/// Whether a setting of this name, or with this value, must be hidden.
///
/// The value is looked at too: a JAAS line under an unheard-of name still says `password=`.
fn is_secret(key: &str, value: &str) -> bool {
    let key = key.to_lowercase();
    let value = value.to_lowercase();
    key == "key"
        || SECRET_PARTS.iter().any(|part| key.contains(part))
        || SECRET_ENDS.iter().any(|end| key.ends_with(end))
        || value.contains("password=")
        || value.contains("password =")
        || value.contains("private key-----")
}

/// The same settings with every secret value replaced by `REDACTED`.
pub(crate) fn redacted(settings: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    settings
        .iter()
        .map(|(key, value)| {
            let shown = if is_secret(key, value) { REDACTED.to_owned() } else { without_userinfo(value) };
            (key.clone(), shown)
        })
        .collect()
}

/// `https://user:password@host/x` → `https://REDACTED@host/x`, also when it is no valid URL.
///
/// Everything between the scheme and the last `@` goes: a password may itself hold `/`, `,` or `@`.
pub(crate) fn without_userinfo(text: &str) -> String {
    match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme + 2 => {
            format!("{}{REDACTED}{}", &text[..scheme + 3], &text[at..])
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_look_secret_are_hidden() {
        for key in [
            "source.cluster.sasl.jaas.config",
            "target.cluster.ssl.keystore.password",
            "ssl.keystore.key",
            "aws.SECRET.access_key",
            "x.token",
            "schema.registry.basic.auth.user.info",
        ] {
            assert!(is_secret(key, "v"), "{key} is shown");
        }
    }

    #[test]
    fn plain_settings_stay_readable() {
        for key in ["key.converter", "topics", "replication.policy.separator", "ssl.truststore.location"] {
            assert!(!is_secret(key, "v"), "{key} is hidden");
        }
    }

    #[test]
    fn a_password_under_a_plain_name_is_hidden_by_its_value() {
        assert!(is_secret("login", "PlainLoginModule required username=\"u\" password=\"p\";"));
    }

    #[test]
    fn userinfo_never_survives() {
        assert_eq!(without_userinfo("https://u:p@h:1/x"), "https://REDACTED@h:1/x");
        assert_eq!(without_userinfo("https://u:p/@x@h:99999999"), "https://REDACTED@h:99999999");
        assert_eq!(without_userinfo("http://h:1/x"), "http://h:1/x");
    }
}
