//! Asking Prometheus' HTTP API. The answers are decoded here, not by a client library: one that reads a plain-text 503
//! as bad JSON, or drops the warnings, hides what must be said.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::time::{Duration, Instant};

use reqwest::header::CONTENT_TYPE;
use reqwest::{Certificate, RequestBuilder, Response, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{MetricsError, PrometheusSettings};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// No chain has so much in one hold; a query that went wrong must not take the machine's memory.
const LARGEST_ANSWER: usize = 64 << 20;
/// Longer queries go as a form: proxies cut longer URLs.
const LONGEST_URL: usize = 4_000;
const LONGEST_QUOTE: usize = 120;
const REDACTED: &str = "REDACTED";
/// Clocks that differ by more are worth a note, and are reckoned with.
const CLOCK_MS: i64 = 1_000;

/// Prometheus' HTTP API. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    /// With userinfo: never shown.
    url: Url,
    shown: String,
    username: Option<String>,
    password: Option<SecretString>,
    bearer: Option<SecretString>,
}

/// Why a query has no answer.
#[derive(Debug, Clone)]
pub(crate) enum Failed {
    /// Prometheus, or the way to it.
    Prometheus(MetricsError),
    /// Prometheus refuses this query, and says why.
    Query(String),
}

/// What a query came to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) series: Vec<Answered>,
    pub(crate) warnings: Vec<String>,
}

/// One series of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answered {
    pub(crate) labels: BTreeMap<String, String>,
    /// Unix milliseconds by Prometheus' clock; values as they are, NaN among them.
    pub(crate) samples: Vec<(i64, f64)>,
}

/// Prometheus' clock beside ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clock {
    /// What must be added to our time to have Prometheus', milliseconds.
    pub(crate) ahead_ms: i64,
    /// By how much that may be wrong: half the time of the question.
    pub(crate) uncertain_ms: i64,
}

impl Clock {
    /// What is added to our time to have Prometheus'.
    pub(crate) fn shift_ms(self) -> i64 {
        if self.ahead_ms.abs() > CLOCK_MS + self.uncertain_ms { self.ahead_ms } else { 0 }
    }

    /// Whether one of the two has jumped, or stood still, between the comparisons.
    pub(crate) fn has_jumped_since(self, before: Self) -> bool {
        (self.ahead_ms - before.ahead_ms).abs() > CLOCK_MS + self.uncertain_ms + before.uncertain_ms
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = if self.ahead_ms > 0 { "ahead of" } else { "behind" };
        write!(f, "{:.1} s {way} ours", self.ahead_ms.abs() as f64 / 1e3)
    }
}

