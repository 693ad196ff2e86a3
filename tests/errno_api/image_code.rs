//! The image code, under an id that the page makes up.

use std::collections::HashSet;

use futures_util::future::join_all;

use crate::support::{ErrnoReply, World};

async fn image(world: &World, id: &str) -> Vec<u8> {
    let response = world.get_raw(&format!("/api/v1.0/imagecode/{id}")).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "image/jpg");
    assert_eq!(response.headers()["cache-control"], "no-store");
    response.bytes().await.expect("a picture").to_vec()
}

/// The other case of every letter.
fn swap_case(text: &str) -> String {
    let swap = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    text.chars().map(swap).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_a_jpeg_that_is_drawn_anew_each_time() {
    let world = World::new().await;
    let id = World::image_id();
    let (mut images, mut texts) = (HashSet::new(), HashSet::new());
    for _ in 0..10 {
        let jpeg = image(&world, &id).await;
        assert!(jpeg.starts_with(b"\xff\xd8\xff") && jpeg.ends_with(b"\xff\xd9"));
        images.insert(jpeg);
        let text = world.read_image_code(&id).await.unwrap();
        assert!(text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{text}");
        texts.insert(text);
    }
    assert_eq!((images.len(), texts.len()), (10, 10));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_newest_picture_of_an_id_counts() {
    let world = World::new().await;
    let (id, old) = world.image_code().await;
    image(&world, &id).await;
    let new = world.read_image_code(&id).await.unwrap();
    assert_ne!(old, new);
    world.answer_image(&World::phone(), &id, &old).await.is("4004", "图片验证码不一致");
    image(&world, &id).await;
    let new = world.read_image_code(&id).await.unwrap();
    world.answer_image(&World::phone(), &id, &new).await.is("0", "发送成功");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_answer_uses_it_up() {
    let world = World::new().await;
    let (id, text) = world.image_code().await;
    world.answer_image(&World::phone(), &id, &text).await.is("0", "发送成功");
    world.answer_image(&World::phone(), &id, &text).await.is("4002", "图片验证码已过期");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_answer_uses_it_up() {
    let world = World::new().await;
    let (id, text) = world.image_code().await;
    let phone = World::phone();
    world.answer_image(&phone, &id, "wrong").await.is("4004", "图片验证码不一致");
    world.answer_image(&phone, &id, &text).await.is("4002", "图片验证码已过期");
    assert!(world.messages(&phone).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_does_not_matter() {
    let world = World::new().await;
    for write in [str::to_ascii_lowercase, str::to_ascii_uppercase, swap_case] {
        let (id, text) = world.image_code().await;
        world.answer_image(&World::phone(), &id, &write(&text)).await.is("0", "发送成功");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_lives_five_minutes() {
    let world = World::new().await;
    let ((in_time, text), (late, late_text)) = (world.image_code().await, world.image_code().await);
    world.advance(290).await;
    world.answer_image(&World::phone(), &in_time, &text).await.is("0", "发送成功");
    world.advance(10).await;
    assert_eq!(world.read_image_code(&late).await, None);
    world.answer_image(&World::phone(), &late, &late_text).await.is("4002", "图片验证码已过期");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_answers_at_once_one_is_judged() {
    let world = World::new().await;
    let (id, text) = world.image_code().await;
    let phones: Vec<String> = (0..20).map(|_| World::phone()).collect();
    let answers = join_all(phones.iter().map(|phone| world.answer_image(phone, &id, &text))).await;
    let judged: Vec<&ErrnoReply> = answers.iter().filter(|answer| answer.body["errno"] != "4002").collect();
    assert_eq!(judged.len(), 1);
    judged[0].is("0", "发送成功");
    assert_eq!(world.stack.sms().unwrap().messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_may_be_anything() {
    let world = World::new().await;
    let long = "x".repeat(4000);
    for id in ["1", "%E4%BD%A0%E5%A5%BD", "..%20", "%3Cscript%3E", "a%26b%3Dc", "image-code%23", &long] {
        assert!(!image(&world, id).await.is_empty());
        let text = world.read_image_code(id).await.unwrap();
        world.answer_image(&World::phone(), id, &text).await.is("0", "发送成功");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_id_is_no_key_to_another() {
    let world = World::new().await;
    let ((id, _), (_, text)) = (world.image_code().await, world.image_code().await);
    world.answer_image(&World::phone(), &id, &text).await.is("4004", "图片验证码不一致");
    world.answer_image(&World::phone(), "unknown", &text).await.is("4002", "图片验证码已过期");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_it_cannot_be_kept_the_answer_is_json() {
    let world = World::new().await;
    let tables = world.stack.dynamodb().unwrap();
    tables.set_available(false).await.unwrap();
    let path = format!("/api/v1.0/imagecode/{}", World::image_id());
    world.errno_get(&path).await.is("4001", "保存图片验证码失败");
    tables.set_available(true).await.unwrap();
    world.image_code().await;
}
