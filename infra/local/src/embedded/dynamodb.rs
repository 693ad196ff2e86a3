use std::path::Path;

use dynoxide::{Database, server::serve_with_shutdown};

use super::{Moto, Switch};
use crate::StartError;

/// The embedded DynamoDB, or moto's.
pub(crate) struct Dynamodb {
    pub(crate) switch: Switch,
    database: Option<Database>,
}

impl Dynamodb {
    /// Opens the database file `path`, or makes an empty database in memory.
    pub(crate) fn start(path: Option<&Path>) -> Result<Self, StartError> {
        let database = match path {
            Some(path) => Database::new(&path.to_string_lossy()),
            None => Database::memory(),
        };
        let database = database.map_err(|error| StartError::Embedded("DynamoDB", format!("{error:?}")))?;
        let served = database.clone();
        let switch = Switch::start(move |listener, stop| {
            let database = served.clone();
            async move {
                if let Err(error) = serve_with_shutdown(listener, database, stop.requested()).await {
                    tracing::error!(%error, "the embedded DynamoDB failed");
                }
            }
        })?;
        Ok(Self { switch, database: Some(database) })
    }

    /// Stands for moto's tables.
    pub(crate) fn of_moto(moto: &Moto) -> std::io::Result<Self> {
        Ok(Self { switch: moto.relay_in_turn()?, database: None })
    }

    /// Deletes expired items, which the embedded server leaves to whoever embeds it.
    ///
    /// It goes by the system's clock, which the stack's own clock is never behind: nothing goes too early.
    pub(crate) async fn sweep(database: Database) {
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
        if let Ok(Err(error)) = swept {
            tracing::warn!(error = ?error, "expired items could not be deleted");
        }
    }

    /// A handle for [`Self::sweep`]. Moto's tables are not ours to sweep.
    pub(crate) fn database(&self) -> Option<Database> {
        self.database.clone()
    }
}
