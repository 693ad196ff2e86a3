//! What a function is started with: its variables, the clock, the random source and the way to AWS.
//!
//! All four are handed in, so that a test can move the clock, the local stack can mount six functions in one
//! process with a set of variables each, and nothing reads the process's own environment behind our back.

mod aws;
mod clock;
mod random;
mod round_trips;
mod trust;
mod variables;

pub use aws::{Aws, Service};
pub use clock::Clock;
pub use random::Random;
pub use round_trips::RoundTrips;
pub use variables::{StartError, Variables};

/// Everything a function's constructor may draw on.
#[derive(Clone)]
pub struct Environment {
    /// The function's environment variables: table names and deployment parameters.
    pub variables: Variables,
    /// The only source of the present time.
    pub clock: Clock,
    /// The only source of secrets and ids.
    pub random: Random,
    /// Region, credentials and endpoints for the AWS clients.
    pub aws: Aws,
}

impl Environment {
    /// Reads the AWS settings out of `variables`.
    ///
    /// Fails with the name of the variable when one is malformed.
    pub fn new(variables: Variables, clock: Clock, random: Random) -> Result<Self, StartError> {
        let aws = Aws::from_variables(&variables)?;
        Ok(Self { variables, clock, random, aws })
    }
}
