//! The log of the older APIs tells what was called and how it went, and none of what was said.

use serde_json::{Value, json};

use crate::{
    logs::Secrets,
    support::{Applicant, Encoding, World, jpeg},
};

const PASSWORD: &str = "hunter-22-hunter";
const NICKNAME: &str = "球球";

async fn by_the_result_api(world: &World, secrets: &mut Secrets, encoding: Encoding) {
    let phone = secrets.hold(World::phone());
    let applicant = Applicant { encoding, ..Applicant::start(world, &phone).await };
    secrets.hold(applicant.cookie.trim_start_matches("registration="));
    let code = world.code(&phone).await;
    secrets.codes.extend([code.clone(), applicant.handle.clone()]);
    applicant.verify("x").await.is("0004");
    applicant.verify(&code).await.is("0000");
    applicant.upload(PASSWORD.into()).await.is("0006");
    let path = applicant.upload(jpeg(1, 1000).0).await.ok().to_owned();
    applicant.finish(&[("password", PASSWORD), ("nickname", NICKNAME), ("gender", "9")]).await.is("0006");
    applicant.finish(&[("password", PASSWORD), ("nickname", NICKNAME), ("headImage", &path)]).await.is("0000");
    world.ask_for_code(&phone).await.is("0001");
    world.log(&phone, "new-pass-33").await.is("0008");
    secrets.hold(world.log(&phone, PASSWORD).await.ok());
}

async fn by_the_errno_api(world: &World, secrets: &mut Secrets) {
    let phone = secrets.hold(World::phone());
    let (id, text) = world.image_code().await;
    secrets.hold(&id);
    secrets.codes.push(text.clone());
    world.answer_image(&phone, &id, &text).await.is("0", "发送成功");
    let code = world.code(&phone).await;
    secrets.codes.push(code.clone());
    let mut body = json!({ "mobile": phone, "sms_code": "hunter", "password": PASSWORD });
    world.post_user(&body).await.is("4004", "短信验证码不一致");
    body["sms_code"] = json!(code);
    secrets.hold(world.post_user(&body).await.token());
    world.post_user(&body).await.is("4003", "手机号已注册");
}

/// The words of a line, without the numbers that a code may be equal to by chance.
fn words(line: &str) -> Vec<String> {
    let mut event: Value = serde_json::from_str(line).unwrap_or_else(|_| json!(line));
    if let Some(event) = event.as_object_mut() {
        event.retain(|_, value| !value.is_number());
        for chance in ["timestamp", "request_id", "api_request_id"] {
            event.remove(chance);
        }
    }
    event.to_string().split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_of_the_older_apis_holds_nothing_personal_and_nothing_secret() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), [("LOG_LEVEL", "trace")]).await;
    let texts = [PASSWORD, NICKNAME, "new-pass-33"].map(str::to_owned).into();
    let mut secrets = Secrets { texts, codes: Vec::new() };
    for encoding in Encoding::ALL {
        by_the_result_api(&world, &mut secrets, encoding).await;
    }
    by_the_errno_api(&world, &mut secrets).await;
    let output = world.terminate().await.output;

    for operation in [
        "result/send",
        "result/verify",
        "result/register",
        "result/upload",
        "result/log",
        "errno/smscode",
        "errno/users",
    ] {
        assert!(output.contains(&format!("\"operation\":\"{operation}\"")), "{operation} is not in the log");
    }
    // Four digits stand in a longer number too easily: they are looked for as words.
    let codes = std::mem::take(&mut secrets.codes);
    secrets.assert_not_in(&output);
    for line in output.lines() {
        let words = words(line);
        for code in &codes {
            assert!(!words.contains(code), "the code {code} is in the log: {line}");
        }
    }
}
