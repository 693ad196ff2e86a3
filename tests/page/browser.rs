//! Headless Chromium, used as somebody with a mouse and a keyboard uses it.

use std::{fmt::Debug, panic::AssertUnwindSafe, path::Path, process::Stdio, time::Duration};

use fantoccini::{Client, ClientBuilder, Locator, elements::Element, wd::Capabilities};
use futures_util::FutureExt;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

/// How long the page may take for anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long to wait before looking again.
const GLANCE: Duration = Duration::from_millis(50);

/// How long Chromium may take to start, and how often it is tried.
const START: Duration = Duration::from_mins(1);
const STARTS: usize = 3;

/// How often `ChromeDriver` may draw a port that is taken.
const DRAWS: usize = 20;

const OPTIONS: [&str; 10] = [
    "--headless",
    // Where /dev/shm is small, as in many a container, pages crash.
    "--disable-dev-shm-usage",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // The page then jumps instead of scrolling gently, and a button stays where it was found.
    "--force-prefers-reduced-motion",
];

/// What the browser is shown on.
#[derive(Clone, Copy)]
pub enum Screen {
    /// 1360 by 900 pixels.
    Desktop,
    /// 360 by 740 pixels.
    Phone,
}

/// A browser with one window.
pub struct Browser {
    client: Client,
    /// Where `ChromeDriver` keeps this browser.
    session: String,
}

impl Browser {
    /// Opens `url` in a new browser, does `what` with it, and closes it even when that failed.
    pub async fn open(url: &str, screen: Screen, what: impl AsyncFnOnce(Self)) {
        let profile = tempfile::tempdir().expect("a directory for the browser");
        let (mut driver, client) = start(screen, &profile).await;
        let id = client.session_id().await.expect("a session").expect("a session");
        client.goto(url).await.expect("the page opens");
        let browser = Self { client: client.clone(), session: format!("{}/session/{id}", driver.address) };
        let outcome = AssertUnwindSafe(what(browser)).catch_unwind().await;
        // Closing takes Chromium down; only then may its driver and its files go.
        let closed = client.close().await;
        driver.process.kill().await.expect("ChromeDriver stops");
        if let Err(failure) = outcome {
            std::panic::resume_unwind(failure);
        }
        closed.expect("Chromium closes");
    }

    /// Presses the button with this text, in the element with the id `place`.
    pub async fn press(&self, place: &str, text: &str) {
        self.click_on(Locator::XPath(&format!("//*[@id='{place}']//button[normalize-space()='{text}']"))).await;
    }

    /// Clicks on whatever a selector names.
    pub async fn click(&self, selector: &str) {
        self.click_on(Locator::Css(selector)).await;
    }

