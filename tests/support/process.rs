use std::{
    ops::Deref,
    path::Path,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use local::Stack;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    sync::mpsc,
    task::JoinSet,
};

/// Where a world's stack runs.
pub enum Running {
    /// In the test's own process, with switches for its faults.
    Here(Box<Stack>),
    /// In a process that can be killed, with an output that can be read.
    Elsewhere(Box<Process>),
}

/// `make dev` as a child: the local stack with its data in a directory.
pub struct Process {
    child: Mutex<Child>,
    url: String,
    output: Arc<Mutex<String>>,
    readers: JoinSet<()>,
}

/// A process that has ended, and everything that it ever wrote.
pub struct Ended {
    pub status: ExitStatus,
    pub output: String,
}

impl Running {
    /// The process of a stack that has one.
    pub fn process(&self) -> &Process {
        match self {
            Self::Elsewhere(process) => process,
            Self::Here(_) => panic!("this stack has no process of its own"),
        }
    }

    pub fn url(&self) -> String {
        match self {
            Self::Here(stack) => stack.url(),
            Self::Elsewhere(process) => process.url.clone(),
        }
    }
}

/// The switches of a stack in this process.
impl Deref for Running {
    type Target = Stack;

    fn deref(&self) -> &Stack {
        match self {
            Self::Here(stack) => stack,
            Self::Elsewhere(_) => panic!("a stack in a process of its own has no switches"),
        }
    }
}

impl Process {
    /// Starts it on a free port, and returns when it says that it is ready. `Err` when it ends before that.
    pub async fn start(directory: &Path, variables: &[(&str, &str)]) -> Result<Self, Ended> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_stack"))
            .env("PORT", "0")
            .env("DATA_DIR", directory)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the stack's program starts");
        let output = Arc::new(Mutex::new(String::new()));
        let (ready, mut readies) = mpsc::unbounded_channel();
        let mut readers = JoinSet::new();
        readers.spawn(read(child.stdout.take().expect("a pipe"), Arc::clone(&output), ready.clone()));
        readers.spawn(read(child.stderr.take().expect("a pipe"), Arc::clone(&output), ready));
        // Both readers are gone when the process is, and the channel then ends.
        let url = readies.recv().await;
        let process = Self { child: Mutex::new(child), url: url.clone().unwrap_or_default(), output, readers };
        if url.is_some() { Ok(process) } else { Err(process.ended().await) }
    }

    /// What it has written so far.
    pub fn output(&self) -> String {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends it at once, as a power failure would, and does not wait.
    pub fn start_kill(&self) {
        self.child.lock().unwrap_or_else(PoisonError::into_inner).start_kill().expect("it can be killed");
    }

    /// Ends it at once, as a power failure would.
    pub async fn kill(self) -> Ended {
        self.start_kill();
        self.ended().await
    }

    /// Asks it to stop, as an operator does.
    pub async fn terminate(mut self) -> Ended {
        let id = self.child.get_mut().unwrap_or_else(PoisonError::into_inner).id().expect("it runs").to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().await;
        assert!(sent.expect("the program kill is there").success());
        self.ended().await
    }

    async fn ended(mut self) -> Ended {
        let child = self.child.get_mut().unwrap_or_else(PoisonError::into_inner);
        let status = child.wait().await.expect("it can be waited for");
        while self.readers.join_next().await.is_some() {}
        Ended { status, output: self.output() }
    }
}

async fn read(pipe: impl AsyncRead + Unpin, output: Arc<Mutex<String>>, ready: mpsc::UnboundedSender<String>) {
    let mut lines = BufReader::new(pipe).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let url = line.strip_prefix("HelpAged is ready at ").map(str::to_owned);
        {
            let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
            output.push_str(&line);
            output.push('\n');
        }
        if let Some(url) = url {
            let _ = ready.send(url);
        }
    }
}
