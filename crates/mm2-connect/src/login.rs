//! As whom Connect is asked: nobody, a user with a password, or whoever a bearer token stands for.

use reqwest::{RequestBuilder, Url, header};
use secrecy::{ExposeSecret, SecretString};

use crate::{ConnectError, ConnectSettings};

/// What goes into every request's `Authorization`. Without `Debug`: it holds secrets.
#[derive(Clone)]
pub(crate) enum Login {
    /// Nothing of ours; userinfo in a URL still counts.
    Nobody,
    Basic {
        username: String,
        password: Option<SecretString>,
    },
    /// Ready to be sent, and marked sensitive.
    Bearer(header::HeaderValue),
}

impl Login {
    /// # Errors
    /// When two ways are given at once, or the token cannot stand in a header.
    pub(crate) fn of(settings: &ConnectSettings, urls_name_a_user: bool) -> Result<Self, ConnectError> {
        let refused = |cause| ConnectError::Login { cause };
        let Some(token) = &settings.bearer else {
            return match settings.username.clone() {
                Some(username) => Ok(Self::Basic { username, password: settings.password.clone() }),
                None if settings.password.is_some() => Err(refused("a password without a username")),
                None => Ok(Self::Nobody),
            };
        };
        if settings.username.is_some() || settings.password.is_some() || urls_name_a_user {
            return Err(refused("a bearer token beside a username or a password"));
        }
        let value = format!("Bearer {}", token.expose_secret().trim());
        let mut value = header::HeaderValue::from_str(&value)
            .map_err(|_| refused("a bearer token with signs that no header may hold"))?;
        value.set_sensitive(true);
        Ok(Self::Bearer(value))
    }

    pub(crate) fn sign(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Nobody => request,
            Self::Basic { username, password } => {
                request.basic_auth(username, password.as_ref().map(ExposeSecret::expose_secret))
            }
            Self::Bearer(value) => request.header(header::AUTHORIZATION, value.clone()),
        }
    }

    /// For an error: as whom `url` was asked.
    pub(crate) fn who(&self, url: &Url) -> String {
        match (self, url.username()) {
            (Self::Basic { username, .. }, _) => format!("as {username:?}"),
            (Self::Bearer(_), _) => "with the bearer token".to_owned(),
            (Self::Nobody, "") => "without credentials".to_owned(),
            (Self::Nobody, name) => format!("as {name:?}"),
        }
    }
}
