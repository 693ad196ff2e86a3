//! The log of the older APIs tells what was called and how it went, and none of what was said.

use serde_json::json;

use crate::support::{Applicant, Encoding, Secrets, World, jpeg};

const PASSWORD: &str = "hunter-22-hunter";
const NICKNAME: &str = "球球";

async fn by_the_result_api(world: &World, secrets: &mut Secrets, encoding: Encoding) {
    let phone = secrets.hold(World::phone());
    let applicant = Applicant { encoding, ..Applicant::start(world, &phone).await };
    secrets.hold(applicant.cookie.trim_start_matches("registration="));
    secrets.hold_code(&*applicant.handle);
    let code = secrets.hold_code(world.code(&phone).await);
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
    secrets.hold_code(&*text);
    world.answer_image(&phone, &id, &text).await.is("0", "发送成功");
    let code = secrets.hold_code(world.code(&phone).await);
    let mut body = json!({ "mobile": phone, "sms_code": "hunter", "password": PASSWORD });
    world.post_user(&body).await.is("4004", "短信验证码不一致");
    body["sms_code"] = json!(code);
    secrets.hold(world.post_user(&body).await.token());
    world.post_user(&body).await.is("4003", "手机号已注册");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_of_the_older_apis_holds_nothing_personal_and_nothing_secret() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), [("LOG_LEVEL", "trace")]).await;
    let mut secrets = Secrets::new([PASSWORD, NICKNAME, "new-pass-33"]);
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
    secrets.assert_not_in(&output);
}
