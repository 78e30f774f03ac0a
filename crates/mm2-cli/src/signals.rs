//! Being asked to stop: Ctrl-C, SIGTERM and SIGHUP become one token that threads poll and tasks await. Not for deciding
//! what stopping means; that is the run's.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::{io, thread};

use tokio::select;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::{ExitStatus, Printer};

/// Asked to stop or not; once asked, for good. Clones are the same token.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    asked: Arc<AtomicBool>,
    told: watch::Sender<bool>,
    owes: Arc<Mutex<String>>,
}

impl Default for Inner {
    fn default() -> Self {
        Self { asked: Arc::default(), told: watch::Sender::new(false), owes: Arc::default() }
    }
}

impl Stop {
    /// A token that nobody has asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for a stop.
    pub fn ask(&self) {
        self.0.asked.store(true, Ordering::Release);
        self.0.told.send_replace(true);
    }

    /// Whether a stop was asked for. One atomic load: fit for a sender's loop.
    pub fn is_stopped(&self) -> bool {
        self.0.asked.load(Ordering::Acquire)
    }

    /// The same question as a bare flag, for crates that know nothing of this one.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0.asked)
    }

    /// What is changed outside for now, in one sentence that says how to undo it: it is the last thing that a person
    /// reads who leaves at once. Empty while there is nothing.
    pub fn owes(&self) -> Arc<Mutex<String>> {
        Arc::clone(&self.0.owes)
    }

    /// Waits until a stop is asked for.
    pub async fn stopped(&self) {
        // It fails only when the sender is gone, and `self` holds it.
        drop(self.0.told.subscribe().wait_for(|&told| told).await);
    }
}

/// From here on the first Ctrl-C or SIGTERM, or the end of the terminal (SIGHUP), asks `stop`, and a second Ctrl-C ends the process at once with 130.
///
/// It listens on a thread of its own, so that the second Ctrl-C works when the main thread hangs.
pub(crate) fn listen(stop: Stop, printer: Printer) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let signals = {
        let _inside = runtime.enter();
        Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        }
    };
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || runtime.block_on(obey(signals, stop, printer)))?;
    Ok(())
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

async fn obey(mut signals: Signals, stop: Stop, printer: Printer) {
    let mut asked_before = false;
    loop {
        let by_hand = select! {
            _ = signals.interrupt.recv() => true,
            _ = signals.terminate.recv() => false,
            _ = signals.hangup.recv() => false,
        };
        if asked_before && by_hand {
            let owes = stop.owes();
            let owes = owes.lock().unwrap_or_else(PoisonError::into_inner);
            let left = if owes.is_empty() { String::new() } else { format!("; NOT undone: {owes}") };
            printer.warn(&format!("stopped at once; the evidence ends here{left}"));
            exit_interrupted();
        }
        if !asked_before {
            printer.line(
                "stopping: taking the load off and writing the evidence (Ctrl-C again to leave at once)",
            );
        }
        asked_before = true;
        stop.ask();
    }
}

#[expect(clippy::exit, reason = "the person asked twice; nothing may stand in the way")]
fn exit_interrupted() -> ! {
    std::process::exit(i32::from(ExitStatus::Interrupted.code()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stop_reaches_threads_and_tasks_also_those_that_come_late() {
        let stop = Stop::new();
        let flag = stop.flag();
        assert!(!stop.is_stopped() && !flag.load(Ordering::Acquire));
        let waiting = tokio::spawn({
            let stop = stop.clone();
            async move { stop.stopped().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());

        stop.clone().ask();
        waiting.await.unwrap();
        stop.stopped().await;
        assert!(stop.is_stopped() && flag.load(Ordering::Acquire));
    }
}
