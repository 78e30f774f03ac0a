//! The two mock clusters. `MockCluster` must not change threads, so one thread owns both until the end and
//! hands out only their addresses.

use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use mm2_kafka::rdkafka::mocking::MockCluster;
use mm2_kafka::rdkafka::producer::DefaultProducerContext;

use crate::rehearsal::{Rehearsal, RehearsalError, RehearsalOptions};

const THREAD: &str = "mock-clusters";

type Mock = MockCluster<'static, DefaultProducerContext>;

/// Both ends of the rehearsed chain.
#[derive(Debug)]
pub(crate) struct Clusters {
    addresses: Addresses,
    // Dropping the sender is what ends the thread.
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

#[derive(Debug)]
struct Addresses {
    source: String,
    target: String,
}

impl Clusters {
    pub(crate) fn start(options: &RehearsalOptions) -> Result<Self, RehearsalError> {
        let (tell, told) = mpsc::channel();
        let (running, ended) = mpsc::channel();
        let options = options.clone();
        let thread = thread::Builder::new()
            .name(THREAD.into())
            .spawn(move || own(&options, &tell, &ended))
            .map_err(|cause| RehearsalError::Thread { name: THREAD, cause })?;
        let addresses = told.recv().unwrap_or(Err(RehearsalError::Ended))?;
        Ok(Self { addresses, running: Some((running, thread)) })
    }

    pub(crate) fn source(&self) -> &str {
        &self.addresses.source
    }

    pub(crate) fn target(&self) -> &str {
        &self.addresses.target
    }

    pub(crate) fn stop(&mut self) {
        if let Some((running, thread)) = self.running.take() {
            drop(running);
            thread.join().ok();
        }
    }
}

impl Drop for Clusters {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Owns both clusters until the other end of `ended` is gone.
fn own(options: &RehearsalOptions, tell: &Sender<Result<Addresses, RehearsalError>>, ended: &Receiver<()>) {
    match both(options) {
        Ok((source, target)) => {
            let (at_source, at_target) = (source.bootstrap_servers(), target.bootstrap_servers());
            tell.send(Ok(Addresses { source: at_source, target: at_target })).ok();
            ended.recv().ok();
        }
        Err(error) => {
            tell.send(Err(error)).ok();
        }
    }
}

fn both(options: &RehearsalOptions) -> Result<(Mock, Mock), RehearsalError> {
    let target_topics: Vec<String> = options.topics.iter().map(|t| Rehearsal::target_topic(t)).collect();
    let source = one(&options.topics, options.partitions)?;
    Ok((source, one(&target_topics, options.partitions)?))
}

/// A cluster of one broker: all partitions on one connection is the least work for it.
fn one(topics: &[String], partitions: u32) -> Result<Mock, RehearsalError> {
    let cluster = MockCluster::new(1).map_err(|cause| RehearsalError::Mock { cause })?;
    for topic in topics {
        cluster
            .create_topic(topic, partitions as i32, 1)
            .map_err(|cause| RehearsalError::Topic { topic: topic.clone(), cause })?;
    }
    Ok(cluster)
}
