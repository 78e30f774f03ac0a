//! The client: asks the first worker that answers, with patience where Connect is busy with itself.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::Client;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::{task::JoinSet, time::sleep};

use crate::{
    Chosen, ConnectError, ConnectorConfig, ConnectorStatus, WorkerHealth, choose_among,
    http::{self, Body, Request, Worker},
    login::Login,
    secret,
    status::StatusAnswer,
};

/// A rebalance lasts seconds: one that has not ended by then is worth telling.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two tries at a worker that rebalances.
const AGAIN: Duration = Duration::from_millis(500);

/// Where Connect is and who we are there. `Debug` shows no secret.
#[derive(Clone, Default)]
pub struct ConnectSettings {
    /// One a worker is best (a silent worker is seen); one for all (a load balancer) will do. A path stays
    /// before every request's own.
    pub urls: Vec<String>,
    /// For HTTP Basic authentication; userinfo in a URL does the same.
    pub username: Option<String>,
    /// With the user name.
    pub password: Option<SecretString>,
    /// For `Authorization: Bearer`; instead of a user name.
    pub bearer: Option<SecretString>,
    /// PEM of a CA to trust beside the system's.
    pub ca_pem: Option<Vec<u8>>,
    /// The connector to take, whatever the others match.
    pub connector: Option<String>,
    /// How long a Connect that starts or rebalances (409, 503, no status yet) is asked again; 30 s when unset.
    /// [`poll_status`](crate::poll_status) never waits for it.
    pub patience: Option<Duration>,
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
    login: Login,
    connector: Option<String>,
    patience: Duration,
    /// The worker that answered last, asked first: a dead one costs its time-out once, not every time.
    answered_last: Arc<AtomicUsize>,
}

impl Connect {
    /// Prepares the client; nothing is sent yet.
    ///
    /// # Errors
    /// When no URL is given, one cannot be read, two logins are given, or the CA is no PEM certificate.
    pub fn new(settings: ConnectSettings) -> Result<Self, ConnectError> {
        let workers = settings.urls.iter().map(|url| Worker::new(url)).collect::<Result<Arc<[_]>, _>>()?;
        if workers.is_empty() {
            return Err(ConnectError::NoUrl);
        }
        Ok(Self {
            http: http::client(settings.ca_pem.as_deref())?,
            login: Login::of(&settings, workers.iter().any(Worker::names_a_user))?,
            workers,
            connector: settings.connector,
            patience: settings.patience.unwrap_or(PATIENCE),
            answered_last: Arc::default(),
        })
    }

    /// The names of all connectors.
    ///
    /// # Errors
    /// When no worker answers, or not as Connect does.
    pub async fn connectors(&self) -> Result<Vec<String>, ConnectError> {
        self.patiently(async || self.list().await).await
    }

    /// State and worker of a connector and of its tasks.
    ///
    /// # Errors
    /// As [`Connect::connectors`]; [`ConnectError::UnknownConnector`] when there is none of that name,
    /// [`ConnectError::Rebalancing`] when Connect has no status of it yet, or will not tell, for 30 s.
    pub async fn status(&self, name: &str) -> Result<ConnectorStatus, ConnectError> {
        self.patiently(async || self.status_now(name).await).await
    }

    /// The same without patience: the one answer that there is now.
    pub(crate) async fn status_now(&self, name: &str) -> Result<ConnectorStatus, ConnectError> {
        let body = self.about(name, &Request::get(&["connectors", name, "status"])).await?;
        body.decode::<StatusAnswer>().map(Into::into)
    }

    /// The configuration of a connector, with its passwords.
    ///
    /// # Errors
    /// As [`Connect::status`].
    pub async fn config(&self, name: &str) -> Result<ConnectorConfig, ConnectError> {
        let request = Request::get(&["connectors", name, "config"]);
        let body = self.patiently(async || self.about(name, &request).await).await?;
        body.decode::<ConfigAnswer>().map(into_config)
    }

    /// The connector that replicates `topics` (names on the source): the one that the settings name, else
    /// the only one that matches. See [`choose_among`].
    ///
    /// # Errors
    /// As [`Connect::connectors`] and [`choose_among`].
    pub async fn choose(&self, topics: &[&str]) -> Result<Chosen, ConnectError> {
        let request = Request { query: Some("expand=info"), ..Request::get(&["connectors"]) };
        let body = self.patiently(async || self.ask(&request).await).await?;
        let all: BTreeMap<String, Expanded> = body.decode()?;
        let configs = all.into_iter().map(|(name, it)| (name, into_config(it.info.config))).collect();
        choose_among(&configs, topics, self.connector.as_deref())
    }

