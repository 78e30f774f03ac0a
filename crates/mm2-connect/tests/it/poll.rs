use std::time::Duration;

use mm2_connect::{ConnectChange, Poll, PollCounts, poll_status};
use tokio::{sync::oneshot, time::sleep};

use super::*;

/// Also what each answer is given: long enough for a machine that builds something beside the test.
const EVERY: Duration = Duration::from_millis(300);

/// Polls some ten times while `meanwhile` changes the world.
async fn watch(connect: &Connect, meanwhile: impl Future<Output = ()>) -> (PollCounts, Vec<Poll>) {
    let mut polls = Vec::new();
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async {
        stopped.await.unwrap();
    };
    let act = async {
        sleep(EVERY * 4).await;
        meanwhile.await;
        sleep(EVERY * 6).await;
        stop.send(()).unwrap();
    };
    let (counts, ()) = tokio::join!(poll_status(connect, "m", EVERY, shutdown, |poll| polls.push(poll)), act);
    (counts, polls)
}

fn changes(polls: &[Poll]) -> Vec<&ConnectChange> {
    polls.iter().flat_map(|poll| &poll.changes).collect()
}

#[tokio::test]
async fn a_task_that_moves_while_we_watch_is_seen_once() {
    let server = MockServer::start().await;
    let before = ok(status("w1", "RUNNING"));
    Mock::given(method("GET")).respond_with(before).up_to_n_times(3).mount(&server).await;
    Mock::given(method("GET")).respond_with(ok(status("w2", "RUNNING"))).mount(&server).await;
    let (counts, polls) = watch(&connect_to(&[server.uri()]), async {}).await;
    // One URL for two workers: which of them hold something is told as well.
    let [
        ConnectChange::TaskMoved { task: 1, .. },
        ConnectChange::WorkerLeft { .. },
        ConnectChange::WorkerJoined { .. },
    ] = &polls[3].changes[..]
    else {
        panic!("{polls:?}")
    };
    assert_eq!(changes(&polls).len(), 3, "{polls:?}");
    assert_eq!(counts, PollCounts { answered: polls.len() as u64, failed: 0 });
}

#[tokio::test]
async fn a_worker_that_dies_is_silent_while_the_other_still_gives_the_status() {
    let steady = answering("/connectors/m/status", ok(status("w1", "RUNNING"))).await;
    // Not from wiremock's pool: those keep their port when dropped.
    let dying = MockServer::builder().start().await;
    answer_at(&dying, "/connectors/m/status", ok(status("w1", "RUNNING"))).await;
    let (dying_url, connect) = (dying.uri(), connect_to(&[dying.uri(), steady.uri()]));
    let (counts, polls) = watch(&connect, async move { drop(dying) }).await;
    let seen = changes(&polls);
    assert!(matches!(&seen[..], [ConnectChange::WorkerSilent { url }] if *url == dying_url), "{seen:?}");
    assert_eq!(counts.failed, 0);
}

#[tokio::test]
async fn connect_that_never_answered_is_told_apart_from_nothing_happened() {
    let (counts, polls) = watch(&connect_to(&[dead_url()]), async {}).await;
    assert_eq!(counts.answered, 0);
    assert!(counts.failed > 3, "{counts:?}");
    assert!(matches!(changes(&polls)[..], [ConnectChange::RestSilent { .. }]), "{polls:?}");
}

#[tokio::test]
async fn a_refused_status_is_an_answer_of_the_worker_but_no_status() {
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(401)).mount(&server).await;
    let (counts, polls) = watch(&connect_to(&[server.uri()]), async {}).await;
    assert_eq!(counts.answered, 0);
    assert!(!changes(&polls).iter().any(|change| change.is_restart()), "{polls:?}");
}
