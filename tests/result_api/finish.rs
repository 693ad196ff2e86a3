//! The last step, which makes the account.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Applicant, Encoding, PASSWORD, STRONG, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registration_whose_code_was_not_shown_makes_no_account() {
    let world = World::new().await;
    let applicant = Applicant::start(&world, &World::phone()).await;
    applicant.finish(&[("password", STRONG)]).await.is("0006");
    let code = world.code(&applicant.phone).await;
    let everything = [("password", STRONG), ("code_v", &applicant.handle), ("code", &code)];
    applicant.finish(&everything).await.is("0006");
    world.log(&applicant.phone, STRONG).await.is("0007");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_breaks_a_rule_is_0006_makes_no_account_and_leaves_the_registration_as_it_was() {
    let world = World::new().await;
    let too_long = format!("a1{}", "x".repeat(1023));
    let twenty_one = "奶".repeat(21);
    let breaches: Vec<Vec<(&str, &str)>> = vec![
        vec![],
        vec![("password", "")],
        vec![("password", "abcdef1")],
        vec![("password", "abcdefgh")],
        vec![("password", "12345678")],
        vec![("password", "！！！！！！！！")],
        vec![("password", &too_long)],
        vec![("password", STRONG), ("gender", "2")],
        vec![("password", STRONG), ("gender", "女")],
        vec![("password", STRONG), ("gender", "00")],
        vec![("password", STRONG), ("nickname", &twenty_one)],
        vec![("password", STRONG), ("nickname", "a\nb")],
        vec![("password", STRONG), ("headImage", "uploads/none")],
    ];
    for encoding in Encoding::ALL {
        let applicant = Applicant { encoding, ..Applicant::verified(&world, &World::phone()).await };
        for fields in &breaches {
            applicant.finish(fields).await.is("0006");
        }
        for register in ["0", "2", "true", "11"] {
            applicant.register(&[("register", register), ("password", STRONG)]).await.is("0006");
        }
        world.log(&applicant.phone, STRONG).await.is("0007");
        applicant.finish(&[("password", STRONG)]).await.is("0000");
        world.log(&applicant.phone, STRONG).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_keeps_the_rules_is_taken() {
    let world = World::new().await;
    let twenty = "奶".repeat(20);
    let longest = format!("a1{}", "x".repeat(1022));
    for (password, fields) in [
        ("a1!@#$%^", vec![]),
        ("密码密码密码a1", vec![]),
        (&*longest, vec![]),
        (STRONG, vec![("gender", "0")]),
        (STRONG, vec![("gender", "1"), ("nickname", &*twenty)]),
        // A form sends what was not filled in as empty.
        (STRONG, vec![("gender", ""), ("nickname", ""), ("headImage", "")]),
    ] {
        let applicant = Applicant::verified(&world, &World::phone()).await;
        applicant.finish(&[&[("password", password)], &fields[..]].concat()).await.is("0000");
        let token = world.log(&applicant.phone, password).await.ok().to_owned();
        let info = world.get(&format!("/api/user/info?token={token}")).await;
        let nickname = fields.iter().find(|(name, value)| *name == "nickname" && !value.is_empty());
        assert_eq!(info.ok()["nickname"], nickname.map_or(json!(null), |(_, value)| json!(value)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_ten_finishes_at_once_one_makes_the_account() {
    let world = World::new().await;
    let applicant = Applicant::verified(&world, &World::phone()).await;
    let passwords: Vec<String> = (0..10).map(|n| format!("{STRONG}{n}")).collect();
    let fields: Vec<_> = passwords.iter().map(|password| [("password", password.as_str())]).collect();
    let answers = join_all(fields.iter().map(|fields| applicant.finish(fields))).await;
    let made: Vec<_> = answers.iter().zip(&passwords).filter(|(answer, _)| answer.result == "0000").collect();
    assert_eq!(made.len(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.result == "0006").count(), 9);
    world.log(&applicant.phone, made[0].1).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registration_makes_one_account_and_is_over() {
    let world = World::new().await;
    let applicant = Applicant::verified(&world, &World::phone()).await;
    applicant.finish(&[("password", STRONG)]).await.is("0000");
    applicant.finish(&[("password", "another99")]).await.is("0006");
    world.log(&applicant.phone, "another99").await.is("0008");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_registers_elsewhere_meanwhile_keeps_their_account() {
    let world = World::new().await;
    let applicant = Applicant::verified(&world, &World::phone()).await;
    world.advance(31).await;
    let family = world.family_of(&applicant.phone).await;
    applicant.finish(&[("password", STRONG)]).await.is("0006");
    world.log(&family.phone, STRONG).await.is("0008");
    world.log(&family.phone, PASSWORD).await.ok();
}
