//! A Prometheus of the test's making: a store of samples, and of its HTTP API the three questions that are asked:
//! metric names, an instant selector, a range selector. It understands no other PromQL, and says so as Prometheus does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mm2_metrics::{Prometheus, PrometheusSettings};
use regex::Regex;
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

pub(crate) type Labels = BTreeMap<String, String>;

/// Instant selectors see samples that are no older.
const LOOK_BACK_MS: i64 = 300_000;

/// The samples of a Prometheus.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    pub(crate) series: Vec<(Labels, Vec<(i64, f64)>)>,
    /// How far its clock is ahead of ours.
    pub(crate) ahead_ms: i64,
    /// Sent with every answer.
    pub(crate) warnings: Vec<String>,
    /// Queries that hold this text fail with a time-out.
    pub(crate) times_out: Option<String>,
    /// Queries that hold this text are answered later than anybody waits.
    pub(crate) slow: Option<String>,
}

/// A Prometheus that serves a store.
pub(crate) struct Fake {
    pub(crate) server: MockServer,
}

impl Fake {
    pub(crate) async fn with(store: Store) -> Self {
        let server = MockServer::start().await;
        Mock::given(wiremock::matchers::any()).respond_with(Api(Arc::new(store))).mount(&server).await;
        Self { server }
    }

    /// One that gives the same answer to everything.
    pub(crate) async fn that_says(answer: ResponseTemplate) -> Self {
        let server = MockServer::start().await;
        Mock::given(wiremock::matchers::any()).respond_with(answer).mount(&server).await;
        Self { server }
    }

    pub(crate) fn settings(&self) -> PrometheusSettings {
        PrometheusSettings { url: self.server.uri(), ..PrometheusSettings::default() }
    }

    pub(crate) fn prometheus(&self) -> Prometheus {
        Prometheus::new(self.settings()).unwrap()
    }

    /// Every query that was asked.
    pub(crate) async fn asked(&self) -> Vec<String> {
        let requests = self.server.received_requests().await.unwrap();
        requests.iter().filter_map(|request| parameters(request).get("query").cloned()).collect()
    }
}

struct Api(Arc<Store>);

impl Respond for Api {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let path = request.url.path();
        let parameters = parameters(request);
        if path.ends_with("/api/v1/label/__name__/values") {
            return self.success(&json!(self.0.names()));
        }
        if !path.ends_with("/api/v1/query") {
            return ResponseTemplate::new(404).set_body_string("404 page not found");
        }
        let query = &parameters["query"];
        let at_ms = parameters
            .get("time")
            .map_or(now_ms() + self.0.ahead_ms, |time| (time.parse::<f64>().unwrap() * 1e3).round() as i64);
        if self.0.times_out.as_ref().is_some_and(|text| query.contains(text)) {
            return error(503, "timeout", "query timed out in expression evaluation");
        }
        if self.0.slow.as_ref().is_some_and(|text| query.contains(text)) {
            return slow();
        }
        if query == "time()" {
            let at_s = at_ms as f64 / 1e3;
            return self.success(&json!({ "resultType": "scalar", "result": [at_s, at_s.to_string()] }));
        }
        match Selector::parse(query) {
            Ok(selector) => self.success(&self.0.answer(&selector, at_ms)),
            Err(why) => error(400, "bad_data", &format!("invalid parameter \"query\": {why}")),
        }
    }
}

impl Api {
    fn success(&self, data: &Value) -> ResponseTemplate {
        let mut answer = json!({ "status": "success", "data": data });
        if !self.0.warnings.is_empty() {
            answer["warnings"] = json!(self.0.warnings);
        }
        ResponseTemplate::new(200).set_body_json(answer)
    }
}

impl Store {
    fn names(&self) -> BTreeSet<&String> {
        self.series.iter().map(|(labels, _)| &labels["__name__"]).collect()
    }

