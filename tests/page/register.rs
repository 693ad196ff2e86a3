//! A page that was written for the `errno` API (seed 003), with jQuery, as its clients are.

use std::collections::HashMap;

use hyper::body::Bytes;
use local::{Options, Stack};
use serde_json::{Value, json};

use crate::{
    browser::{Browser, Screen},
    site::Site,
};

const PHONE: &str = "13900000003";

async fn site(stack: &Stack) -> Site {
    let path =
        std::env::var("JQUERY").expect("JQUERY is the path of jQuery's dist/jquery.min.js, as in `make test-page`");
    let jquery = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let page = Bytes::from_static(include_bytes!("register.html"));
    let files = vec![
        ("/register.html", "text/html; charset=utf-8", page),
        ("/jquery.min.js", "text/javascript; charset=utf-8", Bytes::from(jquery)),
    ];
    Site::open(files, stack.url()).await
}

async fn get(stack: &Stack, path: &str) -> Value {
    let response = reqwest::get(format!("{}{path}", stack.url())).await.expect("the stack answers");
    response.json().await.expect("JSON")
}

/// Reads the picture, as the person at the screen does, and tells where it is.
async fn read_picture(stack: &Stack, browser: &Browser) -> (String, String) {
    let source = browser.run("return $('#image').attr('src');", &[]).await;
    let id = source.as_str().and_then(|source| source.rsplit('/').next()).expect("a picture").to_owned();
    browser.displays("#image", 240).await;
    let text = get(stack, &format!("/_local/imagecode/{id}")).await["text"].as_str().expect("a text").to_owned();
    (id, text)
}

/// The code in the newest message.
fn newest_code(stack: &Stack) -> String {
    let newest = stack.sms().expect("the embedded SNS").messages().remove(0);
    newest.message.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect()
}

/// Chromium recommends what a page of today would have; this one is older.
async fn assert_quiet(browser: &Browser) {
    let console = browser.console().await;
    let complaints: Vec<&Value> = console.iter().filter(|entry| entry["source"] != "recommendation").collect();
    assert!(complaints.is_empty(), "{complaints:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jquery_page_that_was_written_for_the_errno_api_registers_somebody() {
    let stack = Stack::start(Options { parameters: HashMap::new(), ..Options::default() }).await.expect("a stack");
    let site = site(&stack).await;
    Browser::open(&site.url("/register.html"), Screen::Desktop, async |browser| {
        let (first, _) = read_picture(&stack, &browser).await;
        browser.fill_in("#mobile", PHONE).await;
        browser.click("#send").await;
        browser.reads("#message", "参数不完整").await;

        // The page drew another picture, and until it is there its code is not known.
        read_picture(&stack, &browser).await;
        browser.fill_in("#image-code", "wrong").await;
        browser.click("#send").await;
        browser.reads("#message", "图片验证码不一致").await;

        let (second, text) = read_picture(&stack, &browser).await;
        assert_ne!(first, second, "the page drew another picture");
        browser.fill_in("#image-code", &text.to_lowercase()).await;
        browser.click("#send").await;
        browser.reads("#message", "发送成功").await;
        browser.reads("#send", "已发送").await;

        browser.fill_in("#sms-code", "0").await;
        browser.fill_in("#password", "correct horse 7").await;
        browser.click("#register button").await;
        browser.reads("#message", "短信验证码").await;
        browser.fill_in("#sms-code", &newest_code(&stack)).await;
        browser.click("#register button").await;
        browser.reads("#welcome", &format!("欢迎 {PHONE}")).await;
        browser.displays("#avatar", 240).await;
        assert_eq!(browser.run("return document.cookie;", &[]).await, json!(""), "scripts do not see the session");
        assert_quiet(&browser).await;
    })
    .await;
    let log_in = reqwest::Client::new().post(format!("{}/log", stack.url()));
    let log_in = log_in.form(&[("userId", PHONE), ("password", "correct horse 7")]).send().await.expect("an answer");
    assert_eq!(log_in.json::<Value>().await.expect("JSON")["result"], "0000");
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_tells_who_has_an_account_and_who_asks_too_soon() {
    let stack = Stack::start(Options { parameters: HashMap::new(), ..Options::default() }).await.expect("a stack");
    let site = site(&stack).await;
    Browser::open(&site.url("/register.html"), Screen::Desktop, async |browser| {
        let answer_picture = async || {
            let (_, text) = read_picture(&stack, &browser).await;
            browser.fill_in("#image-code", &text).await;
            browser.click("#send").await;
        };
        browser.fill_in("#mobile", PHONE).await;
        answer_picture().await;
        browser.reads("#message", "发送成功").await;
        let code = newest_code(&stack);

        browser.click("#image").await;
        answer_picture().await;
        browser.reads("#message", "发送失败").await;

        // Another window was faster.
        let user = json!({"mobile": PHONE, "sms_code": code, "password": "correct horse 7"});
        let post = reqwest::Client::new().post(format!("{}/api/v1.0/users", stack.url())).json(&user);
        assert_eq!(post.send().await.expect("an answer").json::<Value>().await.expect("JSON")["errno"], "0");
        browser.fill_in("#sms-code", &code).await;
        browser.fill_in("#password", "correct horse 7").await;
        browser.click("#register button").await;
        browser.reads("#message", "手机号已注册").await;
        assert_quiet(&browser).await;
    })
    .await;
    stack.stop().await;
}
