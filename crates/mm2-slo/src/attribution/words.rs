//! An attribution in English, for the terminal. Reports have their own sentences.

use std::fmt;

use super::{Action, Advice, Attribution, Hop, Sign};
use crate::name::Signal;

impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Generator => "our own generator",
            Self::Source => "the source",
            Self::Fetch => "MM2 reading the source",
            Self::Worker => "the Connect workers",
            Self::Produce => "MM2's producers",
            Self::Target => "the target",
        })
    }
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.unit.show(self.value);
        match self.signal.as_str() {
            Signal::LOAD_SLIP => write!(f, "our own sends {value} late (p99)"),
            Signal::LOAD_UNSENT => write!(f, "{value} of the due records not sent"),
            Signal::LOAD_FAILED => write!(f, "{value} refused by the source"),
            Signal::SOURCE_ACK => write!(f, "acknowledged by the source after {value} (p99)"),
            Signal::SOURCE_BLOCKED => write!(f, "sends held back by a full client queue for {value}"),
            Signal::SOURCE_THROTTLE => write!(f, "sends throttled by the source for up to {value}"),
            Signal::CONSUMER_THROTTLE => write!(f, "fetches throttled by the source for up to {value}"),
            Signal::PRODUCER_THROTTLE => write!(f, "producers throttled by the target for up to {value}"),
            Signal::WORKER_CPU => write!(f, "worker CPU {value}"),
            Signal::WORKER_MEMORY => write!(f, "worker memory {value}"),
            Signal::WORKER_GC => write!(f, "garbage collection {value} of the time"),
            Signal::CONNECT_RESTART if self.points => f.write_str("a restart in Connect"),
            Signal::CONNECT_RESTART => f.write_str("no restart in Connect"),
            Signal::CONSUMER_FETCH_LATENCY => write!(f, "fetch latency {value}"),
            Signal::PRODUCER_REQUEST_LATENCY => write!(f, "request latency {value}"),
            Signal::BUFFER_WAIT => write!(f, "waiting for buffer {value} of the time"),
            Signal::BUFFER_USED => write!(f, "producer buffer {value} used"),
            Signal::ACTIVE_RECORDS => write!(f, "{value} in flight"),
            Signal::PRODUCER_QUEUE_TIME => write!(f, "batches queued for {value}"),
            Signal::CONSUMER_LAG => write!(f, "{value} of a partition unread"),
            Signal::PRODUCER_BATCH_SIZE if self.points => write!(f, "batches full at {value}"),
            Signal::PRODUCER_BATCH_SIZE => write!(f, "batches of {value}"),
            own => write!(f, "{own} {value}"),
        }
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if self.hop == Hop::Target { "target" } else { "source" };
        match &self.action {
            Action::Raise(setting) => write!(f, "a higher {setting}"),
            Action::Set(setting) => f.write_str(setting),
            Action::LiftQuota => {
                let whom = match self.hop {
                    Hop::Fetch => "MM2's consumers",
                    Hop::Target => "MM2's producers",
                    _ => "our generator",
                };
                write!(f, "lifting the {side}'s quota on {whom}")
            }
            Action::MoreWorkers => f.write_str("more workers or processors"),
            Action::MoreMemory => f.write_str("more memory for the workers' hosts, or less on them"),
            Action::MoreHeap => f.write_str("more heap for the workers"),
            Action::LookAtBrokers => {
                write!(f, "looking at the {side}'s brokers (disk, network, replication)")
            }
            Action::MoreGenerator => f.write_str("a less busy host for the generator"),
        }
    }
}

/// So many settings at once on a terminal; reports have them all.
const TRIES: usize = 2;

impl fmt::Display for Attribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointing: Vec<&Sign> = self.signs.iter().filter(|sign| sign.points).collect();
        let Some(hop) = self.hop else {
            f.write_str("not determined")?;
            for (i, sign) in pointing.iter().enumerate() {
                write!(f, "{} {sign} ({})", if i == 0 { ":" } else { "," }, sign.hop)?;
            }
            return match self.blind.as_slice() {
                [] if pointing.is_empty() => f.write_str(": no figure points at a hop"),
                [] => Ok(()),
                blind => write!(f, "; not seen: {}", joined(blind)),
            };
        };
        // How soon the target answers is what tells a producer that is slow from one that is made to wait.
        let answers = |sign: &&Sign| hop == Hop::Produce && sign.signal == *Signal::PRODUCER_REQUEST_LATENCY;
        let signs: Vec<&Sign> = self
            .signs
            .iter()
            .filter(|sign| sign.points && sign.hop == hop)
            .chain(self.signs.iter().filter(answers))
            .collect();
        write!(f, "limited by {hop}: {}", joined(&signs))?;
        match self.advice.get(..TRIES.min(self.advice.len())) {
            None | Some([]) => Ok(()),
            Some(advice) => write!(f, "; try {}", joined(advice)),
        }
    }
}

fn joined<T: fmt::Display>(all: &[T]) -> String {
    all.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}
