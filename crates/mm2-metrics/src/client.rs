//! Asking Prometheus' HTTP API.

const REDACTED: &str = "REDACTED";

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
