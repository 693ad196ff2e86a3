//! Requests per second on the local stack, each operation beside its own requests to AWS with nothing around them.

use std::sync::Arc;

use local::{Options, Stack, Storage};

use crate::{
    bare::{Bare, Services},
    failure::Failure,
    load::{Answer, CALLERS, Call, Load, More, measure as load},
    operations::Callers,
    people::Api,
};

/// What was measured of one operation.
pub struct Throughput {
    pub name: &'static str,
    pub reference_name: &'static str,
    pub operation: Load,
    pub reference: Load,
}

impl Throughput {
    /// How much of what was possible the operation reached; 1 is all of it.
    pub fn share(&self) -> f64 {
        self.operation.per_second / self.reference.per_second
    }
}

/// Starts a stack with its data on disk, as `make dev` has it, and measures one operation after the other.
pub async fn measure() -> Result<Vec<Throughput>, Failure> {
    let directory = tempfile::tempdir()?;
    // Everybody registers from the same address.
    let parameters = [("SMS_PER_SOURCE_PER_HOUR", "1000000"), ("SMS_PER_DAY", "1000000")];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let storage = Storage::Disk(directory.path().to_owned());
    let stack = Stack::start(Options { port: 0, storage, parameters }).await?;
    let api = Api::new(stack.url())?;
    let mut families = Vec::new();
    for number in 0..2 * CALLERS {
        families.push(api.family(number).await?);
    }
    let services = Arc::new(Services::new(&stack, CALLERS).await?);
    let mut measured = Vec::new();
    for operation in Callers::new(api, families).operations() {
        let reference = bare(&services, operation.reference);
        measured.push(Throughput {
            name: operation.name,
            reference_name: operation.reference_name,
            operation: load(&operation.call).await?,
            reference: load(&reference).await?,
        });
    }
    stack.stop().await;
    Ok(measured)
}

/// The requests one after the other, as the operation makes them.
fn bare(services: &Arc<Services>, requests: &'static [Bare]) -> Call {
    let services = Arc::clone(services);
    Arc::new(move |caller, turn| -> Answer {
        let services = Arc::clone(&services);
        Box::pin(async move {
            for (number, bare) in requests.iter().enumerate() {
                // Each request of a round writes something of its own.
                services.run(*bare, caller, turn * requests.len() + number).await?;
            }
            Ok(More::Yes)
        })
    })
}
