//! Where a stack keeps its data.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::{StartError, Storage};

/// Where the data is, for as long as the stack runs.
pub(crate) enum Place {
    Memory(TempDir),
    Disk { directory: PathBuf, _lock: File },
}

impl Place {
    /// Opens it, which nobody else can then.
    pub(crate) fn open(storage: &Storage) -> Result<Self, StartError> {
        let directory = match storage {
            Storage::Memory => return Ok(Self::Memory(tempfile::tempdir()?)),
            Storage::Disk(directory) => directory.clone(),
        };
        std::fs::create_dir_all(&directory)?;
        let lock = File::create(directory.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self::Disk { directory, _lock: lock }),
            Err(std::fs::TryLockError::WouldBlock) => Err(StartError::InUse(directory.display().to_string())),
            Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// The path of a file, when there are files.
    pub(crate) fn file(&self, name: &str) -> Option<PathBuf> {
        match self {
            Self::Memory(_) => None,
            Self::Disk { directory, .. } => Some(directory.join(name)),
        }
    }

    /// A directory, which then exists.
    pub(crate) fn directory(&self, name: &str) -> std::io::Result<PathBuf> {
        let parent: &Path = match self {
            Self::Memory(directory) => directory.path(),
            Self::Disk { directory, .. } => directory,
        };
        let directory = parent.join(name);
        std::fs::create_dir_all(&directory)?;
        Ok(directory)
    }
}
