//! One request to one URL: what is sent, and what an answer that is not Connect's is called.
//! Not here: which URL is asked, and how often (`client`).

use std::{error::Error, time::Duration};

use reqwest::{Certificate, Client, Method, Response, StatusCode, Url, header, redirect};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{ConnectError, error::WEB_PAGE, login::Login, secret};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Reading a configuration goes through the worker's herder, which waits while it rebalances.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// One of `[connect] urls`.
pub(crate) struct Worker {
    /// With userinfo: never shown.
    url: Url,
    pub(crate) shown: String,
}

/// What is asked of a worker.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: Vec<String>,
    pub(crate) query: Option<&'static str>,
    pub(crate) timeout: Duration,
}

/// A successful answer, not yet decoded. Without `Debug`: it may hold passwords.
pub(crate) struct Body {
    url: String,
    content: String,
    bytes: Vec<u8>,
}

impl Request {
    pub(crate) fn get(path: &[&str]) -> Self {
        let path = path.iter().map(|segment| (*segment).to_owned()).collect();
        Self { method: Method::GET, path, query: None, timeout: REQUEST_TIMEOUT }
    }

    pub(crate) fn put(path: &[&str]) -> Self {
        Self { method: Method::PUT, ..Self::get(path) }
    }
}

impl Worker {
    pub(crate) fn new(given: &str) -> Result<Self, ConnectError> {
        let shown = secret::without_userinfo(given);
        let invalid = |cause: &str| ConnectError::InvalidUrl { url: shown.clone(), cause: cause.to_owned() };
        let url = Url::parse(given).map_err(|error| invalid(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(invalid("neither http nor https"));
        }
        Ok(Self { url, shown })
    }

    pub(crate) fn names_a_user(&self) -> bool {
        !self.url.username().is_empty()
    }

    pub(crate) async fn ask(
        &self,
        http: &Client,
        login: &Login,
        request: &Request,
    ) -> Result<Body, ConnectError> {
        let unreachable = |error| self.unreachable(&error);
        let sent = http.request(request.method.clone(), self.at(request)).timeout(request.timeout);
        let response = login.sign(sent).send().await.map_err(unreachable)?;
        let (status, content) = (response.status(), header_of(&response, &header::CONTENT_TYPE));
        if status.is_redirection() {
            return Err(self.redirected(&response));
        }
        let bytes = response.bytes().await.map_err(unreachable)?.to_vec();
        let content = content.unwrap_or_else(|| "no content type".to_owned());
        let body = Body { url: self.shown.clone(), content, bytes };
        if status.is_success() { Ok(body) } else { Err(self.refusal(login, status, &body)) }
    }

    /// The path appended, so that a prefix (a reverse proxy's) stays and a name with `/` is one segment.
    fn at(&self, request: &Request) -> Url {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(&request.path);
        }
        url.set_query(request.query);
        url
    }

    fn refusal(&self, login: &Login, status: StatusCode, body: &Body) -> ConnectError {
        let url = self.shown.clone();
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return ConnectError::Unauthorized { url, who: login.who(&self.url) };
        }
        let own = serde_json::from_slice::<ErrorAnswer>(&body.bytes).ok();
        let reason = || status.canonical_reason().unwrap_or_default().to_owned();
        if own.is_none() && matches!(status.as_u16(), 502..=504) {
            return ConnectError::Gateway { url, code: status.as_u16(), reason: reason() };
        }
        if own.is_none() && status.is_client_error() {
            return ConnectError::NotConnect { url, found: format!("{status}, {}", body.looks()) };
        }
        let message = own.map(|answer| answer.message).filter(|message| !message.is_empty());
        ConnectError::Status { url, code: status.as_u16(), message: message.unwrap_or_else(reason) }
    }

    /// Where a redirect points may hold a token in its query: that is cut off.
    fn redirected(&self, response: &Response) -> ConnectError {
        let to = header_of(response, &header::LOCATION).unwrap_or_else(|| "nowhere".to_owned());
        let to = to.split(['?', '#']).next().unwrap_or_default();
        ConnectError::Redirected {
            url: self.shown.clone(),
            code: response.status().as_u16(),
            to: secret::without_userinfo(to),
        }
    }

    fn unreachable(&self, error: &reqwest::Error) -> ConnectError {
        let cause = if error.is_timeout() { "no answer in time".to_owned() } else { innermost(error) };
        ConnectError::Unreachable { url: self.shown.clone(), cause }
    }
}

impl Body {
    /// Decodes without quoting the body, not even through serde's message: it may hold a password.
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Result<T, ConnectError> {
        serde_json::from_slice(&self.bytes).map_err(|error| {
            let what = if error.is_data() { "JSON of another shape" } else { "no JSON" };
            let found = if self.is_page() { self.looks() } else { format!("{what}, {}", self.content) };
            ConnectError::NotConnect { url: self.url.clone(), found }
        })
    }

    /// Connect answers a change with an empty body; a proxy's page with 200 is no such answer.
    ///
    /// # Errors
    /// When a page came instead.
    pub(crate) fn accepted(&self) -> Result<(), ConnectError> {
        if self.is_page() {
            return Err(ConnectError::NotConnect { url: self.url.clone(), found: self.looks() });
        }
        Ok(())
    }

    fn is_page(&self) -> bool {
        let start: Vec<u8> =
            self.bytes.iter().copied().skip_while(u8::is_ascii_whitespace).take(14).collect();
        let start = start.to_ascii_lowercase();
        self.content.contains("text/html")
            || start.starts_with(b"<!doctype html")
            || start.starts_with(b"<html")
    }

    fn looks(&self) -> String {
        if self.is_page() { WEB_PAGE.to_owned() } else { self.content.clone() }
    }
}

fn header_of(response: &Response, name: &header::HeaderName) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

/// Follows no redirect: it would turn a `PUT` into a `GET` of somebody's login page and call that success.
pub(crate) fn client(ca_pem: Option<&[u8]>) -> Result<Client, ConnectError> {
    let tls = |error: &reqwest::Error| ConnectError::Tls { cause: innermost(error) };
    let mut builder = Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT)
        .redirect(redirect::Policy::none());
    if let Some(pem) = ca_pem {
        let certificates = Certificate::from_pem_bundle(pem).map_err(|error| tls(&error))?;
        if certificates.is_empty() {
            return Err(ConnectError::Tls { cause: "no certificate in the CA file".to_owned() });
        }
        builder = builder.tls_certs_merge(certificates);
    }
    builder.build().map_err(|error| tls(&error))
}

/// The last error of the chain: "Connection refused" rather than "error sending request for url …",
/// which would also show the URL's userinfo.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if cause.is::<reqwest::Error>() { "the HTTP client failed".to_owned() } else { cause.to_string() }
}

#[derive(Deserialize)]
struct ErrorAnswer {
    #[expect(dead_code, reason = "its presence tells Connect's errors from a proxy's")]
    error_code: u16,
    #[serde(default)]
    message: String,
}
