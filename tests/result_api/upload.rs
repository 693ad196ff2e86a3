//! The picture that is uploaded on the way, and the portrait that it becomes.

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{Body, multipart};
use serde_json::json;

use crate::support::{Applicant, Encoding, ResultReply, STRONG, World, jpeg, png};

const MAX_BYTES: usize = 4 * 1024 * 1024;

async fn portrait(world: &World, phone: &str) -> Vec<u8> {
    let response = world.get_raw(&format!("/api/get/portrait/{phone}")).await;
    assert_eq!(response.status(), 200);
    response.bytes().await.expect("a picture").to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_uploaded_picture_becomes_the_portrait() {
    let world = World::new().await;
    let picture = jpeg(1, 300_000).0;
    for encoding in Encoding::ALL {
        let applicant = Applicant { encoding, ..Applicant::verified(&world, &World::phone()).await };
        let uploaded = applicant.upload(picture.clone()).await;
        assert!(!uploaded.ok().contains(&applicant.phone));
        applicant.finish(&[("password", STRONG), ("headImage", uploaded.ok())]).await.is("0000");
        assert_eq!(portrait(&world, &applicant.phone).await, picture, "{encoding:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_head_image_there_is_no_portrait_whatever_was_uploaded() {
    let world = World::new().await;
    let nobodys = portrait(&world, &World::phone()).await;
    let applicant = Applicant::verified(&world, &World::phone()).await;
    applicant.upload(png(1, 500).0).await.ok();
    applicant.finish(&[("password", STRONG)]).await.is("0000");
    assert_eq!(portrait(&world, &applicant.phone).await, nobodys);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_verified_session_uploads() {
    let world = World::new().await;
    let picture = jpeg(1, 500).0;
    let started = Applicant::start(&world, &World::phone()).await;
    started.upload(picture.clone()).await.is("0006");
    let nobody = Applicant { cookie: String::new(), ..started };
    nobody.upload(picture.clone()).await.is("0006");
    let done = Applicant::verified(&world, &World::phone()).await;
    done.finish(&[("password", STRONG)]).await.is("0000");
    done.upload(picture).await.is("0006");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_picture_or_too_large_is_0006_and_changes_nothing() {
    let world = World::new().await;
    let applicant = Applicant::verified(&world, &World::phone()).await;
    let first = jpeg(1, 500).0;
    let path = applicant.upload(first.clone()).await.ok().to_owned();
    for not_a_picture in [
        b"".as_slice(),
        b"plain text",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script>",
        b"\xff\xd8",
        b"BM\0\0\0\0",
    ] {
        applicant.upload(not_a_picture.to_vec()).await.is("0006");
    }
    applicant.upload(jpeg(2, MAX_BYTES + 1).0).await.is("0006");
    applicant.finish(&[("password", STRONG), ("headImage", &path)]).await.is("0000");
    assert_eq!(portrait(&world, &applicant.phone).await, first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_of_exactly_four_mebibytes_is_taken() {
    let world = World::new().await;
    let applicant = Applicant::verified(&world, &World::phone()).await;
    applicant.upload(jpeg(1, MAX_BYTES).0).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_no_function_can_take_is_413_as_for_every_address() {
    let world = World::new().await;
    let applicant = Applicant::verified(&world, &World::phone()).await;
    let file = multipart::Part::bytes(jpeg(1, 7 * 1024 * 1024).0).file_name("large.jpg");
    let post = world.http.post(world.url("/upload")).header("cookie", &applicant.cookie);
    let response = post.multipart(multipart::Form::new().part("img", file)).send().await.unwrap();
    assert_eq!(response.status(), 413);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_must_be_in_a_multipart_field_called_img() {
    let world = World::new().await;
    let applicant = Applicant::verified(&world, &World::phone()).await;
    let (picture, base64) = jpeg(1, 500);
    let post = || world.http.post(world.url("/upload")).header("cookie", &applicant.cookie);
    let file = multipart::Part::bytes(picture.clone()).file_name("a.jpg");
    let cut_off: Vec<u8> =
        [b"--x\r\nContent-Disposition: form-data; name=\"img\"; filename=\"a\"\r\n\r\n", &picture[..]].concat();
    let cut_off = Body::from(cut_off);
    for request in [
        post().multipart(multipart::Form::new().part("image", file)),
        post().multipart(multipart::Form::new()),
        post().header("content-type", "image/jpeg").body(picture.clone()),
        post().header("content-type", "multipart/form-data; boundary=x").body(cut_off),
        post().json(&json!({ "img": base64 })),
        post().form(&[("img", base64.as_str())]),
        post(),
    ] {
        ResultReply::of(request.send().await.unwrap()).await.is("0006");
    }
    assert_eq!(STANDARD.decode(base64).unwrap(), picture);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_upload_takes_the_place_of_the_first() {
    let world = World::new().await;
    let applicant = Applicant::verified(&world, &World::phone()).await;
    let first = applicant.upload(jpeg(1, 500).0).await.ok().to_owned();
    let (picture, _) = png(2, 800);
    let second = applicant.upload(picture.clone()).await.ok().to_owned();
    assert_ne!(first, second);
    applicant.finish(&[("password", STRONG), ("headImage", &first)]).await.is("0006");
    applicant.finish(&[("password", STRONG), ("headImage", &second)]).await.is("0000");
    assert_eq!(portrait(&world, &applicant.phone).await, picture);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn head_image_must_be_what_this_person_uploaded() {
    let world = World::new().await;
    let other = Applicant::verified(&world, &World::phone()).await;
    let others = other.upload(jpeg(1, 500).0).await.ok().to_owned();
    let applicant = Applicant::verified(&world, &World::phone()).await;
    for path in [others.as_str(), "uploads/0", "portraits/../uploads", "/etc/passwd", "http://localhost/a.jpg", "1"] {
        applicant.finish(&[("password", STRONG), ("headImage", path)]).await.is("0006");
    }
    let mine = applicant.upload(png(2, 500).0).await.ok().to_owned();
    applicant.finish(&[("password", STRONG), ("headImage", &others)]).await.is("0006");
    applicant.finish(&[("password", STRONG), ("headImage", &mine)]).await.is("0000");
    assert_eq!(portrait(&world, &applicant.phone).await, png(2, 500).0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_picture_store_away_uploading_and_finishing_are_0006_and_can_be_done_again() {
    let world = World::new().await;
    let applicant = Applicant::verified(&world, &World::phone()).await;
    let pictures = world.stack.s3().unwrap();
    pictures.set_available(false).await.unwrap();
    applicant.upload(jpeg(1, 500).0).await.is("0006");
    pictures.set_available(true).await.unwrap();
    let path = applicant.upload(jpeg(1, 500).0).await.ok().to_owned();
    pictures.set_available(false).await.unwrap();
    applicant.finish(&[("password", STRONG), ("headImage", &path)]).await.is("0006");
    pictures.set_available(true).await.unwrap();
    applicant.finish(&[("password", STRONG), ("headImage", &path)]).await.is("0000");
    assert_eq!(portrait(&world, &applicant.phone).await, jpeg(1, 500).0);
}
