//! From an empty folder to a connector that runs and is measured.

use std::{
    ffi::OsString,
    net::{Ipv4Addr, TcpStream},
    path::PathBuf,
    process::Child,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::{
    LabError, LabMetrics, LabState, ProcessId, Role,
    agent::{self, Agent},
    chain::{chain_toml, url},
    fleet::{Fleet, Java, died},
    home::{Home, write_atomically},
    ports::Ports,
    prometheus::{self, Prometheus},
    rest, settings,
};

/// For each thing that is waited for; each takes seconds on an idle machine with two cores.
const LIMIT: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(100);

/// The roles of the two workers, by their index.
const WORKERS: [Role; 2] = [Role::Worker1, Role::Worker2];

/// One attempt to start a lab, on one choice of ports. Dropping it kills what it has started.
pub(crate) struct Boot<'a> {
    pub(crate) home: &'a Home,
    pub(crate) java: Java<'a>,
    /// None in a lab without metrics.
    pub(crate) agent: Option<&'a Agent>,
    pub(crate) ports: Ports,
    pub(crate) patience: Patience<'a>,
    pub(crate) fleet: Fleet,
}

impl Boot<'_> {
    /// Tells the steps as it takes them.
    pub(crate) fn run(mut self, progress: &mut dyn FnMut(&str)) -> Result<(Fleet, LabState), LabError> {
        self.write_configuration()?;
        self.write_state(false)?;
        progress("formatting two clusters");
        let target_id = self.format_clusters()?;
        progress("starting the brokers");
        self.start_brokers()?;
        progress("starting the Connect workers");
        let workers = self.start_workers(&target_id)?;
        // Not earlier: it would have recorded workers that do not answer yet.
        if self.agent.is_some() {
            self.start_prometheus()?;
        }
        progress("starting MirrorMaker 2");
        self.start_connector(&workers)?;
        if self.agent.is_some() {
            progress("waiting until Prometheus has scraped them all");
            self.wait_for_prometheus()?;
        }
        let state = self.write_state(true)?;
        Ok((self.fleet, state))
    }

    fn write_configuration(&self) -> Result<(), LabError> {
        let ports = &self.ports;
        let write =
            |name: &str, text: &str| write_atomically(&self.home.path().join(Home::properties(name)), text);
        write("log4j", settings::LOG4J)?;
        write("log4j2", settings::LOG4J2)?;
        if let Some(agent) = self.agent {
            let write =
                |name: &str, text: &str| write_atomically(&self.home.path().join(Home::yml(name)), text);
            write("broker-agent", &agent::broker_yml())?;
            write("worker-agent", &agent::worker_yml(agent.naming))?;
            write("prometheus", &prometheus::prometheus_yml(ports))?;
        }
        write("source", &settings::broker("source", ports.source, 3))?;
        write("target", &settings::broker("target", ports.target, 5))?;
        for (index, role) in WORKERS.iter().enumerate() {
            write(role.name(), &settings::worker(ports, index))?;
        }
        let worker_properties = self.home.path().join(Home::properties(Role::Worker1.name()));
        let chain = chain_toml(ports, &worker_properties, self.agent.is_some()).map_err(|error| {
            LabError::io(format!("name {} in a chain file", worker_properties.display()))(
                std::io::Error::other(error),
            )
        })?;
        write_atomically(&self.home.chain_file(), &chain)
    }

    /// Tells the world who is who, so far.
    fn write_state(&self, ready: bool) -> Result<LabState, LabError> {
        let owner = ProcessId::of(std::process::id()).map_err(LabError::io("read /proc/self/stat"))?;
        let state = LabState {
            kafka_version: self.java.kafka.version.to_string(),
            libs: self.java.kafka.libs.clone(),
            metrics: self.agent.map(|agent| LabMetrics {
                agent_version: agent.version.to_string(),
                naming: agent.naming,
                prometheus_url: url(self.ports.prometheus),
            }),
            owner,
            ready,
            state_dir: self.home.path().to_owned(),
            chain_file: self.home.chain_file(),
            processes: self.fleet.processes(),
        };
        state.write().map(|()| state)
    }

    /// Both at once. The target's id tells later that a worker on a port is one of ours.
    fn format_clusters(&mut self) -> Result<String, LabError> {
        let (source_id, target_id) = (cluster_id(), cluster_id());
        let mut formats =
            [self.start_format(Role::Source, &source_id)?, self.start_format(Role::Target, &target_id)?];
        self.patience.wait("formatting", &mut self.fleet, || {
            let [source, target] = &mut formats;
            Ok(source.has_succeeded()? && target.has_succeeded()?)
        })?;
        Ok(target_id)
    }

    fn start_format(&self, role: Role, cluster_id: &str) -> Result<Format, LabError> {
        let name = format!("format-{role}");
        let file = Home::properties(role.name());
        // Short-lived: not worth the second compiler's time.
        let child = self.java.start(
            &name,
            &["-XX:TieredStopAtLevel=1".into()],
            "kafka.tools.StorageTool",
            &["format", "-t", cluster_id, "-c", &file.to_string_lossy()],
        )?;
        Ok(Format { log: self.java.starter.log(&name), name, child })
    }

    fn start_brokers(&mut self) -> Result<(), LabError> {
        let brokers = [self.ports.source, self.ports.target];
        let ports = brokers.map(|broker| broker.clients);
        for (role, broker) in [Role::Source, Role::Target].into_iter().zip(brokers) {
            self.start(role, "kafka.Kafka", broker.clients, broker.agent)?;
        }
        self.write_state(false)?;
        self.patience
            .wait("starting the brokers", &mut self.fleet, || Ok(ports.iter().all(|port| listens(*port))))
    }

    fn start_workers(&mut self, target_id: &str) -> Result<[rest::Worker; 2], LabError> {
        let ports = self.ports.workers;
        for (role, worker) in WORKERS.into_iter().zip(ports) {
            self.start(role, "org.apache.kafka.connect.cli.ConnectDistributed", worker.rest, worker.agent)?;
        }
        self.write_state(false)?;
        let workers = ports.map(|worker| rest::Worker::at(worker.rest));
        self.patience.wait("starting the Connect workers", &mut self.fleet, || {
            Ok(workers.iter().all(|worker| worker.is_ready(target_id)))
        })?;
        Ok(workers)
    }

    fn start_connector(&mut self, workers: &[rest::Worker; 2]) -> Result<(), LabError> {
        let config = settings::connector(&self.ports);
        self.patience
            .wait("creating the connector", &mut self.fleet, || workers[0].put_connector(&config))?;
        self.patience.wait("starting the connector", &mut self.fleet, || {
            Ok(workers.iter().all(rest::Worker::sees_connector_running))
        })
    }

    fn start_prometheus(&mut self) -> Result<(), LabError> {
        let address = |port: u16| format!("--web.listen-address=127.0.0.1:{port}");
        let port = self.ports.node_exporter;
        let flags = prometheus::NODE_EXPORTER_FLAGS.iter().map(|flag| (*flag).to_owned());
        self.start_tool(Role::NodeExporter, "prometheus-node-exporter", port, flags.chain([address(port)]))?;
        let port = self.ports.prometheus;
        let configuration = format!("--config.file={}", Home::yml("prometheus").display());
        let flags = [configuration, "--storage.tsdb.path=data/prometheus".to_owned(), address(port)];
        self.start_tool(Role::Prometheus, "prometheus", port, flags)?;
        self.write_state(false).map(drop)
    }

    fn wait_for_prometheus(&mut self) -> Result<(), LabError> {
        let prometheus = Prometheus::of(&self.ports);
        self.patience
            .wait("the first scrape by Prometheus", &mut self.fleet, || Ok(prometheus.has_scraped_all()))
    }

    fn start(&mut self, role: Role, main: &str, port: u16, agent_port: u16) -> Result<(), LabError> {
        let file = Home::properties(role.name());
        let rules = Home::yml(if role.is_worker() { "worker-agent" } else { "broker-agent" });
        let flags: Vec<OsString> =
            self.agent.map(|agent| agent.flag(agent_port, &rules)).into_iter().collect();
        let child = self.java.start(role.name(), &flags, main, &[&file.to_string_lossy()])?;
        let agent_port = self.agent.map(|_| agent_port);
        self.fleet.add(role, port, agent_port, self.java.starter.log(role.name()), child)
    }

    fn start_tool(
        &mut self,
        role: Role,
        program: &str,
        port: u16,
        flags: impl IntoIterator<Item = String>,
    ) -> Result<(), LabError> {
        let child = self.java.starter.start(role.name(), program, flags)?;
        self.fleet.add(role, port, None, self.java.starter.log(role.name()), child)
    }
}