    fn answer(&self, selector: &Selector, at_ms: i64) -> Value {
        let fitting = self.series.iter().filter(|(labels, _)| selector.fits(labels));
        let value = |(at, value): &(i64, f64)| json!([*at as f64 / 1e3, written(*value)]);
        let Some(range_ms) = selector.range_ms else {
            let recent = |at: i64| (at_ms - LOOK_BACK_MS..=at_ms).contains(&at);
            let newest = self.series.iter().filter_map(|(_, all)| all.last()).map(|it| it.0).max();
            let all = fitting.filter_map(|(labels, samples)| {
                let last = samples.iter().rev().find(|it| recent(it.0))?;
                // A series that has ended is marked stale at the next scrape: it has no value any more.
                let goes_on = newest.is_none_or(|newest| newest - last.0 < 20_000 || at_ms < newest);
                goes_on.then(|| json!({ "metric": labels, "value": value(&(at_ms, last.1)) }))
            });
            return json!({ "resultType": "vector", "result": all.collect::<Vec<_>>() });
        };
        let within = |at: i64| (at_ms - range_ms..=at_ms).contains(&at);
        let all = fitting.filter_map(|(labels, samples)| {
            let values: Vec<Value> = samples.iter().filter(|it| within(it.0)).map(value).collect();
            (!values.is_empty()).then(|| json!({ "metric": labels, "values": values }))
        });
        json!({ "resultType": "matrix", "result": all.collect::<Vec<_>>() })
    }
}

fn error(status: u16, kind: &str, said: &str) -> ResponseTemplate {
    let body = json!({ "status": "error", "errorType": kind, "error": said });
    ResponseTemplate::new(status).set_body_json(body)
}

fn written(value: f64) -> String {
    match value {
        value if value.is_nan() => "NaN".to_owned(),
        value if value.is_infinite() => "+Inf".to_owned(),
        value => value.to_string(),
    }
}

/// Of the URL, or of the form.
fn parameters(request: &Request) -> BTreeMap<String, String> {
    let mut url = request.url.clone();
    if request.method.as_str() == "POST" {
        url.set_query(std::str::from_utf8(&request.body).ok());
    }
    url.query_pairs().into_owned().collect()
}

#[derive(Debug)]
struct Selector {
    matchers: Vec<(String, String, Regex)>,
    range_ms: Option<i64>,
}

impl Selector {
    fn parse(query: &str) -> Result<Self, String> {
        let whole = Regex::new(r"^([a-zA-Z_:][\w:]*)?(?:\{(.*)\})?(?:\[(\d+)s\]|\[(\d+)m\])?$").unwrap();
        let parts = whole.captures(query).ok_or("parse error: not a selector")?;
        let mut matchers = Vec::new();
        if let Some(name) = parts.get(1) {
            matchers.push(("__name__".to_owned(), "=".to_owned(), exactly(&regex::escape(name.as_str()))?));
        }
        let one = Regex::new(r#"^\s*(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)"#).unwrap();
        let mut rest = parts.get(2).map_or("", |it| it.as_str());
        while !rest.is_empty() {
            let matcher = one.captures(rest).ok_or_else(|| format!("parse error: unexpected {rest}"))?;
            let value: String =
                serde_json::from_str(&format!("\"{}\"", &matcher[3])).map_err(|e| e.to_string())?;
            let pattern = if matcher[2].ends_with('~') { value } else { regex::escape(&value) };
            matchers.push((matcher[1].to_owned(), matcher[2].to_owned(), exactly(&pattern)?));
            rest = &rest[matcher[0].len()..];
        }
        if matchers.is_empty() {
            return Err("parse error: vector selector must contain at least one non-empty matcher".to_owned());
        }
        let number = |at: usize, ms: i64| parts.get(at).map(|it| it.as_str().parse::<i64>().unwrap() * ms);
        Ok(Self { matchers, range_ms: number(3, 1_000).or_else(|| number(4, 60_000)) })
    }

    fn fits(&self, labels: &Labels) -> bool {
        let fits = |(label, operator, regex): &(String, String, Regex)| {
            let value = labels.get(label).map_or("", String::as_str);
            regex.is_match(value) != operator.starts_with('!')
        };
        self.matchers.iter().all(fits)
    }
}

/// As Prometheus: the whole value must match.
fn exactly(pattern: &str) -> Result<Regex, String> {
    Regex::new(&format!("^(?:{pattern})$")).map_err(|error| format!("parse error: {error}"))
}

pub(crate) fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64
}

/// What the clock says that windows are cut by.
pub(crate) fn ours_ms() -> u64 {
    now_ms().unsigned_abs()
}

/// An answer that takes longer than anybody waits.
pub(crate) fn slow() -> ResponseTemplate {
    ResponseTemplate::new(200).set_delay(Duration::from_secs(60))
}
