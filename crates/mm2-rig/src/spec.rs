//! A chain, resolved: whatever it was described by, from here on all chains are alike.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use mm2_config::{Secret, TomlFile};
use mm2_connect::{
    Connect, ConnectSettings, ConnectorConfig, Selects, TargetNaming, TopicFilter, WorkerProperties,
};
use mm2_evidence::event::{Chain, ChainKind, absent};
use mm2_kafka::{ClusterSettings, TopicSpec};
use mm2_lab::{Lab, LabOptions};
use mm2_rehearsal::{Faults, Rehearsal, RehearsalOptions};
use toml::Spanned;

use crate::chain_file::{ChainFile, ConnectMode, ConnectSection, TopicsSection};
use crate::cluster_settings::cluster_settings;
use crate::error::RigError;
use crate::prometheus_spec::PrometheusSpec;
use crate::site::{Expect, Requirement};

/// Everything that is needed to open a chain.
#[derive(Debug)]
pub struct ChainSpec {
    /// For the evidence: kind, description, what is declared absent.
    pub chain: Chain,
    /// The source cluster.
    pub source: ClusterSettings,
    /// The target cluster.
    pub target: ClusterSettings,
    /// Who mirrors.
    pub connect: ConnectSpec,
    /// Who measures besides us.
    pub prometheus: PrometheusSpec,
    /// What is mirrored.
    pub topics: TopicsSpec,
    /// What production needs, where the chain file says so.
    pub requirement: Option<Requirement>,
    /// What the chain is made of, where the chain file says so.
    pub expect: Expect,
    /// What must live as long as the chain is used, and ends with it.
    pub keeper: Keeper,
}

/// Connect, or why there is none to ask.
#[derive(Debug)]
pub enum ConnectSpec {
    /// REST, and what the worker's own file says where it was given.
    Rest(Connect, Option<WorkerProperties>),
    /// No REST, but MM2's own file: the connector that it makes of that.
    Dedicated {
        /// Why there is no REST, in the words of the chain file.
        why: String,
        /// Names and intervals as configured.
        connector: ConnectorConfig,
    },
    /// In the words of the chain file.
    Absent(String),
}

impl ConnectSpec {
    /// Why there is no REST to ask.
    pub fn absent(&self) -> Option<&str> {
        match self {
            Self::Rest(..) => None,
            Self::Dedicated { why, .. } | Self::Absent(why) => Some(why),
        }
    }
}

/// The test topics.
#[derive(Debug, Clone)]
pub struct TopicsSpec {
    /// Names on the source.
    pub names: Vec<String>,
    /// Partitions of those that have to be created.
    pub partitions: u32,
    /// Replicas of those that have to be created.
    pub replication: u16,
    /// How they are called on the target, where that does not come from Connect.
    pub naming: Option<TargetNaming>,
}

/// What a chain stands on when this process brought it up.
#[derive(Debug)]
pub enum Keeper {
    /// It was there before us and stays.
    Nobody,
    /// Mock clusters and a mirror in this process.
    Rehearsal(Rehearsal),
    /// Real processes, ended with this value.
    Lab(Lab),
}

impl TopicsSpec {
    fn of(section: &TopicsSection, count: Option<u32>) -> Result<Self, RigError> {
        let count = count.unwrap_or(section.count);
        if count == 0 || section.partitions == 0 || section.replication == 0 {
            let text =
                "topics, partitions and replication must be at least 1; hint: see [topics] in the chain file";
            return Err(RigError::Usage(text.into()));
        }
        let naming = section.target_pattern.as_deref().map(TargetNaming::from_pattern).transpose()?;
        Ok(Self {
            names: topic_names(&section.prefix, count),
            partitions: section.partitions,
            replication: section.replication,
            naming,
        })
    }

    /// Takes the names on the target from MM2's own file, where no pattern was written, and sees that it mirrors
    /// these topics.
    fn read_from(&mut self, connector: &ConnectorConfig) -> Result<(), RigError> {
        let filter = TopicFilter::of(connector);
        if let Some(left_out) = self.names.iter().find(|name| filter.selects(name) == Selects::No) {
            let topics = connector.get("topics").unwrap_or(".*");
            return Err(RigError::Usage(format!(
                "MM2's own file does not replicate {left_out} (topics = {topics}); hint: widen its `topics` and restart MM2, or change [topics] prefix"
            )));
        }
        if self.naming.is_none() {
            self.naming = Some(TargetNaming::of(connector)?);
        }
        Ok(())
    }

