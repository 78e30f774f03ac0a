//! The client: asks the first worker that answers.

use std::{
    collections::BTreeMap,
    error::Error,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::{Certificate, Client, Method, Response, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::task::JoinSet;

use crate::{
    Chosen, ConnectError, ConnectorConfig, ConnectorStatus, WorkerHealth, choose_among, secret,
    status::StatusAnswer,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Reading a configuration goes through the worker's herder, which waits while it rebalances.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Where Connect is and who we are there. `Debug` shows no userinfo.
#[derive(Clone, Default)]
pub struct ConnectSettings {
    /// One a worker is best (a silent worker is seen); one for all (a load balancer) will do.
    pub urls: Vec<String>,
    /// For HTTP Basic authentication; userinfo in a URL does the same.
    pub username: Option<String>,
    /// With the user name.
    pub password: Option<SecretString>,
    /// PEM of a CA to trust beside the system's.
    pub ca_pem: Option<Vec<u8>>,
    /// The connector to take, whatever the others match.
    pub connector: Option<String>,
}

impl fmt::Debug for ConnectSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let urls: Vec<String> = self.urls.iter().map(|url| secret::without_userinfo(url)).collect();
        f.debug_struct("ConnectSettings")
            .field("urls", &urls)
            .field("username", &self.username)
            .field("connector", &self.connector)
            .finish_non_exhaustive()
    }
}

/// Connect's REST. Cheap to clone.
#[derive(Clone)]
pub struct Connect {
    http: Client,
    workers: Arc<[Worker]>,
    username: Option<String>,
    password: Option<SecretString>,
    connector: Option<String>,
    /// The worker that answered last, asked first: a dead one costs its time-out once, not every time.
    answered_last: Arc<AtomicUsize>,
}

struct Worker {
    /// With userinfo: never shown.
    url: Url,
    shown: String,
}

impl Connect {
    /// Prepares the client; nothing is sent yet.
    ///
    /// # Errors
    /// When no URL is given, one cannot be read, or the CA is no PEM certificate.
    pub fn new(settings: ConnectSettings) -> Result<Self, ConnectError> {
        let workers = settings.urls.iter().map(|url| Worker::new(url)).collect::<Result<Arc<[_]>, _>>()?;
        if workers.is_empty() {
            return Err(ConnectError::NoUrl);
        }
        Ok(Self {
            http: http_client(settings.ca_pem.as_deref())?,
            workers,
            username: settings.username,
            password: settings.password,
            connector: settings.connector,
            answered_last: Arc::default(),
        })
    }

    /// The names of all connectors.
    ///
    /// # Errors
    /// When no worker answers, or not as Connect does.
    pub async fn connectors(&self) -> Result<Vec<String>, ConnectError> {
        self.get(&["connectors"], None).await
    }

    /// State and worker of a connector and of its tasks.
    ///
    /// # Errors
    /// As [`Connect::connectors`]; [`ConnectError::UnknownConnector`] when there is none of that name.
    pub async fn status(&self, name: &str) -> Result<ConnectorStatus, ConnectError> {
        let answer = self.get::<StatusAnswer>(&["connectors", name, "status"], None).await;
        self.or_unknown(name, answer).await.map(Into::into)
    }

    /// The configuration of a connector, with its passwords.
    ///
    /// # Errors
    /// As [`Connect::status`].
    pub async fn config(&self, name: &str) -> Result<ConnectorConfig, ConnectError> {
        let answer = self.get::<ConfigAnswer>(&["connectors", name, "config"], None).await;
        self.or_unknown(name, answer).await.map(into_config)
    }

    /// The connector that replicates `topics` (names on the source): the one that the settings name, else
    /// the only one that matches. See [`choose_among`].
    ///
    /// # Errors
    /// As [`Connect::connectors`] and [`choose_among`].
    pub async fn choose(&self, topics: &[&str]) -> Result<Chosen, ConnectError> {
        let all: BTreeMap<String, Expanded> = self.get(&["connectors"], Some("expand=info")).await?;
        let configs = all.into_iter().map(|(name, it)| (name, into_config(it.info.config))).collect();
        choose_among(&configs, topics, self.connector.as_deref())
    }

    /// Asks every worker at once whether it answers, in the order of the URLs.
    pub async fn workers(&self) -> Vec<WorkerHealth> {
        let answers = self.ask_all(&[], REQUEST_TIMEOUT).await;
        self.health(&answers)
    }

    /// One look at everything: the status from every worker at once, each given `timeout`. An answer of
    /// any kind is the worker's sign of life; the first readable status, in the order of the URLs, counts.
    pub(crate) async fn look(
        &self,
        name: &str,
        timeout: Duration,
    ) -> (Result<ConnectorStatus, ConnectError>, Vec<WorkerHealth>) {
        let answers = self.ask_all(&["connectors", name, "status"], timeout).await;
        let workers = self.health(&answers);
        let mut failures = Vec::new();
        for answer in answers {
            match answer.and_then(|body| decode::<StatusAnswer>(&body)) {
                Ok(status) => return (Ok(status.into()), workers),
                Err(error) => failures.push(error),
            }
        }
        (Err(all_failed(failures)), workers)
    }

    fn health(&self, answers: &[Result<Body, ConnectError>]) -> Vec<WorkerHealth> {
        let answered = answers.iter().map(|a| a.as_ref().err().is_none_or(ConnectError::is_an_answer));
        self.workers
            .iter()
            .zip(answered)
            .map(|(worker, answered)| WorkerHealth { url: worker.shown.clone(), answered })
            .collect()
    }

    /// The same request to every worker at once; answers in the order of the URLs.
    async fn ask_all(&self, path: &[&str], timeout: Duration) -> Vec<Result<Body, ConnectError>> {
        let mut requests = JoinSet::new();
        for index in 0..self.workers.len() {
            let this = self.clone();
            let path: Vec<String> = path.iter().map(|segment| (*segment).to_owned()).collect();
            requests.spawn(async move {
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                (index, this.ask(index, &Method::GET, &path, None, timeout).await)
            });
        }
        let mut answers = requests.join_all().await;
        answers.sort_by_key(|(index, _)| *index);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    async fn get<T: DeserializeOwned>(&self, path: &[&str], query: Option<&str>) -> Result<T, ConnectError> {
        decode(&self.first_answer(&Method::GET, path, query).await?)
    }

    /// A request whose answer says nothing but yes.
    pub(crate) async fn put(&self, path: &[&str]) -> Result<(), ConnectError> {
        self.first_answer(&Method::PUT, path, None).await.map(drop)
    }

    /// From the worker that answered last, then from each other one until one answers.
    async fn first_answer(
        &self,
        method: &Method,
        path: &[&str],
        query: Option<&str>,
    ) -> Result<Body, ConnectError> {
        let count = self.workers.len();
        let start = self.answered_last.load(Ordering::Relaxed);
        let mut failures = Vec::new();
        for index in (start..start + count).map(|i| i % count) {
            match self.ask(index, method, path, query, REQUEST_TIMEOUT).await {
                Err(error) if error.is_about_one_worker() => {
                    tracing::debug!(%error, "a Connect worker does not answer");
                    failures.push(error);
                }
                answer => {
                    self.answered_last.store(index, Ordering::Relaxed);
                    return answer;
                }
            }
        }
        Err(all_failed(failures))
    }

    async fn ask(
        &self,
        index: usize,
        method: &Method,
        path: &[&str],
        query: Option<&str>,
        timeout: Duration,
    ) -> Result<Body, ConnectError> {
        let worker = &self.workers[index];
        let mut request = self.http.request(method.clone(), worker.at(path, query)).timeout(timeout);
        if let Some(username) = &self.username {
            let password = self.password.as_ref().map(ExposeSecret::expose_secret);
            request = request.basic_auth(username, password);
        }
        let unreachable = |error| worker.unreachable(&error);
        let response = request.send().await.map_err(unreachable)?;
        let (status, content) = (response.status(), content_type(&response));
        let bytes = response.bytes().await.map_err(unreachable)?.to_vec();
        let body = Body { url: worker.shown.clone(), content, bytes };
        if status.is_success() { Ok(body) } else { Err(self.refusal(worker, status, &body)) }
    }

    fn refusal(&self, worker: &Worker, status: StatusCode, body: &Body) -> ConnectError {
        let url = worker.shown.clone();
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            let who = match (&self.username, worker.url.username()) {
                (Some(name), _) => format!("as {name:?}"),
                (None, "") => "without credentials".to_owned(),
                (None, name) => format!("as {name:?}"),
            };
            return ConnectError::Unauthorized { url, who };
        }
        let own = serde_json::from_slice::<ErrorAnswer>(&body.bytes).ok();
        if own.is_none() && status.is_client_error() {
            return ConnectError::NotConnect { url, found: format!("{status}, {}", body.content) };
        }
        let message = own.map(|answer| answer.message).filter(|message| !message.is_empty());
        let message = message.unwrap_or_else(|| status.canonical_reason().unwrap_or_default().to_owned());
        ConnectError::Status { url, code: status.as_u16(), message }
    }

    /// Turns Connect's own 404 into the list of what there is.
    pub(crate) async fn or_unknown<T>(
        &self,
        name: &str,
        answer: Result<T, ConnectError>,
    ) -> Result<T, ConnectError> {
        match answer {
            Err(ConnectError::Status { code: 404, .. }) => {
                let found = self.connectors().await.unwrap_or_default();
                Err(ConnectError::UnknownConnector { name: name.to_owned(), found })
            }
            answer => answer,
        }
    }
}

impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let urls: Vec<&str> = self.workers.iter().map(|worker| worker.shown.as_str()).collect();
        f.debug_struct("Connect").field("urls", &urls).finish_non_exhaustive()
    }
}

