//! How many codes `sms/generate` sends: to one phone, for one source address, in one day.

use serde_json::json;

use crate::support::{Reply, World, at_once, send};

const PATH: &str = "/api/captcha";

async fn generate(world: &World, phone: &str) -> Reply {
    world.call(PATH, "sms/generate", json!({ "phone": phone })).await
}

/// A limit's own status, and nothing else in the reply. Its text is the provider's.
#[track_caller]
fn assert_refused(reply: &Reply, status: i64) {
    assert_eq!((reply.status(), &reply.body["data"]), (status, &json!({})), "{}", reply.body);
}

fn count(replies: &[Reply], status: i64) -> usize {
    replies.iter().filter(|reply| reply.status() == status).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_gets_one_code_in_thirty_seconds() {
    let world = World::new().await;
    let phone = World::phone();
    generate(&world, &phone).await.ok();
    assert_refused(&generate(&world, &phone).await, 1023);
    world.advance(20).await;
    assert_refused(&generate(&world, &phone).await, 1023);
    generate(&world, &World::phone()).await.ok();
    world.advance(10).await;
    generate(&world, &phone).await.ok();
    assert_eq!(world.messages(&phone).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_gets_five_codes_in_an_hour_and_ten_in_a_day() {
    let world = World::new().await;
    let phone = World::phone();
    for _ in 0..5 {
        generate(&world, &phone).await.ok();
        world.advance(30).await;
    }
    assert_refused(&generate(&world, &phone).await, 1024);
    // The first of the five is an hour old, the second is not.
    world.advance(3600 - 150).await;
    generate(&world, &phone).await.ok();
    world.advance(3600).await;
    for _ in 0..4 {
        generate(&world, &phone).await.ok();
        world.advance(30).await;
    }
    world.advance(3600).await;
    assert_refused(&generate(&world, &phone).await, 1025);
    assert_eq!(world.messages(&phone).await.len(), 10);
    world.advance(24 * 3600).await;
    generate(&world, &phone).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_purposes_share_a_phones_limits() {
    let world = World::new().await;
    let family = world.family().await;
    let forgotten = json!({ "phone": family.phone, "command_type": 2 });
    assert_refused(&world.call(PATH, "sms/generate", forgotten.clone()).await, 1023);
    world.advance(30).await;
    world.call(PATH, "sms/generate", forgotten).await.ok();
    assert_refused(&generate(&world, &family.phone).await, 1023);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_requests_for_one_phone_at_once_one_sends_a_code() {
    let world = World::with([("SMS_PER_SOURCE_PER_HOUR", "1000")]).await;
    let phone = World::phone();
    let replies = at_once(50, |_| generate(&world, &phone)).await;
    assert_eq!((count(&replies, 0), count(&replies, 1023)), (1, 49));
    assert_eq!(world.messages(&phone).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_source_address_gets_so_many_codes_an_hour_whatever_it_says_of_itself() {
    let world = World::with([("SMS_PER_SOURCE_PER_HOUR", "3")]).await;
    for _ in 0..3 {
        generate(&world, &World::phone()).await.ok();
    }
    assert_refused(&generate(&world, &World::phone()).await, 1013);
    for header in ["x-forwarded-for", "x-real-ip", "forwarded", "true-client-ip"] {
        let post = world.http.post(world.url(PATH)).header(header, "203.0.113.7");
        let data = json!({ "phone": World::phone() });
        let reply = Reply::of(send(post.json(&crate::support::envelope("sms/generate", data))).await).await;
        assert_refused(&reply, 1013);
    }
    let visitor = world.visitor(2);
    visitor.call(PATH, "sms/generate", json!({ "phone": World::phone() })).await.ok();
    world.advance(3600).await;
    generate(&world, &World::phone()).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_at_once_cannot_get_round_the_limit_of_their_address() {
    let world = World::with([("SMS_PER_SOURCE_PER_HOUR", "7")]).await;
    let replies = at_once(50, |_| {
        let (world, phone) = (&world, World::phone());
        async move { generate(world, &phone).await }
    })
    .await;
    assert_eq!((count(&replies, 0), count(&replies, 1013)), (7, 43));
    assert_eq!(world.stack.sms().unwrap().messages().len(), 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_deployment_sends_so_many_codes_a_day() {
    let world = World::with([("SMS_PER_DAY", "2")]).await;
    let refused = World::phone();
    for _ in 0..2 {
        generate(&world, &World::phone()).await.ok();
    }
    assert_refused(&generate(&world, &refused).await, 1022);
    assert_refused(&generate(&world, &refused).await, 1022);
    world.advance(24 * 3600).await;
    generate(&world, &refused).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_at_once_cannot_get_round_the_days_budget() {
    let world = World::with([("SMS_PER_DAY", "7"), ("SMS_PER_SOURCE_PER_HOUR", "1000")]).await;
    let replies = at_once(50, |_| {
        let (world, phone) = (&world, World::phone());
        async move { generate(world, &phone).await }
    })
    .await;
    assert_eq!((count(&replies, 0), count(&replies, 1022)), (7, 43));
    assert_eq!(world.stack.sms().unwrap().messages().len(), 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_budget_of_none_sends_none() {
    let world = World::with([("SMS_PER_DAY", "0")]).await;
    assert_refused(&generate(&world, &World::phone()).await, 1022);
    let world = World::with([("SMS_PER_SOURCE_PER_HOUR", "0")]).await;
    assert_refused(&generate(&world, &World::phone()).await, 1013);
    assert!(world.stack.sms().unwrap().messages().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fall_alerts_are_sent_whatever_the_codes_have_used_up_and_use_up_nothing() {
    let world = World::with([("SMS_PER_DAY", "2"), ("SMS_PER_SOURCE_PER_HOUR", "2")]).await;
    let family = world.family().await;
    let camera = family.camera("卧室").await;
    for fall in 0..12 {
        camera.fall(fall).await.ok();
    }
    assert_eq!(world.messages(&family.phone).await.len(), 1 + 12);
    generate(&world, &World::phone()).await.ok();
    assert_refused(&generate(&world, &World::phone()).await, 1013);
    camera.fall(12).await.ok();
    assert_eq!(world.messages(&family.phone).await.len(), 1 + 13);
}