/// How the lab waits for its JVMs.
pub(crate) struct Patience<'a> {
    pub(crate) cancel: &'a AtomicBool,
    pub(crate) logs: PathBuf,
}

impl Patience<'_> {
    /// Until it is ready; gives up when a JVM ends, when somebody says so, and at the limit.
    fn wait(
        &self,
        what: &str,
        fleet: &mut Fleet,
        mut ready: impl FnMut() -> Result<bool, LabError>,
    ) -> Result<(), LabError> {
        let started = Instant::now();
        loop {
            if self.cancel.load(Ordering::Relaxed) {
                return Err(LabError::Cancelled);
            }
            if let Some((process, status)) = fleet.newly_ended().into_iter().next() {
                return Err(died(process.role.name(), status, process.log));
            }
            if ready()? {
                return Ok(());
            }
            if started.elapsed() > LIMIT {
                return Err(LabError::TimedOut {
                    what: what.to_owned(),
                    limit: LIMIT,
                    logs: self.logs.clone(),
                });
            }
            thread::sleep(POLL);
        }
    }
}

/// Somebody does: a stranger on the port shows when the broker then fails to bind it.
fn listens(port: u16) -> bool {
    // Without a limit this hangs for minutes on a stranger that does not accept.
    TcpStream::connect_timeout(&(Ipv4Addr::LOCALHOST, port).into(), Duration::from_millis(500)).is_ok()
}

/// A storage that is being formatted.
struct Format {
    name: String,
    log: PathBuf,
    child: Child,
}

impl Format {
    fn has_succeeded(&mut self) -> Result<bool, LabError> {
        match self.child.try_wait().map_err(LabError::io(format!("wait for {}", self.name)))? {
            Some(status) if !status.success() => Err(died(&self.name, status, self.log.clone())),
            status => Ok(status.is_some()),
        }
    }
}

impl Drop for Format {
    fn drop(&mut self) {
        // Both fail only for one that has ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// 16 bytes as 22 characters of base64url, of which the last holds two bits only. Kafka's own ids hold dashes
/// too, but never in front, where one would look like an option.
fn cluster_id() -> String {
    let mut id: String = (0..21).map(|_| fastrand::alphanumeric()).collect();
    id.push('A');
    id
}
