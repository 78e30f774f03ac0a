//! Who we are to an HTTP service: a user with a password, a bearer token, or nobody. One of them.

use mm2_config::{ConfigError, Secret, TomlFile};
use toml::Spanned;

/// The three keys, as they stand in a section.
pub(super) struct Login<'a> {
    pub(super) username: &'a Option<Spanned<String>>,
    pub(super) password: &'a Option<Spanned<Secret>>,
    pub(super) bearer: &'a Option<Spanned<Secret>>,
}

impl Login<'_> {
    /// # Errors
    /// When two logins are given, or half of one.
    pub(super) fn check(&self, file: &TomlFile) -> Result<(), ConfigError> {
        let refused = |span, message: &str, hint| Err(file.error(span, message, Some(hint)));
        match (self.username, self.password, self.bearer) {
            (Some(_), _, Some(bearer)) | (_, Some(_), Some(bearer)) => refused(
                bearer.span(),
                "both a bearer token and a user are given",
                "keep either bearer, or username and password",
            ),
            (None, Some(password), None) => {
                refused(password.span(), "a password without a user", "add username = \"NAME\"")
            }
            _ => Ok(()),
        }
    }
}

/// A URL is written into the evidence and the logs, so no secret may stand in one. And what follows a path would not be
/// sent: each request has its own.
///
/// # Errors
/// When a user, a password, a query or a fragment stands in it.
pub(super) fn check_url(file: &TomlFile, url: &Spanned<String>) -> Result<(), ConfigError> {
    if url.get_ref().contains(['?', '#']) {
        let hint = "end the URL before it; a token goes beside it: bearer = \"env:NAME\"";
        return Err(file.error(url.span(), "a URL here has no query and no fragment", Some(hint)));
    }
    let rest = url.get_ref().split_once("://").map_or(url.get_ref().as_str(), |(_, rest)| rest);
    // Up to the last `@`, as it is cut off elsewhere: a password may itself hold a slash.
    if !rest.contains('@') {
        return Ok(());
    }
    let hint = "write username = \"NAME\" and password = \"env:NAME\" beside it";
    Err(file.error(url.span(), "a user or a password must not be written in a URL", Some(hint)))
}
