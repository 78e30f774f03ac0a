//! A chain, resolved: whatever it was described by, from here on all chains are alike.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use mm2_config::TomlFile;
use mm2_connect::{Connect, ConnectSettings, TargetNaming, WorkerProperties};
use mm2_evidence::event::{Chain, ChainKind};
use mm2_kafka::{ClusterSettings, TopicSpec};
use mm2_lab::{Lab, LabOptions};
use mm2_metrics::PrometheusSettings;
use mm2_rehearsal::{Faults, Rehearsal, RehearsalOptions};

use crate::chain_file::{
    ChainFile, ConnectMode, ConnectSection, Expect, PrometheusSection, Requirement, TopicsSection,
};
use crate::cluster_settings::cluster_settings;
use crate::error::RigError;

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
    /// How many of what there should be.
    pub expect: Expect,
    /// What production needs.
    pub requirement: Option<Requirement>,
    /// What must live as long as the chain is used, and ends with it.
    pub keeper: Keeper,
}

/// Connect, or why there is none to ask.
#[derive(Debug)]
pub enum ConnectSpec {
    /// REST, and what the worker's own file says where it was given.
    Rest(Connect, Option<WorkerProperties>),
    /// In the words of the chain file.
    Absent(String),
}

/// Prometheus, or why there is none to ask.
#[derive(Debug)]
pub enum PrometheusSpec {
    /// Where it is and what to read.
    Read(Box<PrometheusSettings>),
    /// In the words of the chain file.
    Absent(String),
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

    /// The lab that is up already, or one of our own that ends with the returned value. What it runs is asked
    /// for by the environment, see [`LabOptions::from_env`].
    ///
    /// # Errors
    /// When it cannot be started, when the one that is up is not what the environment asks for, or `stop` is asked meanwhile.
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
        let why = "a rehearsal has none".to_owned();
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
            expect: Expect::default(),
            requirement: None,
            keeper: Keeper::Rehearsal(rehearsal),
        })
    }

    fn read(path: &Path, topics: Option<u32>, kind: ChainKind, keeper: Keeper) -> Result<Self, RigError> {
        let file = TomlFile::read(path)?;
        let chain: ChainFile = file.parse()?;
        let mut absent = BTreeMap::new();
        let prometheus = prometheus_spec(&file, &chain.prometheus)?;
        if let PrometheusSpec::Absent(why) = &prometheus {
            absent.insert("prometheus".to_owned(), why.clone());
        }
        let connect = connect_spec(&file, &chain.connect)?;
        if let ConnectSpec::Absent(why) = &connect {
            absent.insert("connect".to_owned(), why.clone());
        }
        let topics = TopicsSpec::of(&chain.topics, topics)?;
        if matches!(connect, ConnectSpec::Absent(_)) && topics.naming.is_none() {
            let text = "without Connect's REST nobody tells how topics are called on the target; hint: write target_pattern = \"source.{topic}\" in [topics]";
            return Err(RigError::Usage(text.into()));
        }
        Ok(Self {
            chain: Chain { kind, description: path.display().to_string(), absent },
            source: cluster_settings(&file, "source", &chain.source)?,
            target: cluster_settings(&file, "target", &chain.target)?,
            connect,
            prometheus,
            topics,
            expect: chain.expect,
            requirement: chain.requirement,
            keeper,
        })
    }
}

fn prometheus_spec(file: &TomlFile, section: &PrometheusSection) -> Result<PrometheusSpec, RigError> {
    if let Some(url) = &section.url {
        let settings = PrometheusSettings { url: url.get_ref().clone(), ..PrometheusSettings::default() };
        return Ok(PrometheusSpec::Read(Box::new(settings)));
    }
    let why = section.absent.clone().filter(|why| !why.trim().is_empty()).ok_or_else(|| {
        file.error(
            0..0,
            "[prometheus] says neither where it is nor why there is none",
            Some("write absent = \"why\" in it"),
        )
    })?;
    Ok(PrometheusSpec::Absent(why))
}

fn connect_spec(file: &TomlFile, section: &ConnectSection) -> Result<ConnectSpec, RigError> {
    if section.mode != ConnectMode::Rest {
        if !section.urls.is_empty() || section.worker_properties.is_some() {
            let text = "[connect] has urls or worker_properties, which are read in mode = \"rest\" only; hint: choose that mode, or leave them out";
            return Err(RigError::Usage(text.into()));
        }
        let why = section.absent.clone().unwrap_or_else(|| match section.mode {
            ConnectMode::Dedicated => "MM2 runs dedicated, without Connect's REST".into(),
            _ => "the chain file says mode = \"none\"".into(),
        });
        return Ok(ConnectSpec::Absent(why));
    }
    let worker = section.worker_properties.as_ref().map(|path| worker_properties(&file.folder().join(path)));
    let settings = ConnectSettings {
        urls: section.urls.clone(),
        username: section.username.clone(),
        password: section.password.as_ref().map(|p| p.value().clone()),
        ca_pem: section.ca.as_ref().map(|ca| read(&file.folder().join(ca))).transpose()?,
        connector: section.connector.clone(),
    };
    let connect = Connect::new(settings).map_err(|error| RigError::Usage(error.to_string()))?;
    Ok(ConnectSpec::Rest(connect, worker.transpose()?))
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
