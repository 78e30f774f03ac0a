//! What to try for the hop that was singled out, best first.

use super::figure::series;
use super::question::{Answer, Answers, Question};
use super::{Action, Advice, Hop};
use crate::name::Signal;
use crate::observations::Observations;

// As the connector's configuration on a Connect cluster spells them: the producer is Connect's, the consumer MM2's own.
const BATCH_SIZE: &str = "producer.override.batch.size";
const LINGER: &str = "producer.override.linger.ms";
const COMPRESSION: &str = "producer.override.compression.type";
const TASKS: &str = "tasks.max";
const POLL_RECORDS: &str = "consumer.max.poll.records";
const FETCH_BYTES: &str = "consumer.fetch.max.bytes";
const PARTITION_BYTES: &str = "consumer.max.partition.fetch.bytes";

pub(super) fn of(question: Question, answers: &Answers, seen: &Observations) -> Vec<Advice> {
    let raise = |setting: &str| Action::Raise(setting.to_owned());
    let compress = || Action::Set(COMPRESSION.to_owned());
    // A full batch does not wait for linger.ms; one that is not does not mind how large it might be.
    let producers = if answers.get(Question::FullBatches) == Answer::No {
        vec![raise(LINGER), raise(TASKS), compress(), raise(BATCH_SIZE)]
    } else {
        vec![raise(BATCH_SIZE), raise(LINGER), compress(), raise(TASKS)]
    };
    let (helps, actions) = match question {
        Question::Late => (Hop::Generator, vec![Action::MoreGenerator]),
        Question::SourceHoldsUs => (Hop::Source, vec![Action::LiftQuota, Action::LookAtBrokers]),
        Question::FetchQuota => (Hop::Fetch, vec![Action::LiftQuota]),
        Question::SourceAcks | Question::SourceFetches => (Hop::Source, vec![Action::LookAtBrokers]),
        // A quota counts bytes as they are sent.
        Question::TargetQuota => (Hop::Target, vec![Action::LiftQuota, compress()]),
        // The same records in fewer requests, and on more connections, wait for fewer answers.
        Question::TargetAcks => (Hop::Target, vec![Action::LookAtBrokers, raise(BATCH_SIZE), raise(TASKS)]),
        // What collects garbage most of the time has no need of more processors, but of less garbage to collect again.
        Question::Processors if answers.get(Question::Garbage) == Answer::Yes => {
            (Hop::Worker, vec![Action::MoreHeap, Action::MoreWorkers, raise(BATCH_SIZE), raise(LINGER)])
        }
        // Each request costs the same, however many records are in it.
        Question::Processors => (Hop::Worker, vec![Action::MoreWorkers, raise(BATCH_SIZE), raise(LINGER)]),
        Question::Memory => (Hop::Worker, vec![Action::MoreMemory]),
        Question::Garbage => (Hop::Worker, vec![Action::MoreHeap, Action::MoreWorkers]),
        Question::Blocked | Question::InProducers | Question::FullBatches => (Hop::Produce, producers),
        // A task reads, converts and hands over in one thread.
        Question::Unread => {
            (Hop::Fetch, vec![raise(TASKS), raise(POLL_RECORDS), raise(PARTITION_BYTES), raise(FETCH_BYTES)])
        }
        Question::Restarted => (Hop::Worker, Vec::new()),
    };
    let is_of_use = |action: &Action| *action != raise(TASKS) || !has_a_task_for_each_partition(seen);
    actions.into_iter().filter(is_of_use).map(|action| Advice { hop: helps, action }).collect()
}

/// More tasks than partitions have nothing to do.
fn has_a_task_for_each_partition(seen: &Observations) -> bool {
    let tasks = [Signal::ACTIVE_RECORDS, Signal::BUFFER_USED, Signal::PRODUCER_BATCH_SIZE];
    let tasks = tasks.iter().find_map(|signal| series(seen, signal));
    let partitions = series(seen, Signal::MM2_RECORD_RATE);
    tasks.zip(partitions).is_some_and(|(tasks, partitions)| tasks >= partitions)
}