impl Client {
    pub(crate) fn new(settings: &PrometheusSettings) -> Result<Self, MetricsError> {
        let shown = without_secrets(&settings.url);
        let invalid = |cause: &str| MetricsError::InvalidUrl { url: shown.clone(), cause: cause.to_owned() };
        let url = Url::parse(&settings.url).map_err(|error| invalid(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(invalid("neither http nor https"));
        }
        Ok(Self {
            http: http_client(settings.ca_pem.as_deref())?,
            url,
            shown,
            username: settings.username.clone(),
            password: settings.password.clone(),
            bearer: settings.bearer.clone(),
        })
    }

    /// The URL without userinfo and query.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// Every metric name.
    pub(crate) async fn names(&self) -> Result<Vec<String>, MetricsError> {
        let answer = self.ask("label/__name__/values", &[]).await;
        answer.map(|(names, _)| names).map_err(|failed| self.alien(failed))
    }

    /// Compares its clock with the caller's, which says `now_ms`; also the first thing to ask: it shows whether that is a Prometheus at all.
    pub(crate) async fn clock(&self, now_ms: i64) -> Result<Clock, MetricsError> {
        let asked = Instant::now();
        let answer = self.ask("query", &[("query", "time()")]).await;
        let half_ms = i64::try_from(asked.elapsed().as_millis() / 2).unwrap_or(i64::MAX);
        let (Data::Scalar((theirs_s, _)), _) = answer.map_err(|failed| self.alien(failed))? else {
            return Err(self.not_prometheus("time() is no number"));
        };
        Ok(Clock { ahead_ms: ms(theirs_s) - now_ms.saturating_add(half_ms), uncertain_ms: half_ms })
    }

    /// An instant query, now or at a time by Prometheus' clock: a vector, or for a range selector its raw samples.
    pub(crate) async fn query(&self, promql: &str, at_ms: Option<i64>) -> Result<Answer, Failed> {
        let mut parameters = vec![("query", promql)];
        let time = at_ms.map(|at_ms| format!("{}.{:03}", at_ms / 1_000, at_ms % 1_000));
        parameters.extend(time.as_deref().map(|time| ("time", time)));
        let (data, warnings) = self.ask::<Data>("query", &parameters).await?;
        let series = data.series().map_err(|found| Failed::Prometheus(self.not_prometheus(found)))?;
        Ok(Answer { series, warnings })
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        parameters: &[(&str, &str)],
    ) -> Result<(T, Vec<String>), Failed> {
        let response = self.request(path, parameters).send().await;
        let mut response = response.map_err(|error| self.unreachable(&error))?;
        let (status, content) = (response.status(), content_type(&response));
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            let (url, who) = (self.shown.clone(), self.who());
            return Err(Failed::Prometheus(MetricsError::Unauthorized { url, who }));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(Failed::Query(format!("the answer is larger than {} MiB", LARGEST_ANSWER >> 20)));
            }
            body.extend_from_slice(&chunk);
        }
        let found = match serde_json::from_slice::<Envelope<T>>(&body) {
            Ok(Envelope { status, data: Some(data), warnings, .. }) if status == "success" => {
                return Ok((data, warnings));
            }
            Ok(envelope) if envelope.status == "error" => {
                return Err(self.refusal(status, &envelope.kind, &envelope.error));
            }
            _ if status.is_server_error() => {
                return Err(self.unavailable(status, &String::from_utf8_lossy(&body)));
            }
            Err(error) if error.is_data() => format!("{status}, JSON of another shape"),
            _ => format!("{status}, {content}"),
        };
        Err(Failed::Prometheus(self.not_prometheus(&found)))
    }

    fn request(&self, path: &str, parameters: &[(&str, &str)]) -> RequestBuilder {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            // Appended, so that a reverse proxy's prefix stays.
            segments.pop_if_empty().extend(["api", "v1"]).extend(path.split('/'));
        }
        url.set_query(None);
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
        }
        let request = if url.as_str().len() > LONGEST_URL {
            let form = url.query().unwrap_or_default().to_owned();
            url.set_query(None);
            self.http.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form)
        } else {
            self.http.get(url)
        };
        match (&self.bearer, &self.username) {
            (Some(bearer), _) => request.bearer_auth(bearer.expose_secret()),
            (None, Some(username)) => {
                request.basic_auth(username, self.password.as_ref().map(ExposeSecret::expose_secret))
            }
            (None, None) => request,
        }
    }

    fn who(&self) -> String {
        match (&self.bearer, &self.username, self.url.username()) {
            (Some(_), ..) => "with this bearer token".to_owned(),
            (None, Some(name), _) => format!("as {name:?}"),
            (None, None, "") => "without credentials".to_owned(),
            (None, None, name) => format!("as {name:?}"),
        }
    }

    fn refusal(&self, status: StatusCode, kind: &str, error: &str) -> Failed {
        if status.is_server_error() || matches!(kind, "timeout" | "canceled" | "unavailable") {
            return self.unavailable(status, error);
        }
        Failed::Query(quote(error))
    }

    fn unavailable(&self, status: StatusCode, text: &str) -> Failed {
        let (url, text) = (self.shown.clone(), quote(text));
        Failed::Prometheus(MetricsError::Unavailable { url, status: status.as_u16(), text })
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failed {
        let cause = if error.is_timeout() { "no answer in time".to_owned() } else { innermost(error) };
        Failed::Prometheus(MetricsError::Unreachable { url: self.shown.clone(), cause })
    }

    fn not_prometheus(&self, found: &str) -> MetricsError {
        MetricsError::NotPrometheus { url: self.shown.clone(), found: found.to_owned() }
    }

    /// What cannot be refused by a Prometheus.
    fn alien(&self, failed: Failed) -> MetricsError {
        match failed {
            Failed::Prometheus(error) => error,
            Failed::Query(said) => self.not_prometheus(&said),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("url", &self.shown).finish_non_exhaustive()
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prometheus(error) => error.fmt(f),
            Self::Query(said) => write!(f, "Prometheus says: {said}"),
        }
    }
}

