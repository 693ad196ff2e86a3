//! What operators watch: numbers that an invocation collects while it works and that leave in its log line, in
//! CloudWatch's embedded metric format. A number costs no request, and none of them tells of anybody.
//!
//! Whoever has something to tell calls [`count`] or [`record`]; whoever writes the log line collects it with
//! [`Metrics::collect`]. Crates for this exist, but they gather in one place for a whole process, and the local stack
//! runs six functions in one: here each invocation has its own.

mod embedded;

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

pub use self::embedded::{Embedded, Request};

tokio::task_local! {
    static CURRENT: Metrics;
}

/// What is measured. All belong to the function that says them, whose name is their one dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// A captcha was answered right.
    CaptchasSolved,
    /// A captcha was answered wrong, late or twice.
    CaptchasFailed,
    /// A login was refused: no such account, a wrong password, too many tries.
    LoginFailures,
    /// The SMS service took a message: a code (function `captcha`) or an alert (function `notice`).
    SmsSent,
    /// The SMS service did not take a message.
    SmsFailed,
    /// From a fall's being reported to an SMS about it being with the SMS service, in milliseconds.
    AlertDelay,
    /// Alerts that a scheduled run left with somebody to tell. Each run says it, also when there are none.
    AlertsPending,
    /// Alerts that nobody tries to send any more.
    AlertsGivenUp,
    /// A request failed by a fault of ours or of a service that we call.
    Faults,
}

impl Metric {
    /// The name that alarms and dashboards use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CaptchasSolved => "CaptchasSolved",
            Self::CaptchasFailed => "CaptchasFailed",
            Self::LoginFailures => "LoginFailures",
            Self::SmsSent => "SmsSent",
            Self::SmsFailed => "SmsFailed",
            Self::AlertDelay => "AlertDelay",
            Self::AlertsPending => "AlertsPending",
            Self::AlertsGivenUp => "AlertsGivenUp",
            Self::Faults => "Faults",
        }
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::AlertDelay => "Milliseconds",
            _ => "Count",
        }
    }
}

/// What one invocation has to tell.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<Mutex<BTreeMap<Metric, Vec<f64>>>>);

impl Metrics {
    /// Runs `work` and collects what it counts and records.
    pub async fn collect<T>(&self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self.clone(), work).await
    }

    fn change(&self, metric: Metric, change: impl FnOnce(&mut Vec<f64>)) {
        change(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(metric).or_default());
    }
}

/// Counts one.
pub fn count(metric: Metric) {
    add(metric, 1);
}

/// Counts `number`. Zero is worth saying where silence would mean that nobody looked.
pub fn add(metric: Metric, number: u32) {
    within(|metrics| {
        metrics.change(metric, |values| match values.first_mut() {
            Some(sum) => *sum += f64::from(number),
            None => values.push(number.into()),
        });
    });
}

/// Records one measured value.
pub fn record(metric: Metric, value: f64) {
    within(|metrics| metrics.change(metric, |values| values.push(value)));
}

/// Outside an invocation, as in a unit test, there is nobody to tell.
fn within(tell: impl FnOnce(&Metrics)) {
    let _ = CURRENT.try_with(tell);
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Metric; 9] = [
        Metric::CaptchasSolved,
        Metric::CaptchasFailed,
        Metric::LoginFailures,
        Metric::SmsSent,
        Metric::SmsFailed,
        Metric::AlertDelay,
        Metric::AlertsPending,
        Metric::AlertsGivenUp,
        Metric::Faults,
    ];

    /// The words that follow `before` in the templates of the alarms and the dashboard.
    fn asked_for(before: &str) -> Vec<&'static str> {
        [include_str!("../../../infra/alarms.yaml"), include_str!("../../../infra/monitoring.yaml")]
            .into_iter()
            .flat_map(|template| template.split(before).skip(1))
            .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next())
            .collect()
    }

    #[test]
    fn alarms_and_dashboard_ask_for_metrics_that_there_are_and_leave_none_out() {
        let mut asked: Vec<_> =
            ["\"HelpAged\", \"", "Namespace: HelpAged\n      MetricName: ", "HelpAged, MetricName: "]
                .into_iter()
                .flat_map(asked_for)
                .collect();
        asked.sort_unstable();
        asked.dedup();
        // RefusedFalls is counted in API Gateway's log: the function knows nothing of those.
        let mut there_are: Vec<_> =
            ALL.iter().map(|metric| metric.name()).chain(["Requests", "RefusedFalls"]).collect();
        there_are.sort_unstable();
        assert_eq!(asked, there_are);
    }
}
