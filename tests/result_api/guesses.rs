//! Wrong codes: how many are judged.

use futures_util::future::join_all;

use crate::support::{Applicant, STRONG, World};

/// Four digits that are not `code`, others for each `n`.
fn wrong(code: &str, n: u32) -> String {
    let code: u32 = code.parse().expect("digits");
    format!("{:04}", (code + 1 + n) % 10_000)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_wrong_codes_are_0004_and_then_even_the_right_one_is_0005() {
    let world = World::new().await;
    let applicant = Applicant::start(&world, &World::phone()).await;
    let code = world.code(&applicant.phone).await;
    for n in 0..5 {
        applicant.verify(&wrong(&code, n)).await.is("0004");
    }
    applicant.verify(&wrong(&code, 5)).await.is("0005");
    applicant.verify(&code).await.is("0005");
    applicant.finish(&[("password", STRONG)]).await.is("0006");

    world.advance(31).await;
    let again = Applicant::verified(&world, &applicant.phone).await;
    again.finish(&[("password", STRONG)]).await.is("0000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_wrong_codes_leave_one_try() {
    let world = World::new().await;
    let applicant = Applicant::start(&world, &World::phone()).await;
    let code = world.code(&applicant.phone).await;
    for n in 0..4 {
        applicant.verify(&wrong(&code, n)).await.is("0004");
    }
    applicant.verify(&code).await.is("0000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_guesses_at_once_at_most_five_are_judged() {
    let world = World::new().await;
    let applicant = Applicant::start(&world, &World::phone()).await;
    let code = world.code(&applicant.phone).await;
    let guesses: Vec<String> = (0..50).map(|n| wrong(&code, n)).collect();
    let answers = join_all(guesses.iter().map(|guess| applicant.verify(guess))).await;
    let judged = answers.iter().filter(|answer| answer.result == "0004").count();
    let refused = answers.iter().filter(|answer| answer.result == "0005").count();
    assert_eq!((judged, refused), (5, 45));
    applicant.verify(&code).await.is("0005");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_code_does_not_refill_the_twenty_wrong_tries_of_a_day() {
    let world = World::new().await;
    let phone = World::phone();
    for _ in 0..4 {
        let applicant = Applicant::start(&world, &phone).await;
        let code = world.code(&phone).await;
        for n in 0..5 {
            applicant.verify(&wrong(&code, n)).await.is("0004");
        }
        world.advance(31).await;
    }
    let applicant = Applicant::start(&world, &phone).await;
    applicant.verify(&world.code(&phone).await).await.is("0005");

    world.advance(24 * 3600).await;
    Applicant::verified(&world, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_code_replaces_the_one_before_it() {
    let world = World::new().await;
    let phone = World::phone();
    let (first, old) = (Applicant::start(&world, &phone).await, world.code(&phone).await);
    world.advance(31).await;
    let (second, new) = (Applicant::start(&world, &phone).await, world.code(&phone).await);
    assert_ne!(first.cookie, second.cookie);
    // By chance they are the same, once in ten thousand.
    if old != new {
        second.verify(&old).await.is("0004");
    }
    second.verify(&new).await.is("0000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codes_of_any_form_are_merely_wrong() {
    let world = World::new().await;
    let applicant = Applicant::start(&world, &World::phone()).await;
    let code = world.code(&applicant.phone).await;
    for guess in ["你好", " ", "\0", &"1".repeat(10_000)] {
        applicant.verify(guess).await.is("0004");
    }
    applicant.verify(&code).await.is("0000");
}