#[derive(Deserialize)]
struct Envelope<T> {
    status: String,
    data: Option<T>,
    #[serde(default, rename = "errorType")]
    kind: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum Data {
    Scalar((f64, String)),
    Vector(Vec<OfVector>),
    Matrix(Vec<OfMatrix>),
}

/// What has a native histogram in place of a value has none that is read here.
#[derive(Deserialize)]
struct OfVector {
    metric: BTreeMap<String, String>,
    value: Option<(f64, String)>,
}

#[derive(Deserialize)]
struct OfMatrix {
    metric: BTreeMap<String, String>,
    #[serde(default)]
    values: Vec<(f64, String)>,
}

impl Data {
    fn series(self) -> Result<Vec<Answered>, &'static str> {
        let all: Vec<OfMatrix> = match self {
            Self::Matrix(all) => all,
            Self::Vector(all) => {
                let one =
                    |one: OfVector| OfMatrix { metric: one.metric, values: one.value.into_iter().collect() };
                all.into_iter().map(one).collect()
            }
            Self::Scalar(_) => return Err("a number for a query of series"),
        };
        let number = |(at_s, value): (f64, String)| match value.parse() {
            Ok(value) => Ok((ms(at_s), value)),
            Err(_) => Err("a value that is no number"),
        };
        let series = all.into_iter().map(|one| {
            let samples = one.values.into_iter().map(number).collect::<Result<_, _>>()?;
            Ok(Answered { labels: one.metric, samples })
        });
        series.collect()
    }
}

fn ms(seconds: f64) -> i64 {
    (seconds * 1e3).round() as i64
}

fn content_type(response: &Response) -> String {
    let header = response.headers().get(CONTENT_TYPE);
    header.and_then(|value| value.to_str().ok()).unwrap_or("no content type").to_owned()
}

fn http_client(ca_pem: Option<&[u8]>) -> Result<reqwest::Client, MetricsError> {
    let tls = |error: &reqwest::Error| MetricsError::Tls { cause: innermost(error) };
    let mut builder = reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).timeout(REQUEST_TIMEOUT);
    if let Some(pem) = ca_pem {
        let certificates = Certificate::from_pem_bundle(pem).map_err(|error| tls(&error))?;
        if certificates.is_empty() {
            return Err(MetricsError::Tls { cause: "no certificate in the CA file".to_owned() });
        }
        builder = builder.tls_certs_merge(certificates);
    }
    builder.build().map_err(|error| tls(&error))
}

/// The last error of the chain: "Connection refused" rather than "error sending request for url …", which would also
/// show the URL's userinfo.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if cause.is::<reqwest::Error>() { "the HTTP client failed".to_owned() } else { cause.to_string() }
}

/// The first line of what somebody else said, not more than fits a message.
fn quote(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no words");
    line.chars().filter(|c| !c.is_control()).take(LONGEST_QUOTE).collect()
}

/// `https://user:password@host/x?key=y` → `https://REDACTED@host/x`, also when it is no valid URL.
///
/// Everything between the scheme and the last `@` goes: a password may itself hold `/`, `,` or `@`. So do the query and
/// the fragment, which may be a key and are not sent.
pub(crate) fn without_secrets(text: &str) -> String {
    let (before, after) = match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme + 2 => {
            (format!("{}{REDACTED}", &text[..scheme + 3]), &text[at..])
        }
        _ => (String::new(), text),
    };
    let shown = after.split(['?', '#']).next().unwrap_or_default();
    format!("{before}{shown}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_what_may_be_a_secret() {
        let check = |url: &str, expect: &str| assert_eq!(without_secrets(url), expect, "{url}");
        check("http://h:1/x", "http://h:1/x");
        check("https://u:p/@x@h:1/x", "https://REDACTED@h:1/x");
        check("http://gw/prometheus?apikey=S3CRET", "http://gw/prometheus");
        check("http://gw/prometheus#S3CRET", "http://gw/prometheus");
        check("http://u:p?#@h/x?sig=S3CRET", "http://REDACTED@h/x");
    }
}
