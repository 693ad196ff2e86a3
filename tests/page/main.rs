//! The page at `/`, clicked through in headless Chromium as a person would, and an older page beside it.
//!
//! It needs Debian's packages `chromium` and `chromium-driver`, or another Chrome with its `ChromeDriver`;
//! the older page needs jQuery too.

mod browser;
mod register;
mod site;

use std::{collections::HashMap, io::Write};

use local::{Options, Stack};
use serde_json::json;
use tempfile::NamedTempFile;

use self::browser::{Browser, Screen};

const PHONE: &str = "13900000001";

/// A picture of a single pixel.
const DOT: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\xb3\x32\x1b\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

/// A stack in memory, with an administrator.
async fn stack() -> Stack {
    let parameters = HashMap::from([("ADMIN_PHONES".to_owned(), PHONE.to_owned())]);
    Stack::start(Options { parameters, ..Options::default() }).await.expect("the stack starts")
}

/// Everything up to a token.
async fn register_and_log_in(browser: &Browser) {
    browser.press("step-1", "Skip this step").await;
    browser.press("step-2", "Send a code").await;
    browser.reads("#step-2 .result", "0 successful").await;
    browser.click("#outbox button").await;
    browser.press("step-3", "Register").await;
    browser.reads("#step-3 .result", "0 successful").await;
    browser.press("step-4", "Log in").await;
    browser.reads("#step-4 .result", "0 successful").await;
}

/// A camera that reports two falls: with the built-in picture, and with one from disk.
async fn report_two_falls(browser: &Browser) {
    browser.press("step-5", "Add").await;
    browser.reads("#step-5 .result", "Now bind it.").await;
    browser.reads("#devices", "Living room").await;
    browser.press("step-5", "Bind to this account").await;
    browser.counts("#step-5[data-state=done]", 1).await;

    browser.displays("#report-picture", 640).await;
    browser.press("step-6", "Send as the camera").await;
    browser.reads("#outbox", "摔倒警报").await;
    // While the first report is under way, the button does nothing.
    browser.reads("#step-6 .result", "0 successful").await;

    let file = dot_on_disk();
    browser.choose_file("#report-file", file.path()).await;
    browser.displays("#report-picture", 1).await;
    browser.fill_in("#report-content", "from disk").await;
    browser.press("step-6", "Send as the camera").await;
    browser.counts("#outbox [data-kind=alert]", 2).await;
}

/// The picture as a file that a person might choose.
fn dot_on_disk() -> NamedTempFile {
    let mut file = NamedTempFile::with_suffix(".gif").expect("a file");
    file.write_all(DOT).expect("a file");
    file
}

async fn assert_quiet(browser: &Browser) {
    assert_eq!(browser.console().await, Vec::<serde_json::Value>::new(), "the console is empty");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_the_routes_of_the_template_and_only_the_first_step_open() {
    let stack = stack().await;
    Browser::open(&stack.url(), Screen::Desktop, async |browser| {
        browser.reads("#health", "Serving on 127.0.0.1:").await;
        browser.reads("#route-table", "POST /api/captcha captcha").await;
        browser.reads("#route-table", "GET /api/get/portrait/{user_id} user").await;
        for function in ["admin", "captcha", "device", "notice", "token", "user"] {
            browser.reads("#functions", function).await;
        }
        assert!(browser.is_enabled("#captcha-get button").await);
        for locked in ["#sms-send button", "#register button", "#login button", "#report-file", "#accounts-list button"]
        {
            assert!(!browser.is_enabled(locked).await, "{locked}");
        }
        assert_quiet(&browser).await;
    })
    .await;
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journey_can_be_clicked_through_from_a_captcha_to_a_fall_that_is_read() {
    let stack = stack().await;
    Browser::open(&stack.url(), Screen::Desktop, async |browser| {
        // A program cannot read the picture, but it can be wrong about it as a person is.
        browser.press("step-1", "Get a picture").await;
        browser.displays("#captcha-picture", 240).await;
        browser.fill_in("#captcha-text", "wrong").await;
        browser.press("step-1", "Check it").await;
        browser.reads("#step-1 .result", "100 Error captcha hash").await;

        register_and_log_in(&browser).await;
        report_two_falls(&browser).await;

        browser.press("step-7", "List notices").await;
        browser.counts("#notices li[data-mode='0']", 2).await;
        browser.reads("#notices li:first-child", "from disk").await;
        browser.click("#notices li:first-child button").await;
        browser.displays("#notice-picture", 1).await;
        browser.click("#notices li:last-child button").await;
        browser.displays("#notice-picture", 640).await;

        browser.click("#notices li:first-child button:last-child").await;
        browser.counts("#notices li[data-mode='0']", 1).await;
        browser.click("#notices-get label:nth-child(2)").await;
        browser.counts("#notices li[data-mode='1']", 1).await;
        browser.reads("#notices", "from disk").await;
        browser.click("#notices-get label:nth-child(3)").await;
        browser.counts("#notices li[data-mode='2']", 2).await;
        browser.reads("#progress", "6 of 7 done").await;
        browser.reads("#log", "notice/get").await;
        assert_quiet(&browser).await;
    })
    .await;
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn profile_portrait_accounts_and_clock_work_and_an_ended_token_is_explained() {
    let stack = stack().await;
    Browser::open(&stack.url(), Screen::Desktop, async |browser| {
        register_and_log_in(&browser).await;

        browser.fill_in("#profile-name", "王奶奶").await;
        browser.press("step-8", "Save").await;
        browser.reads("#step-8 .result", "0 successful").await;
        browser.press("step-8", "List accounts").await;
        browser.reads("#accounts", &format!("{PHONE} 王奶奶")).await;

        // Without a portrait there is the default picture, and another site gets one that says no.
        browser.displays("#portrait", 240).await;
        let file = dot_on_disk();
        browser.choose_file("#portrait-file", file.path()).await;
        browser.press("step-8", "Upload").await;
        browser.displays("#portrait", 1).await;
        browser.displays("#portrait-embedded", 240).await;
        browser.displays("#portrait-error", 240).await;

        browser.press("clock", "+10 min").await;
        browser.reads("#now", "now 20").await;
        browser.press("step-4", "Keep it alive").await;
        browser.reads("#step-4 .result", "1 Token not existed It has ended. Log in again.").await;
        browser.press("step-8", "List accounts").await;
        browser.reads("#step-8 .result", "-101 Error token").await;
        assert_quiet(&browser).await;
    })
    .await;
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_fits_a_phone() {
    let stack = stack().await;
    Browser::open(&stack.url(), Screen::Phone, async |browser| {
        register_and_log_in(&browser).await;
        let widths = browser.run("return [document.documentElement.scrollWidth, innerWidth];", &[]).await;
        assert_eq!(widths, json!([360, 360]));
        assert_quiet(&browser).await;
    })
    .await;
    stack.stop().await;
}