impl Worker {
    fn new(given: &str) -> Result<Self, ConnectError> {
        let shown = secret::without_userinfo(given);
        let invalid = |cause: &str| ConnectError::InvalidUrl { url: shown.clone(), cause: cause.to_owned() };
        let url = Url::parse(given).map_err(|error| invalid(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(invalid("neither http nor https"));
        }
        Ok(Self { url, shown })
    }

    /// The path appended, so that a prefix (a reverse proxy's) stays and a name with `/` is one segment.
    fn at(&self, path: &[&str], query: Option<&str>) -> Url {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url.set_query(query);
        url
    }

    fn unreachable(&self, error: &reqwest::Error) -> ConnectError {
        let cause = if error.is_timeout() { "no answer in time".to_owned() } else { innermost(error) };
        ConnectError::Unreachable { url: self.shown.clone(), cause }
    }
}

/// A successful answer, not yet decoded. Without `Debug`: it may hold passwords.
struct Body {
    url: String,
    content: String,
    bytes: Vec<u8>,
}

/// Decodes without quoting the body, not even through serde's message: it may hold a password.
fn decode<T: DeserializeOwned>(body: &Body) -> Result<T, ConnectError> {
    serde_json::from_slice(&body.bytes).map_err(|error| {
        let what = if error.is_data() { "JSON of another shape" } else { "no JSON" };
        ConnectError::NotConnect { url: body.url.clone(), found: format!("{what}, {}", body.content) }
    })
}

fn content_type(response: &Response) -> String {
    let header = response.headers().get(reqwest::header::CONTENT_TYPE);
    header.and_then(|value| value.to_str().ok()).unwrap_or("no content type").to_owned()
}

fn http_client(ca_pem: Option<&[u8]>) -> Result<Client, ConnectError> {
    let tls = |error: &reqwest::Error| ConnectError::Tls { cause: innermost(error) };
    let mut builder = Client::builder().connect_timeout(CONNECT_TIMEOUT).timeout(REQUEST_TIMEOUT);
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

fn all_failed(failures: Vec<ConnectError>) -> ConnectError {
    let (mut urls, mut causes) = (Vec::new(), Vec::new());
    for failure in &failures {
        if let ConnectError::Unreachable { url, cause } = failure {
            urls.push(url.as_str());
            causes.push(cause.as_str());
        }
    }
    causes.dedup();
    let (url, cause) = (urls.join(", "), causes.join("; "));
    // A worker that answered with an error of its own tells more than one that is down.
    let answered = failures.into_iter().find(|failure| !matches!(failure, ConnectError::Unreachable { .. }));
    answered.unwrap_or(ConnectError::Unreachable { url, cause })
}

type ConfigAnswer = BTreeMap<String, Option<String>>;

fn into_config(answer: ConfigAnswer) -> ConnectorConfig {
    answer.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

/// `GET /connectors?expand=info`.
#[derive(Deserialize)]
struct Expanded {
    info: Info,
}

#[derive(Deserialize)]
struct Info {
    config: ConfigAnswer,
}

#[derive(Deserialize)]
struct ErrorAnswer {
    #[expect(dead_code, reason = "its presence tells Connect's errors from a proxy's")]
    error_code: u16,
    #[serde(default)]
    message: String,
}
