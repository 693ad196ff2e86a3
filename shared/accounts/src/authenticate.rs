use domain::Phone;
use envelope::{Failure, Status};

use crate::Sessions;

impl Sessions {
    /// The account that `token` stands for, or -101. The one place where callers of the envelope's operations are told
    /// apart from strangers; the two operations with a status of their own ask [`Sessions::touch`].
    pub async fn authenticate(&self, token: &str) -> Result<Phone, Failure> {
        self.touch(token).await?.ok_or(Status::ERROR_TOKEN.into())
    }
}