    /// Asks every worker at once whether it answers, in the order of the URLs.
    pub async fn workers(&self) -> Vec<WorkerHealth> {
        let answers = self.ask_all(&Request::get(&[])).await;
        self.health(&answers)
    }

    /// One look at everything: the status from every worker at once, each given `timeout`. An answer of
    /// any kind is the worker's sign of life; the first readable status, in the order of the URLs, counts.
    pub(crate) async fn look(
        &self,
        name: &str,
        timeout: Duration,
    ) -> (Result<ConnectorStatus, ConnectError>, Vec<WorkerHealth>) {
        let request = Request { timeout, ..Request::get(&["connectors", name, "status"]) };
        let answers = self.ask_all(&request).await;
        let workers = self.health(&answers);
        let mut failures = Vec::new();
        for answer in answers {
            match answer.and_then(|body| body.decode::<StatusAnswer>()) {
                Ok(status) => return (Ok(status.into()), workers),
                Err(error) => failures.push(error),
            }
        }
        (Err(all_failed(failures)), workers)
    }

    /// A request about one connector. Connect's own 404 is told apart: no such connector, or not yet known
    /// to this worker (it rebalances, or has just started).
    pub(crate) async fn about(&self, name: &str, request: &Request) -> Result<Body, ConnectError> {
        match self.ask(request).await {
            Err(ConnectError::Status { url, code: 404, message }) => {
                let found = self.list().await?;
                if !found.iter().any(|known| known == name) {
                    return Err(ConnectError::UnknownConnector { name: name.to_owned(), found });
                }
                let what = format!("it lists connector {name}, but {url} answers 404 ({message})");
                Err(ConnectError::Rebalancing { what, waited_s: 0 })
            }
            answer => answer,
        }
    }

    /// Asks again while Connect starts or rebalances; then says for how long it did.
    pub(crate) async fn patiently<T>(
        &self,
        ask: impl AsyncFn() -> Result<T, ConnectError>,
    ) -> Result<T, ConnectError> {
        let begun = Instant::now();
        loop {
            match ask().await {
                Err(error) if error.passes_by_itself() => {
                    if begun.elapsed() + AGAIN > self.patience {
                        return Err(error.still_after(begun.elapsed()));
                    }
                    tracing::debug!(%error, "Connect is busy with itself; asking again");
                    sleep(AGAIN).await;
                }
                answer => return answer,
            }
        }
    }

    async fn list(&self) -> Result<Vec<String>, ConnectError> {
        self.ask(&Request::get(&["connectors"])).await?.decode()
    }

    /// From the worker that answered last, then from each other one until one answers.
    async fn ask(&self, request: &Request) -> Result<Body, ConnectError> {
        let count = self.workers.len();
        let start = self.answered_last.load(Ordering::Relaxed);
        let mut failures = Vec::new();
        for index in (start..start + count).map(|i| i % count) {
            match self.workers[index].ask(&self.http, &self.login, request).await {
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

    /// The same request to every worker at once; answers in the order of the URLs.
    async fn ask_all(&self, request: &Request) -> Vec<Result<Body, ConnectError>> {
        let mut requests = JoinSet::new();
        for index in 0..self.workers.len() {
            let (this, request) = (self.clone(), request.clone());
            requests.spawn(async move {
                (index, this.workers[index].ask(&this.http, &this.login, &request).await)
            });
        }
        let mut answers = requests.join_all().await;
        answers.sort_by_key(|(index, _)| *index);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    fn health(&self, answers: &[Result<Body, ConnectError>]) -> Vec<WorkerHealth> {
        let answered = answers.iter().map(|a| a.as_ref().err().is_none_or(ConnectError::is_an_answer));
        self.workers
            .iter()
            .zip(answered)
            .map(|(worker, answered)| WorkerHealth { url: worker.shown.clone(), answered })
            .collect()
    }
}

impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let urls: Vec<&str> = self.workers.iter().map(|worker| worker.shown.as_str()).collect();
        f.debug_struct("Connect").field("urls", &urls).finish_non_exhaustive()
    }
}

/// One error for all workers.
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