    /// The topics as they are created where they are missing: the runbook's shape, kept for a day.
    pub fn to_create(&self) -> Vec<TopicSpec> {
        let mut config = vec![("retention.ms".to_owned(), "86400000".to_owned())];
        if self.replication >= 3 {
            config.push(("min.insync.replicas".to_owned(), "2".to_owned()));
        }
        let topic = |name: &String| TopicSpec {
            name: name.clone(),
            partitions: self.partitions,
            replication: self.replication,
            config: config.clone(),
        };
        self.names.iter().map(topic).collect()
    }
}

/// `<prefix>01.json`, `<prefix>02.json`, …: the names of the runbook's script.
fn topic_names(prefix: &str, count: u32) -> Vec<String> {
    (1..=count).map(|i| format!("{prefix}{i:02}.json")).collect()
}

impl ChainSpec {
    /// Reads a chain file. `topics` overrides how many topics there are.
    ///
    /// # Errors
    /// When the file cannot be read or contradicts itself.
    pub fn from_file(path: &Path, topics: Option<u32>) -> Result<Self, RigError> {
        Self::read(path, topics, ChainKind::File, Keeper::Nobody)
    }

    /// The lab that is up already, or one of our own that ends with the returned value: as the environment asks for it,
    /// see [`LabOptions::from_env`].
    ///
    /// # Errors
    /// When it cannot be started, the one that is up is not what the environment asks for, or `stop` is asked meanwhile.
    pub fn lab(
        topics: Option<u32>,
        stop: &Arc<AtomicBool>,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Self, RigError> {
        let options = LabOptions { cancel: Arc::clone(stop), ..LabOptions::from_env()? };
        let up = mm2_lab::default_state_dir().ok().and_then(|dir| mm2_lab::running(&dir));
        if let Some(state) = up {
            options.check_running(&state)?;
            progress(&format!("using the lab that is up ({})", state.chain_file.display()));
            return Self::read(&state.chain_file, topics, ChainKind::Lab, Keeper::Nobody);
        }
        let lab = Lab::up(&options, progress)?;
        let path = lab.chain_file().to_owned();
        Self::read(&path, topics, ChainKind::Lab, Keeper::Lab(lab))
    }

    /// Mock clusters and a mirror in this process.
    ///
    /// # Errors
    /// When they cannot be started.
    pub fn rehearsal(topics: Option<u32>, faults: Faults) -> Result<Self, RigError> {
        const PARTITIONS: u32 = 3;
        let section = TopicsSection { partitions: PARTITIONS, replication: 1, ..TopicsSection::default() };
        let mut topics = TopicsSpec::of(&section, topics)?;
        topics.naming = Some(TargetNaming::from_pattern("source.{topic}")?);
        let description =
            if faults == Faults::default() { "no faults".to_owned() } else { faults.to_string() };
        let options = RehearsalOptions { topics: topics.names.clone(), partitions: PARTITIONS, faults };
        let rehearsal = Rehearsal::start(&options)?;
        let why = absent::REHEARSAL.to_owned();
        Ok(Self {
            chain: Chain {
                kind: ChainKind::Rehearsal,
                description,
                absent: BTreeMap::from([("prometheus".into(), why.clone()), ("connect".into(), why.clone())]),
            },
            source: ClusterSettings::plaintext(rehearsal.source_bootstrap()),
            target: ClusterSettings::plaintext(rehearsal.target_bootstrap()),
            connect: ConnectSpec::Absent(why.clone()),
            prometheus: PrometheusSpec::Absent(why),
            topics,
            requirement: None,
            expect: Expect::default(),
            keeper: Keeper::Rehearsal(rehearsal),
        })
    }

    fn read(path: &Path, topics: Option<u32>, kind: ChainKind, keeper: Keeper) -> Result<Self, RigError> {
        let file = TomlFile::read(path)?;
        let chain = ChainFile::read(&file)?;
        let mut absent = BTreeMap::new();
        let prometheus = PrometheusSpec::of(&file, chain.prometheus.get_ref())?;
        absent.extend(prometheus.absent().map(|why| ("prometheus".to_owned(), why.to_owned())));
        let connect = connect_spec(&file, &chain.connect)?;
        absent.extend(connect.absent().map(|why| ("connect".to_owned(), why.to_owned())));
        let mut topics = TopicsSpec::of(&chain.topics, topics)?;
        match &connect {
            ConnectSpec::Dedicated { connector, .. } => topics.read_from(connector)?,
            ConnectSpec::Absent(_) if topics.naming.is_none() => {
                let text = "without Connect's REST nobody tells how topics are called on the target; hint: write target_pattern = \"source.{topic}\" in [topics], or name MM2's own file with mode = \"dedicated\" and worker_properties = \"mm2.properties\"";
                return Err(RigError::Usage(text.into()));
            }
            ConnectSpec::Rest(..) | ConnectSpec::Absent(_) => {}
        }
        Ok(Self {
            chain: Chain { kind, description: path.display().to_string(), absent },
            source: cluster_settings(&file, "source", &chain.source)?,
            target: cluster_settings(&file, "target", &chain.target)?,
            connect,
            prometheus,
            topics,
            requirement: chain.requirement.as_ref().map(|it| Requirement::of(it.get_ref())),
            expect: Expect::of(&chain.expect),
            keeper,
        })
    }
}

fn connect_spec(file: &TomlFile, section: &ConnectSection) -> Result<ConnectSpec, RigError> {
    let beside = |path: &Spanned<PathBuf>| file.folder().join(path.get_ref());
    let properties = section.worker_properties.as_ref().map(beside);
    let why =
        |text: &str| section.absent.as_ref().map_or_else(|| text.to_owned(), |why| why.get_ref().clone());
    match (section.mode.get_ref(), properties) {
        (ConnectMode::None, _) => Ok(ConnectSpec::Absent(why(absent::NO_CONNECT))),
        (ConnectMode::Dedicated, properties) => {
            let why = why(absent::DEDICATED);
            match properties {
                None => Ok(ConnectSpec::Absent(why)),
                Some(path) => Ok(ConnectSpec::Dedicated { why, connector: dedicated_connector(&path)? }),
            }
        }
        (ConnectMode::Rest, properties) => {
            let text = |value: &Option<Spanned<String>>| value.as_ref().map(|it| it.get_ref().clone());
            let secret =
                |value: &Option<Spanned<Secret>>| value.as_ref().map(|it| it.get_ref().value().clone());
            let settings = ConnectSettings {
                urls: section.urls.iter().map(|url| url.get_ref().clone()).collect(),
                username: text(&section.username),
                password: secret(&section.password),
                bearer: secret(&section.bearer),
                ca_pem: section.ca.as_ref().map(|ca| read(&beside(ca))).transpose()?,
                connector: text(&section.connector),
                patience: None,
            };
            let connect = Connect::new(settings).map_err(|error| RigError::Usage(error.to_string()))?;
            Ok(ConnectSpec::Rest(connect, properties.map(|path| worker_properties(&path)).transpose()?))
        }
    }
}

/// The one flow of MM2's own file.
fn dedicated_connector(path: &Path) -> Result<ConnectorConfig, RigError> {
    worker_properties(path)?.dedicated_connector().ok_or_else(|| {
        RigError::Usage(format!(
            "{} does not enable exactly one flow; hint: name the file that connect-mirror-maker.sh is started with, with `clusters` and one `source->target.enabled = true` in it, or write target_pattern in [topics] instead",
            path.display()
        ))
    })
}

fn worker_properties(path: &Path) -> Result<WorkerProperties, RigError> {
    let text = String::from_utf8_lossy(&read(path)?).into_owned();
    WorkerProperties::parse(&text).map_err(|error| RigError::Usage(format!("{}: {error}", path.display())))
}

/// A file that the chain file names.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, RigError> {
    std::fs::read(path).map_err(|error| {
        RigError::Usage(format!(
            "cannot read {}: {error}; hint: paths in a chain file start at its folder",
            path.display()
        ))
    })
}
