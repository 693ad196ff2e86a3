//! Callers that wait for each answer before they ask again.

use std::{
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::failure::Failure;

/// How many callers there are at once.
pub const CALLERS: usize = 8;

/// How long a measurement takes at most, and what comes before it.
const TIME: Duration = Duration::from_millis(2500);
const WARM_UP: Duration = Duration::from_millis(300);

pub type Answer = Pin<Box<dyn Future<Output = Result<More, Failure>> + Send>>;

/// What one caller does: which caller it is, and how often it has called before.
pub type Call = Arc<dyn Fn(usize, usize) -> Answer + Send + Sync>;

/// Whether the caller has something left to ask.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum More {
    Yes,
    No,
}

/// What callers got.
#[derive(Clone, Copy)]
pub struct Load {
    pub per_second: f64,
    pub half: Duration,
    pub ninety_nine_of_a_hundred: Duration,
}

/// Has everybody call until the time is over or nobody has anything left to ask.
///
/// Fails with the first call that fails: a wrong answer is none that can be counted.
pub async fn measure(call: &Call) -> Result<Load, Failure> {
    let started = Instant::now();
    let begin = started + WARM_UP;
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        callers.spawn(calls(Arc::clone(call), caller, begin, begin + TIME));
    }
    let (mut times, mut ended) = (Vec::new(), begin);
    while let Some(caller) = callers.join_next().await {
        let (its_times, its_end) = caller??;
        times.extend(its_times);
        ended = ended.max(its_end);
    }
    times.sort_unstable();
    let count = u32::try_from(times.len())?;
    let at = |percent: usize| times.get(times.len() * percent / 100).copied().ok_or("nobody got an answer");
    Ok(Load {
        per_second: f64::from(count) / (ended - begin).as_secs_f64(),
        half: at(50)?,
        ninety_nine_of_a_hundred: at(99)?,
    })
}

async fn calls(call: Call, caller: usize, begin: Instant, end: Instant) -> Result<(Vec<Duration>, Instant), Failure> {
    let mut times = Vec::new();
    for turn in 0.. {
        let asked = Instant::now();
        if asked >= end {
            break;
        }
        let more = call(caller, turn).await?;
        if asked >= begin {
            times.push(asked.elapsed());
        }
        if more == More::No {
            break;
        }
    }
    Ok((times, Instant::now()))
}
