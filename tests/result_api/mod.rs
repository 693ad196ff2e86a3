//! The `result` API (seed 002, contract section 3), from outside.

mod code;
mod finish;
mod guesses;
mod log;
mod upload;

use crate::support::{Applicant, Encoding, STRONG, World, is_alive};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_made_and_logs_in_by_forms_multipart_forms_and_json() {
    let world = World::new().await;
    for encoding in Encoding::ALL {
        let phone = World::phone();
        let applicant = Applicant { encoding, ..Applicant::start(&world, &phone).await };
        applicant.verify(&world.code(&phone).await).await.is("0000");
        applicant.finish(&[("password", STRONG), ("gender", "0"), ("nickname", "王奶奶")]).await.is("0000");

        let fields = [("userId", phone.as_str()), ("password", STRONG)];
        let logged_in = world.post_fields("/log", encoding, "", &fields).await;
        let token = logged_in.ok();
        assert!(is_alive(&world, token).await, "{encoding:?}");
        let info = world.get(&format!("/api/user/info?token={token}")).await;
        assert_eq!(info.ok()["phone"], phone.as_str());
        assert_eq!(info.ok()["nickname"], "王奶奶", "{encoding:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_method_that_an_address_does_not_have_is_405() {
    let world = World::new().await;
    for (path, allow) in [("/register", "GET, POST"), ("/upload", "POST"), ("/log", "POST")] {
        let response = world.http.delete(world.url(path)).send().await.unwrap();
        assert_eq!(response.status(), 405, "{path}");
        assert_eq!(response.headers()["allow"], allow);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_are_not_what_they_claim_get_an_answer_and_change_nothing() {
    let world = World::new().await;
    let applicant = Applicant::verified(&world, &World::phone()).await;
    let bodies: [(&str, &[u8]); 12] = [
        ("application/json", b""),
        ("application/json", b"[1]"),
        ("application/json", b"null"),
        ("application/json", b"{\"register\":\"1\",\"password\":"),
        ("application/json", b"{\"register\":{\"a\":1},\"password\":[\"abcdefg1\"],\"userId\":true}"),
        ("application/json", b"\xff\xfe"),
        ("application/x-www-form-urlencoded", b"register=1&password=%ff%00&%zz=&&=="),
        ("application/x-www-form-urlencoded", b""),
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"register\"\r\n\r\n1"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n\r\n--x--\r\n"),
        ("image/png", b"\x89PNG\r\n"),
    ];
    for path in ["/register", "/upload", "/log"] {
        for (content_type, body) in bodies {
            let post = world.http.post(world.url(path)).header("content-type", content_type);
            let response = post.header("cookie", &applicant.cookie).body(body).send().await.unwrap();
            let reply = crate::support::ResultReply::of(response).await;
            let told = ["0004", "0006", "0007"].contains(&reply.result.as_str());
            assert!(told, "{path} {content_type} {}", reply.result);
            assert_eq!(reply.message, None);
        }
    }
    world.log(&applicant.phone, STRONG).await.is("0007");
    applicant.finish(&[("password", STRONG)]).await.is("0000");
}