    /// Replaces the text of a field.
    pub async fn fill_in(&self, selector: &str, text: &str) {
        let field = self.find(Locator::Css(selector)).await;
        field.clear().await.unwrap_or_else(|error| panic!("{selector}: {error}"));
        field.send_keys(text).await.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Chooses a file from disk.
    pub async fn choose_file(&self, selector: &str, path: &Path) {
        let path = path.to_str().expect("a path in UTF-8");
        self.find(Locator::Css(selector)).await.send_keys(path).await.expect("the file is chosen");
    }

    /// Whether a person can use the element.
    pub async fn is_enabled(&self, selector: &str) -> bool {
        self.find(Locator::Css(selector)).await.is_enabled().await.expect("an element")
    }

    /// What a person reads in the element, its lines joined by spaces.
    pub async fn text(&self, selector: &str) -> String {
        let text = self.find(Locator::Css(selector)).await.text().await.expect("an element");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Waits until a person reads `expected` in the element.
    pub async fn reads(&self, selector: &str, expected: &str) {
        self.until(&format!("{selector} to read {expected:?}"), async || {
            let text = self.text(selector).await;
            if text.contains(expected) { Ok(()) } else { Err(text) }
        })
        .await;
    }

    /// Waits until the image is displayed, `width` pixels wide by its own measure.
    pub async fn displays(&self, image: &str, width: u32) {
        let script = "const image = document.querySelector(arguments[0]);
            return image.checkVisibility() && image.complete ? image.naturalWidth : null;";
        self.until(&format!("{image} to be {width} pixels wide"), async || {
            let shown = self.run(script, &[image]).await;
            if shown == json!(width) { Ok(()) } else { Err(shown) }
        })
        .await;
    }

    /// Waits until there are `count` such elements.
    pub async fn counts(&self, selector: &str, count: usize) {
        self.until(&format!("{count} of {selector}"), async || {
            let found = self.client.find_all(Locator::Css(selector)).await.expect("a page").len();
            if found == count { Ok(()) } else { Err(found) }
        })
        .await;
    }

    /// What a script returns.
    pub async fn run(&self, script: &str, arguments: &[&str]) -> Value {
        let arguments = arguments.iter().map(|argument| json!(argument)).collect();
        self.client.execute(script, arguments).await.expect("the script runs")
    }

    /// What scripts wrote to the console, and what the browser itself complained about there.
    pub async fn console(&self) -> Vec<Value> {
        let log = reqwest::Client::new().post(format!("{}/se/log", self.session)).json(&json!({"type": "browser"}));
        let reply: Value = log.send().await.expect("a log").json().await.expect("a log");
        reply["value"].as_array().expect("a log").clone()
    }

    /// A person scrolls until the head of the page does not cover what is to be clicked.
    async fn click_on(&self, locator: Locator<'_>) {
        let element = self.find(locator).await;
        let argument = serde_json::to_value(&element).expect("an element");
        let script = "arguments[0].scrollIntoView({block: 'center'});";
        self.client.execute(script, vec![argument]).await.expect("a page that scrolls");
        element.click().await.unwrap_or_else(|error| panic!("{locator:?}: {error}"));
    }

    async fn find(&self, locator: Locator<'_>) -> Element {
        let wait = self.client.wait().at_most(PATIENCE).every(GLANCE);
        wait.for_element(locator).await.unwrap_or_else(|error| panic!("{locator:?}: {error}"))
    }

    /// Looks again and again, until `look` is content.
    async fn until<E: Debug>(&self, what: &str, look: impl AsyncFn() -> Result<(), E>) {
        let mut last = None;
        let done = tokio::time::timeout(PATIENCE, async {
            while let Err(seen) = look().await {
                last = Some(seen);
                tokio::time::sleep(GLANCE).await;
            }
        })
        .await;
        assert!(done.is_ok(), "waited for {what}, but saw {last:?}");
    }
}

/// Starts Chromium; once more where it does not come up, as it may not on a machine that is short of everything.
async fn start(screen: Screen, profile: &TempDir) -> (Driver, Client) {
    let mut failure = String::new();
    for _ in 0..STARTS {
        let driver = Driver::start().await;
        let mut browser = ClientBuilder::new(HttpConnector::new());
        let browser = browser.capabilities(capabilities(screen, profile)).connect(&driver.address);
        match tokio::time::timeout(START, browser).await {
            Ok(Ok(client)) => return (driver, client),
            Ok(Err(error)) => failure = error.to_string(),
            Err(late) => failure = late.to_string(),
        }
    }
    panic!("Chromium does not start: {failure}");
}

/// `ChromeDriver` with an address of its own. It ends when it is dropped.
struct Driver {
    process: Child,
    address: String,
    /// What else it says goes nowhere, but it must be able to say it.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Driver {
    /// Starts it on a free port.
    async fn start() -> Self {
        let mut said = String::new();
        // It draws a port that is free on `::1`, and gives up where the same port of 127.0.0.1 is taken.
        for _ in 0..DRAWS {
            let mut process = Command::new("chromedriver")
                .arg("--port=0")
                .stdout(Stdio::piped())
                .kill_on_drop(true)
                .spawn()
                .expect("this test needs ChromeDriver; on Debian: apt-get install chromium chromium-driver");
            let mut output = BufReader::new(process.stdout.take().expect("its output")).lines();
            while let Some(line) = output.next_line().await.expect("its output") {
                if let Some((_, port)) = line.trim_end_matches('.').split_once("successfully on port ") {
                    return Self { process, address: format!("http://127.0.0.1:{port}"), _output: output };
                }
                said.push_str(&line);
                said.push('\n');
            }
        }
        panic!("ChromeDriver does not start:\n{said}");
    }
}

fn capabilities(screen: Screen, profile: &TempDir) -> Capabilities {
    let profile = format!("--user-data-dir={}", profile.path().display());
    let mut arguments: Vec<&str> = OPTIONS.into_iter().chain([profile.as_str()]).collect();
    let mut options = match screen {
        Screen::Desktop => {
            arguments.push("--window-size=1360,900");
            json!({})
        }
        Screen::Phone => {
            json!({"mobileEmulation": {"deviceMetrics": {"width": 360, "height": 740, "pixelRatio": 2.0}}})
        }
    };
    options["args"] = json!(arguments);
    let capabilities = json!({"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}});
    capabilities.as_object().expect("an object").clone()
}
