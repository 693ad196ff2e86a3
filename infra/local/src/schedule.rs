//! The template's schedules: `EventBridge` Scheduler, as far as the functions can tell.

use std::{sync::Arc, time::Duration};

use environment::{Clock, Random};
use serde_json::json;
use tokio::sync::Mutex;

use crate::{functions::Functions, server::Server, template::Schedule, uuid};

/// Runs what is due.
pub(crate) struct Scheduler {
    schedules: Vec<Schedule>,
    functions: Arc<Functions>,
    clock: Clock,
    random: Random,
    /// One run at a time, so that whoever waits for one knows that all due work was looked at since.
    running: Mutex<()>,
}

impl Scheduler {
    pub(crate) fn new(schedules: Vec<Schedule>, functions: Arc<Functions>, clock: Clock, random: Random) -> Self {
        Self { schedules, functions, clock, random, running: Mutex::new(()) }
    }

    /// Runs every schedule now, and returns when all are done.
    pub(crate) async fn run_all(&self) {
        let _running = self.running.lock().await;
        for schedule in &self.schedules {
            self.run(schedule).await;
        }
    }

    async fn run(&self, schedule: &Schedule) {
        let event = json!({
            "version": "0",
            "id": uuid(&self.random),
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": "000000000000",
            "time": self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "region": "local",
            "resources": [format!("arn:aws:scheduler:local:000000000000:schedule/default/{}", schedule.name)],
            "detail": "{}",
        });
        let functions = Arc::clone(&self.functions);
        let event = event.to_string().into_bytes();
        if let Err(error) = functions.invoke(schedule.function.clone(), event).await {
            tracing::error!(schedule = schedule.name, %error, "a scheduled run failed");
        }
    }

    /// Runs each schedule in its own time until the returned server is dropped; at once, too, if `at_once`.
    pub(crate) fn start(self: Arc<Self>, at_once: bool) -> Server {
        Server::spawn(|stop| async move {
            let timers = async {
                if at_once {
                    self.run_all().await;
                }
                let tick = self.schedules.iter().map(|schedule| schedule.every).min().unwrap_or(Duration::MAX);
                let mut due = self.schedules.iter().map(|schedule| schedule.every).collect::<Vec<_>>();
                let mut passed = Duration::ZERO;
                loop {
                    tokio::time::sleep(tick).await;
                    passed = passed.saturating_add(tick);
                    let _running = self.running.lock().await;
                    for (schedule, due) in self.schedules.iter().zip(&mut due) {
                        if *due <= passed {
                            self.run(schedule).await;
                            *due = due.saturating_add(schedule.every);
                        }
                    }
                }
            };
            tokio::select! {
                () = timers => {}
                () = stop.requested() => {}
            }
        })
    }
}
