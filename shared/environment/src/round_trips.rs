use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeTransmitInterceptorContextRef, dyn_dispatch_hint},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;

use crate::Service;

tokio::task_local! {
    static CURRENT: RoundTrips;
}

/// How many requests one invocation sent to each AWS service, retries included.
#[derive(Clone, Debug, Default)]
pub struct RoundTrips(Arc<[AtomicU32; 3]>);

impl RoundTrips {
    /// Runs `work` and counts what it sends into `self`.
    pub async fn count<T>(&self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self.clone(), work).await
    }

    /// Requests sent to `service` so far.
    #[must_use]
    pub fn to(&self, service: Service) -> u32 {
        self.0[service as usize].load(Ordering::Relaxed)
    }
}

/// Counts a request at the moment it goes out.
#[derive(Debug)]
pub(crate) struct CountRoundTrips(pub(crate) Service);

#[dyn_dispatch_hint]
impl Intercept for CountRoundTrips {
    fn name(&self) -> &'static str {
        "CountRoundTrips"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // Outside an invocation, as in a unit test, there is nothing to count into.
        let _ = CURRENT.try_with(|current| current.0[self.0 as usize].fetch_add(1, Ordering::Relaxed));
        Ok(())
    }
}
